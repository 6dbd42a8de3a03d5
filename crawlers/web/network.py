"""The network below a crawl: asyncio's streams for httpcore, connected to the very address that the guard has checked.

The twin of `crawlers.transport` for a loop instead of a thread. Nothing here has a deadline but connecting: whoever
sends a request bounds it as a whole (`asyncio.timeout`), and cancelling closes the connection.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpcore

from crawlers.address import AddressGuard
from crawlers.connector import PermanentError, TemporaryError
from crawlers.web.refusal import PRIVATE, UNREADABLE, Insecure, Refused

CONNECT_SECONDS: Final = 10.0  # for one address; a host may have several


class NoAddressError(OSError):
    """The host name cannot be resolved."""


class Stream(httpcore.AsyncNetworkStream):
    """A TCP or TLS connection. Its errors are httpcore's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - httpcore's signature
        """Read at most `max_bytes`; nothing at the end."""
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error) or "the connection was reset") from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's signature
        """Write the whole buffer."""
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error) or "the connection was reset") from error

    async def aclose(self) -> None:
        """Close at once: a server that is slow to take its leave is not waited for."""
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Go on in TLS; the certificate is checked against the host's name. Raises Insecure."""
        try:
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except (ssl.SSLError, ssl.CertificateError) as error:
            await self.aclose()
            raise Insecure(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error) or "the connection was reset") from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell httpcore whether the server has closed an idle connection ("is_readable")."""
        return self._reader.at_eof() or self._writer.is_closing() if info == "is_readable" else None


class GuardedAsyncBackend(httpcore.AsyncNetworkBackend):
    """Resolves by the guard, in a thread, then connects to an address that was checked: DNS cannot answer twice."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers.

        Raises Refused for a private one, NoAddressError, httpcore's ConnectError and ConnectTimeout.
        """
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._addresses(host, port):
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return Stream(*await asyncio.open_connection(address, port))
            except TimeoutError:
                failure = httpcore.ConnectTimeout(f"{address} does not answer")
            except OSError as error:
                failure = httpcore.ConnectError(str(error))
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            return await asyncio.get_running_loop().run_in_executor(None, self._guard.addresses, host, port)
        except PermanentError as error:
            text = str(error)
            raise Refused(
                PRIVATE if text.startswith(PRIVATE) else UNREADABLE, text.removeprefix(f"{PRIVATE}: ")
            ) from error
        except TemporaryError as error:
            raise NoAddressError(str(error)) from error
