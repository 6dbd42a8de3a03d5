import gzip
import ssl
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawlers.address import AddressGuard
from crawlers.connector import PermanentError, TemporaryError, Tools
from crawlers.http import Client, retry_after
from crawlers.pacing import Pace
from crawlers.transport import GuardedTransport

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(make_tools: Callable[..., Tools]):
    with Client.of(make_tools()) as made:
        yield made


def test_a_page_is_read_with_its_validators(site, client) -> None:
    site.say("/feed", b"hello", ETag='"1"', Last_Modified="yesterday", Content_Type="Text/XML; x")
    answer = client.get(f"{site.url}/feed", params={"q": "a b"})
    assert (answer.status, answer.body, answer.url) == (200, b"hello", f"{site.url}/feed?q=a+b")
    assert (answer.etag, answer.last_modified, answer.content_type) == ('"1"', "yesterday", "text/xml")
    assert not answer.not_modified
    assert site.asked[0].headers["user-agent"] == "Groundswell/test"


def test_a_conditional_request_may_be_told_that_nothing_changed(site, client) -> None:
    site.reply("/feed", lambda asked: site.answer(status=304 if asked.headers.get("if-none-match") == '"1"' else 200))
    answer = client.get(f"{site.url}/feed", etag='"1"', last_modified="yesterday")
    assert answer.not_modified
    assert answer.body == b""
    assert site.asked[0].headers["if-modified-since"] == "yesterday"


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("identity", bytes),
    ],
)
def test_a_compressed_body_is_unpacked(site, client, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    site.say("/", pack(b"a body worth packing " * 99), Content_Encoding=encoding)
    assert client.get(site.url).body == b"a body worth packing " * 99


def test_an_encoding_that_was_not_asked_for_is_refused(site, client) -> None:
    site.say("/", b"xxx", Content_Encoding="br")
    with pytest.raises(PermanentError, match="'br'"):
        client.get(site.url)


def test_a_damaged_compressed_body_is_tried_again(site, client) -> None:
    site.say("/", gzip.compress(b"a body" * 99)[:-20], Content_Encoding="gzip")
    with pytest.raises(TemporaryError, match="damaged gzip"):
        client.get(site.url)


def test_a_body_of_200_mb_is_given_up_early(site, client) -> None:
    sent = []

    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(200):
            handler.wfile.write(b"x" * 1_000_000)
            sent.append(1)

    site.say("/", drip)
    with pytest.raises(PermanentError, match=r"too large: .* more than 5,000,000 bytes"):
        client.get(site.url)
    assert len(sent) < 60


def test_a_body_announced_as_too_large_is_not_read_at_all(site, client) -> None:
    site.say("/", lambda _: None, Content_Length="200000000")
    with pytest.raises(PermanentError, match="too large"):
        client.get(site.url)


def test_a_gzip_bomb_is_given_up_early(site, client) -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    assert len(bomb) < 1_000_000
    site.say("/", bomb, Content_Encoding="gzip")
    with pytest.raises(PermanentError, match="too large"):
        client.get(site.url)


def test_redirects_are_followed_to_the_last_address(site, client) -> None:
    site.say("/old", status=301, Location="/newer")
    site.say("/newer", status=307, Location=f"{site.url}/new")
    site.say("/new", b"here")
    answer = client.get(f"{site.url}/old")
    assert (answer.body, answer.url) == (b"here", f"{site.url}/new")


def test_an_endless_redirect_is_given_up(site, client) -> None:
    site.say("/loop", status=302, Location="/loop")
    with pytest.raises(PermanentError, match="too many redirects"):
        client.get(f"{site.url}/loop")
    assert len(site.asked) == 6


def test_a_redirect_to_a_private_address_is_refused(site, make_tools) -> None:
    site.say("/", status=302, Location="http://127.0.0.1:1/latest/meta-data")
    with (
        Client.of(make_tools(allow=(f"127.0.0.1:{site.port}",))) as client,
        pytest.raises(PermanentError, match="private address"),
    ):
        client.get(site.url)


def test_a_name_is_connected_at_the_address_that_was_checked(site) -> None:
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    guard = AddressGuard(("127.0.0.1",), resolve=lambda _host, _port: next(answers))
    site.say("/", b"here")
    with Client(guard=guard, user_agent="t", clock=lambda: NOW, pace=Pace(0)) as client:
        assert client.get(f"http://shop.example:{site.port}/").body == b"here"
    assert site.asked[0].headers["host"] == f"shop.example:{site.port}"


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:1", "http://[::1"])
def test_a_redirect_away_from_http_is_refused(site, client, location: str) -> None:
    site.say("/", status=302, Location=location)
    with pytest.raises(PermanentError):
        client.get(site.url)
    assert len(site.asked) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "not a url", "http://", "http://a\x00b/"])
def test_only_http_and_https_are_read(client, url: str) -> None:
    with pytest.raises(PermanentError):
        client.get(url)


