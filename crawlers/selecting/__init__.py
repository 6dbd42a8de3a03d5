"""Reading pages without markup by declared selectors. Pure: no network, no memory."""
