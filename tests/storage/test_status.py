from __future__ import annotations

from datetime import timedelta

from crawlers.connector import Reject
from storage import sources, status
from storage.schema import heartbeat, incident, job, outbox
from storage.status import Backlog, RejectRow

HOUR = timedelta(hours=1)


def test_a_source_says_how_its_reading_goes(db, shelf, everybody, now):
    shelf.source("only Lumo", of="Lumo", enabled=False, managed_by="file")
    shelf.say()
    good = sources.begin(db, shelf.sources["feed"], owner="m", now=now - HOUR)
    sources.succeed(db, good, now=now - HOUR)
    bad = sources.begin(db, shelf.sources["feed"], owner="m", now=now)
    sources.fail(db, bad, error="503 from the host", permanent=False, now=now, retry_after=HOUR)
    feed, only, reviews = status.source_status(db, by=everybody, now=now)
    assert (feed.name, feed.kind, feed.brand, feed.every) == ("feed", "social", None, timedelta(minutes=15))
    assert (feed.last_started, feed.last_success, feed.lag) == (now, now - HOUR, HOUR)
    assert (feed.failures, feed.last_error, feed.last_error_permanent) == (1, "503 from the host", False)
    assert (feed.not_before, feed.collected, feed.rejects) == (now + HOUR, 1, {})
    assert (only.brand, only.enabled, only.managed_by) == ("Lumo", False, "file")
    assert (reviews.lag, reviews.last_success, reviews.collected) == (None, None, 0)


def test_sources_of_other_brands_are_not_shown(db, shelf, vesna_only, now):
    shelf.source("only Lumo", of="Lumo")
    assert [one.name for one in status.source_status(db, by=vesna_only, now=now)] == ["feed", "reviews"]


def test_refused_items_are_counted_by_reason_and_listed_newest_first(db, shelf, everybody, vesna_only, now):
    from crawlers.connector import Batch
    from storage.intake import Arrival, store

    shelf.source("only Lumo", of="Lumo")
    rejects = (
        Reject(reason="no text", external_id="a"),
        Reject(reason="broken row", detail="7 fields, not 5", line=3),
        Reject(reason="no text"),
    )
    store(db, Arrival(source_id=shelf.sources["only Lumo"], batch=Batch(), readings=(), rejects=rejects), now=now)
    shown = {one.name: one.rejects for one in status.source_status(db, by=everybody, now=now)}
    assert shown["only Lumo"] == {"no text": 2, "broken row": 1}
    rows = status.rejects(db, by=everybody, source="only Lumo", limit=2)
    assert [row.reason for row in rows] == ["no text", "broken row"]
    assert rows[1] == RejectRow(at=now, reason="broken row", detail="7 fields, not 5", external_id=None, line=3)
    newest = status.newest_rejects(db, by=everybody, source="only Lumo")
    assert newest == {"no text": rows[0], "broken row": rows[1]}
    assert rows[0].external_id is None, "the newest of two"
    assert status.rejects(db, by=vesna_only, source="only Lumo") == ()
    assert status.newest_rejects(db, by=vesna_only, source="only Lumo") == {}
    assert status.rejects(db, by=everybody, source="nowhere") == status.rejects(db, by=everybody, source="\0") == ()


def test_an_idle_house_has_no_backlog(db, now):
    assert status.backlog(db, now=now) == Backlog(
        to_judge=0, outbox_pending=0, outbox_oldest=None, dead_letters=0, jobs_waiting=0, jobs_failed=0
    )


def test_what_waits_is_counted(db, shelf, now):
    shelf.say()
    matter = {"id": "i", "group_key": "g", "state": "open", "cause": "source", "subject": "s", "severity": "high"}
    matter |= {"reason": {}, "evidence": {}, "opened_at": now, "updated_at": now, "revision": 1, "version": 1}
    letter = {"incident_id": "i", "channel": "c", "kind": "opened", "payload": {}, "attempts": 0, "next_at": now}
    letters = [("pending", 3), ("sending", 2), ("sent", 9), ("dead", 8)]
    task = {"kind": "k", "request": {}, "requester": "r", "progress": 0, "created_at": now, "expires_at": now}
    with db.write() as conn:
        conn.execute(incident.insert().values(**matter, invented=False))
        for n, (state, hours) in enumerate(letters):
            row = {"id": str(n), "revision": n, "state": state, "created_at": now - hours * HOUR}
            conn.execute(outbox.insert().values(**letter, **row))
        for state in ("waiting", "running", "done", "failed", "unknown"):
            conn.execute(job.insert().values(**task, id=state, idempotency_key=state, state=state))
    assert status.backlog(db, now=now) == Backlog(
        to_judge=1, outbox_pending=2, outbox_oldest=3 * HOUR, dead_letters=1, jobs_waiting=2, jobs_failed=2
    )


def test_a_process_is_alive_while_its_heart_beats(db, now):
    with db.write() as conn:
        for name, seconds in (("dashboard", 15), ("from the future", -3600), ("monitor", 14)):
            row = {
                "process": name,
                "pid": 7,
                "host": "h",
                "started_at": now - HOUR,
                "at": now - timedelta(seconds=seconds),
            }
            conn.execute(heartbeat.insert().values(row))
    assert [(row.process, row.alive) for row in status.processes(db, now=now)] == [
        ("dashboard", False),
        ("from the future", False),
        ("monitor", True),
    ]
