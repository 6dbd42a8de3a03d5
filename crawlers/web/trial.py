"""The trial of a source: what it would collect, shown to the person who sets it up; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crawlers.mention import Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedPage:
    """A page that was asked for. `problem` says why it could not be read; `missed` names the selectors (by their
    option's name) that found nothing on it."""

    url: str
    role: str
    items: int = 0
    links: int = 0
    missed: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a trial came to: the pages, the first items, in how many of all `found` items each field was found, and
    what a person should look at."""

    pages: tuple[TriedPage, ...] = ()
    items: tuple[Mention, ...] = ()
    found: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
