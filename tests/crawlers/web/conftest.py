"""A site on paper, and whoever fetches from it: for tests of what a visit reads, without a network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest

from crawlers.address import AddressGuard
from crawlers.connector import Batch, Limits, Reject, Tools
from crawlers.memory import Key, Page
from crawlers.mention import Mention
from crawlers.web.asking import Answer, Ask, EndedError
from crawlers.web.document import Document
from crawlers.web.failure import Failure
from crawlers.web.found import Found
from crawlers.web.link import Link
from crawlers.web.manners import Manners
from crawlers.web.site import Extract, Site
from crawlers.web.visiting import visit
from crawlers.when import When

HOST = "https://shop.example"
START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Sheet:
    """One page: its items by id, its links, and the next page of its list."""

    items: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    more: str | None = None
    oldest_first: bool = False

    @property
    def version(self) -> str:
        return repr((self.items, self.links, self.more))


@dataclass
class PaperSite:
    sheets: dict[str, Sheet]
    starts: tuple[Link, ...] = (Link(url=f"{HOST}/reviews", role="listing"),)
    options: Manners = field(default_factory=lambda: Manners(start=(f"{HOST}/reviews",), delay=0))
    dates: dict[str, datetime] = field(default_factory=dict)
    sweeps: ClassVar[bool] = True

    @property
    def manners(self) -> Manners:
        return self.options

    def start(self) -> tuple[Link, ...]:
        return self.starts

    def read(self, document: Document, link: Link) -> Extract:
        sheet = self.sheets[document.url]
        more = Link(url=sheet.more, role=link.role, context=link.context) if sheet.more else None
        return Extract(
            items=tuple(self._found(name, text) for name, text in sheet.items.items()),
            links=tuple(sheet.links),
            more=more,
            oldest_first=sheet.oldest_first,
        )

    def _found(self, name: str, text: str) -> Found:
        moment = self.dates.get(name, START - timedelta(hours=2))
        return Found(id=name, text=text, author="Anna", published=When(since=moment, until=moment))


@dataclass
class PaperFetch:
    """Answers from the sheets; `failing` gives failures by URL, `asked` is the log."""

    site: PaperSite
    failing: Mapping[str, Failure] = field(default_factory=dict)
    most: int | None = None
    asked: list[str] = field(default_factory=list)
    conditional: list[str] = field(default_factory=list)
    waiting: deque[Ask] = field(default_factory=deque)

    def __call__(self, site: Site, tools: Tools, hosts: frozenset[str]) -> PaperFetch:
        return self

    def ask(self, asks: Sequence[Ask]) -> None:
        self.waiting.extend(asks)

    def answer(self, seconds: float) -> Answer | None:
        if self.most is not None and len(self.asked) >= self.most:
            raise EndedError
        ask = self.waiting.popleft()
        url = ask.link.url
        self.asked.append(url)
        if url in self.failing:
            return Answer(ask=ask, url=url, failure=self.failing[url])
        if url not in self.site.sheets:
            return Answer(ask=ask, url=url, failure=failure("not found", status=404))
        etag = self.site.sheets[url].version
        if ask.etag == etag:
            self.conditional.append(url)
            return Answer(ask=ask, url=url, unchanged=True)
        extract = self.site.read(Document(url=url, body=b"", text=""), ask.link)
        return Answer(ask=ask, url=url, extract=extract, etag=etag, size=100)

    def close(self) -> None:
        self.waiting.clear()


def failure(
    reason: str, *, status: int | None = None, temporary: bool = False, wait: timedelta | None = None
) -> Failure:
    return Failure(reason=reason, detail="", temporary=temporary, retry_after=wait, status=status)


class Notebook:
    """A memory in a dict: what `storage.pages` does in the database."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.texts: dict[Key, str] = {}
        self.gone: set[Key] = set()
        self.holds: dict[str, datetime] = {}

    def recall(self, urls: Iterable[str]) -> Mapping[str, Page]:
        return {url: self.pages[url] for url in urls if url in self.pages}

    def due(self, *, now: datetime, limit: int) -> Sequence[Page]:
        due = [page for page in self.pages.values() if page.due_at and page.due_at <= now and not page.gone]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(due, key=lambda page: (not page.waiting, page.read_at or oldest))[:limit]

    def news(self, items: Sequence[Mention]) -> frozenset[Key]:
        return frozenset(item.key for item in items if self.texts.get(item.key) != item.text)

    def waiting(self) -> int:
        return sum(page.waiting and not page.gone for page in self.pages.values())

    def read_through(self) -> datetime | None:
        read = [
            page.read_at
            for page in self.pages.values()
            if page.root and page.role != "item" and page.stamp is None and not page.gone and page.read_at
        ]
        return min(read, default=None)

    def held(self, hosts: Iterable[str], *, now: datetime) -> Mapping[str, datetime]:
        return {host: self.holds[host] for host in hosts if self.holds.get(host, now) > now}

    def hold(self, host: str, *, until: datetime, reason: str) -> None:
        self.holds[host] = until

    def store(self, batch: Batch) -> None:
        self.texts.update({item.key: item.text for item in batch.items})
        self.gone -= {item.key for item in batch.items} | set(batch.seen)
        self.gone |= set(batch.deletions)
        self.pages.update({page.url: page for page in batch.pages})


