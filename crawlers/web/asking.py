"""Asking for a page, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from crawlers.web.failure import Failure
from crawlers.web.link import Link
from crawlers.web.site import Extract


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A page that is wanted; `etag` and `last_modified` of its last reading make the request conditional."""

    link: Link
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an Ask: exactly one of `extract`, `unchanged` (304) and `failure`.

    `url` is the last one after redirects; `size` counts the bytes of the body.
    """

    ask: Ask
    url: str
    extract: Extract | None = None
    unchanged: bool = False
    failure: Failure | None = None
    etag: str | None = None
    last_modified: str | None = None
    size: int = 0


class EndedError(Exception):
    """The crawl has ended by itself: its time was up. What was not answered was not read."""


class Fetching(Protocol):
    """Whoever fetches pages. Used by one thread; whatever was not answered when it closes was not read."""

    def ask(self, asks: Sequence[Ask]) -> None:
        """Ask for pages; returns at once."""
        ...

    def answer(self, seconds: float) -> Answer | None:
        """Return the next answer, in any order; None when there was none for so many seconds; raise EndedError."""
        ...

    def close(self) -> None:
        """End the crawl; requests under way are given up."""
        ...
