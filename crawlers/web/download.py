"""The download handler: how a crawl's requests reach the network.

Addresses are checked where the connection is made, certificates are verified, proxies and environment are ignored. A
request has one deadline for all of it, its body one bound, on the wire and again when decompressed. A body is whole
or it is an error, so that Scrapy asks again.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import h11
import httpcore
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from crawlers.body import inflate
from crawlers.transport import IDLE_SECONDS, verifying_context
from crawlers.web.courtesy import Courtesy
from crawlers.web.gate import shown
from crawlers.web.network import GuardedAsyncBackend, NoAddressError
from crawlers.web.refusal import ENCODING, TOO_LARGE, UNREADABLE, Refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

ENCODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
HEADERS_TOO_LARGE: Final = 431  # RFC 6585: h11's word for endless headers


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
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verifying_context(),
            max_connections=None,  # Scrapy's slots bound them
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedAsyncBackend(settings["GROUNDSWELL_GUARD"]),
        )

    async def download_request(self, request: Request) -> Response:
        """Send the request and return the whole answer, decompressed."""
        self._check_hold(request)
        seconds = request.meta.get("download_timeout", self._seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._send(request)
        except TimeoutError as error:
            raise DownloadTimeoutError(f"{shown(request.url)} was not through after {seconds:g} s") from error

    def _check_hold(self, request: Request) -> None:
        """Raise Held when the host has asked us to wait while this request stood in the queue."""
        courtesy = self.crawler.get_downloader_middleware(Courtesy) if self.crawler.crawling else None
        if courtesy is not None:
            courtesy.check_hold(request)

    async def _send(self, request: Request) -> Response:
        began = monotonic()
        with _scrapy_errors(request.url):
            async with self._pool.stream(
                request.method, _target(request.url), headers=_headers(request), content=request.body or None
            ) as answer:
                request.meta["download_latency"] = monotonic() - began
                headers = Headers(answer.headers)
                _check_length(request.url, headers, self._most)
                with _data_loss(request.url):
                    body = await _receive(request.url, answer.aiter_stream(), self._most)
                body = _decoded(request.url, headers, body, self._most)
        return _response(request.url, answer.status, headers, body)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def _target(url: str) -> httpcore.URL:
    parts = urlsplit(url)  # as the gate reads it, so that no two readings of one address exist
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target=target)
    except UnicodeError as error:
        raise Refused(UNREADABLE, f"{shown(url)} ({error})") from error


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    parts = urlsplit(request.url)
    host = parts.netloc.rpartition("@")[2].encode("ascii")
    sent = [(name, value) for name, values in request.headers.items() for value in values]
    return [(b"Host", host), (b"Accept-Encoding", b"gzip, deflate"), *sent]


def _check_length(url: str, headers: Headers, most: int) -> None:
    length = headers.get("Content-Length", b"")
    if length and length.isdigit() and int(length) > most:
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
    named = [value.strip().lower() for line in headers.getlist("Content-Encoding") for value in line.split(b",")]
    encodings = [value.decode("latin-1") for value in named if value not in {b"", b"identity"}]
    if not encodings or not body:
        return body
    if len(encodings) > 1 or encodings[0] not in ENCODINGS:
        raise Refused(ENCODING, f"{shown(url)} answered in {', '.join(encodings)!r}")
    del headers["Content-Encoding"]
    try:
        return _unpacked(url, body, most)
    except (zlib.error, EOFError) as error:
        raise ResponseDataLossError(f"{shown(url)} sent a damaged {encodings[0]} body ({error})") from error


def _unpacked(url: str, body: bytes, most: int) -> bytes:
    plain = bytearray()
    for part in inflate(iter((body,)), most + 1):
        plain += part
        if len(plain) > most:
            raise _too_large(url, most)
    return bytes(plain)


def _response(url: str, status: int, headers: Headers, body: bytes) -> Response:
    kind = responsetypes.from_args(headers=headers, url=url, body=body)
    return kind(url=url, status=status, headers=headers, body=body, protocol="HTTP/1.1")


def _too_large(url: str, most: int) -> Refused:
    return Refused(TOO_LARGE, f"{shown(url)} sent more than {most:,} bytes (counted after decompression)")


@contextmanager
def _data_loss(url: str) -> Iterator[None]:
    """What goes wrong once the body has begun loses a part of it."""
    try:
        yield
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise ResponseDataLossError(f"{shown(url)} broke off ({_why(error)})") from error


@contextmanager
def _scrapy_errors(url: str) -> Iterator[None]:
    try:
        yield
    except NoAddressError as error:
        raise CannotResolveHostError(str(error)) from error
    except httpcore.TimeoutException as error:
        raise DownloadTimeoutError(f"{shown(url)} did not answer in time ({_why(error)})") from error
    except httpcore.ConnectError as error:
        raise DownloadConnectionRefusedError(f"{shown(url)} cannot be connected to ({_why(error)})") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        if (
            isinstance(cause := error.__cause__, h11.RemoteProtocolError)
            and cause.error_status_hint == HEADERS_TOO_LARGE
        ):
            raise Refused(TOO_LARGE, f"{shown(url)} sent endless headers") from error
        raise DownloadFailedError(f"{shown(url)} cannot be read ({_why(error)})") from error


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
