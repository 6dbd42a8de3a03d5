"""RSS, Atom and JSON feeds, read with conditional requests."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from config.settings import Language, SourceKind, Terms
from crawlers.connector import Batch, Cursor, Limits, Reject, Tools, Window
from crawlers.entry import Entry
from crawlers.feed import Feed, read_feed
from crawlers.http import MAX_BYTES, Client, Response
from crawlers.identity import content_id, external_id
from crawlers.mention import Author, Mention

VERSION: Final = 1
HISTORY: Final = timedelta(days=1)


class RssSettings(BaseModel):
    """Options of a feed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://\S+$", description="address of the RSS, Atom or JSON feed")
    language: Language | None = Field(
        default=None, description="language of its texts; left out, it is recognised text by text"
    )
    max_bytes: int = Field(
        default=MAX_BYTES, ge=10_000, le=50_000_000, description="largest size in bytes, decompressed"
    )


@dataclass(slots=True)
class _Sorted:
    """The entries of one visit: taken in, or rejected with a reason."""

    items: list[Mention] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class Rss:
    """Reads one feed, whole: an entry older than the window is known already, or has come late and must not be lost.

    Each visit covers the time since the last, if the feed still reaches back that far.
    """

    settings: ClassVar[type[BaseModel]] = RssSettings
    kind: ClassVar[SourceKind] = "news"
    terms: ClassVar[Terms] = "feed"

    def __init__(self, options: RssSettings, tools: Tools) -> None:
        self._options = options
        self._tools = tools

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield the feed's entries, oldest batch first; the last batch carries coverage and cursor."""
        known = self._own(cursor)
        asked_at = self._tools.clock()
        before = min(_instant(known.get("covered_to")) or asked_at, asked_at) if known else None
        with Client.of(self._tools) as client:
            response = client.get(
                self._options.url,
                etag=known.get("etag"),
                last_modified=known.get("last_modified"),
                max_bytes=self._options.max_bytes,
            )
        if response.not_modified:
            yield Batch(covered_from=before, covered_to=before and asked_at, cursor={**known, **_until(asked_at)})
            return
        feed = read_feed(response)
        sorted_ = self._sort(feed, response, asked_at, limits)
        covered_from = _covered_from(feed, before, asked_at)
        last = Batch(
            rejects=tuple(sorted_.rejects),
            covered_from=covered_from,
            covered_to=covered_from and asked_at,
            cursor=self._cursor(response, asked_at),
            backfill=not known or window.until < asked_at - HISTORY,
        )
        yield from _batches(sorted_.items, last, limits.batch_size)

    def to_mention(self, entry: Entry, url: str, now: datetime) -> Mention:
        """Return the entry as a mention; `url` is the feed's, for links that are relative and items without any."""
        link = _joined(url, entry.link)
        return Mention(
            platform=f"web:{_host(link) or _host(url)}",
            external_id=_identity(entry, link, url),
            kind=self._tools.kind,
            text=entry.text,
            title=entry.title or None,
            published_at=entry.published or now,
            collected_at=now,
            url=link,
            author=Author(handle=entry.author) if entry.author and entry.author.strip() else None,
            language=self._options.language,
            undated=entry.published is None,
        )

    def _sort(self, feed: Feed, response: Response, now: datetime, limits: Limits) -> _Sorted:
        found = _Sorted()
        if feed.fault:
            found.rejects.append(Reject(reason="broken XML", detail=feed.fault))
        seen: set[tuple[str, str]] = set()
        for entry in feed.entries[: limits.max_items]:
            mention = self.to_mention(entry, response.url, now)
            if (reason := _reason(entry, mention, seen)) is not None:
                found.rejects.append(Reject(reason=reason, detail=entry.title[:200], external_id=mention.external_id))
            else:
                found.items.append(mention)
            seen.add(mention.key)
        if (left := len(feed.entries) - limits.max_items) > 0:
            found.rejects.append(Reject(reason="over the limit of one visit", detail=f"{left} entries left out"))
        return found

    def _own(self, cursor: Cursor | None) -> dict[str, Any]:
        """Return what an earlier visit to this very address left; nothing otherwise."""
        own = cursor is not None and cursor.get("version") == VERSION and cursor.get("url") == self._options.url
        return dict(cursor) if own and cursor is not None else {}

    def _cursor(self, response: Response, asked_at: datetime) -> Cursor:
        return {
            "version": VERSION,
            "url": self._options.url,
            "etag": response.etag,
            "last_modified": response.last_modified,
            **_until(asked_at),
        }


def _batches(items: Sequence[Mention], last: Batch, size: int) -> Generator[Batch, None, None]:
    """Yield `items` in batches; only the last moves the cursor, so that a crash in between loses nothing."""
    full = max(0, (len(items) - 1) // size) * size
    for start in range(0, full, size):
        yield Batch(items=tuple(items[start : start + size]), backfill=last.backfill)
    yield replace(last, items=tuple(items[full:]))


def _covered_from(feed: Feed, before: datetime | None, now: datetime) -> datetime | None:
    """Return since when the feed has been read without a gap; None when a first visit finds no dates."""
    oldest = min(
        (entry.published for entry in feed.entries if entry.published and entry.published <= now), default=None
    )
    if before is not None:
        return before if oldest is None or oldest <= before else oldest
    return oldest


def _reason(entry: Entry, mention: Mention, seen: set[tuple[str, str]]) -> str | None:
    """Say why the entry cannot be taken in, or None."""
    if entry.spoilt:
        return "wrong encoding"
    return "duplicate id" if mention.key in seen else None


def _identity(entry: Entry, link: str | None, url: str) -> str:
    own = (entry.id or "").strip()
    if own and ":" not in own:
        # A bare number is unique in its feed only; the same site may have another feed that counts from 1.
        own = f"{urlsplit(url).path}#{own}"
    return external_id(own, link) or content_id(entry.title, entry.text)


def _joined(url: str, link: str | None) -> str | None:
    try:
        return urljoin(url, link.strip()) if link and link.strip() else None
    except ValueError:
        return None


def _host(url: str | None) -> str | None:
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _until(moment: datetime) -> dict[str, str]:
    return {"covered_to": moment.isoformat()}


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
