"""When an article was published, as exactly as its page says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from crawlers.reading.declared import DATED, Declared
from crawlers.web.document import Document
from crawlers.when import When

if TYPE_CHECKING:
    from parsel import Selector

AHEAD: Final = timedelta(minutes=5)
"""How far a clock may be ahead of ours: what lies beyond is not when it was published."""
_METAS: Final = (
    *DATED,
    *("og:published_time", "article.published", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date"),
    *("sailthru.date", "mediator_published_time", "publishdate", "publish-date", "pubdate", "date"),
)
_MARKED: Final = (
    "//*[@itemprop='datePublished'][@content or @datetime]",
    "//time[@datetime][@pubdate or contains(@class, 'publish') or contains(@class, 'entry-date')]",
    "//time[@datetime][ancestor::article or ancestor::main or ancestor::header]",
    "//time[@datetime]",
)
_SHOWN: Final = (
    "//*[@itemprop='datePublished' or self::time]",
    "//*[re:test(@class, '(?:^|[\\s_-])(?:date|datetime|published|posted-on|pubdate|time)(?:$|[\\s_-])')]",
)
_ASIDE: Final = (
    "boolean(ancestor::aside or ancestor::footer or ancestor::nav or ancestor-or-self::*[re:test(@class,"
    " '\\bcomments?\\b|related|sidebar') or re:test(@id, '^comments?\\b|sidebar')])"
)
_TRIED: Final = 50
_MOST: Final = 5
_IN_PATH: Final = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/-]|$)")
Reading = Callable[[str], When | None]


def read_published(
    document: Document, declared: Declared, context: Mapping[str, str], *, read: Reading, now: datetime
) -> When | None:
    """Return the best date of the article; None where none was found.

    Asked are, in this order, JSON-LD, meta tags, marked times, the linking page (`context["date"]`), what people see,
    the address, and htmldate's rules. The first one holds; where it is a mere day, another that names a time on that
    day does. `read` reads one date; what lies ahead of `now` is passed over.
    """
    day: When | None = None
    for text in _candidates(document, declared, context):
        found = read(text)
        if found is None or found.since > now + AHEAD:
            continue
        if day is not None and not (found.since == found.until and day.since <= found.since < day.until):
            continue
        if found.since == found.until:
            return found
        day = found
    return day or _guessed(document, declared, read, now)


def path_date(url: str) -> str | None:
    """Return the day that stands in an address (`/2026/03/08/...`), in ISO 8601."""
    found = _IN_PATH.search(url)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else None


def _candidates(document: Document, declared: Declared, context: Mapping[str, str]) -> Iterator[str]:
    yield from declared.article.texts("datepublished", "datecreated")
    yield from (declared.metas[name] for name in _METAS if name in declared.metas)
    for place in _MARKED:
        yield from (node.attrib.get("content") or node.attrib["datetime"] for node in _nodes(document, place, 1))
    if "date" in context:
        yield context["date"]
    for place in _SHOWN:
        yield from (node.xpath("string()").get() or "" for node in _nodes(document, place, _MOST))
    if (named := path_date(document.url)) is not None:
        yield named


def _nodes(document: Document, place: str, most: int) -> list[Selector]:
    """Return the first elements of `place` that are not beside the article, or in its comments."""
    tried = document.selector.xpath(place)[:_TRIED]
    return [node for node in tried if node.xpath(_ASIDE).get() != "1"][:most]


def _guessed(document: Document, declared: Declared, read: Reading, now: datetime) -> When | None:
    """Return what trafilatura and htmldate make of the page: a day at most."""
    from trafilatura import extract_metadata

    # No search through all the text: any date that is told there would be taken.
    rules = {"original_date": True, "extensive_search": False, "max_date": f"{now:%Y-%m-%d}"}
    guess = extract_metadata(document.text, default_url=declared.url, date_config=rules).date
    return read(guess) if guess else None
