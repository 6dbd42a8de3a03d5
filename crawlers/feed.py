"""Feeds: RSS, Atom and JSON Feed, read into one shape, however careless their makers were."""

from __future__ import annotations

import codecs
import io
import json
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from time import struct_time
from typing import Any, Final
from xml.sax import SAXException, SAXParseException

from crawlers.connector import PermanentError, TemporaryError
from crawlers.entry import Entry
from crawlers.http import Response
from crawlers.plain_rss import read_plain

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
# Python knows codecs that are no charsets (punycode, unicode_escape): a feed may not choose those.
CHARSETS: Final = re.compile(
    r"(?:x-)?(?:utf|iso-?8859|iso-2022|latin|windows|cp\d|koi8|mac|gb|big5|euc|shift|sjis|us-ascii|ascii|tis)",
    re.IGNORECASE,
)
DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[<>]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
ROOT: Final = re.compile(r"<[A-Za-z]")
PAGE: Final = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
FEED: Final = re.compile(r"<(?:rss|feed|rdf:rdf|channel|\w+:feed)\b", re.IGNORECASE)
BEGINNING: Final = 4_000
JSON_FEED: Final = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed's entries in its own order; `fault` says what is wrong with it where the entries could still be read."""

    entries: tuple[Entry, ...]
    fault: str | None = None


def read_feed(response: Response) -> Feed:
    """Return the feed that `response` holds.

    Raises PermanentError when it holds something else, TemporaryError when it is too broken to hold any entry.
    """
    text, spoilt = decode(response.body, response.headers.get("content-type", ""))
    if not text.strip():
        raise TemporaryError(f"{response.url} answered with an empty body; tried again later")
    if "json" in response.content_type or text.lstrip()[:1] == "{":
        return Feed(entries=tuple(_json_entries(text, response.url, spoilt=spoilt)))
    return _read_xml(text, response, spoilt=spoilt)


