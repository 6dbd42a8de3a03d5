"""CPU time and memory of the process that asks, and what machine it runs on. Only the standard library: contenders in
other environments use it too."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

_UNIT: Final = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in, in bytes


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a contender came to: `start` and `work` are CPU seconds of all threads, before and after it was ready.

    `wall` is the seconds from ready to done, `peak` the most memory in bytes, `stages` CPU seconds by stage.
    """

    n: int
    start: float
    work: float
    wall: float
    peak: int
    about: str = ""
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Texts per CPU second of work."""
        return self.n / self.work


class Meter:
    """Made when a contender is ready to begin; `tell` prints the result for the process that started it."""

    def __init__(self) -> None:
        self._start = cpu()
        self._wall = time.monotonic()

    def tell(self, n: int, *, about: str = "", stages: dict[str, float] | None = None) -> None:
        """Print the result as one line of JSON."""
        work, wall = cpu() - self._start, time.monotonic() - self._wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
        result = Result(n=n, start=self._start, work=work, wall=wall, peak=peak, about=about, stages=stages or {})
        print(json.dumps(asdict(result)))


def read(line: str) -> Result:
    """Return the result that a contender printed."""
    values: dict[str, Any] = json.loads(line)
    return Result(**values)


def cpu() -> float:
    """Return the CPU seconds that this process has used, in all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def machine() -> str:
    """Say what this machine is, and how busy."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {_model()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load:.1f}"
    )


def _model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown CPU"
