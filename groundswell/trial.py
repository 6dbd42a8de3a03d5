"""The trial of a source: read a little of it, store nothing, and show what it would collect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeGuard

from config.settings import SourceSpec
from crawlers.connector import CollectError, Reject, TemporaryError
from crawlers.mention import Mention
from crawlers.web.site import Site
from crawlers.web.trial import Trial, try_out
from crawlers.web.trial import TriedPage as Page
from groundswell import plugins
from groundswell import visit as visits
from groundswell.bootstrap import House
from groundswell.pipeline import clean_all
from groundswell.visit import Brought, Visit
from storage.migration import is_current
from storage.pages import Holds
from storage.request import Tried, TriedItem, TriedPage
from storage.storable import as_storable

PAGES: Final = 5
ITEMS: Final = 20
_EXCERPT: Final = 500
_LINE: Final = 1_000
_LINES: Final = 100
"""Warnings that a result holds at most; a page that wants to fill the database has its limits here."""


def try_source(house: House, spec: SourceSpec) -> Trial:
    """Return what a source shows on its first pages, as it would be taken in.

    Raise ConfigError where its options or secrets are wrong, or where its terms must be confirmed first.
    """
    connector = plugins.build_connector(house, spec)
    now = house.clock()
    if is_site(connector):
        return _try_site(house, spec, connector, now)
    return _of_visit(visits.read(connector, now=now), now)


def look_at(house: House, spec: SourceSpec) -> Visit:
    """Return in figures what a short visit to a source brings; nothing is stored. Raise ConfigError as `try_source`."""
    connector = plugins.build_connector(house, spec)
    now = house.clock()
    if not is_site(connector):
        return visits.summary(visits.read(connector, now=now))
    trial = _try_site(house, spec, connector, now)
    newest = max(trial.items, key=lambda item: item.published_at, default=None)
    return Visit(items=trial.found, newest=newest, error=trial.error)


def as_result(trial: Trial) -> Tried:
    """Return a trial as the result of a job: bounded in size, and of characters that can be stored and shown."""
    return Tried(
        pages=tuple(_page(page) for page in trial.pages),
        items=tuple(_shown(item) for item in trial.items),
        found=trial.found,
        fields=dict(trial.fields),
        warnings=tuple(_line(warning) for warning in trial.warnings[:_LINES]),
        error=_line(trial.error) if trial.error is not None else None,
    )


def is_site(connector: object) -> TypeGuard[Site]:
    """Whether a connector reads web pages: it then says where to begin and what a page holds."""
    return all(callable(getattr(connector, name, None)) for name in ("start", "read"))


def _try_site(house: House, spec: SourceSpec, site: Site, now: datetime) -> Trial:
    holds = Holds(house.db) if is_current(house.db) else None  # a first setting up knows of no hosts yet
    trial = try_out(site, plugins.tools_of(house, spec), pages=PAGES, items=ITEMS, holds=holds)
    items, rejects = clean_all(trial.items, now)
    return replace(trial, items=tuple(items), warnings=(*trial.warnings, *_warnings(rejects)))


def _of_visit(brought: Brought, now: datetime) -> Trial:
    items, rejects = clean_all(brought.items, now)
    newest_first = sorted(items, key=lambda item: item.published_at, reverse=True)
    return Trial(
        items=tuple(newest_first[:ITEMS]),
        found=len(items),
        fields=_fields(items),
        warnings=tuple(_warnings((*brought.rejects, *rejects))),
        error=_why(brought.error) if brought.error else None,
    )


def _why(error: CollectError) -> str:
    return f"{error}; trying again later may help" if isinstance(error, TemporaryError) else str(error)


def _fields(items: Iterable[Mention]) -> Counter[str]:
    """Return in how many items each field was found."""
    counts: Counter[str] = Counter()
    for item in items:
        has = {
            "text": item.text,
            "title": item.title,
            "author": item.author,
            "date": not item.undated,
            "rating": item.rating is not None,
            "product": item.product,
            "place": item.place,
        }
        counts.update(name for name, value in has.items() if value)
    return counts


def _warnings(rejects: Iterable[Reject]) -> list[str]:
    """Return one line for each reason for which parts were turned away, with the first example."""
    first: dict[str, Reject] = {}
    counts: Counter[str] = Counter()
    for reject in rejects:
        first.setdefault(reject.reason, reject)
        counts[reject.reason] += 1
    return [
        f"turned away: {n} × {reason}{f' ({first[reason].detail[:200]})' if first[reason].detail else ''}"
        for reason, n in counts.most_common()
    ]


def _line(text: str) -> str:
    return as_storable(text[:_LINE])


def _page(page: Page) -> TriedPage:
    return TriedPage(
        url=_line(page.url),
        role=page.role,
        items=page.items,
        links=page.links,
        missed=page.missed,
        problem=_line(page.problem) if page.problem is not None else None,
    )


def _shown(item: Mention) -> TriedItem:
    author = item.author
    return TriedItem(
        text=item.text[:_EXCERPT],
        title=item.title,
        author=(author.name or author.handle) if author else None,
        published_at=None if item.undated else item.published_at,
        rating=item.rating,
        rating_given=_line(item.rating_given) if item.rating_given is not None else None,
        url=item.url,
        product=item.product,
        place=item.place,
    )
