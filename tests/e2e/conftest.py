"""The world around the monitor: a feed, a Slack, a mail server — and the real process of the monitor."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message as Letter
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from storage.database import Database, sqlite_url

PATIENCE: Final = 60.0


def wait_for(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Return the first true value of `condition`; the processes are real, and so is their time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {patience:.0f} s in vain for {what}")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class QuietHandler(BaseHTTPRequestHandler):
    """Writes no log."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        """Send a whole answer; a killed client that hung up is no error of the server."""
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


@dataclass
class Feed:
    """An RSS feed on loopback that posts can be added to."""

    posts: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    reads: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/feed.xml"

    def publish(self, author: str, text: str, *, at: datetime | None = None) -> None:
        self.posts.append((f"post-{len(self.posts)}", author, text, at or datetime.now(UTC)))

    def document(self) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>{escape(text[:40])}</title>"
            f"<description>{escape(text)}</description><author>{escape(author)}</author>"
            f"<link>http://127.0.0.1:{self.port}/{key}</link><pubDate>{format_datetime(at)}</pubDate></item>"
            for key, author, text, at in reversed(self.posts)
        )
        head = "<title>Shop talk</title><link>http://127.0.0.1/</link><description>x</description>"
        return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@dataclass
class Slack:
    """An incoming webhook on loopback. `before_answer` runs when a message has come and before it is answered."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/T0/B0/secret"

    def event_ids(self) -> list[str]:
        return [event_id_of(json.dumps(message)) for message in self.messages]


class Mailbox(MessageHandler):
    """Keeps the letters that a real SMTP server took."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Letter] = []

    def handle_message(self, message: Letter) -> None:
        self.letters.append(message)


def event_id_of(text: str) -> str:
    """Return the UUID that stands in a message's event line."""
    found = re.findall(r"[Ee]vent ([0-9a-f]{8}-[0-9a-f-]{27})", text)
    assert len(set(found)) == 1, text
    return str(found[0])


@dataclass
class Monitor:
    """The monitor's process, with its configuration file and data directory."""

    folder: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.folder / "groundswell.yaml"

    @property
    def db(self) -> Database:
        return Database(sqlite_url(self.folder / "var" / "groundswell.db"))

    _starts: int = 0

    def is_started(self) -> bool:
        """Whether the process that was started last has begun its work."""
        return self.log().count('"monitor.started"') > self._starts

    def start(self) -> None:
        self._starts = self.log().count('"monitor.started"')
        command = [sys.executable, "-m", "groundswell", "--config", str(self.config), "monitor"]
        log = (self.folder / "monitor.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environ, stderr=log, stdout=log, cwd=self.folder)
        log.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """End it politely and return its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.process = None
        return status

    def log(self) -> str:
        path = self.folder / "monitor.log"
        return path.read_text() if path.exists() else ""


@dataclass
class World:
    """Everything together."""

    feed: Feed
    slack: Slack
    mailbox: Mailbox
    monitor: Monitor


def _serve(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., Any]:
    return wait_for


@pytest.fixture
def feed() -> Iterator[Feed]:
    content = Feed()

    class Handler(QuietHandler):
        def do_GET(self) -> None:
            content.reads += 1
            body = content.document()
            etag = f'"{len(content.posts)}"'
            if self.headers.get("If-None-Match") == etag:
                self.answer(304, b"", "application/rss+xml", ETag=etag)
            else:
                self.answer(200, body, "application/rss+xml", ETag=etag)

    server = _serve(Handler)
    content.port = server.server_port
    yield content
    server.shutdown()
    server.server_close()


@pytest.fixture
def slack() -> Iterator[Slack]:
    service = Slack()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.messages.append(json.loads(body))
            service.before_answer()
            self.answer(200, b"ok", "text/plain")

    server = _serve(Handler)
    service.port = server.server_port
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


CONFIG: Final = """
server:
  allow_private: [127.0.0.1]
brands:
  - name: Shopsy
    country: PL
    languages: [en]
queries:
  - {{name: shopsy, brand: Shopsy, any: [Shopsy]}}
sources:
  - name: Shop talk
    type: rss
    kind: forum
    every: 5s
    options: {{url: "{feed}"}}
channels:
  - name: on-call
    type: slack
    options: {{url: {{env: SLACK_URL}}}}
  - name: mail
    type: email
    options:
      host: 127.0.0.1
      port: {smtp}
      security: none
      sender: alerts@shopsy.example
      to: [on-call@shopsy.example]
rules:
  - {{name: wave, window: 3h, min_negatives: 8, min_share: 0.5}}
"""


@pytest.fixture
def world(tmp_path: Path, feed: Feed, slack: Slack, mailbox: tuple[Mailbox, int]) -> Iterator[World]:
    """A configured monitor, not started yet, with every other part listening."""
    (tmp_path / "groundswell.yaml").write_text(CONFIG.format(feed=feed.url, smtp=mailbox[1]))
    environ = {**os.environ, "SLACK_URL": slack.url, "PYTHONUNBUFFERED": "1"}
    monitor = Monitor(folder=tmp_path, environ=environ)
    yield World(feed=feed, slack=slack, mailbox=mailbox[0], monitor=monitor)
    monitor.kill()
