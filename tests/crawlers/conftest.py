"""A loopback web server, and what connectors are handed."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.settings import SourceKind
from crawlers.connector import Tools

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "crawlers"


Body = bytes | Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Answer:
    """What the server says on one path; a callable body writes to the socket itself, after the headers."""

    body: Body = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]


class Site:
    """A web server on 127.0.0.1 whose answers a test sets per path (query strings are left out when looking up)."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def reply(self, path: str, answer: Callable[[Asked], Answer]) -> None:
        """Let `answer` decide what `path` says."""
        self.answers[path] = answer

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, path: str, body: Body = b"", status: int = 200, **headers: str) -> None:
        """Answer `path` so; a header's underscores become hyphens."""
        self.answers[path] = self.answer(body, status, **headers)

    @staticmethod
    def answer(body: Body = b"", status: int = 200, **headers: str) -> Answer:
        return Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on; each handshake happens in its connection's own thread."""
        listening = self._server.socket
        self._server.socket = context.wrap_socket(listening, server_side=True, do_handshake_on_connect=False)

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
                site.asked.append(asked)
                found = site.answers.get(self.path.partition("?")[0], Answer(status=404))
                answer = found if isinstance(found, Answer) else found(asked)
                self.send_response(answer.status)
                if isinstance(answer.body, bytes):
                    self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    if isinstance(answer.body, bytes):
                        self.wfile.write(answer.body)
                    else:
                        answer.body(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
                pass

        return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.close()


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def make_tools() -> Callable[..., Tools]:
    """Tools at a fixed instant; only 127.0.0.1 may be reached although it is private."""

    def make(*, now: datetime = NOW, kind: SourceKind = "news", allow: tuple[str, ...] = ("127.0.0.1",)) -> Tools:
        return Tools(
            source="a source", kind=kind, clock=lambda: now, user_agent="Groundswell/test", allow_private=allow
        )

    return make