def decode(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the text of `body`, and whether some of it could not be decoded (U+FFFD stands there).

    What is valid UTF-8 is UTF-8, whatever else is declared: nothing else looks like it by accident.
    """
    for mark, encoding in BOMS:
        if body.startswith(mark):
            text = body.decode(encoding, "replace").removeprefix("\ufeff")
            return text, "\ufffd" in text
    for encoding in ("utf-8", *_declared(body, content_type)):
        try:
            return body.decode(encoding), False
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace"), True


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    for found in (CHARSET.search(content_type), DECLARED.match(body)):
        if found:
            name = found[1] if isinstance(found[1], str) else found[1].decode("ascii", "replace")
            if CHARSETS.match(name):
                yield name


def _read_xml(text: str, response: Response, *, spoilt: bool) -> Feed:
    safe = _without_entities(text, response.url)
    plain = read_plain(safe, spoilt=spoilt)
    return Feed(entries=plain) if plain is not None else _read_any(safe, response, spoilt=spoilt)


def _read_any(text: str, response: Response, *, spoilt: bool) -> Feed:
    import feedparser

    parsed = feedparser.parse(
        # Bytes or text would be tried as a file's name; a stream is not.
        io.BytesIO(text.encode("utf-8", "replace")),
        # No address is given: links are joined by whoever knows the feed's, and ids must not be.
        response_headers={
            "content-type": "application/xml; charset=utf-8",
        },
        # Cleaning makes the text plain anyway; doing without these two doubles the speed.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    fault = _fault(parsed.get("bozo_exception"))
    if not parsed.entries and (fault or not parsed.get("version")):
        raise _not_a_feed(text, response, fault)
    return Feed(entries=tuple(_xml_entry(entry, spoilt=spoilt) for entry in parsed.entries), fault=fault)


def _without_entities(text: str, url: str) -> str:
    """Take the document type away: no feed needs one, and the entities declared there can grow without bound."""
    root = ROOT.search(text)
    end = root.start() if root else len(text)
    head = DOCTYPE.sub("", text[:end])
    if "<!entity" in head.lower() or "<!doctype" in head.lower():
        raise PermanentError(f"unsafe XML: {url} declares entities, which are not read")
    return head + text[end:]


def _fault(error: Exception | None) -> str | None:
    """Say what is wrong with the XML; feedparser's other complaints are about headers we did not use."""
    if isinstance(error, SAXParseException):
        return f"{error.getMessage()} in line {error.getLineNumber()}"
    return str(error) if isinstance(error, SAXException) else None


def _not_a_feed(text: str, response: Response, fault: str | None) -> PermanentError | TemporaryError:
    beginning = text[:BEGINNING]
    if FEED.search(beginning) and not PAGE.search(beginning):
        return TemporaryError(f"broken XML: {response.url} holds no readable entry ({fault}); tried again later")
    what = "a web page" if PAGE.search(beginning) else response.content_type or "something unknown"
    return PermanentError(
        f"not a feed: {response.url} answered with {what}; give the address of its RSS, Atom or JSON feed"
    )


def _xml_entry(entry: Mapping[str, Any], *, spoilt: bool) -> Entry:
    title = _markup(entry.get("title_detail"))
    contents = [text for detail in entry.get("content", ()) if (text := _markup(detail)).strip()]
    text = contents[0] if contents else _markup(entry.get("summary_detail"))
    return Entry(
        id=entry.get("id"),
        link=entry.get("link"),
        title=title,
        text=text,
        author=entry.get("author"),
        published=_xml_date(entry),
        spoilt=spoilt and "\ufffd" in f"{title}{text}{entry.get('id')}",
    )


def _markup(detail: Mapping[str, Any] | None) -> str:
    """Return a text construct as HTML; feedparser says "text/plain" only where nothing in it is markup."""
    if not detail:
        return ""
    value = str(detail.get("value") or "")
    return escape(value, quote=False) if detail.get("type") == "text/plain" else value


def _xml_date(entry: Mapping[str, Any]) -> datetime | None:
    # Membership first: feedparser warns when "updated" is asked for and only "published" is there.
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if name in entry and isinstance(entry[name], struct_time):
            return _instant(entry[name])
    return None


def _instant(value: struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(value), UTC)
    except (ValueError, OverflowError):
        return None


def _json_entries(text: str, url: str, *, spoilt: bool) -> Iterator[Entry]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemporaryError(f"broken JSON: {url} cannot be read ({error}); tried again later") from error
    if not (isinstance(document, dict) and JSON_FEED.match(str(document.get("version")))):
        raise PermanentError(f"not a feed: {url} answered with JSON that is no JSON Feed (see jsonfeed.org)")
    items = document.get("items")
    for item in items if isinstance(items, list) else ():
        yield _json_entry(item if isinstance(item, dict) else {}, spoilt=spoilt)


def _json_entry(item: Mapping[str, Any], *, spoilt: bool) -> Entry:
    title = escape(_string(item.get("title")), quote=False)
    text = _string(item.get("content_html")) or escape(
        _string(item.get("content_text")) or _string(item.get("summary")), quote=False
    )
    return Entry(
        id=_string(item.get("id")),
        link=_string(item.get("url")) or _string(item.get("external_url")),
        title=title,
        text=text,
        author=_json_author(item),
        published=_json_date(item.get("date_published")) or _json_date(item.get("date_modified")),
        spoilt=spoilt and "\ufffd" in title + text,
    )


def _string(value: object) -> str:
    """Return a JSON string or number as text, anything else as none."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _json_author(item: Mapping[str, Any]) -> str | None:
    authors = item.get("authors") or [item.get("author")]  # version 1.0 had one `author`
    first = authors[0] if isinstance(authors, list) else None
    return _string(first.get("name")) or None if isinstance(first, dict) else None


def _json_date(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_string(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
