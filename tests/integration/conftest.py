"""A real shop in a process of its own, and a proxy before it that can break what it passes on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from .faults import Proxy

SERVE: Final = Path(__file__).parent / "shop" / "serve.py"
UNTIL: Final = "2026-03-10T12:30:00+00:00"  # what tests call now


class Hand:
    """A clock that a test turns."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Let time pass: `turn(hours=1)`."""
        self.now += timedelta(**by)


class Shop:
    """The shop's process: `order` has something done there."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders, self._answers, self._log = process.stdin, process.stdout, log
        self.url: str = self._read()["url"]

    def order(self, do: str, **what: Any) -> dict[str, Any]:
        """Have something done (see shop/serve.py: ORDERS) and return what is said of it."""
        self._orders.write(json.dumps({"do": do, **what}) + "\n")
        self._orders.flush()
        return self._read()

    def reviews(self) -> list[dict[str, Any]]:
        """Return every review that the shop's database holds."""
        found: list[dict[str, Any]] = self.order("list_reviews")["reviews"]
        return found

    def _read(self) -> dict[str, Any]:
        line = self._answers.readline()
        assert line, f"the shop has ended:\n{self._log.read_text(encoding='utf-8')}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A django-oscar shop with 30 products and 156 reviews; what a test changes there stays for the next one."""
    folder = tmp_path_factory.mktemp("shop")
    written = folder / "log"
    # Oscar and what it builds on warn of one another's future.
    command = [sys.executable, "-W", "ignore", str(SERVE), str(folder), UNTIL]
    with (
        written.open("w") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield Shop(process, written)
        finally:
            process.kill()


@pytest.fixture
def hand(now: datetime) -> Hand:
    """The clock of the house and of the proxy."""
    return Hand(now)


@pytest.fixture
def proxy(shop: Shop, hand: Hand) -> Iterator[Proxy]:
    """What stands before the shop; it breaks nothing until it is told to."""
    place = urlsplit(shop.url)
    assert place.hostname is not None
    assert place.port is not None
    with Proxy((place.hostname, place.port), clock=hand) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()
