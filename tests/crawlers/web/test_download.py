import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
import scrapy
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse, Request, Response

from crawlers.address import AddressGuard
from crawlers.web.download import GuardedHandler
from crawlers.web.refusal import Insecure, Refused

MOST = 100_000
OWN = AddressGuard(("127.0.0.1",))
HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"

Say = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server on loopback that says what a test has it say, byte by byte."""

    def __init__(self, say: Say, context: ssl.SSLContext | None = None) -> None:
        self._say = say
        self._context = context
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._say(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


def handler(guard: AddressGuard = OWN, seconds: float = 5) -> GuardedHandler:
    settings = {"DOWNLOAD_MAXSIZE": MOST, "DOWNLOAD_TIMEOUT": seconds, "GROUNDSWELL_GUARD": guard}
    return GuardedHandler.from_crawler(Crawler(scrapy.Spider, settings))


def always(answer: bytes) -> Say:
    """Give every request the same answer."""

    async def say(reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(answer)
            await writer.drain()

    return say


def once(answer: bytes) -> Say:
    """Answer one request, and close the connection."""

    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return say


def fetch(say: Say, *, times: int = 1, seconds: float = 5) -> Response:
    """Return the (last) answer that the handler makes of what a server says."""

    async def run() -> Response:
        async with Server(say) as server:
            made = handler(seconds=seconds)
            try:
                for _ in range(times):
                    answer = await made.download_request(Request(f"http://127.0.0.1:{server.port}/page"))
                return answer
            finally:
                await made.close()

    return asyncio.run(run())


def head(**headers: object) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{''.join(lines)}\r\n".encode()


def packed(body: bytes, encoding: str) -> bytes:
    return head(Content_Encoding=encoding, Content_Length=len(body)) + body


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def test_a_page_is_received_as_scrapy_knows_it() -> None:
    answer = fetch(always(HELLO))
    assert isinstance(answer, HtmlResponse)
    assert (answer.status, answer.text, answer.headers["Content-Type"]) == (200, "hello", b"text/html")


def test_what_is_sent_names_host_and_encodings_and_nothing_twice() -> None:
    heard = []

    async def say(reader, writer):
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(HELLO)
        await writer.drain()

    async def run() -> int:
        async with Server(say) as server:
            made = handler()
            await made.download_request(
                Request(f"http://127.0.0.1:{server.port}/a?b=c#d", headers={"User-Agent": "Groundswell/test"})
            )
            await made.close()
            return server.port

    port = asyncio.run(run())
    assert heard[0].decode().splitlines() == [
        "GET /a?b=c HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: Groundswell/test",
        "",
    ]


def test_a_connection_is_kept_for_the_next_request() -> None:
    async def run() -> int:
        async with Server(always(HELLO)) as server:
            made = handler()
            for _ in range(5):
                await made.download_request(Request(f"http://127.0.0.1:{server.port}/"))
            await made.close()
            return server.connections

    assert asyncio.run(run()) == 1


def test_a_connection_that_the_server_has_closed_is_opened_anew() -> None:
    assert fetch(once(HELLO), times=5).text == "hello"


def test_a_body_without_length_ends_with_the_connection() -> None:
    assert fetch(once(head() + b"hello")).text == "hello"


def test_a_chunked_body_is_joined() -> None:
    assert fetch(always(head(Transfer_Encoding="chunked") + b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")).text == "hello"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_packed_body_is_unpacked(pack) -> None:
    encoding = "gzip" if pack is gzip.compress else "deflate"
    answer = fetch(always(packed(pack(b"hello"), encoding)))
    assert answer.text == "hello"
    assert "Content-Encoding" not in answer.headers


def test_an_interim_answer_is_passed_over() -> None:
    assert fetch(always(b"HTTP/1.1 103 Early Hints\r\n\r\n" + HELLO)).text == "hello"


def test_not_modified_has_no_body() -> None:
    assert (
        fetch(always(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 900\r\n\r\n'), times=2).status == 304
    )


# -- what is not whole ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        head(Content_Length=900) + b"hello",
        head(Transfer_Encoding="chunked") + b"5\r\nhello\r\n",
        head(Transfer_Encoding="chunked") + b"zzz\r\nhello\r\n",
        packed(gzip.compress(b"hello" * 100)[:-12], "gzip"),
        packed(b"this is not packed at all", "gzip"),
    ],
    ids=["shorter than said", "chunks break off", "no chunks", "packed body breaks off", "not packed"],
)
def test_a_body_that_is_not_whole_is_data_loss(answer) -> None:
    with pytest.raises(ResponseDataLossError):
        fetch(once(answer))


def test_a_connection_that_is_reset_within_the_body_is_data_loss() -> None:
    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head(Content_Length=900) + b"hello")
        await writer.drain()
        reset(writer)

    with pytest.raises(ResponseDataLossError):
        fetch(say)


def reset(writer: asyncio.StreamWriter) -> None:
    made = writer.get_extra_info("socket")
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.9\r\n\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"HTTP/1.1 200"]
)
def test_what_is_no_answer_is_a_failure(answer) -> None:
    with pytest.raises(DownloadFailedError):
        fetch(once(answer))


def test_a_connection_that_is_reset_before_the_answer_is_a_failure() -> None:
    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        reset(writer)

    with pytest.raises(DownloadFailedError):
        fetch(say)


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DownloadConnectionRefusedError):
        asyncio.run(handler().download_request(Request(f"http://127.0.0.1:{port}/")))


def test_a_name_that_nobody_knows_cannot_be_resolved() -> None:
    def resolve(_host: str, _port: int) -> tuple[str, ...]:
        raise OSError("Name or service not known")

    with pytest.raises(CannotResolveHostError, match=r"shop\.example"):
        asyncio.run(handler(AddressGuard(resolve=resolve)).download_request(Request("http://shop.example/")))


# -- what does not end ----------------------------------------------------------------------


def dripping(start: bytes, drop: bytes) -> Say:
    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return say


@pytest.mark.parametrize(
    ("start", "drop"),
    [(head(Content_Length=5000), b"x"), (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), (b"", b"HTTP/1.1 103 Wait\r\n\r\n")],
    ids=["body", "headers", "interim answers"],
)
def test_dripping_ends_with_the_time_for_the_whole_request(start, drop) -> None:
    with pytest.raises(DownloadTimeoutError, match=r"was not through after 0\.3 s"):
        fetch(dripping(start, drop), seconds=0.3)


def flooding(start: bytes, flood: bytes) -> Say:
    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start)
        while True:
            writer.write(flood)
            await writer.drain()

    return say


@pytest.mark.parametrize(
    "say",
    [
        flooding(head(), b"x" * 10_000),
        flooding(head(Transfer_Encoding="chunked"), b"400\r\n" + b"x" * 1024 + b"\r\n"),
        always(head(Content_Length=10**15)),
        flooding(b"HTTP/1.1 200 OK\r\n", b"X-Name: value\r\n" * 100),
        flooding(b"HTTP/1.1 200 OK\r\nX-Name: ", b"x" * 10_000),
        always(packed(gzip.compress(b"\0" * MOST * 50), "gzip")),
        always(packed(zlib.compress(b"\0" * MOST * 50), "deflate")),
        always(packed(raw_deflate(b"\0" * MOST * 50), "deflate")),
        always(packed(gzip.compress(b"\0" * (MOST - 10)) + gzip.compress(b"\0" * MOST), "gzip")),
    ],
    ids=["body", "chunks", "announced", "headers", "one header", "gzip", "deflate", "bare deflate", "two members"],
)
def test_what_is_too_large_is_given_up(say) -> None:
    with pytest.raises(Refused) as refusal:
        fetch(say)
    assert refusal.value.reason == "too large"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "x-secret"])
def test_an_encoding_that_was_not_asked_for_is_not_unpacked(encoding) -> None:
    body = gzip.compress(gzip.compress(b"\0" * MOST * 50))
    with pytest.raises(Refused) as refusal:
        fetch(always(packed(body, encoding)))
    assert refusal.value.reason == "an encoding that was not asked for"


# -- where it leads -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it: it is asked for
        "localhost",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(host) -> None:
    with pytest.raises(Refused) as refusal:
        asyncio.run(handler(AddressGuard()).download_request(Request(f"http://{host}/")))
    assert refusal.value.reason == "private address"


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::1",)])
def test_a_name_that_leads_to_a_private_address_is_refused(addresses) -> None:
    guard = AddressGuard(resolve=lambda _host, _port: addresses)
    with pytest.raises(Refused) as refusal:
        asyncio.run(handler(guard).download_request(Request("http://shop.example/")))
    assert refusal.value.reason == "private address"
    assert "shop.example leads to" in refusal.value.detail


def test_the_checked_address_is_connected_and_no_other() -> None:
    asked = []

    def resolve(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    async def run() -> str:
        async with Server(always(HELLO)) as server:
            made = handler(AddressGuard(("shop.example",), resolve=resolve))
            answer = await made.download_request(Request(f"http://shop.example:{server.port}/"))
            await made.close()
            return answer.text

    assert asyncio.run(run()) == "hello"
    assert asked == ["shop.example"]


def certificate(folder: Path, name: str) -> Path:
    """Write a key and a self-signed certificate for `name` into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_the_certificate_must_fit_the_name_and_be_trusted(tmp_path) -> None:
    path = certificate(tmp_path, "shop.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    guard = AddressGuard(("127.0.0.1",), resolve=lambda _host, _port: ("127.0.0.1",))

    async def run() -> str:
        async with Server(always(HELLO), context) as server:
            made = handler(guard)
            with pytest.raises(Insecure, match="certificate verify failed"):
                await made.download_request(Request(f"https://shop.example:{server.port}/"))
            made._context = ssl.create_default_context(cafile=str(path))
            with pytest.raises(Insecure, match=r"other\.example"):
                await made.download_request(Request(f"https://other.example:{server.port}/"))
            answer = await made.download_request(Request(f"https://shop.example:{server.port}/"))
            await made.close()
            return answer.text

    assert asyncio.run(run()) == "hello"
