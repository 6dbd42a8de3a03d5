"""The crawl: one Scrapy crawler that fetches what it is asked for, and nothing by itself.

Scrapy downloads: robots.txt, throttling, retries, redirects, decompression. What to read next is decided in
`crawlers.web.visiting`, in the visit's thread, where pages are parsed too.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import TimeoutError as NotInTimeError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import scrapy
import structlog
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import TextResponse

from crawlers.address import AddressGuard
from crawlers.connector import TemporaryError, Tools
from crawlers.web import loop
from crawlers.web.asking import Answer, Ask, EndedError
from crawlers.web.diagnosis import failure_of
from crawlers.web.document import Document
from crawlers.web.download import GIVE_UP
from crawlers.web.failure import Failure
from crawlers.web.scrapy_settings import settings_for
from crawlers.web.site import Site

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure as TwistedFailure

NOT_MODIFIED: Final = 304
GRACE: Final = 5.0  # seconds that an ending crawl is waited for; what still waits for its turn then is never sent
_log: Final = structlog.get_logger("crawlers.crawl")

Received = tuple[Ask, "Response | Failure"]


class PageSpider(scrapy.Spider):
    """Turns asks into requests, and puts whatever comes back into the outbox."""

    name = "groundswell"

    def __init__(self, *, asks: asyncio.Queue[Ask | None], outbox: queue.SimpleQueue[Received | None]) -> None:
        super().__init__()
        self._asks = asks
        self._outbox = outbox

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yield a request for every ask, until None is asked for. The crawl cannot be idle before."""
        while (ask := await self._asks.get()) is not None:
            try:
                yield self._request(ask)
            except ValueError as error:  # Scrapy's word for an address without a scheme
                self._outbox.put((ask, failure_of(error, ask.link.url)))

    def _request(self, ask: Ask) -> scrapy.Request:
        validators = {"If-None-Match": ask.etag, "If-Modified-Since": ask.last_modified}
        return scrapy.Request(
            ask.link.url,
            headers={name: value for name, value in validators.items() if value},
            callback=self._received,
            errback=self._failed,
            cb_kwargs={"ask": ask},
            dont_filter=True,
        )

    def _received(self, response: Response, ask: Ask) -> None:
        self._outbox.put((ask, response))

    def _failed(self, failure: TwistedFailure) -> None:
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        self._outbox.put((request.cb_kwargs["ask"], failure_of(failure.value or RuntimeError("unknown"), request.url)))


class Crawl:
    """Fetches pages of one site in this process. `overrides` are Scrapy settings for benchmarks."""

    def __init__(
        self, site: Site, tools: Tools, *, hosts: frozenset[str], overrides: Mapping[str, Any] | None = None
    ) -> None:
        self._site = site
        self._asks: asyncio.Queue[Ask | None] = asyncio.Queue()
        self._outbox: queue.SimpleQueue[Received | None] = queue.SimpleQueue()
        self._crawler: Crawler | None = None
        guard = AddressGuard(tools.allow_private)
        settings = settings_for(site.manners, user_agent=tools.user_agent, guard=guard, hosts=hosts, clock=tools.clock)
        self._running = loop.run(self._run({**settings, **(overrides or {})}))

    async def _run(self, settings: dict[str, Any]) -> None:
        try:
            runner = AsyncCrawlerRunner(settings)
            self._crawler = runner.create_crawler(PageSpider)
            await runner.crawl(self._crawler, asks=self._asks, outbox=self._outbox)
        finally:
            self._outbox.put(None)

    def ask(self, asks: Sequence[Ask]) -> None:
        """Ask for pages; returns at once."""
        loop.loop().call_soon_threadsafe(self._put, tuple(asks))

    def _put(self, asks: Sequence[Ask | None]) -> None:
        for ask in asks:
            self._asks.put_nowait(ask)

    def answer(self, seconds: float) -> Answer | None:
        """Return the next answer, its page parsed in this thread; None when there was none for so many seconds.

        Raises EndedError when the crawl has ended, TemporaryError when it broke.
        """
        try:
            received = self._outbox.get(timeout=seconds)
        except queue.Empty:
            return None
        if received is None:
            self._tell_end()
            raise EndedError("the crawl's time was up")
        return read_answer(self._site, *received)

    def _tell_end(self) -> None:
        error = self._running.exception(timeout=GRACE)
        if error is not None:
            raise TemporaryError(f"the crawl broke: {type(error).__name__}: {error}; tried again later") from error

    def close(self) -> None:
        """End the crawl; requests under way are given up."""
        if not self._running.done():
            loop.loop().call_soon_threadsafe(self._put, (None,))
            ending = loop.run(self._stop())
            with suppress(NotInTimeError):
                ending.result(timeout=GRACE)

    async def _stop(self) -> None:
        if self._crawler is not None:
            self._crawler.signals.send_catch_log(GIVE_UP)
            await self._crawler.stop_async()


def read_answer(site: Site, ask: Ask, received: Response | Failure) -> Answer:
    """Return what was received as an answer: its page read by the site, or why it could not be."""
    if isinstance(received, Failure):
        return Answer(ask=ask, url=ask.link.url, failure=received)
    url, size = received.url, len(received.body)
    if received.status == NOT_MODIFIED and (ask.etag or ask.last_modified):
        return Answer(ask=ask, url=url, unchanged=True)
    if not 200 <= received.status < 300:  # noqa: PLR2004 - the success class of RFC 9110
        return Answer(ask=ask, url=url, failure=failure_of(received, url), size=size)
    return _parsed(site, ask, received, size)


def _parsed(site: Site, ask: Ask, response: Response, size: int) -> Answer:
    try:
        extract = site.read(document_of(response), ask.link)
    except Exception as error:  # noqa: BLE001 - the boundary of one page: a hostile or broken one must not stop the rest
        _log.exception("page.broken", url=response.url)
        detail = f"reading it broke with {type(error).__name__}: {error}"
        return Answer(ask=ask, url=response.url, failure=_broken("cannot be parsed", detail), size=size)
    return Answer(
        ask=ask,
        url=response.url,
        extract=extract,
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        size=size,
    )


def document_of(response: Response) -> Document:
    """Return the page as its readers get it; the text of what is no text is empty."""
    named = {name: _header(response, name) or "" for name in _names(response)}
    return Document(
        url=response.url,
        body=response.body,
        text=response.text if isinstance(response, TextResponse) else "",
        content_type=named.get("content-type", "").partition(";")[0].strip().lower(),
        status=response.status,
        headers=named,
    )


def _names(response: Response) -> list[str]:
    return [name.decode("latin-1").lower() for name in response.headers]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _broken(reason: str, detail: str) -> Failure:
    return Failure(reason=reason, detail=detail, temporary=False, retry_after=None, status=None)
