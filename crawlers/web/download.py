"""The download handler: how a crawl's requests reach the network.

Addresses are checked where the connection is made, certificates are verified, proxies and environment are ignored. A
request has one deadline for all of it, its body one bound, on the wire and again when decompressed. A body is whole
or it is an error, so that Scrapy asks again.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import h11
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError, ResponseDataLossError
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from crawlers.body import inflate
from crawlers.transport import verifying_context
from crawlers.web.courtesy import Courtesy
from crawlers.web.gate import shown
from crawlers.web.network import Connection, Idle, StaleError, connect, origin_of
from crawlers.web.refusal import ENCODING, GIVEN_UP, TOO_LARGE, Refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

ENCODINGS: Final = frozenset({b"gzip", b"x-gzip", b"deflate"})
HEAD_TOO_LARGE: Final = 431  # RFC 6585: h11's word for a head without end
BROKEN: Final = (OSError, h11.ProtocolError)
GIVE_UP: Final = object()
"""Signal of a crawl that ends before its time: nothing more is sent, what is under way is given up."""


class GuardedHandler(BaseDownloadHandler):
    """Scrapy's download handler for http and https, HTTP/1.1; its AddressGuard is the setting GROUNDSWELL_GUARD.

    Raises Refused (a private address; too large; an encoding that was not asked for), Held, Insecure, and Scrapy's
    own CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError, DownloadFailedError and
    ResponseDataLossError.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._most = settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._guard = settings["GROUNDSWELL_GUARD"]
        self._context = verifying_context()
        self._idle = Idle()
        self._given_up = False
        self._deadlines: set[asyncio.Timeout] = set()
        crawler.signals.connect(self._give_up, GIVE_UP)

    async def download_request(self, request: Request) -> Response:
        """Send the request and return the whole answer, decompressed."""
        self._check_hold(request)
        self._check_given_up(request)
        seconds = request.meta.get("download_timeout", self._seconds)
        deadline = asyncio.timeout(seconds)
        self._deadlines.add(deadline)
        try:
            async with deadline:
                return await self._fetch(request)
        except TimeoutError as error:
            self._check_given_up(request)
            raise DownloadTimeoutError(f"{shown(request.url)} was not through after {seconds:g} s") from error
        finally:
            self._deadlines.discard(deadline)

    def _give_up(self) -> None:
        self._given_up = True
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(asyncio.get_running_loop().time())

    def _check_given_up(self, request: Request) -> None:
        if self._given_up:
            raise Refused(GIVEN_UP, f"{shown(request.url)} is not read: the crawl ends")

    def _check_hold(self, request: Request) -> None:
        """Raise Held when the host has asked us to wait while this request stood in the queue."""
        courtesy = self.crawler.get_downloader_middleware(Courtesy) if self.crawler.crawling else None
        if courtesy is not None:
            courtesy.check_hold(request)

    async def _fetch(self, request: Request) -> Response:
        origin = origin_of(request.url)
        while (idle := self._idle.take(origin)) is not None:
            try:
                return await self._fetch_on(idle, request)
            except StaleError:
                continue  # the server closed it in the very moment; nothing was answered, so asking again is safe
        try:
            return await self._fetch_on(await connect(origin, self._guard, self._context), request)
        except StaleError as error:
            raise DownloadFailedError(f"{shown(request.url)} cannot be read ({error})") from error

    async def _fetch_on(self, connection: Connection, request: Request) -> Response:
        try:
            response = await self._exchange(connection, request)
        except BaseException:  # also when time is up: what is left on the wire is nobody's answer
            connection.close()
            raise
        self._idle.put(connection)
        return response

    async def _exchange(self, connection: Connection, request: Request) -> Response:
        url, began = request.url, monotonic()
        try:
            head = await connection.send(_head(request), request.body)
        except StaleError:
            raise
        except BROKEN as error:
            raise _no_answer(url, error) from error
        request.meta["download_latency"] = monotonic() - began
        headers = Headers(head.headers.raw_items())
        _check_length(url, headers, self._most)
        try:
            body = await _receive(url, connection.body(), self._most)
        except BROKEN as error:
            raise ResponseDataLossError(f"{shown(url)} broke off ({_why(error)})") from error
        body = _decoded(url, headers, body, self._most)
        kind = responsetypes.from_args(headers=headers, url=url, body=body)
        return kind(url=url, status=head.status_code, headers=headers, body=body, protocol="HTTP/1.1")

    async def close(self) -> None:
        """Close every connection."""
        self._idle.close()


def _head(request: Request) -> h11.Request:
    parts = urlsplit(request.url)  # as the gate reads it, so that no two readings of one address exist
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = [(name, value) for name, values in request.headers.items() for value in values]
    fixed = [(b"Host", parts.netloc.rpartition("@")[2].encode("ascii")), (b"Accept-Encoding", b"gzip, deflate")]
    if request.body:
        fixed.append((b"Content-Length", str(len(request.body)).encode()))
    return h11.Request(method=request.method, target=target, headers=fixed + sent)


def _no_answer(url: str, error: Exception) -> Exception:
    if isinstance(error, h11.ProtocolError) and error.error_status_hint == HEAD_TOO_LARGE:
        return Refused(TOO_LARGE, f"{shown(url)} sent headers without end")
    return DownloadFailedError(f"{shown(url)} cannot be read ({_why(error)})")


def _check_length(url: str, headers: Headers, most: int) -> None:
    length = headers.get("Content-Length") or b""
    if length.isdigit() and int(length) > most:
        raise _too_large(url, most)


async def _receive(url: str, parts: AsyncIterable[bytes], most: int) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > most:
            raise _too_large(url, most)
    return bytes(body)


def _decoded(url: str, headers: Headers, body: bytes, most: int) -> bytes:
    """Return the body decompressed; what was packed twice, or otherwise than asked for, is refused."""
    lines = headers.getlist("Content-Encoding")
    if not lines or not body:
        return body
    encodings = [name for line in lines for value in line.split(b",") if (name := value.strip().lower()) != b"identity"]
    if not encodings:
        return body
    if len(encodings) > 1 or encodings[0] not in ENCODINGS:
        raise Refused(ENCODING, f"{shown(url)} answered in {b', '.join(encodings).decode('latin-1')!r}")
    del headers["Content-Encoding"]
    try:
        return _unpacked(url, body, most)
    except (zlib.error, EOFError) as error:
        raise ResponseDataLossError(f"{shown(url)} sent a damaged compressed body ({error})") from error


def _unpacked(url: str, body: bytes, most: int) -> bytes:
    plain = bytearray()
    for part in inflate(iter((body,)), most + 1):
        plain += part
        if len(plain) > most:
            raise _too_large(url, most)
    return bytes(plain)


def _too_large(url: str, most: int) -> Refused:
    return Refused(TOO_LARGE, f"{shown(url)} sent more than {most:,} bytes (counted after decompression)")


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
