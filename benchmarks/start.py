"""How long `groundswell --help` takes, and how long it takes from "installed" to a dashboard that answers.

`python benchmarks/start.py` starts the real command in empty folders: the sample workspace, both processes. A first
start finds no compiled Python files, as after an installation that compiles none; later ones find them.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from meter import machine

COMMAND: Final = (sys.executable, "-m", "groundswell")
PATIENCE: Final = 90.0
HELP_AIM, DASHBOARD_AIM = 0.5, 10.0


def environment(folder: Path, cache: Path, **more: str) -> dict[str, str]:
    """Return an environment in which `folder` is an empty workspace and compiled files lie in `cache`."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GROUNDSWELL_", "PYTHONDONTWRITE"))}
    return {**clean, "GROUNDSWELL_DATA": str(folder / "var"), "PYTHONPYCACHEPREFIX": str(cache), **more}


def time_help(folder: Path, cache: Path) -> float:
    """Return the seconds that `groundswell --help` takes."""
    started = time.monotonic()
    subprocess.run(
        [*COMMAND, "--help"], cwd=folder, env=environment(folder, cache), stdout=subprocess.DEVNULL, check=True
    )
    return time.monotonic() - started


def time_dashboard(folder: Path, cache: Path) -> tuple[float, float]:
    """Return the seconds until the dashboard shows its first page, and until the monitor is alive as well."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(folder, environment(folder, cache, GROUNDSWELL_PORT=str(port))) as ended:
        started = time.monotonic()
        shown = wait(f"{address}/", ended) - started  # follows to the page that makes the administrator
        alive = wait(f"{address}/healthz", ended) - started
    return shown, alive


@contextmanager
def running(folder: Path, environ: dict[str, str]) -> Iterator[Callable[[], bool]]:
    """Run `groundswell run` as long as the context lasts; yield what says whether it has ended by itself."""
    log = folder / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*COMMAND, "run"], cwd=folder, env=environ, stdout=output, stderr=output)
    try:
        yield lambda: process.poll() is not None
    except TimeoutError as error:
        raise SystemExit(f"{error}\n{log.read_text(encoding='utf-8')}") from error
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait(url: str, ended: Callable[[], bool]) -> float:
    """Return the monotonic time at which `url` first answers 200; raise TimeoutError when it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not ended():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return time.monotonic()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_once(cache: Path) -> tuple[float, float]:
    """Time one start in a fresh folder."""
    with tempfile.TemporaryDirectory(prefix="groundswell-start-") as folder:
        return time_dashboard(Path(folder), cache)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="starts with compiled files (3)")
    rounds = parser.parse_args().rounds
    print(machine())
    with tempfile.TemporaryDirectory(prefix="groundswell-cache-") as name:
        folder = cache = Path(name)
        first_help = time_help(folder, cache)
        later_help = median(time_help(folder, cache) for _ in range(2 * rounds + 1))
        print(f"groundswell --help: {later_help:.2f} s, the first time {first_help:.2f} s (aim: under {HELP_AIM} s)")
        shown, alive = start_once(cache)
        print(f"first start: first page after {shown:.1f} s, monitor alive after {alive:.1f} s", flush=True)
        later = [start_once(cache) for _ in range(rounds)]
    shown, alive = (median(values) for values in zip(*later, strict=True))
    print(
        f"later starts: first page after {shown:.1f} s, monitor alive after {alive:.1f} s (aim: {DASHBOARD_AIM:.0f} s)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
