"""The site: how pages of one source are read. Pure: no network, no memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from crawlers.connector import Reject
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.web.link import Link
from crawlers.web.manners import Manners


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What a page holds.

    `links` are further pages; `more` is the next page of the same list. `oldest_first` says that what is new stands
    at the list's end (a thread). `rejects` are parts that could not be read. `missed` names what was looked for and
    not found on the page (selectors, by their option's name), for the person who sets the source up.
    """

    items: tuple[Found, ...] = ()
    links: tuple[Link, ...] = ()
    more: Link | None = None
    oldest_first: bool = False
    rejects: tuple[Reject, ...] = ()
    missed: tuple[str, ...] = ()


class Site(Protocol):
    """How one source's pages are read.

    `sweeps` says that an item which its lists show no more is gone; false where old items leave the lists by
    themselves (feeds, sitemaps).
    """

    sweeps: ClassVar[bool]

    @property
    def manners(self) -> Manners:
        """How it is to be read: the connector's options."""
        ...

    def start(self) -> tuple[Link, ...]:
        """Return the pages where reading begins."""
        ...

    def read(self, document: Document, link: Link) -> Extract:
        """Return what a page holds. Raises nothing for a page's faults: they are `rejects` or `missed`."""
        ...
