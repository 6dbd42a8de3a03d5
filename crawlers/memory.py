"""What a source remembers of its pages, and the port through which it is asked. `storage.pages` implements it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crawlers.mention import Mention
from crawlers.web.link import Role

Key = tuple[str, str]
"""A mention's identity: (platform, external id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a source; `url` is its identity there.

    `root` is False for the further pages of a list. `due_at` None: it is read only on the way through the list it
    belongs to. `waiting`: something on it is known to be unread (it was never read, its stamp differs, or the last try
    failed). `stamp`: what the lists that link to it say of its state (`crawlers.web.stamp`). `keys` are the items that
    stood on it, and those that stood above and may have moved there; `links` the pages with one item that it led to
    (kept for sites that sweep), `more` the next page of its list.

    For a list, at its first page: `full_at` is when its last complete reading began (of a page with one item: when it
    was first read), `size` how many items it showed, `tail` its last page, where new items stand at the end, `missing`
    the items that it did not show any more, each as (platform, external id, how often): 0 where only a part of the list
    was read. At a further page `tail` is the first page, and `nth` counts the pages before it.

    `fails` counts failed tries in a row; `gone` says that it was given up.
    """

    url: str
    role: Role
    root: bool = True
    depth: int = 0
    stamp: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    keys: tuple[Key, ...] = ()
    links: tuple[str, ...] = ()
    more: str | None = None
    nth: int = 0
    tail: str | None = None
    missing: tuple[tuple[str, str, int], ...] = ()
    read_at: datetime | None = None
    full_at: datetime | None = None
    size: int | None = None
    due_at: datetime | None = None
    waiting: bool = True
    fails: int = 0
    error: str | None = None
    gone: bool = False


class Holds(Protocol):
    """What all sources know of the hosts that asked to be left alone."""

    def held(self, hosts: Iterable[str], *, now: datetime) -> Mapping[str, datetime]:
        """Return the hosts of `hosts` that asked to be left alone beyond `now`, with the time they named."""
        ...

    def hold(self, host: str, *, until: datetime, reason: str) -> None:
        """Remember, for every source, that `host` must not be asked before `until`."""
        ...


class Memory(Holds, Protocol):
    """What a crawl may ask about one source. Pages are written with the batch (`Batch.pages`), in its transaction."""

    def recall(self, urls: Iterable[str]) -> Mapping[str, Page]:
        """Return what is remembered of `urls`, by URL; unknown ones are left out."""
        ...

    def due(self, *, now: datetime, limit: int) -> Sequence[Page]:
        """Return pages whose `due_at` has come and that are not gone: waiting ones first, then longest unread first."""
        ...

    def news(self, items: Sequence[Mention]) -> frozenset[Key]:
        """Return the identities of `items` that are not stored yet, or stored with another text or rating."""
        ...

    def waiting(self) -> int:
        """Return how many pages wait to be read and are not gone."""
        ...

    def read_through(self) -> datetime | None:
        """Return the oldest `read_at` of the pages that are read at every visit: roots of the roles index and listing
        without a stamp, not gone, with `fails` below 5; None before the first was read."""
        ...
