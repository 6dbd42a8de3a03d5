"""One visit to a web source: ask for pages, read them, give back what they hold, until all is read or time is up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from crawlers.connector import (
    Batch,
    CollectError,
    Cursor,
    Limits,
    NotNowError,
    PermanentError,
    Reject,
    TemporaryError,
    Tools,
)
from crawlers.memory import Key
from crawlers.mention import Mention
from crawlers.report import Report
from crawlers.web.asking import Answer, EndedError, Fetching
from crawlers.web.blank import Blank
from crawlers.web.failure import Failure
from crawlers.web.finding import count_fields, host_of, to_mention
from crawlers.web.frontier import Frontier, Step, Task
from crawlers.web.hours import closed_for
from crawlers.web.manners import MEGABYTE
from crawlers.web.site import Site

VERSION: Final = 1
PULSE: Final = 10.0
"""Seconds after which a visit that only waits gives a sign of life: its lease must not run out over a slow host, and a
monitor that ends waits for it no longer than for twice this time."""
BATCH_PAGES: Final = 25
BATCH_TIME: Final = timedelta(seconds=10)
HISTORY: Final = timedelta(days=1)

Open = Callable[[Site, Tools, frozenset[str]], Fetching]
Watch = Callable[[Answer], None]


def visit(
    site: Site,
    tools: Tools,
    cursor: Cursor | None,
    limits: Limits,
    *,
    fetch: Open | None = None,
    ahead: int | None = None,
    most_pages: int | None = None,
    watch: Watch = lambda _answer: None,
) -> Generator[Batch, None, None]:
    """Yield what a visit to `site` brings; each batch carries what is to be remembered of its pages.

    `fetch` opens what fetches pages (by default a Scrapy crawl, in a process of its own for an untrusted source),
    `ahead` is how many requests it is given at a time, `most_pages` bounds the visit further than the site's own
    budget, `watch` sees every answer. Raises CollectError where nothing could be read, NotNowError where nothing may
    be read now.
    """
    begun = _Visit(
        site=site,
        tools=tools,
        cursor=dict(cursor or {}),
        limits=limits,
        ahead=ahead or 4 * site.manners.at_once,
        most_pages=min(site.manners.pages, most_pages or site.manners.pages),
        watch=watch,
    )
    return begun.run(fetch or open_crawl)


def open_crawl(site: Site, tools: Tools, hosts: frozenset[str]) -> Fetching:
    """Return the crawl of a site: in this process, or apart from it where the source is not trusted."""
    if site.manners.untrusted:
        from crawlers.web.apart import CrawlApart

        return CrawlApart(site, tools, hosts=hosts)
    from crawlers.web.crawl import Crawl

    return Crawl(site, tools, hosts=hosts)


@dataclass(slots=True, kw_only=True)
class _Haul:
    """What has come in since the last batch."""

    since: datetime
    items: dict[Key, Mention] = field(default_factory=dict)
    seen: dict[Key, None] = field(default_factory=dict)
    deletions: dict[Key, None] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    pages: int = 0


@dataclass(slots=True, kw_only=True)
class _Figures:
    pages: int = 0
    unchanged: int = 0
    failed: int = 0
    bytes: int = 0
    items: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None


class _Visit:
    def __init__(
        self,
        *,
        site: Site,
        tools: Tools,
        cursor: dict[str, object],
        limits: Limits,
        ahead: int,
        most_pages: int,
        watch: Watch,
    ) -> None:
        self._site = site
        self._tools = tools
        self._manners = site.manners
        self._limits = limits
        self._watch = watch
        self._memory = tools.memory or Blank()
        self._now = tools.clock()
        self._cursor = cursor if cursor.get("version") == VERSION else {}
        self._options = blake2b(site.manners.model_dump_json().encode(), digest_size=8).hexdigest()
        self._parsed_since = self._when_options_changed()
        self._frontier = Frontier(site, self._memory, now=self._now, parsed_since=self._parsed_since)
        self._outstanding: dict[str, Task] = {}
        self._ahead = ahead
        self._most_pages = most_pages
        self._held: dict[str, datetime] = {}
        self._figures = _Figures(oldest=_instant(self._cursor.get("oldest")))
        self._haul = _Haul(since=self._now)
        self._problem: Failure | None = None
        self._shown: set[Key] = set()  # in this visit, anywhere: such an item is not gone

    def _when_options_changed(self) -> datetime | None:
        if self._cursor.get("options") != self._options:
            return self._now
        return _instant(self._cursor.get("options_since"))

    # -- the way of a visit ------------------------------------------------------------------

    def run(self, fetch: Open) -> Generator[Batch, None, None]:
        self._raise_when_closed()
        self._frontier.begin()
        with closing(fetch(self._site, self._tools, self._frontier.hosts)) as fetching:
            yield from self._crawl(fetching)
        yield from self._batches()
        self._raise_when_nothing_was_read()
        yield self._last_batch()

    def _raise_when_closed(self) -> None:
        """Raise NotNowError outside of the source's hours, or while all its hosts want to be left alone."""
        wait = closed_for(self._manners.window, self._manners.timezone, self._now)
        if wait is not None:
            raise NotNowError(f"it is read between {self._manners.hours} only ({self._manners.timezone})", wait=wait)
        self._held = dict(self._memory.held(self._frontier.hosts, now=self._now))
        wait = self._wait()
        if wait is not None:
            starts = {host_of(link.url) for link in self._site.start()}
            raise NotNowError(f"{', '.join(sorted(starts))} asked to be left alone for a while", wait=wait)

    def _crawl(self, fetching: Fetching) -> Generator[Batch, None, None]:
        while True:
            self._ask(fetching)
            if not self._outstanding:
                return
            try:
                answer = fetching.answer(PULSE)
            except EndedError:
                return
            if answer is not None:
                self._take(answer)
            if answer is None or self._is_ripe():
                yield from self._batches()

    def _ask(self, fetching: Fetching) -> None:
        asks = []
        while len(self._outstanding) < self._ahead and self._may_ask():
            task = self._frontier.next()
            if task is None:
                break
            until = self._held.get(host_of(task.link.url))
            if until is not None:
                self._frontier.held(task, until)
                continue
            self._outstanding[task.link.url] = task
            asks.append(self._frontier.ask(task))
        if asks:
            fetching.ask(asks)

    def _may_ask(self) -> bool:
        """Whether the budget of the visit allows one more page."""
        figures, manners = self._figures, self._manners
        now = self._tools.clock()
        return (
            figures.pages + figures.failed + len(self._outstanding) < self._most_pages
            and figures.bytes < manners.megabytes * MEGABYTE
            and figures.items < self._limits.max_items
            and now - self._now < timedelta(minutes=manners.minutes)
            and closed_for(manners.window, manners.timezone, now) is None
        )

    def _is_ripe(self) -> bool:
        haul = self._haul
        return (
            haul.pages >= BATCH_PAGES
            or len(haul.items) >= self._limits.batch_size
            or self._tools.clock() - haul.since >= BATCH_TIME
        )

    # -- answers -----------------------------------------------------------------------------

    def _take(self, answer: Answer) -> None:
        self._watch(answer)
        task = self._outstanding.pop(answer.ask.link.url)
        self._haul.pages += 1
        self._figures.bytes += answer.size
        if answer.failure is not None:
            self._take_failure(task, answer.failure)
            return
        self._figures.pages += 1
        if answer.unchanged:
            self._figures.unchanged += 1
            self._note(self._frontier.unchanged(task))
        else:
            self._take_page(task, answer)

    def _take_page(self, task: Task, answer: Answer) -> None:
        extract = answer.extract
        if extract is None:
            raise ValueError("an answer holds an extract, a failure, or nothing new")
        items = self._mentions(answer)
        news = self._memory.news(list(items.values())) if items else frozenset()
        self._shown.update(items)
        self._note(self._frontier.extracted(task, answer, list(items), news=bool(news)))
        self._haul.rejects += extract.rejects
        for key, item in items.items():
            self._haul.items.setdefault(key, item)
        self._figures.items += len(extract.items)
        self._figures.fields.update(count_fields(extract.items))

    def _mentions(self, answer: Answer) -> dict[Key, Mention]:
        """Return the page's items, each identity once: what stands twice on a page is one thing."""
        found: dict[Key, Mention] = {}
        now = self._tools.clock()
        for item in answer.extract.items if answer.extract else ():
            mention = to_mention(
                item,
                page=answer.url,
                tools=self._tools,
                language=self._manners.language,
                now=now,
                hosts=self._frontier.hosts,
            )
            found.setdefault(mention.key, mention)
            if not mention.undated:
                self._figures.oldest = min(self._figures.oldest or mention.published_at, mention.published_at)
        return found

    def _take_failure(self, task: Task, failure: Failure) -> None:
        self._problem = self._problem or failure
        if failure.held:
            self._hold(task.link.url, failure)
            self._frontier.held(task, self._held.get(host_of(task.link.url), self._now))
            return
        self._figures.failed += 1
        self._haul.rejects.append(Reject(reason=failure.reason, detail=failure.detail[:500]))
        self._note(self._frontier.failed(task, failure))
        if failure.retry_after is not None:
            self._hold(task.link.url, failure)

    def _hold(self, url: str, failure: Failure) -> None:
        host = host_of(url)
        if host in self._held or failure.retry_after is None:
            return
        until = self._tools.clock() + failure.retry_after
        self._held[host] = until
        self._memory.hold(host, until=until, reason=f"{failure.reason}: {failure.detail}"[:500])

    def _note(self, step: Step) -> None:
        self._shown.update(step.seen)
        self._haul.seen.update(dict.fromkeys(step.seen))
        self._haul.deletions.update(dict.fromkeys(step.deletions))
        self._haul.rejects += step.rejects

    # -- batches -----------------------------------------------------------------------------

    def _batches(self) -> Generator[Batch, None, None]:
        """Yield what has come in: history apart from what is new, as history must not alert; the pages come last."""
        haul, self._haul = self._haul, _Haul(since=self._tools.clock())
        first = not self._cursor
        old = tuple(item for item in haul.items.values() if item.published_at < self._now - HISTORY)
        recent = tuple(item for item in haul.items.values() if item.published_at >= self._now - HISTORY)
        if old and recent and not first:
            yield Batch(items=old, backfill=True)
            old = ()
        yield Batch(
            items=(*old, *recent),
            seen=tuple(key for key in haul.seen if key not in haul.items),
            deletions=tuple(key for key in haul.deletions if key not in self._shown),
            rejects=tuple(haul.rejects),
            pages=self._frontier.take_unsaved(),
            backfill=first or (bool(old) and not recent),
        )

    def _raise_when_nothing_was_read(self) -> None:
        problem = self._problem
        if problem is None or self._figures.pages:
            return
        raise _error(problem)

    def _last_batch(self) -> Batch:
        """Return the end of the visit: its figures, the cursor, and what publication time is now fully read."""
        figures = self._figures
        begun = _instant(self._cursor.get("covered_to"))
        through = None if self._memory.waiting() else self._memory.read_through()
        since = begun or figures.oldest
        covered = through is not None and since is not None and since < through
        cursor = {
            "version": VERSION,
            "covered_to": _written(through if covered else begun),
            "oldest": _written(figures.oldest),
            "options": self._options,
            "options_since": _written(self._parsed_since),
        }
        return Batch(
            covered_from=since if covered else None,
            covered_to=through if covered else None,
            cursor=cursor,
            backfill=not self._cursor,
            retry_after=self._wait(),
            report=Report(
                pages=figures.pages,
                unchanged=figures.unchanged,
                failed=figures.failed,
                bytes=figures.bytes,
                items=figures.items,
                fields=dict(figures.fields),
            ),
        )

    def _wait(self) -> timedelta | None:
        """How long the source must be left alone: where all the hosts that it begins at asked for it."""
        starts = {host_of(link.url) for link in self._site.start()}
        if not starts <= self._held.keys():
            return None
        wait = min(self._held[host] for host in starts) - self._tools.clock()
        return wait if wait > timedelta(0) else None


def _error(problem: Failure) -> CollectError:
    told = f"nothing could be read: {problem.detail} ({problem.reason})"
    if problem.temporary:
        return TemporaryError(f"{told}; tried again later", retry_after=problem.retry_after)
    return PermanentError(told)


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