@dataclass
class Desk:
    """Visits a site on paper, one visit after another, with one memory and a clock that is set by hand."""

    site: PaperSite
    now: datetime = START
    memory: Notebook = field(default_factory=Notebook)
    cursor: Mapping[str, object] | None = None
    rejects: list[Reject] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    def visit(self, fetch: PaperFetch | None = None, *, most_pages: int | None = None) -> PaperFetch:
        fetch = fetch or PaperFetch(self.site)
        self.batches = []
        for batch in visit(self.site, self.tools, self.cursor, Limits(), fetch=fetch, most_pages=most_pages):
            self.batches.append(batch)
            self.memory.store(batch)
            self.cursor = batch.cursor or self.cursor
            self.rejects += batch.rejects
        return fetch

    @property
    def tools(self) -> Tools:
        return Tools(
            source="A shop", kind="review", clock=lambda: self.now, user_agent="Groundswell/test", memory=self.memory
        )

    @property
    def last(self) -> Batch:
        return self.batches[-1]

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)

    def stored(self) -> set[str]:
        return {item for _, item in self.memory.texts}

    def change(self, **options: object) -> None:
        self.site.options = self.site.options.model_copy(update=options)


def reviews(*pages: Sequence[str], oldest_first: bool = False) -> dict[str, Sheet]:
    """Return a list of reviews: each page's ids; the text of each is its id."""
    urls = [f"{HOST}/reviews"] + [f"{HOST}/reviews?page={n}" for n in range(2, len(pages) + 1)]
    following = [*urls[1:], None]
    return {
        url: Sheet(items={name: f"text of {name}" for name in names}, more=more, oldest_first=oldest_first)
        for url, names, more in zip(urls, pages, following, strict=True)
    }


@pytest.fixture
def paper() -> SimpleNamespace:
    """What tests need of the above; modules of tests do not import one another."""
    return SimpleNamespace(
        HOST=HOST,
        START=START,
        Desk=Desk,
        Fetch=PaperFetch,
        Notebook=Notebook,
        Sheet=Sheet,
        Site=PaperSite,
        failure=failure,
        reviews=reviews,
    )


@pytest.fixture
def crawl_pages() -> Callable[..., dict[str, object]]:
    """Fetch addresses in one Scrapy crawl with Groundswell's settings; each one's Response or Failure.

    `delay`, `at_once` and the like go to the manners; `overrides` are Scrapy settings.
    """

    def crawl(
        *urls: str,
        guard: AddressGuard,
        hosts: AbstractSet[str] | None = None,
        clock: Callable[[], datetime] = lambda: START,
        overrides: Mapping[str, object] | None = None,
        **manners: object,
    ) -> dict[str, object]:
        from scrapy.crawler import AsyncCrawlerRunner

        from crawlers.web import loop
        from crawlers.web.scrapy_settings import settings_for

        told = Manners.model_validate({"start": ("http://shop.example/",), "delay": 0, **manners})
        settings = settings_for(told, user_agent="Groundswell/test", guard=guard, hosts=hosts, clock=clock)
        results: dict[str, object] = {}

        async def run() -> None:
            await AsyncCrawlerRunner({**settings, **(overrides or {})}).crawl(_gatherer(urls, results))

        loop.run(run()).result(timeout=60)
        return results

    return crawl


def _gatherer(urls: Sequence[str], results: dict[str, object]) -> type:
    import scrapy

    from crawlers.web.diagnosis import failure_of

    class Gatherer(scrapy.Spider):
        name = "gatherer"

        async def start(self):
            for url in urls:
                yield scrapy.Request(
                    url, self.take, errback=self.fail, cb_kwargs={"asked": url}, meta={"asked": url}, dont_filter=True
                )

        def take(self, response, asked):
            results[asked] = response

        def fail(self, failure):
            results[failure.request.meta["asked"]] = failure_of(failure.value, failure.request.url)

    return Gatherer
