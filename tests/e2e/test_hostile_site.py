"""A hostile site, read by the real commands: whatever it tries is stopped, and `groundswell status` says why."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.e2e

LOOPBACK: Final = (
    *("2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "localhost", "127.0.0.1"),
    *("[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
)
"""Ways to name this machine. Each is tried with the port of a server that must never hear of it."""
METADATA: Final = "http://169.254.169.254/latest/meta-data/"
LAUGHS: Final = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SITEMAP: Final = f"""<?xml version="1.0"?>
<!DOCTYPE urlset [<!ENTITY l0 "ha">{LAUGHS}<!ENTITY file SYSTEM "file:///etc/passwd">]>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>http://127.0.0.1/&l9;</loc></url><url><loc>http://127.0.0.1/&file;</loc></url></urlset>"""
CONFIG: Final = """
server: {{allow_private: ["127.0.0.1:{port}"]}}
brands: [{{name: Shopsy}}]
sources:
  - name: board
    type: pages
    brand: Shopsy
    options: {{start: ["{site}/"], hosts: [{hosts}], follow: a, items: li, text: p, delay: 0}}
  - {{name: news, type: articles, options: {{start: ["{site}/sitemap.xml"], delay: 0}}}}
  - {{name: cloud, type: pages, options: {{start: ["{metadata}"], items: li, text: p, delay: 0}}}}
  - {{name: sent on, type: pages, options: {{start: ["{site}/metadata"], items: li, text: p, delay: 0}}}}
  - {{name: busy, type: pages, options: {{start: ["{site}/busy"], items: li, text: p, delay: 0}}}}
"""


@dataclass
class Site:
    """A server on loopback: what it answers by path, as status, headers and body, and what it was asked for."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, path: str, body: bytes | str = b"", *, status: int = 200, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, told, body.encode() if isinstance(body, str) else body)

    def send_on(self, path: str, target: str) -> None:
        self.say(path, status=302, Location=target)


@pytest.fixture
def serve() -> Iterator:
    """A function that lets a site answer."""
    servers = []

    def begin(site: Site) -> Site:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, headers, body = site.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):  # who is sent too much hangs up
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        site.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return site

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def inner(serve) -> Site:
    """A server of the house itself, which nobody outside may reach through us."""
    site = serve(Site())
    site.say("/", "<li><p>secret</p></li>")
    return site


@pytest.fixture
def site(serve, inner) -> Site:
    """The hostile site: its front page links to every trick, and to one honest page."""
    site = serve(Site())
    tricks = {f"/loopback-{n}": f"http://{name}:{inner.port}/" for n, name in enumerate(LOOPBACK)}
    tricks |= {
        "/metadata": METADATA,
        "/ftp": "ftp://127.0.0.1/talk",
        "/file": "file:///etc/passwd",
        "/user": f"http://admin:hunter2@127.0.0.1:{site.port}/honest",
        "/elsewhere": "http://elsewhere.example/",
        "/loop": "/loop",
        "/long": "/" + "a" * 3_000,
    }
    for path, target in tricks.items():
        site.send_on(path, target)
    site.say("/robots.txt", "User-agent: *\nDisallow: /closed\n", Content_Type="text/plain")
    site.say("/closed", "<li><p>Shopsy is closed</p></li>")
    site.say("/bomb", gzip.compress(b"\0" * 30_000_000), Content_Encoding="gzip")
    site.say("/large", b"<li><p>Shopsy</p></li>" + b" " * 6_000_000)
    site.say("/sitemap.xml", SITEMAP, Content_Type="application/xml")
    site.say("/busy", "later", status=429, Retry_After="3600")
    site.say("/honest", "<ul><li><p>Shopsy lost my parcel</p></li></ul>")
    links = (*tricks, "/closed", "/bomb", "/large", "/honest", "http://elsewhere.example/page", "/b" * 1_500)
    site.say("/", "".join(f'<a href="{link}">x</a>' for link in links))
    return site


@pytest.fixture
def groundswell(tmp_path: Path, site: Site):
    """A function that runs a command with the configuration file, and returns its exit status and what it printed."""
    config = tmp_path / "hostile.yaml"
    hosts = ", ".join(f'"{name}"' for name in (*LOOPBACK, "169.254.169.254"))
    config.write_text(CONFIG.format(port=site.port, site=site.url, hosts=hosts, metadata=METADATA))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")}

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "groundswell", "--config", str(config), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout

    return run


def notes(status: str, source: str) -> list[str]:
    """The lines that `status` prints below the name of a source."""
    return re.findall(r"^  (.*)$", re.search(rf"^{source}:\n((?:  .*\n)+)", status, re.MULTILINE)[1], re.MULTILINE)


def test_every_trick_of_a_page_is_stopped_and_told_by_status(groundswell, site, inner):
    code, said = groundswell("collect", "--once", "board")
    assert code == 0, said
    assert said.startswith("board: 1 new, ")
    code, status = groundswell("status")
    assert code == 0, status
    assert re.search(r"^board +pages .* 100% of 1 ", status, re.MULTILINE), status
    told = [re.fullmatch(r"rejected (\d+): (.+?); the newest .+? ago: (.+)", note) for note in notes(status, "board")]
    assert {one[2]: int(one[1]) for one in told} == {
        "private address": len(LOOPBACK) + 1,
        "not http or https": 2,
        "credentials in the address": 1,
        "another site": 2,
        "too many redirects": 1,
        "address too long": 1,
        "robots.txt forbids it": 1,
        "too large": 2,
    }
    examples = {one[2]: one[3] for one in told}
    assert examples["robots.txt forbids it"] == f"{site.url}/closed is closed to crawlers by its site"
    assert "5,000,000" in examples["too large"]
    assert "hunter2" not in status
    assert inner.asked == []
    assert "/closed" not in site.asked
    assert max(map(len, site.asked)) < 2_000
    assert site.asked.count("/honest") == 1


def test_entities_of_a_sitemap_are_not_read(groundswell, site):
    code, said = groundswell("collect", "--once", "news")
    assert (code, said) == (0, "news: 0 new, 0 edited, 0 known, 1 rejected\n")
    (note,) = notes(groundswell("status")[1], "news")
    assert re.fullmatch(r"rejected 1: broken sitemap; .* unsafe XML: it declares a document type, .*", note)
    assert site.asked == ["/robots.txt", "/sitemap.xml"]


@pytest.mark.parametrize("source", ["cloud", "sent on"])
def test_a_source_that_leads_into_a_private_network_fails_with_the_reason(groundswell, source):
    code, said = groundswell("collect", "--once", source)
    assert code == 1
    assert said.startswith(f"{source}: nothing could be read: ")
    code, status = groundswell("status")
    assert code == 1
    failed, *_ = notes(status, source)
    assert failed.startswith("the last visit failed: nothing could be read: ")
    reason = "another site" if source == "sent on" else "private address"
    assert f"({reason})" in failed
    assert "169.254.169.254" in failed


def test_a_host_that_asks_to_wait_is_left_alone_by_all_sources_and_status_says_until_when(groundswell, site):
    assert groundswell("collect", "--once", "busy")[0] == 1
    before = len(site.asked)
    groundswell("collect", "--once", "board")
    assert len(site.asked) == before
    code, status = groundswell("status")
    assert code == 1
    held = r"^127\.0\.0\.1 left alone until (.{16} UTC): the site asked to wait: .*/busy answered 429 .*$"
    (until,) = re.findall(held, status, re.MULTILINE)
    for source in ("board", "busy", "news"):
        assert f"waits for 127.0.0.1, which is left alone until {until}" in notes(status, source)
