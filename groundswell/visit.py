"""One visit to a source, with limits and nothing stored: whether it answers, and what it brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crawlers.connector import Batch, CollectError, Connector, Limits, TemporaryError, Window
from crawlers.mention import Mention

LIMITS: Final = Limits(max_items=50, batch_size=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of it. `error` None means that the source answered, be it with nothing.

    `newest` is hostile text from outside. `passing` says that trying again later may help.
    """

    items: int = 0
    rejects: int = 0
    newest: Mention | None = None
    error: str | None = None
    passing: bool = False

    def __str__(self) -> str:
        if self.error is not None:
            return self.error
        if self.newest is None:
            return f"answered, with nothing to read{f' ({self.rejects} rejected)' if self.rejects else ''}"
        newest = f"the newest of {self.newest.published_at:%Y-%m-%d %H:%M} UTC"
        rejected = f", {self.rejects} rejected" if self.rejects else ""
        return f"{self.items} {'item' if self.items == 1 else 'items'}, {newest}{rejected}"


def visit(connect: Callable[[], Connector], *, now: datetime) -> Visit:
    """Read a source once, at most `LIMITS.max_items` items, and say what came."""
    items: list[Mention] = []
    rejects = 0
    try:
        for batch in connect().fetch(None, Window(since=None, until=now), LIMITS):
            rejects += _take(batch, items)
            if len(items) >= LIMITS.max_items:
                break
    except CollectError as error:
        return Visit(items=len(items), error=str(error), passing=isinstance(error, TemporaryError))
    newest = max(items, key=lambda mention: mention.published_at, default=None)
    return Visit(items=len(items), rejects=rejects, newest=newest)


def _take(batch: Batch, items: list[Mention]) -> int:
    items.extend(batch.items)
    return len(batch.rejects)
