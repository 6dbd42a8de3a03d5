"""One connector a file; `crawlers.registry` names them."""
