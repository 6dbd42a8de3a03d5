from __future__ import annotations

import os
import subprocess
import sys

import pytest

from groundswell.ownership import HOST, is_alive, new_owner
from groundswell.supervision import SUPERVISOR, Child, Supervisor, is_orphan

FOREVER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
BROKEN = (sys.executable, "-c", "raise SystemExit(3)")


class FakeTime:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def times() -> FakeTime:
    return FakeTime()


def _supervisor(*children: Child, times: FakeTime) -> Supervisor:
    return Supervisor(children=children, environ=os.environ, monotonic=times, sleep=lambda _seconds: None)


def test_a_child_that_ends_starts_again_and_waits_longer_each_time_it_ends_early(times):
    child = Child(name="broken", command=BROKEN)
    supervisor = _supervisor(child, times=times)
    waits = []
    for _ in range(7):
        supervisor.step()
        assert child.process is not None
        child.process.wait(20)
        supervisor.step()
        assert child.process is None
        waits.append(child.wait)
        times.now = child.start_at
    assert waits == [2, 4, 8, 16, 30, 30, 30]


def test_a_child_that_ran_steadily_starts_again_soon(times):
    child = Child(name="steady", command=BROKEN, wait=30)
    supervisor = _supervisor(child, times=times)
    supervisor.step()
    child.process.wait(20)
    times.now += 61
    supervisor.step()
    assert child.wait == 1


def test_stopping_ends_every_child_and_says_whether_all_went_politely(times):
    polite = Child(name="polite", command=FOREVER)
    supervisor = _supervisor(polite, times=times)
    supervisor.step()
    process = polite.process
    assert supervisor.stop() == 0
    assert process.poll() is not None


def test_a_killed_supervisor_leaves_an_orphan_that_knows_it():
    assert not is_orphan({})
    assert not is_orphan({SUPERVISOR: str(os.getppid())})
    assert is_orphan({SUPERVISOR: "1" if os.getppid() != 1 else "2"})


def test_owners_are_alive_while_their_process_is():
    assert is_alive(new_owner())
    with subprocess.Popen(BROKEN) as process:
        process.wait()
    assert not is_alive(f"{HOST[:40]}/{process.pid}/abc")


def test_of_another_machine_nobody_can_tell_so_its_owner_counts_as_alive():
    assert is_alive("elsewhere/1/abc")
    assert is_alive("no owner of ours")


def test_a_wrong_setting_ends_run_in_words_and_with_status_2(tmp_path):
    environ = {**os.environ, "GROUNDSWELL_DATA": str(tmp_path / "var"), "GROUNDSWELL_PORT": "0"}
    refused = subprocess.run(
        [sys.executable, "-m", "groundswell", "run"], env=environ, cwd=tmp_path, capture_output=True, check=False
    )
    assert refused.returncode == 2
    assert b"GROUNDSWELL_PORT" in refused.stderr
