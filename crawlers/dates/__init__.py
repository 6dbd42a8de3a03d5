"""Dates as pages write them: machine forms, written ones, and those counted from the moment of reading."""
