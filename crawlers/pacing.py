"""Pacing: no host is asked more often than its turn comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

INTERVAL: Final = 1.0
KEPT_HOSTS: Final = 10_000


class Pace:
    """Hands out turns per host, `interval` seconds apart; safe to share between threads."""

    def __init__(
        self,
        interval: float = INTERVAL,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = interval
        self._monotonic = monotonic
        self._sleep = sleep
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> float:
        """Sleep until `host` may be asked again; return the seconds slept."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next.get(host, now))
            self._forget(now)
            self._next[host] = turn + self._interval
        delay = turn - now
        if delay > 0:
            self._sleep(delay)
        return delay

    def _forget(self, now: float) -> None:
        if len(self._next) >= KEPT_HOSTS:
            self._next = {host: turn for host, turn in self._next.items() if turn > now}


SHARED: Final = Pace()
"""The pace that every connector of this process keeps, so that two sources on one host take turns."""
