"""Reading pages: what a document holds, as nouns of our own. Pure: no network, no memory."""
