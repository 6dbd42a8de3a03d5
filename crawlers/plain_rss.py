"""Plain RSS 2.0, read by the standard library: what feedparser makes of it, with much less work.

Most feeds are well-formed and made of a dozen elements. Whatever is not, or holds anything that feedparser knows
better than a few lines can say (a guess whether a title is HTML, a twice encoded text, an odd date), is left to
feedparser as a whole. A test compares what both make of feeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Final
from xml.etree import ElementTree as ET  # the caller has taken every document type away

from crawlers.entry import Entry

CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR: Final = "{http://purl.org/dc/elements/1.1/}creator"
READ: Final = frozenset({"guid", "link", "title", "description", "author", "pubDate", CONTENT, CREATOR})
# Elements that change nothing of what we read.
PASSED: Final = frozenset(
    {
        "category",
        "comments",
        "enclosure",
        "{http://purl.org/rss/1.0/modules/slash/}comments",
        "{http://wellformedweb.org/CommentAPI/}commentRss",
    }
)
GUESSED: Final = re.compile(r"<|&#?\w+;")  # feedparser guesses whether such a title is HTML
ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9][!-%'-:<-~]*")  # nothing that feedparser would mend
WINDOWS: Final = re.compile("[\x80-\x9f]")  # characters of Windows-1252, given as Latin-1
DATE: Final = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))"
)
MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


class _DoubtError(Exception):
    """The feed holds something that feedparser knows better."""


def read_plain(text: str, *, spoilt: bool) -> tuple[Entry, ...] | None:
    """Return the entries of a plain RSS 2.0 feed; None for every other feed.

    `text` must not have a document type; `spoilt` says that some of it could not be decoded.
    """
    if "xml:base" in text or WINDOWS.search(text):
        return None
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there are no entities
        return tuple(_entry(item, spoilt=spoilt) for item in _items(root))
    except (ET.ParseError, UnicodeError, _DoubtError):
        return None


def _items(root: ET.Element) -> Iterator[dict[str, ET.Element]]:
    """Yield each item's elements by their name; raise _DoubtError where there is more to it."""
    channels = root.findall("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or len(channels) != 1:
        raise _DoubtError
    items = channels[0].findall("item")
    if not items or len(items) != sum(1 for _ in root.iter("item")):
        raise _DoubtError
    for item in items:
        parts = [part for part in item if part.tag not in PASSED]
        by_name = {part.tag: part for part in parts}
        if len(by_name) < len(parts) or not by_name.keys() <= READ or any(map(_has_more_than_text, parts)):
            raise _DoubtError
        yield by_name


def _has_more_than_text(part: ET.Element) -> bool:
    return len(part) > 0 or (bool(part.attrib) and (part.tag != "guid" or set(part.keys()) != {"isPermaLink"}))


def _entry(parts: dict[str, ET.Element], *, spoilt: bool) -> Entry:
    title = _text(parts, "title") or ""
    if GUESSED.search(title) or ("author" in parts and CREATOR in parts):
        raise _DoubtError
    text = _text(parts, CONTENT) or _text(parts, "description") or ""
    key = _text(parts, "guid")
    return Entry(
        id=key,
        link=_link(parts, key),
        title=escape(title, quote=False),
        text=text,
        author=_text(parts, CREATOR if CREATOR in parts else "author"),
        published=_date(_text(parts, "pubDate")),
        spoilt=spoilt and "\ufffd" in f"{title}{text}{key}",
    )


def _text(parts: dict[str, ET.Element], name: str) -> str | None:
    """Return an element's text, None where there is no such element."""
    if name not in parts:
        return None
    text = (parts[name].text or "").strip()
    if not text.isascii() and _is_twice_encoded(text):
        raise _DoubtError
    return text


def _is_twice_encoded(text: str) -> bool:
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _link(parts: dict[str, ET.Element], key: str | None) -> str | None:
    """Return the entry's address: its link, else an id that says it is one by not denying it."""
    link = _text(parts, "link")
    permanent = key is not None and parts["guid"].get("isPermaLink", "true") == "true"
    if any(address is not None and not ADDRESS.fullmatch(address) for address in (link, key if permanent else None)):
        raise _DoubtError
    return link if link is not None or not permanent else key


def _date(text: str | None) -> datetime | None:
    """Return the instant; None without a date; raise _DoubtError for one that is written otherwise."""
    if text is None:
        return None
    found = DATE.fullmatch(text)
    if not found or found[2] not in MONTHS:
        raise _DoubtError
    day, year, hour, minute, second = (int(found[part]) for part in (1, 3, 4, 5, 6))
    try:
        local = datetime(year, MONTHS[found[2]], day, hour, minute, second, tzinfo=_zone(found))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _DoubtError from error


def _zone(found: re.Match[str]) -> timezone:
    if not found[7]:
        return UTC
    offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
    return timezone(-offset if found[7] == "-" else offset)
