"""`groundswell run`: two processes, the monitor and the dashboard, kept alive until a signal ends both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import structlog

_log: Final = structlog.get_logger("groundswell.supervision")

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0
_STEADY: Final = 60.0  # a process that ran this long starts again at once
_POLL: Final = 0.2
SUPERVISOR: Final = "GROUNDSWELL_SUPERVISOR"
"""Environment variable that tells a child its supervisor's process id."""
GRACE: Final = 25.0  # seconds from the polite signal to the last one; the monitor takes 20 at most


@dataclass(slots=True, kw_only=True)
class Child:
    """One supervised process and when it may start again. Times are seconds of a monotonic clock."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    wait: float = _FIRST_WAIT

    def ended(self, now: float) -> None:
        """Note that it ended by itself: it starts again after a pause that doubles while it keeps ending early."""
        self.wait = _FIRST_WAIT if now - self.started >= _STEADY else min(self.wait * 2, _LONGEST_WAIT)
        self.start_at = now + self.wait
        self.process = None


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """Starts the children, starts them again when they end, and ends them when asked."""

    children: Sequence[Child]
    environ: Mapping[str, str]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _stopping: bool = field(default=False)

    def run(self) -> int:
        """Supervise until SIGINT or SIGTERM; return the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        while not self._stopping:
            self.step()
            self.sleep(_POLL)
        return self.stop()

    def step(self) -> None:
        """Look after each child once."""
        now = self.monotonic()
        for child in self.children:
            if child.process is not None and (status := child.process.poll()) is not None:
                _log.warning("process.ended", process=child.name, status=status)
                child.ended(now)
            if child.process is None and now >= child.start_at and not self._stopping:
                self._start(child, now)

    def stop(self) -> int:
        """End every child politely, then firmly; return 0 when all ended in time, else 1."""
        self._stopping = True
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        firm = 0
        deadline = self.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(deadline - self.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                firm = 1
        return firm

    def _start(self, child: Child, now: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends the children in order.
        environ = {**self.environ, SUPERVISOR: str(os.getpid())}
        child.process = subprocess.Popen(child.command, env=environ, start_new_session=True)  # noqa: S603 - our own
        child.started = now
        _log.info("process.started", process=child.name, pid=child.process.pid)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def is_orphan(environ: Mapping[str, str]) -> bool:
    """Whether this process was started by a supervisor that is gone: then nobody would ever end it."""
    supervisor = environ.get(SUPERVISOR, "")
    return supervisor.isdigit() and os.getppid() != int(supervisor)


def children(options: Sequence[str]) -> tuple[Child, ...]:
    """Return the two processes of one machine; `options` are handed on to both."""
    return tuple(
        Child(name=name, command=(sys.executable, "-m", "groundswell", *options, name))
        for name in ("monitor", "dashboard")
    )
