"""What the tests of groundswell/ share: a web server on loopback, and a house with two brands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.principal import SYSTEM
from config.settings import Brand, Declaration, Query, Rule, Settings, SourceSpec
from groundswell.bootstrap import House
from groundswell.collecting import make_reader
from groundswell.pipeline import Reader
from storage import declared
from storage.database import Database

DECLARATION = Declaration(
    brands=(Brand(name="Shopsy", languages=("en",)), Brand(name="Other")),
    queries=(Query(name="shopsy", brand="Shopsy", any=("Shopsy",)), Query(name="other", brand="Other", any=("Other",))),
    sources=(
        SourceSpec(name="forum", type="rss", kind="forum", options={"url": "https://forum.example/feed"}),
        SourceSpec(name="own", type="rss", brand="Other", options={"url": "https://own.example/feed"}),
    ),
    rules=(Rule(name="wave", min_negatives=3),),
)


@pytest.fixture
def house(sqlite_db: Database, tmp_path: Path, now: datetime) -> House:
    """A house with two brands, a free source and one that is bound to a brand."""
    declared.save(sqlite_db, DECLARATION, by=SYSTEM, now=now)
    return House(
        db=sqlite_db,
        declaration=Declaration(server=Settings()),
        data=tmp_path,
        config_path=None,
        environ={},
        clock=lambda: now,
        sample=False,
    )


@pytest.fixture
def reader(house: House) -> Reader:
    """What reading texts needs, for those brands."""
    return make_reader(declared.catalogue(house.db))


FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>Parcel lost</title><link>http://news.example/1</link><guid>1</guid>
<pubDate>Tue, 10 Mar 2026 11:00:00 GMT</pubDate></item>
<item><title>Parcel found</title><link>http://news.example/2</link><guid>2</guid>
<pubDate>Tue, 10 Mar 2026 12:00:00 GMT</pubDate></item></channel></rss>"""


EMPTY = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'
PAGES = {
    "/feed": (200, FEED),
    "/empty": (200, EMPTY),
    "/cut": (200, FEED[: FEED.index(b"<link>http://news.example/2")]),
    "/busy": (503, b""),
    "/slow": (200, EMPTY),
    "/page": (200, b"<html><body>no feed</body></html>"),
}


class Web(ThreadingHTTPServer):
    """A loopback server: `PAGES` are read, /hook takes messages, everything else is a 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.posted: list[bytes] = []
        self.asked: list[str] = []
        self.answers = threading.Event()  # /slow waits for it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Pages(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path == "/slow":
            self.server.answers.wait(30)
        self._answer(*PAGES.get(self.path, (404, b"")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hook":
            self.server.posted.append(body)
        self._answer(200 if self.path == "/hook" else 404, b"ok")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.answers.set()
        server.shutdown()
        thread.join()
