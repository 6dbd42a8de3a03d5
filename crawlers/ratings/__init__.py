"""Ratings as pages write them: in words and figures, in rows of stars, and in the names of classes."""
