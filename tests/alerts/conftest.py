"""What the tests of alerts/ share: an incident, a message, a tally."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from alerts.channel import ChannelTools, Message
from alerts.incident import Evidence, Incident, Quote
from alerts.reason import Reason
from alerts.rule import Tally

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def a_tally(voices: int = 0, *, until: datetime = NOW, hours: float = 3, **changes: Any) -> Tally:
    values: dict[str, Any] = {
        "since": until - timedelta(hours=hours),
        "until": until,
        "voices": voices,
        "negatives": voices,
        "scored": voices + 2,
        "mentions": voices + 5,
        "exposure": 1.0,
    }
    return Tally(**{**values, **changes})


def an_incident(**changes: Any) -> Incident:
    quote = Quote(
        mention_id=7,
        text="The parcel never came & nobody answers",
        published_at=NOW - timedelta(minutes=20),
        author="Olena",
        url="https://forum.example/t/7",
        source="Forum",
    )
    evidence = Evidence(
        since=NOW - timedelta(hours=3),
        until=NOW,
        negatives=14,
        voices=12,
        scored=20,
        mentions=25,
        told_voices=12,
        quotes=(quote,),
    )
    values: dict[str, Any] = {
        "id": "0195f3a0-0000-7000-8000-000000000001",
        "group_key": "brand:Acme/rule:Crisis",
        "cause": "negatives",
        "brand": "Acme",
        "subject": "Acme",
        "severity": "high",
        "state": "open",
        "reason": Reason(
            code="bound_reached",
            numbers={"voices": 12, "min_voices": 10, "share": 0.7, "min_share": 0.5, "window": 10_800},
        ),
        "evidence": evidence,
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return Incident(**{**values, **changes})


def a_message(incident: Incident | None = None, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "event_id": "0195f3a0-0000-7000-8000-00000000000e",
        "kind": "opened",
        "incident": incident or an_incident(),
        "link": "https://groundswell.example/incidents?id=1",
        "locale": "en",
        "created_at": NOW,
    }
    return Message(**{**values, **changes})


@pytest.fixture
def tally() -> Callable[..., Tally]:
    return a_tally


@pytest.fixture
def incident() -> Callable[..., Incident]:
    return an_incident


@pytest.fixture
def message() -> Callable[..., Message]:
    return a_message


@dataclass
class Seen:
    """One request as a loopback server got it."""

    path: str
    headers: dict[str, str]
    body: bytes


class HttpServer:
    """A loopback HTTP server that keeps every POST and gives the scripted answers, then 200 `ok`."""

    def __init__(self, judge: Callable[[bytes], tuple[int, str]] | None = None) -> None:
        self.seen: list[Seen] = []
        self.answers: list[tuple[int, dict[str, str], str]] = []
        self._judge = judge or (lambda _: (200, "ok"))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.seen.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                status, headers, text = outer.answers.pop(0) if outer.answers else (0, {}, "")
                if not status:
                    status, text = outer._judge(body)
                self.send_response(status)
                for name, value in {"content-length": str(len(text.encode())), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/services/T0/B0/s3cr3t"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.close()


@pytest.fixture
def tools(tmp_path: Path) -> ChannelTools:
    return ChannelTools(
        channel="Team",
        user_agent="Groundswell/test",
        allow_private=("127.0.0.1",),
        log_path=str(tmp_path / "messages.jsonl"),
        clock=lambda: NOW,
    )


HOSTILE = (
    "<!channel> *bold* `code` <script>alert(1)</script> & <https://evil.example|click>\r\nBcc: x@evil.example\u202egnp"
)


@pytest.fixture
def hostile() -> str:
    """Text that would act in Slack, HTML, a mail header or on a screen, if anybody let it."""
    return HOSTILE


@pytest.fixture
def hostile_incident() -> Incident:
    """An incident in which everything that can come from outside is hostile."""
    quote = Quote(
        mention_id=1,
        text=HOSTILE,
        published_at=NOW,
        author=HOSTILE,
        source=HOSTILE,
        url="javascript:alert(1)",
    )
    evidence = Evidence(since=NOW, until=NOW, voices=3, negatives=3, scored=3, mentions=3, quotes=(quote,) * 5)
    reason = Reason(code="source_refused", numbers={}, note=HOSTILE * 30)
    return an_incident(subject=HOSTILE, brand=HOSTILE, reason=reason, evidence=evidence)
