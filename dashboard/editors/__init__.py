"""The forms in which people declare brands, words, sources, rules and channels; one module a form."""
