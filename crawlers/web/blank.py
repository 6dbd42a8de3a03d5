"""A memory without memories: for the trial of a source that was never read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from crawlers.memory import Holds, Key, Page
from crawlers.mention import Mention


class Blank:
    """Knows nothing, except which hosts asked to be left alone: while it lives, and by `holds` for all sources."""

    def __init__(self, holds: Holds | None = None) -> None:
        self._held: dict[str, datetime] = {}
        self._holds = holds

    def recall(self, urls: Iterable[str]) -> Mapping[str, Page]:  # noqa: ARG002 - the port's signature
        """Return nothing."""
        return {}

    def due(self, *, now: datetime, limit: int) -> Sequence[Page]:  # noqa: ARG002 - the port's signature
        """Return nothing."""
        return ()

    def news(self, items: Sequence[Mention]) -> frozenset[Key]:
        """Return every item: all are news."""
        return frozenset(item.key for item in items)

    def waiting(self) -> int:
        """Return 0."""
        return 0

    def read_through(self) -> datetime | None:
        """Return None."""
        return None

    def held(self, hosts: Iterable[str], *, now: datetime) -> Mapping[str, datetime]:
        """Return those of `hosts` that asked to be left alone."""
        asked = tuple(hosts)
        own = {host: self._held[host] for host in asked if host in self._held and self._held[host] > now}
        return {**own, **self._holds.held(asked, now=now)} if self._holds else own

    def hold(self, host: str, *, until: datetime, reason: str) -> None:
        """Leave `host` alone until then."""
        self._held[host] = until
        if self._holds:
            self._holds.hold(host, until=until, reason=reason)
