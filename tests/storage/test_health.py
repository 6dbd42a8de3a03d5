from __future__ import annotations

from datetime import timedelta

from storage import health, status
from storage.health import Metric

SECOND = timedelta(seconds=1)


def beat(db, now, *, pid=7, started_at=None):
    health.beat(db, process="monitor", pid=pid, host="h", started_at=started_at or now, now=now)


def test_a_process_lives_from_its_first_beat_until_it_falls_silent(db, now):
    beat(db, now)
    beat(db, now + 5 * SECOND, pid=8, started_at=now + SECOND)
    (row,) = status.processes(db, now=now + 19 * SECOND)
    assert (row.process, row.pid, row.started_at, row.at, row.alive) == (
        "monitor",
        8,
        now + SECOND,
        now + 5 * SECOND,
        True,
    )
    health.silence(db, process="monitor")
    assert status.processes(db, now=now + 19 * SECOND) == ()


def test_figures_replace_earlier_ones_and_leave_others(db, now):
    health.record_metrics(db, {("to_judge", ""): 3, ("lag", "News"): 1.5}, now=now)
    health.record_metrics(db, {("to_judge", ""): 4}, now=now + SECOND)
    health.record_metrics(db, {}, now=now)
    assert health.metrics(db) == (
        Metric(name="lag", label="News", value=1.5, at=now),
        Metric(name="to_judge", label="", value=4, at=now + SECOND),
    )


def test_schemas_are_those_of_the_version_that_runs(db):
    health.publish_schemas(db, "connector", {"rss": {"type": "object"}, "old": {}})
    health.publish_schemas(db, "channel", {"log": {}})
    new = {"rss": {"type": "object", "title": "RSS"}}
    health.publish_schemas(db, "connector", new)
    health.publish_schemas(db, "connector", new)
    assert health.schemas(db, "connector") == new
    assert health.schemas(db, "channel") == {"log": {}}
    assert health.schemas(db, "ticket") == {}
