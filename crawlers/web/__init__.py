"""Reading web pages: what is asked for, in which order, how politely, and what is remembered of it."""
