"""What is wrong with a configuration, said so that a support lead can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where (file, line counted from 1, key), what, and what would be allowed.

    `file` is None for what does not stand in a file (an environment variable: `key` is then its name).
    """

    message: str
    key: str = ""
    file: str | None = None
    line: int | None = None
    allowed: str | None = None

    def __str__(self) -> str:
        place = self.file or ""
        if place and self.line is not None:
            place = f"{place}:{self.line}"
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return ": ".join(part for part in (place, self.key, f"{self.message}{allowed}") if part)


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds everything that was found, in reading order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        lines = "\n".join(f"{problem}." for problem in self.problems)
        return f"{lines} Nothing was changed." if len(self.problems) == 1 else f"{lines}\nNothing was changed."


def in_words(error: Exception) -> str:
    """Return an unforeseen error as its kind and message, fit to be stored and shown.

    Not its `repr`: that of a UnicodeEncodeError, for one, holds the whole text that could not be encoded, be it a
    password.
    """
    return f"{type(error).__name__}: {error}"
