"""The network below the HTTP client: connects to the very address the guard has checked, within a deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final

import httpcore
import httpx

from crawlers.address import AddressGuard

IDLE_SECONDS: Final = 15.0


@cache
def verifying_context() -> ssl.SSLContext:
    """Return the TLS context that verifies certificates and host names (SSL_CERT_FILE and SSL_CERT_DIR are obeyed)."""
    return httpx.create_ssl_context()


class Deadline:
    """The moment a request must have ended; without one, waits are only bounded singly."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end: float | None = None

    def start(self, seconds: float) -> None:
        """Let the request that begins now end within `seconds`."""
        self._end = self._monotonic() + seconds

    def bound(self, timeout: float | None) -> float | None:
        """Return `timeout`, cut to the time left; raise httpcore.ReadTimeout when none is left."""
        if self._end is None:
            return timeout
        left = self._end - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole request is used up")
        return left if timeout is None else min(timeout, left)


class BoundedStream(httpcore.NetworkStream):
    """A network stream none of whose waits outlives the deadline: a server that drips bytes cannot hold us."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read at most `max_bytes`."""
        return self._inner.read(max_bytes, self._deadline.bound(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write the whole buffer."""
        self._inner.write(buffer, self._deadline.bound(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on in TLS; the certificate is checked against the host's name, not against the address."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.bound(timeout))
        return BoundedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the stream below knows."""
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves by the guard, then connects to an address that was checked, so that DNS cannot answer twice."""

    def __init__(self, guard: AddressGuard, deadline: Deadline) -> None:
        self._guard = guard
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers; raise PermanentError for a private one."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._guard.addresses(host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._deadline.bound(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return BoundedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError(f"{host} has no address")


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class GuardedTransport(httpx.BaseTransport):
    """An httpx transport without proxies, whose connections pass the guard. Raises httpcore's exceptions."""

    def __init__(
        self, guard: AddressGuard, deadline: Deadline | None = None, *, context: ssl.SSLContext | None = None
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context or verifying_context(),
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedBackend(guard, deadline or Deadline()),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the response's body is still to be read."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        body = _Body(answer.iter_stream())
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