def test_credentials_stay_with_their_host(site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.say("/", status=302, Location="/inside")
    site.say("/inside", status=302, Location=f"{other}/outside")
    site.say("/outside", b"here")
    guard = AddressGuard(("127.0.0.1", "localhost"), resolve=lambda _host, _port: ("127.0.0.1",))
    with Client(guard=guard, user_agent="t", clock=lambda: NOW) as own:
        answer = own.get(site.url.replace("//", "//user:secret@"), headers={"X-Other": "1"})
    assert [asked.headers.get("authorization") for asked in site.asked] == ["Basic dXNlcjpzZWNyZXQ="] * 2 + [None]
    assert "secret" not in answer.url


def test_an_authorization_header_does_not_cross_hosts(site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.say("/", status=302, Location=f"{other}/outside")
    site.say("/outside", b"here")
    guard = AddressGuard(("127.0.0.1", "localhost"), resolve=lambda _host, _port: ("127.0.0.1",))
    with Client(guard=guard, user_agent="t", clock=lambda: NOW) as own:
        own.get(site.url, headers={"Authorization": "Bearer x", "X-Other": "1"})
    assert [asked.headers.get("authorization") for asked in site.asked] == ["Bearer x", None]
    assert site.asked[1].headers["x-other"] == "1"


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_gets_it(site, client, status: int) -> None:
    site.say("/", status=status, Retry_After="120")
    with pytest.raises(TemporaryError, match=rf"{site.url}/? answered {status} .* in 120 s") as caught:
        client.get(site.url)
    assert caught.value.retry_after == timedelta(seconds=120)


@pytest.mark.parametrize(
    ("value", "wish"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("30", timedelta(seconds=30)),
        ("Tue, 10 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 10 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("99999999999999", timedelta(days=1)),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str | None, wish: timedelta | None) -> None:
    assert retry_after(value, NOW) == wish


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, PermanentError),
        (403, PermanentError),
        (410, PermanentError),
        (500, TemporaryError),
        (502, TemporaryError),
        (408, TemporaryError),
        (799, TemporaryError),
    ],
)
def test_a_status_says_whether_trying_again_helps(site, client, status: int, kind: type[Exception]) -> None:
    site.say("/x", status=status)
    with pytest.raises(kind, match=f"{site.url}/x answered {status}"):
        client.get(f"{site.url}/x")


def test_a_closed_port_is_tried_again_later(site, client) -> None:
    site.close()
    with pytest.raises(TemporaryError, match="cannot be read"):
        client.get(site.url)


def test_a_body_cut_off_is_tried_again_later(site, client) -> None:
    site.say("/", lambda handler: handler.wfile.write(b"half"), Content_Length="100", Connection="close")
    with pytest.raises(TemporaryError, match="cannot be read"):
        client.get(site.url)


def test_a_server_that_drips_is_held_to_the_deadline(site, make_tools) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            if stop.wait(0.02):
                return

    stop = threading.Event()
    site.say("/", drip)
    tools = make_tools()
    guard = AddressGuard(tools.allow_private)
    with (
        Client(guard=guard, user_agent="t", clock=tools.clock, wait_seconds=5, total_seconds=0.2) as client,
        pytest.raises(TemporaryError, match="did not answer in time"),
    ):
        client.get(site.url)
    stop.set()


def test_cookies_are_not_sent_back(site, client) -> None:
    site.say("/", b"x", Set_Cookie="a=b")
    client.get(site.url)
    client.get(site.url)
    assert "cookie" not in site.asked[1].headers


def test_a_host_outside_takes_its_turn_and_an_own_one_does_not(site) -> None:
    slept: list[float] = []
    pace = Pace(1.0, monotonic=lambda: 0.0, sleep=slept.append)
    guard = AddressGuard(("127.0.0.0/8",), resolve=lambda _host, _port: ("127.0.0.1",))
    site.say("/", b"x")
    with Client(guard=guard, user_agent="t", clock=lambda: NOW, pace=pace) as client:
        for _ in range(3):
            client.get(site.url)
        assert slept == []
        for _ in range(3):
            client.get(f"http://outside.example:{site.port}")
    assert slept == [1.0, 2.0]


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


def test_the_certificate_is_checked_against_the_name_though_an_address_is_connected(site, tmp_path: Path) -> None:
    path = certificate(tmp_path, "shop.example")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    site.wrap(server)
    site.say("/", b"here")
    guard = AddressGuard(("127.0.0.1",), resolve=lambda _host, _port: ("127.0.0.1",))
    transport = GuardedTransport(guard, context=ssl.create_default_context(cafile=str(path)))
    with Client(guard=guard, user_agent="t", clock=lambda: NOW, pace=Pace(0), transport=transport) as client:
        assert client.get(f"https://shop.example:{site.port}/").body == b"here"
        with pytest.raises(TemporaryError, match="certificate verify failed"):
            client.get(f"https://other.example:{site.port}/")
