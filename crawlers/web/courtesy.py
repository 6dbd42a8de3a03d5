"""Courtesy: robots.txt is obeyed, and a host that asks to be left alone is left alone.

robots.txt as RFC 9309 has it: no such file (4xx) means that everything may be read; a file that cannot be had now
(5xx, no connection) means that nothing may, for now.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from config.instant import Clock, system_clock
from crawlers.http import retry_after
from crawlers.web.diagnosis import NETWORK_ERRORS, failure_of
from crawlers.web.gate import FOR_ROBOTS, shown
from crawlers.web.refusal import DOWNGRADE, REDIRECTS, ROBOTS, ROBOTS_UNREAD, SCHEME, Held, Refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

PRODUCT: Final = "Groundswell"  # the product token that a robots.txt names us by
ROBOTS_BYTES: Final = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are read; the rest is ignored
MAX_CRAWL_DELAY: Final = 60.0
HOLD: Final = timedelta(minutes=15)
ASKS_TO_WAIT: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# A robots.txt that is not reached by redirects counts as none (RFC 9309, 2.3.1.2).
UNREACHED: Final = frozenset({REDIRECTS, DOWNGRADE, SCHEME})

KEEPING_FROM: Final[tuple[type[Exception], ...]] = (Held, *NETWORK_ERRORS)

Verdict = Protego | Held | Refused
"""What a host's robots.txt came to: its rules, or why nothing of the host may be read in this crawl."""


class Courtesy:
    """A downloader middleware. Raises Refused for what robots.txt forbids, Held for a host that is left alone."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._clock: Clock = crawler.settings.get("GROUNDSWELL_CLOCK") or system_clock
        self._least_delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._held: dict[str, Held] = {}
        self._robots: dict[str, asyncio.Task[Verdict]] = {}
        self._delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the courtesy of a crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass when its host may be asked for it now."""
        self.check_hold(request)
        if request.meta.get(FOR_ROBOTS):
            return
        verdict = await self._verdict(request.url)
        if not isinstance(verdict, Protego):
            raise verdict.again()
        if not verdict.can_fetch(request.url, PRODUCT):
            raise Refused(ROBOTS, f"{shown(request.url)} is closed to crawlers by its site")
        self._slow_down(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass the answer on; 429 and 503 hold the host for the rest of the crawl."""
        if response.status in ASKS_TO_WAIT:
            raise self._hold(request, response)
        return response

    # -- hosts that are left alone -----------------------------------------------------------

    def check_hold(self, request: Request) -> None:
        """Raise Held when the request's host has asked to be left alone."""
        held = self._held.get(_host(request.url))
        if held is not None:
            raise held.again()

    def _hold(self, request: Request, response: Response) -> Held:
        wish = (response.headers.get("Retry-After") or b"").decode("latin-1")
        told = retry_after(wish, self._clock())
        wait = HOLD if told is None else told
        phrase = HTTPStatus(response.status).phrase
        detail = (
            f"{shown(request.url)} answered {response.status} ({phrase}); "
            f"{_host(request.url)} is left alone for {wait.total_seconds():,.0f} s"
            f"{', as it asks' if told is not None else ''}"
        )
        held = Held(wait=wait, detail=detail, status=response.status, asked=True)
        self._held.setdefault(_host(request.url), held)
        return held

    # -- robots.txt --------------------------------------------------------------------------

    async def _verdict(self, url: str) -> Verdict:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        task = self._robots.get(origin)
        if task is None:
            task = self._robots[origin] = asyncio.ensure_future(self._read_robots(origin))
        if task.done():
            return task.result()
        return await asyncio.shield(task)  # others wait for it too

    async def _read_robots(self, origin: str) -> Verdict:
        url = f"{origin}/robots.txt"
        request = Request(url, meta={FOR_ROBOTS: True}, priority=1000, callback=NO_CALLBACK, dont_filter=True)
        try:
            answer = await self._crawler.engine.download_async(request)
        except Refused as refused:
            return Protego.parse("") if refused.reason in UNREACHED else refused
        except KEEPING_FROM as error:
            return _unread(error, url)
        return self._rules(origin, answer)

    def _rules(self, origin: str, answer: Response) -> Verdict:
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            detail = f"{shown(answer.url)} answered {answer.status}; until it can be read, nothing else is"
            return Held(wait=HOLD, reason=ROBOTS_UNREAD, detail=detail, status=answer.status)
        if answer.status != HTTPStatus.OK:
            return Protego.parse("")
        rules = Protego.parse(answer.body[:ROBOTS_BYTES].decode("utf-8-sig", errors="ignore"))
        delay = rules.crawl_delay(PRODUCT)
        if delay is not None and delay > self._least_delay:
            self._delays[urlsplit(origin).hostname or ""] = min(float(delay), MAX_CRAWL_DELAY)
        return rules

    def _slow_down(self, request: Request) -> None:
        """Let the host's slot keep the delay that its robots.txt asks for; throttling does not lower it."""
        delay = self._delays.get(_host(request.url)) if self._delays else None
        if delay is None:
            return
        request.meta["autothrottle_dont_adjust_delay"] = True
        downloader = self._crawler.engine.downloader
        downloader.per_slot_settings.setdefault(_host(request.url), {})["delay"] = delay
        slot = downloader.slots.get(_host(request.url))
        if slot is not None:
            slot.delay = max(slot.delay, delay)


def _unread(error: Exception, url: str) -> Held:
    failure = failure_of(error, url)
    detail = f"robots.txt: {failure.detail}; until it can be read, nothing else is"
    return Held(wait=failure.retry_after or HOLD, reason=failure.reason, detail=detail, status=failure.status)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
