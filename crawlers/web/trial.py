"""The trial of a source: what it would collect, shown to the person who sets it up; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

from crawlers.connector import CollectError, Limits, Tools
from crawlers.memory import Holds
from crawlers.mention import Mention
from crawlers.web.asking import Answer
from crawlers.web.blank import Blank
from crawlers.web.site import Site
from crawlers.web.visiting import Open, visit

RARE: Final = 0.5
"""A field found in fewer of the items than this is worth a look."""
EXPECTED: Final = ("text", "author", "date")


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


def try_out(
    site: Site,
    tools: Tools,
    *,
    pages: int = 5,
    items: int = 20,
    holds: Holds | None = None,
    fetch: Open | None = None,
) -> Trial:
    """Read at most so many pages of `site` and return what they hold. Nothing is raised.

    Nothing is remembered but that a host asks to be left alone, by `holds`; a trial leaves it alone like a source.
    """
    tried: list[TriedPage] = []
    mentions: list[Mention] = []
    found, fields, error = 0, Counter[str](), None
    bounded = replace(tools, memory=Blank(holds))
    batches = visit(
        site,
        bounded,
        None,
        Limits(max_items=max(items, 1)),
        fetch=fetch,
        most_pages=pages,
        watch=lambda answer: tried.append(_tried(answer)),
    )
    try:
        with closing(batches):
            for batch in batches:
                mentions += batch.items
                if batch.report is not None:
                    found, fields = batch.report.items, Counter(batch.report.fields)
    except CollectError as failure:
        error = str(failure)
    return Trial(
        pages=tuple(tried),
        items=tuple(mentions[:items]),
        found=found,
        fields=dict(fields),
        warnings=tuple(_warnings(tried, found, fields)),
        error=error,
    )


def _tried(answer: Answer) -> TriedPage:
    extract, failure = answer.extract, answer.failure
    return TriedPage(
        url=answer.url,
        role=answer.ask.link.role,
        items=len(extract.items) if extract else 0,
        links=len(extract.links) + (extract.more is not None) if extract else 0,
        missed=extract.missed if extract else (),
        problem=f"{failure.reason}: {failure.detail}" if failure else None,
    )


def _warnings(pages: Sequence[TriedPage], found: int, fields: Mapping[str, int]) -> Iterator[str]:
    for page in pages:
        if page.problem:
            yield f"{page.url} could not be read: {page.problem}"
    read = [page for page in pages if page.problem is None]
    yield from (f"{name}: this selector found nothing" for name in _silent(read))
    if read and not found:
        yield "no items were found on any page"
    for name in EXPECTED:
        if found and fields.get(name, 0) < RARE * found:
            yield f"{name}: found in {fields.get(name, 0)} of {found} items"


def _silent(pages: Sequence[TriedPage]) -> list[str]:
    """Return the selectors that found nothing on any page where they were looked for: a last page has no next one."""
    by_role: dict[str, int] = Counter(page.role for page in pages)
    missed = Counter((name, page.role) for page in pages for name in page.missed)
    return [name for (name, role), n in missed.items() if n == by_role[role]]
