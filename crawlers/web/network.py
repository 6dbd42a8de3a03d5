"""The network below a crawl: HTTP/1.1 connections to the very addresses that the guard has checked.

h11 speaks the protocol and asyncio moves the bytes, as a general client's pool costs more than all the rest of a
page's download. Nothing here has a deadline but connecting: whoever sends a request bounds it as a whole
(`asyncio.timeout`) and closes the connection when something went wrong.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import h11
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError

from crawlers.address import AddressGuard
from crawlers.connector import PermanentError, TemporaryError
from crawlers.transport import IDLE_SECONDS
from crawlers.web.refusal import PRIVATE, UNREADABLE, Insecure, Refused

CONNECT_SECONDS: Final = 10.0  # for one address, TLS included; a host may have several
READ_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 100 * 1024  # a longer head is an attack
PORTS: Final = {"http": 80, "https": 443}


class StaleError(ConnectionError):
    """The server closed the connection before it answered anything: so it is with one that was idle for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an address leads: connections are shared by what has the same origin."""

    secure: bool
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """Return the origin of an http or https address; raise Refused for a port that is none."""
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise Refused(UNREADABLE, f"{url[:200]!r} ({error})") from error
    return Origin(secure=parts.scheme == "https", host=parts.hostname or "", port=port)


class Connection:
    """One connection, for one request at a time. What the server does wrong is OSError or h11.RemoteProtocolError."""

    def __init__(self, origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.origin = origin
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)

    async def send(self, head: h11.Request, body: bytes) -> h11.Response:
        """Send a request and return the head of its answer; raise StaleError when the server has hung up."""
        data = self._http.send(head) or b""
        if body:
            data += self._http.send(h11.Data(data=body)) or b""
        data += self._http.send(h11.EndOfMessage()) or b""
        try:
            self._writer.write(data)
            await self._writer.drain()
            event = await self._event()
        except ConnectionError as error:
            raise StaleError(str(error) or "the connection was reset") from error
        while isinstance(event, h11.InformationalResponse):
            event = await self._event()
        if not isinstance(event, h11.Response):
            raise h11.RemoteProtocolError(f"{event!r} is no answer")
        return event

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the parts of the answer's body, as they are on the wire."""
        while isinstance(event := await self._event(), h11.Data):
            yield event.data
        if not isinstance(event, h11.EndOfMessage):
            raise h11.RemoteProtocolError(f"{event!r} within a body")

    async def _event(self) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._reader.read(READ_BYTES)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise StaleError("the server closed the connection without an answer")
            self._http.receive_data(data)
        return event

    def renew(self) -> bool:
        """Make ready for the next request; False when there can be none on this connection."""
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if not done or self._http.trailing_data != (b"", False):
            return False
        self._http.start_next_cycle()
        return True

    @property
    def is_alive(self) -> bool:
        """Whether the server has left it open, as far as is known."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    def close(self) -> None:
        """Close at once: a server that is slow to take its leave is not waited for."""
        self._writer.transport.abort()


class Idle:
    """The connections that wait for another request to their origin; each for 15 seconds at most."""

    def __init__(self, monotonic: Callable[[], float] = monotonic) -> None:
        self._monotonic = monotonic
        self._waiting: list[tuple[float, Connection]] = []

    def take(self, origin: Origin) -> Connection | None:
        """Return an open connection to `origin`, if one waits."""
        self._drop()
        for index in range(len(self._waiting) - 1, -1, -1):
            if self._waiting[index][1].origin == origin:
                return self._waiting.pop(index)[1]
        return None

    def put(self, connection: Connection) -> None:
        """Keep the connection when it can serve another request; else close it."""
        if connection.renew():
            self._waiting.append((self._monotonic() + IDLE_SECONDS, connection))
        else:
            connection.close()

    def _drop(self) -> None:
        now = self._monotonic()
        kept = [entry for entry in self._waiting if entry[0] > now and entry[1].is_alive]
        for entry in self._waiting:
            if entry not in kept:
                entry[1].close()
        self._waiting = kept

    def close(self) -> None:
        """Close every connection."""
        for _, connection in self._waiting:
            connection.close()
        self._waiting.clear()


async def connect(origin: Origin, guard: AddressGuard, context: ssl.SSLContext) -> Connection:
    """Connect to the first address of the origin's host that answers: to what was checked, so DNS cannot answer twice.

    Raises Refused for a private address, CannotResolveHostError, DownloadConnectionRefusedError,
    DownloadTimeoutError, and Insecure when the certificate does not fit the host's name.
    """
    failure: Exception = DownloadConnectionRefusedError(f"{origin.host} has no address")
    tls, name = (context, origin.host.rstrip(".")) if origin.secure else (None, None)
    for address in await _addresses(origin, guard):
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return Connection(
                    origin, *await asyncio.open_connection(address, origin.port, ssl=tls, server_hostname=name)
                )
        except TimeoutError:
            failure = DownloadTimeoutError(f"{address} does not answer")
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise Insecure(f"{origin.host}: {error}") from error
        except OSError as error:
            failure = DownloadConnectionRefusedError(str(error))
    raise failure


async def _addresses(origin: Origin, guard: AddressGuard) -> Sequence[str]:
    """Resolve in a thread: the system's resolver blocks."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(None, guard.addresses, origin.host, origin.port)
    except PermanentError as error:
        reason = PRIVATE if str(error).startswith(PRIVATE) else UNREADABLE
        raise Refused(reason, str(error).removeprefix(f"{PRIVATE}: ")) from error
    except TemporaryError as error:
        raise CannotResolveHostError(str(error)) from error
