"""A proxy before a real site that breaks what it passes on, by plan, and remembers what was asked for."""

from __future__ import annotations

import gzip
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal

Fault = Literal["busy", "error", "down", "hang", "slow", "cut", "unfinished", "reset", "torn"]
FAULTS: Final[tuple[Fault, ...]] = ("busy", "error", "down", "hang", "slow", "cut", "unfinished", "reset", "torn")
"""busy: 429 with Retry-After. error: 500. down: 503 without a word. hang: no answer. slow: a good answer, drop by drop.
cut: fewer bytes than announced. unfinished: chunks without their end. reset: the connection, instead of an answer.
torn: the connection is reset in the middle of the answer."""
RETRY_AFTER: Final = timedelta(minutes=10)
HANG: Final = 10.0  # seconds; whoever asks gives up long before
DROP, DROPS = 0.01, 8  # seconds between the drops of a slow answer, and their number

Plan = Callable[[str], Sequence[Fault]]
"""Path with query → the faults that come before its first good answer."""


def scripted(faults: Mapping[str, Sequence[Fault]]) -> Plan:
    """Break what is named, in the order that is given; everything else is well."""
    return lambda path: faults.get(path, ())


def seeded(seed: int, *, share: float, most: int = 4) -> Plan:
    """Break a `share` of all paths, each with up to `most` faults: the same paths from the same seed.

    The faults come from a shuffled deck, so that each has been met before one comes again too often.
    """
    deck = _deck(random.Random(seed))

    def plan(path: str) -> Sequence[Fault]:
        chance = random.Random(f"{seed} {path}")
        return [next(deck) for _ in range(chance.randint(1, most))] if chance.random() < share else ()

    return plan


def _deck(chance: random.Random) -> Iterator[Fault]:
    while True:
        yield from chance.sample(FAULTS, k=len(FAULTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came, `at` the instant of the clock that the proxy was given."""

    path: str
    at: datetime
    fault: Fault | None
    agent: str


class Proxy(ThreadingHTTPServer):
    """Passes GETs on to `upstream` (host, port), breaking them by plan.

    `asked` is everything that came, in order; `most_at_once` how many requests were under way together; `impatient`
    what came before the time was up that a "busy" answer had named.
    """

    daemon_threads = True

    def __init__(self, upstream: tuple[str, int], *, clock: Callable[[], datetime]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.clock = upstream, clock
        self.asked: list[Asked] = []
        self.impatient: list[Asked] = []
        self.most_at_once = 0
        self._plan: Plan = scripted({})
        self._due: dict[str, list[Fault]] = {}
        self._under_way = 0
        self._quiet_until: datetime | None = None
        self._resetting: set[int] = set()
        self._lock = threading.Lock()
        self.released = threading.Event()  # ends what hangs

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def misbehave(self, plan: Plan) -> None:
        """Break requests by this plan from now on, and forget what was asked before."""
        with self._lock:
            self._plan = plan
            self._due.clear()
            self.asked.clear()
            self.impatient.clear()
            self.most_at_once, self._quiet_until = 0, None

    def behave(self) -> None:
        """Pass everything on unbroken, and forget what was asked before."""
        self.misbehave(scripted({}))

    def counts(self) -> Counter[str]:
        """Return how often each path was asked for."""
        return Counter(one.path for one in self.asked)

    def faults(self) -> Counter[str]:
        """Return how often each fault was injected."""
        return Counter(one.fault for one in self.asked if one.fault)

    def enter(self, path: str, agent: str) -> Fault | None:
        """Note a request, and return what is to be done to it."""
        with self._lock:
            due = self._due.setdefault(path, list(self._plan(path)))
            fault = due.pop(0) if due else None
            now = self.clock()
            one = Asked(path=path, at=now, fault=fault, agent=agent)
            self.asked.append(one)
            if self._quiet_until is not None and now < self._quiet_until:
                self.impatient.append(one)
            if fault == "busy":
                self._quiet_until = now + RETRY_AFTER
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        return fault

    def leave(self) -> None:
        """Note that a request is answered."""
        with self._lock:
            self._under_way -= 1

    def reset(self, connection: socket.socket) -> None:
        """Let a connection end with a reset instead of an end."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._resetting.add(id(connection))

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, without the polite end where it is to be reset."""
        if id(request) in self._resetting:
            self._resetting.discard(id(request))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever asks may hang up at any time."""


class _Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        fault = self.server.enter(self.path, self.headers.get("User-Agent", ""))
        try:
            self._answer(fault)
        finally:
            self.server.leave()

    def _answer(self, fault: Fault | None) -> None:
        plain: dict[str | None, tuple[int, dict[str, str]]] = {
            "busy": (429, {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}),
            "error": (500, {}),
            "down": (503, {}),
        }
        if fault in plain:
            status, headers = plain[fault]
            self._head(status, {"Content-Type": "text/html", **headers, "Content-Length": "4"})
            self.wfile.write(b"Sigh")
        elif fault == "hang":
            self.server.released.wait(HANG)
            self.close_connection = True
        elif fault == "reset":
            self._reset()
        else:
            self._pass_on(fault)

    def _pass_on(self, fault: Fault | None) -> None:
        status, headers, body = self._fetch()
        half = body[: len(body) // 2]
        if fault == "unfinished":
            self._head(status, {**headers, "Transfer-Encoding": "chunked"})
            self.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
            self.close_connection = True
            return
        self._head(status, {**headers, "Content-Length": str(len(body))})
        if fault == "slow":
            self._drip(body)
        else:
            self.wfile.write(half if fault in {"cut", "torn"} else body)
        if fault == "torn":
            self._reset()
        self.close_connection = self.close_connection or fault == "cut"

    def _fetch(self) -> tuple[int, dict[str, str], bytes]:
        """Ask the site; its answer is compressed, as such servers do, for those who can read it."""
        connection = HTTPConnection(*self.server.upstream, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name not in {"Connection", "Accept-Encoding"}}
        connection.request("GET", self.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        dropped = {"content-length", "connection", "date", "server", "transfer-encoding"}
        passed = {name: value for name, value in answer.getheaders() if name.lower() not in dropped}
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            passed["Content-Encoding"], body = "gzip", gzip.compress(body, 1)
        return answer.status, passed, body

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _drip(self, body: bytes) -> None:
        size = len(body) // DROPS + 1
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self.server.released.wait(DROP)

    def _reset(self) -> None:
        self.server.reset(self.connection)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass
