"""Where mentions come from: connectors, the HTTP client, the normaliser, matching."""
