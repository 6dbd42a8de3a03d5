"""What pages say of themselves in schema.org's words: JSON-LD, microdata and RDFa, read into one shape."""
