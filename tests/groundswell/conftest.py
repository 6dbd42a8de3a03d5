"""What the tests of groundswell/ share: a web server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

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
    "/page": (200, b"<html><body>no feed</body></html>"),
}


class Web(ThreadingHTTPServer):
    """A loopback server: `PAGES` are read, /hook takes messages, everything else is a 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.posted: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Pages(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
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
        server.shutdown()
        thread.join()
