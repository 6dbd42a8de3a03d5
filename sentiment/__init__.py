"""What a text says: language and sentiment."""
