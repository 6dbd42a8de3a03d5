"""`groundswell run` as a new user meets it: the sample workspace, both processes, and their end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from config.principal import SYSTEM
from storage import incidents, rollups, status
from storage.database import Database, sqlite_url

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture
def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def running(tmp_path: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")}
    environ |= {"GROUNDSWELL_PORT": address.rpartition(":")[2], "GROUNDSWELL_DATA": str(tmp_path / "var")}
    log = (tmp_path / "run.log").open("ab")
    command = [sys.executable, "-m", "groundswell", "run"]
    process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=log, stderr=log)
    log.close()
    children: list[psutil.Process] = []
    yield process
    if process.poll() is None:
        children = psutil.Process(process.pid).children()
        process.kill()
        process.wait()
    for child in children:
        child.kill()


def _health(address: str) -> httpx.Response | None:
    try:
        return httpx.get(f"http://{address}/healthz", timeout=2)
    except httpx.TransportError:
        return None


def _is_healthy(address: str) -> bool:
    answer = _health(address)
    return answer is not None and answer.status_code == 200


def test_the_sample_opens_and_its_crisis_is_told_once(running, address, tmp_path, wait_for: Callable[..., object]):
    wait_for(lambda: _is_healthy(address), "a healthy dashboard")
    db = Database(sqlite_url(tmp_path / "var" / "sample.db"))
    wait_for(lambda: incidents.list_incidents(db, by=SYSTEM), "the incident")
    log = tmp_path / "var" / "notifications.jsonl"
    wait_for(lambda: log.exists() and log.read_text().strip(), "the notification")

    (incident,) = incidents.list_incidents(db, by=SYSTEM)
    assert incident.invented
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len({line["event_id"] for line in lines}) == len(lines)
    assert rollups.verify(db) == []
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "var" / "groundswell.db").exists()

    metrics = httpx.get(f"http://{address}/metrics", timeout=5).text
    assert 'groundswell_process_up{process="monitor"} 1.0' in metrics
    assert "groundswell_source_collected" in metrics
    proxied = httpx.get(f"http://{address}/metrics", headers={"X-Forwarded-For": "203.0.113.5"}, timeout=5)
    assert proxied.status_code == 403

    children = psutil.Process(running.pid).children()
    running.send_signal(signal.SIGTERM)
    assert running.wait(40) == 0
    assert not any(child.is_running() for child in children)


def test_a_killed_monitor_is_started_again_and_health_says_so(running, address, tmp_path, wait_for):
    wait_for(lambda: _is_healthy(address), "a healthy dashboard")
    db = Database(sqlite_url(tmp_path / "var" / "sample.db"))
    monitor = next(c for c in psutil.Process(running.pid).children() if "monitor" in c.cmdline())
    monitor.kill()

    def successor() -> bool:
        rows = {row.process: row for row in status.processes(db, now=_now())}
        return rows["monitor"].alive and rows["monitor"].pid != monitor.pid

    wait_for(successor, "the monitor's successor")


def test_children_of_a_killed_supervisor_end_by_themselves(running, address, wait_for):
    wait_for(lambda: _is_healthy(address), "a healthy dashboard")
    children = psutil.Process(running.pid).children()
    assert len(children) == 2
    running.kill()
    running.wait()
    wait_for(
        lambda: not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children), "the orphans' end"
    )


def _now():
    from config.instant import system_clock

    return system_clock()
