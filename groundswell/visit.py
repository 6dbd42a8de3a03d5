"""One visit to a source, with limits and nothing stored: whether it answers, and what it brings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crawlers.connector import CollectError, Connector, Limits, Reject, TemporaryError, Window
from crawlers.mention import Mention

LIMITS: Final = Limits(max_items=50, batch_size=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of it. `error` None means that the source answered, be it with nothing.

    `newest` is hostile text from outside. `rejected` is why the first of `rejects` was rejected. `passing` says
    that trying again later may help.
    """

    items: int = 0
    rejects: int = 0
    rejected: str | None = None
    newest: Mention | None = None
    error: str | None = None
    passing: bool = False

    def __str__(self) -> str:
        if self.error is not None:
            return self.error
        left_out = f", {self.rejects} rejected ({self.rejected})" if self.rejects else ""
        if self.newest is None:
            return f"it answered, with nothing to take in{left_out}"
        newest = f"the newest of {self.newest.published_at:%Y-%m-%d %H:%M} UTC"
        return f"{self.items} {'item' if self.items == 1 else 'items'}, {newest}{left_out}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a source brought before `LIMITS` were reached, or before `error` ended it."""

    items: tuple[Mention, ...] = ()
    rejects: tuple[Reject, ...] = ()
    error: CollectError | None = None


def visit(connect: Callable[[], Connector], *, now: datetime) -> Visit:
    """Read a source once, at most `LIMITS.max_items` items, and say what came.

    What `connect` raises for options that are wrong, a ConfigError, goes through.
    """
    return summary(read(connect(), now=now))


def read(connector: Connector, *, now: datetime) -> Brought:
    """Read a source once, at most about `LIMITS.max_items` items."""
    items: list[Mention] = []
    rejects: list[Reject] = []
    error: CollectError | None = None
    try:
        with closing(connector.fetch(None, Window(since=None, until=now), LIMITS)) as batches:
            for batch in batches:
                items += batch.items
                rejects += batch.rejects
                if len(items) >= LIMITS.max_items:
                    break
    except CollectError as failure:
        error = failure
    return Brought(items=tuple(items), rejects=tuple(rejects), error=error)


def summary(brought: Brought) -> Visit:
    """Return in figures what a source brought."""
    if brought.error is not None:
        passing = isinstance(brought.error, TemporaryError)
        return Visit(items=len(brought.items), error=str(brought.error), passing=passing)
    return Visit(
        items=len(brought.items),
        rejects=len(brought.rejects),
        rejected=brought.rejects[0].reason if brought.rejects else None,
        newest=max(brought.items, key=lambda mention: mention.published_at, default=None),
    )
