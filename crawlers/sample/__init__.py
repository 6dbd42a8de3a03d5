"""The sample workspace: an invented shop and what invented people say about it."""
