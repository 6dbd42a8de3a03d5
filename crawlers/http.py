"""The one HTTP client of the crawlers: it reads pages and API answers, and trusts nobody.

Every request has time-outs and a deadline, a size cap counted after decompression, at most five
redirects, each of which passes the private-address guard, and takes its host's turn. Proxies and cookies
are not used. What goes wrong is a TemporaryError or a PermanentError that names URL and status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import httpcore
import httpx

from config.instant import Clock
from crawlers.address import AddressGuard
from crawlers.body import read_body
from crawlers.connector import CollectError, PermanentError, TemporaryError, Tools
from crawlers.pacing import SHARED, Pace
from crawlers.transport import Deadline, GuardedTransport

MAX_BYTES: Final = 5_000_000
MAX_REDIRECTS: Final = 5
WAIT_SECONDS: Final = 30.0
TOTAL_SECONDS: Final = 120.0
MAX_RETRY_AFTER: Final = timedelta(days=1)
# 408 and 425 ask for another try (RFC 9110, RFC 8470); the other 4xx wait for a person.
TEMPORARY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A good answer (2xx), or `not_modified` (304, empty body).

    `url` is the last one, after redirects and without credentials; `headers` have lower-case names.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    not_modified: bool = False

    @property
    def etag(self) -> str | None:
        """The validator to send back as `etag` next time."""
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        """The date to send back as `last_modified` next time."""
        return self.headers.get("last-modified")

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty when the server named none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Client:
    """Reads URLs for one connector. Used by one thread at a time; close it, or use it in a `with`."""

    def __init__(
        self,
        *,
        guard: AddressGuard,
        user_agent: str,
        clock: Clock,
        pace: Pace = SHARED,
        wait_seconds: float = WAIT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._pace = pace
        self._total = total_seconds
        self._deadline = Deadline()
        self._timeouts = httpx.Timeout(wait_seconds).as_dict()
        self._headers = {"user-agent": user_agent, "accept-encoding": "gzip, deflate"}
        self._transport = transport or GuardedTransport(guard, self._deadline)

    @classmethod
    def of(cls, tools: Tools) -> Self:
        """Return the client for a connector's tools."""
        return cls(guard=AddressGuard(tools.allow_private), user_agent=tools.user_agent, clock=tools.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Response:
        """Read `url`, following redirects; `etag` and `last_modified` make the request conditional.

        Raises TemporaryError for time-outs, refused connections, 408, 425, 429 and 5xx (with the server's
        `Retry-After`), PermanentError for other statuses, private addresses, bodies over `max_bytes`
        after decompression, endless redirects, and URLs that are not http or https.
        """
        target = _parse(url)
        if params:
            target = target.copy_merge_params(dict(params))
        own = {"if-none-match": etag, "if-modified-since": last_modified}
        sent = {**(headers or {}), **{name: value for name, value in own.items() if value}}
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._visit(target, sent, max_bytes)
            if isinstance(answer, Response):
                return answer
            if not _same_origin(target, answer):
                sent = {name: value for name, value in sent.items() if name.lower() != "authorization"}
            target = answer
        raise PermanentError(
            f"too many redirects: {_named(_parse(url))} sends on more than {MAX_REDIRECTS} times, "
            f"last to {_named(target)}; nothing was read"
        )

    def _visit(self, url: httpx.URL, headers: Mapping[str, str], max_bytes: int) -> Response | httpx.URL:
        """Return the answer of one hop, or where it sends us."""
        port = url.port or PORTS[url.scheme]
        if not self._guard.is_own(url.host, port):
            self._pace.wait(url.host)
        self._deadline.start(self._total)
        try:
            answer = self._transport.handle_request(self._request(url, headers))
            try:
                return self._read(url, answer, max_bytes)
            finally:
                answer.close()
        except httpcore.TimeoutException as error:
            raise TemporaryError(f"{_named(url)} did not answer in time ({_why(error)}); tried again later") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TemporaryError(f"{_named(url)} cannot be read ({_why(error)}); tried again later") from error

    def _request(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Request:
        request = httpx.Request(
            "GET",
            url.copy_with(username=None, password=None),
            headers={**self._headers, **headers},
            extensions={"timeout": self._timeouts},
        )
        if url.username or url.password:
            return next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
        return request

    def _read(self, url: httpx.URL, answer: httpx.Response, max_bytes: int) -> Response | httpx.URL:
        status = answer.status_code
        if status in REDIRECTS and "location" in answer.headers:
            return _next(url, answer.headers["location"])
        headers = {name.lower(): value for name, value in answer.headers.items()}
        shown = _shown(url)
        if status == HTTPStatus.NOT_MODIFIED:
            return Response(url=shown, status=status, headers=headers, not_modified=True)
        if not 200 <= status < 300:  # noqa: PLR2004 - the success class of RFC 9110
            raise _failure(_named(url), status, retry_after(answer.headers.get("retry-after"), self._clock()))
        return Response(url=shown, status=status, headers=headers, body=read_body(_named(url), answer, max_bytes))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a `Retry-After` header, in seconds or as an HTTP date; None when absent or unreadable, a day at most."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=min(int(text[:9]), 10**6)), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), MAX_RETRY_AFTER)


def _failure(url: str, status: int, wish: timedelta | None) -> CollectError:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "unknown status"
    told = f"{url} answered {status} ({phrase})"
    if status in TEMPORARY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        when = f"in {int(wish.total_seconds())} s, as it asks" if wish is not None else "later"
        return TemporaryError(f"{told}; tried again {when}", retry_after=wish)
    return PermanentError(f"{told}; check the address and what it may be read with")


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise PermanentError(f"{url[:200]!r} is not a URL ({error})") from error
    if parsed.scheme not in PORTS or not parsed.host:
        raise PermanentError(f"{_named(parsed)!r} cannot be read: only http and https addresses are")
    return parsed


def _next(url: httpx.URL, location: str) -> httpx.URL:
    """Return the redirect's target; credentials stay with the host they were written for."""
    try:
        joined = url.join(location)
    except httpx.InvalidURL as error:
        raise PermanentError(
            f"{_named(url)} sends on to {location.partition(chr(63))[0][:200]!r}, which is no URL ({error})"
        ) from error
    target = _parse(str(joined))
    own = _same_origin(url, target)
    return target.copy_with(username=url.username if own else None, password=url.password if own else None)


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _shown(url: httpx.URL) -> str:
    """Return the URL for storage: without credentials."""
    return str(url.copy_with(username=None, password=None))


def _named(url: httpx.URL) -> str:
    """Return the URL for people, in errors that are kept and sent: its query may hold a token."""
    return f"{_shown(url.copy_with(query=None))}?…" if url.query else _shown(url)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
