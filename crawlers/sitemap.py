"""Sitemaps (https://www.sitemaps.org/protocol.html): the addresses of a site's pages, and of further sitemaps."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast
from xml.etree import ElementTree as ET  # the document type is refused before

from crawlers.cleaning import web_address
from crawlers.web.document import Document

MAX_BYTES: Final = 50_000_000  # the protocol's own bounds
MAX_ENTRIES: Final = 50_000
_STEP: Final = 65_536
_BEGINNING: Final = 4_000
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex)\b")
_ENTRIES: Final = frozenset({"url", "sitemap"})
_GZIP: Final = b"\x1f\x8b"
_NAMED: Final = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry. `changed` is its date of change as it is written; `sitemap` says that it is a sitemap itself. Of a news
    sitemap's entry also `published`, as it is written, and `title`."""

    url: str
    changed: str | None = None
    sitemap: bool = False
    published: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """The entries in their order; `fault` says what is wrong where some of them could not be read."""

    places: tuple[Place, ...] = ()
    fault: str | None = None


def is_sitemap(document: Document) -> bool:
    """Whether a document is a sitemap, packed or not, whatever it is called."""
    if document.body[:2] == _GZIP:
        return document.url.partition("?")[0].endswith(".gz")
    return _ROOT.search(document.text[:_BEGINNING]) is not None


def read_sitemap(document: Document) -> Sitemap:
    """Return the http and https addresses in a sitemap: those of pages, not of their pictures and translations.

    What stands before a fault in the XML is kept, and the first MAX_ENTRIES. Document types, and with them entities,
    are refused.
    """
    text, fault = _text(document)
    if "<!doctype" in text[:_BEGINNING].lower() or "<!entity" in text.lower():
        return Sitemap(fault="unsafe XML: it declares a document type, which no sitemap needs")
    found: list[Place] = []
    try:
        for number, place in enumerate(_places(text), start=1):
            if number > MAX_ENTRIES:
                fault = fault or f"too large: only the first {MAX_ENTRIES:,} entries were read, the most that may be"
                break
            found += [place] if place is not None else []
    except ET.ParseError as error:
        fault = fault or f"broken XML: {error}"
    return Sitemap(places=tuple(found), fault=fault)


def read_robots(text: str) -> tuple[str, ...]:
    """Return the addresses of the sitemaps that a robots.txt names."""
    return tuple(dict.fromkeys(url for named in _NAMED.findall(text) if (url := web_address(named))))


def _places(text: str) -> Iterator[Place | None]:
    """Yield the entries, None for one without an address; raise ParseError at the first fault, or at the end of a text
    that has none. What was read is forgotten at once, so that memory stays flat."""
    root: ET.Element | None = None
    for kind, element in _events(text):
        root = element if root is None else root
        if kind == "end" and _kind(element) in _ENTRIES:
            yield _place(element)
            root.clear()


def _events(text: str) -> Iterator[tuple[str, ET.Element]]:
    """Yield "start" and "end" with their elements; those that the parser held back come before a fault at the end."""
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(("start", "end"))
    for at in range(0, len(text), _STEP):
        parser.feed(text[at : at + _STEP])
        yield from cast("Iterator[tuple[str, ET.Element]]", parser.read_events())
    fault: ET.ParseError | None = None
    try:
        parser.close()
    except ET.ParseError as error:
        fault = error
    yield from cast("Iterator[tuple[str, ET.Element]]", parser.read_events())
    if fault is not None:
        raise fault


def _text(document: Document) -> tuple[str, str | None]:
    if document.body[:2] != _GZIP:
        return document.text.lstrip("\ufeff \t\r\n"), None
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        body = unpack.decompress(document.body, MAX_BYTES)
    except zlib.error as error:
        return "", f"damaged gzip: {error}"
    cut = "too large, or damaged gzip: it was read in part" if unpack.unconsumed_tail or not unpack.eof else None
    return body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n"), cut


def _place(element: ET.Element) -> Place | None:
    """Return the entry that an element is; None where it has no address."""
    parts = _parts(element)
    url = web_address(parts.get("loc"))
    if url is None:
        return None
    return Place(
        url=url,
        changed=parts.get("lastmod") or None,
        sitemap=_kind(element) == "sitemap",
        published=parts.get("publication_date") or None,
        title=parts.get("title") or None,
    )


def _parts(element: ET.Element) -> dict[str, str]:
    """Return the texts of an entry, and of its news, by name; what stands first holds."""
    news = [part for child in element if _kind(child) == "news" for part in child]
    return {_kind(part): (part.text or "").strip() for part in reversed([*element, *news])}


def _kind(element: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
