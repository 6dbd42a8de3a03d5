"""Hacker News, by Algolia's search (https://hn.algolia.com/api): stories and comments that hold given words."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from config.settings import SourceKind, Terms
from crawlers.connector import Batch, Cursor, Limits, Reject, TemporaryError, Tools, Window
from crawlers.http import Client, Response
from crawlers.mention import Author, Engagement, Mention

VERSION: Final = 1
SITE: Final = "https://news.ycombinator.com"
PLATFORM: Final = "hackernews"
# New items reach the index late, and points go on changing: each visit reads this much again.
OVERLAP: Final = timedelta(hours=2)
HISTORY: Final = timedelta(days=1)
# A search gives 1,000 results at most, however it is paged: further ones are reached by their time.
PAGE: Final = 1_000


class HackerNewsSettings(BaseModel):
    """Options of a Hacker News search."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        min_length=1, max_length=20, description="words or phrases; each is searched for on its own"
    )
    comments: bool = Field(default=True, description="read comments too, not only stories")
    base_url: str = Field(
        default="https://hn.algolia.com/api/v1", pattern=r"^https?://\S+$", description="address of the search"
    )


@dataclass(slots=True)
class _Visit:
    """What one visit gathers, by id, as one item may hold several of the words."""

    since: datetime | None
    until: datetime
    share: int  # of the visit's limit, for each word
    now: datetime
    items: dict[str, Mention] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    reached: datetime | None = None  # where the limit stopped it


class HackerNews:
    """Searches Hacker News for words, newest first, reading the last two hours again on each visit."""

    settings: ClassVar[type[BaseModel]] = HackerNewsSettings
    kind: ClassVar[SourceKind] = "forum"
    terms: ClassVar[Terms] = "api"

    def __init__(self, options: HackerNewsSettings, tools: Tools) -> None:
        self._options = options
        self._tools = tools

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield what was written in the window, oldest first; the last batch carries coverage and cursor.

        When a word has more items than its share of `limits.max_items`, the newest are read and coverage says so.
        """
        now = self._tools.clock()
        read_to = self._read_to(cursor)
        visit = _Visit(
            since=_since(read_to, window),
            until=min(window.until, now),
            share=max(1, limits.max_items // len(self._options.words)),
            now=now,
        )
        with Client.of(self._tools) as client:
            for word in self._options.words:
                self._search(client, word, visit)
        yield from _batches(visit, self._last(visit, first=read_to is None), limits.batch_size)

    def to_mention(self, hit: Mapping[str, Any], now: datetime) -> Mention:
        """Return one search result as a mention; raise KeyError, TypeError or ValueError for one that is none."""
        number = str(int(hit["objectID"]))
        text = hit.get("comment_text") or hit.get("story_text") or ""
        parent = hit.get("parent_id")
        author = hit.get("author")
        return Mention(
            platform=PLATFORM,
            external_id=number,
            kind=self._tools.kind,
            text=str(text),
            title=escape(str(hit["title"]), quote=False) if hit.get("title") else None,
            published_at=datetime.fromtimestamp(int(hit["created_at_i"]), UTC),
            collected_at=now,
            url=f"{SITE}/item?id={number}",
            author=Author(handle=str(author), url=f"{SITE}/user?id={quote(str(author))}") if author else None,
            engagement=Engagement(likes=_count(hit.get("points")), replies=_count(hit.get("num_comments"))),
            parent=str(parent) if parent else None,
        )

    def _search(self, client: Client, word: str, visit: _Visit) -> None:
        """Read the results for one word, newest first, until the window or the share is used up."""
        upper, found = int(visit.until.timestamp()), 0
        while True:
            hits, total = _results(client.get(self._address, params=self._params(word, visit, upper)), upper)
            found += sum(self._take(hit, visit) for hit in hits)
            oldest = min((second for hit in hits if (second := _second(hit))), default=0)
            if not oldest or len(hits) >= total:
                return
            if found >= visit.share:
                visit.reached = max(visit.reached or _moment(oldest), _moment(oldest))
                return
            # The same second once more, as a page may end in the middle of it; unless it fills a whole page.
            upper = oldest if oldest < upper else upper - 1

    def _take(self, hit: Mapping[str, Any], visit: _Visit) -> bool:
        """Keep one result; whether it is new to this visit."""
        try:
            mention = self.to_mention(hit, visit.now)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            visit.rejects.append(Reject(reason="broken item", detail=repr(error), external_id=str(hit.get("objectID"))))
            return True
        is_new = mention.external_id not in visit.items
        visit.items[mention.external_id] = mention
        return is_new

    @property
    def _address(self) -> str:
        return f"{self._options.base_url.rstrip('/')}/search_by_date"

    def _params(self, word: str, visit: _Visit, upper: int) -> dict[str, str | int]:
        bounds = [f"created_at_i<={upper}"]
        if visit.since is not None:
            bounds.append(f"created_at_i>={int(visit.since.timestamp())}")
        return {
            "query": '"{}"'.format(word.replace('"', " ").strip()),
            "advancedSyntax": "true",  # the quotes make it a phrase
            "typoTolerance": "false",
            "tags": "(story,comment)" if self._options.comments else "story",
            "numericFilters": ",".join(bounds),
            "hitsPerPage": min(PAGE, visit.share),
        }

    def _last(self, visit: _Visit, *, first: bool) -> Batch:
        oldest = min((mention.published_at for mention in visit.items.values()), default=None)
        covered_from = visit.reached or visit.since or oldest
        return Batch(
            rejects=tuple(visit.rejects),
            covered_from=covered_from,
            covered_to=covered_from and visit.until,
            cursor={"version": VERSION, "words": list(self._options.words), "read_to": visit.until.isoformat()},
            backfill=first or visit.until < visit.now - HISTORY,
        )

    def _read_to(self, cursor: Cursor | None) -> datetime | None:
        """Return up to when all the words have been read; None on a first visit, or when a word has been added."""
        if cursor is None or cursor.get("version") != VERSION:
            return None
        known = set(self._options.words) <= set(cursor.get("words", ()))
        return datetime.fromisoformat(cursor["read_to"]) if known else None


def _since(read_to: datetime | None, window: Window) -> datetime | None:
    if read_to is None:
        return window.since
    return min(read_to - OVERLAP, window.since or window.until)


def _results(response: Response, upper: int) -> tuple[list[dict[str, Any]], int]:
    """Return the results and how many there are in all; raise TemporaryError when this is not the search's answer."""
    try:
        answer = json.loads(response.body)
        hits = [dict(hit) for hit in answer["hits"]]
        total = int(answer["nbHits"])
        bounded = all(_second(hit) <= upper for hit in hits)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise TemporaryError(
            f"{response.url} did not answer as the search does ({error!r}); tried again later"
        ) from error
    if not bounded:
        raise TemporaryError(
            f"{response.url} gave items newer than asked for, so paging would not end; tried again later"
        )
    return hits, total


def _second(hit: Mapping[str, Any]) -> int:
    """Return when a result was written, in seconds of the epoch; 0 where it does not say."""
    value = hit.get("created_at_i")
    return value if isinstance(value, int) else 0


def _batches(visit: _Visit, last: Batch, size: int) -> Generator[Batch, None, None]:
    """Yield the items oldest first; only the last batch moves the cursor, so that a crash in between loses nothing."""
    items = sorted(visit.items.values(), key=lambda mention: mention.published_at)
    full = max(0, (len(items) - 1) // size) * size
    for start in range(0, full, size):
        yield Batch(items=tuple(items[start : start + size]), backfill=last.backfill)
    yield replace(last, items=tuple(items[full:]))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
