from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crawlers.connector import Batch
from crawlers.report import Report
from storage import sources, visits
from storage.intake import Stored
from storage.schema import source_visit
from storage.sources import LEASE
from storage.visits import Tally

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def feed(shelf):
    return shelf.sources["feed"]


def visit(db, source_id, now, *, error=None, **tally):
    lease = sources.begin(db, source_id, owner="m", now=now)
    if error is None:
        sources.succeed(db, lease, now=now + timedelta(minutes=2), tally=Tally(**tally))
    else:
        sources.fail(db, lease, error=error, permanent=False, now=now + timedelta(minutes=2), tally=Tally(**tally))


def rows(db):
    with db.read() as conn:
        return conn.execute(select(source_visit).order_by(source_visit.c.id)).all()


def report(items, **fields):
    return Report(pages=9, unchanged=4, failed=1, bytes=12_345, items=items, fields=fields)


def test_every_visit_is_recorded_with_what_it_came_to(db, feed, now):
    came = Stored(new=3, changed=2, same=9, rejected=1, lags=(60.0, 300.0, 600.0))
    visit(db, feed, now, stored=came, report=report(12, text=12, rating=11), news=True)
    visit(db, feed, now + HOUR, error="503 from the host " + "x" * 3000, stored=Stored(new=1), history=True)
    good, bad = rows(db)
    assert (good.source_id, good.started_at, good.ended_at, good.ok) == (feed, now, now + timedelta(minutes=2), True)
    assert (good.new, good.changed, good.same, good.rejected) == (3, 2, 9, 1)
    assert (good.lag_seconds, good.backfill, good.error) == (300.0, False, None)
    assert Report(**good.report) == report(12, text=12, rating=11)
    assert (bad.ok, bad.new, bad.backfill, bad.lag_seconds, bad.report, len(bad.error)) == (
        *(False, 1, True, None, None),
        2000,
    )


def test_who_lost_the_lease_records_no_visit(db, feed, now):
    first = sources.begin(db, feed, owner="m", now=now)
    second = sources.begin(db, feed, owner="m", now=now + LEASE)
    sources.succeed(db, first, now=now + LEASE)
    sources.fail(db, first, error="late", permanent=False, now=now + LEASE)
    assert rows(db) == []
    sources.succeed(db, second, now=now + LEASE)
    assert [row.started_at for row in rows(db)] == [now + LEASE]


def test_a_tally_adds_up_batches(shelf):
    item = shelf.reading().mention
    tally = Tally().plus(Batch(items=(item,), backfill=True), Stored(new=1, rejected=2))
    assert (tally.backfill, tally.lag_seconds) == (True, None)
    tally = tally.plus(Batch(items=(item,)), Stored(changed=1, same=4, lags=(10.0, 20.0)))
    tally = tally.plus(Batch(report=report(5)), Stored(lags=(90.0,)))
    assert tally.stored == Stored(new=1, changed=1, same=4, rejected=2)
    assert (tally.backfill, tally.lag_seconds, tally.report) == (False, 20.0, report(5))
    assert not Tally().plus(Batch(), Stored()).backfill


def test_the_last_reports_that_say_anything_come_newest_first(db, shelf, feed, now):
    for hours in range(5):
        visit(db, feed, now + hours * HOUR, report=report(10 + hours, text=hours))
    visit(db, feed, now + 6 * HOUR, report=report(0))
    visit(db, feed, now + 7 * HOUR, report=report(99), error="broke off")
    visit(db, feed, now + 8 * HOUR)
    visit(db, shelf.sources["reviews"], now, report=report(77))
    with db.read() as conn:
        assert [one.items for one in visits.reports_of(conn, feed)] == [14, 13, 12, 11, 10]
        assert visits.reports_of(conn, feed, limit=2) == (report(14, text=4), report(13, text=3))


def test_the_last_readings_count_those_that_found_nothing_too(db, shelf, feed, now):
    for hours, items in enumerate((7, 8, 0, 9)):
        visit(db, feed, now + hours * HOUR, report=report(items))
    visit(db, feed, now + 5 * HOUR, report=report(99), error="broke off")
    visit(db, feed, now + 6 * HOUR)
    visit(db, shelf.sources["reviews"], now + 2 * HOUR, report=report(77))
    with db.read() as conn:
        found = visits.readings_of(conn, feed, since=now + HOUR, limit=9)
        assert visits.readings_of(conn, feed, since=now, limit=2) == found[:2]
    visit(db, feed, now + 7 * HOUR, report=Report(pages=3, unchanged=3))
    with db.read() as conn:
        assert visits.readings_of(conn, feed, since=now, limit=2) == found[:2], "unchanged pages say nothing"
    assert [(one.at - now, one.report.items) for one in found] == [(3 * HOUR, 9), (2 * HOUR, 0), (HOUR, 8)]


def test_old_visits_are_forgotten(db, shelf, feed, now):
    for days, source in ((91, feed), (90, shelf.sources["reviews"]), (1, feed)):
        visit(db, source, now - days * DAY)
    assert visits.forget_visits(db, before=now - visits.KEPT) == 1
    assert [now - row.started_at for row in rows(db)] == [90 * DAY, DAY]
