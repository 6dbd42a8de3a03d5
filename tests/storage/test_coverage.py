from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from storage import coverage
from storage.coverage import Interval, exposure
from storage.schema import coverage as table
from storage.schema import source

BEGIN = datetime(2026, 3, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours):
    return BEGIN + hours * HOUR


def read(db, *spans, source_id=1):
    with db.write() as conn:
        for since, until in spans:
            coverage.add(conn, source_id, at(since), at(until))


def stored(db, source_id=1):
    with db.read() as conn:
        rows = conn.execute(select(table).where(table.c.source_id == source_id).order_by(table.c.covered_from))
        return [((row.covered_from - BEGIN) / HOUR, (row.covered_to - BEGIN) / HOUR) for row in rows]


def runs(hours):
    """Cut a set of hours into what hangs together."""
    edges = sorted(hours)
    starts = [hour for hour in edges if hour - 1 not in hours]
    ends = [hour + 1 for hour in edges if hour + 1 not in hours]
    return list(zip(starts, ends, strict=True))


spans = st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(st.tuples(st.sampled_from([1, 2]), spans), max_size=12))
def test_what_was_read_is_the_union_of_all_visits(sqlite_db, sequence):
    with sqlite_db.write() as conn:
        conn.execute(table.delete())
    for source_id, span in sequence:
        read(sqlite_db, span, source_id=source_id)
    for source_id in (1, 2):
        hours = {hour for who, (since, until) in sequence if who == source_id for hour in range(since, until)}
        assert stored(sqlite_db, source_id) == runs(hours)


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([(0, 2), (2, 4)], [(0, 4)]),
        ([(0, 2), (1, 4)], [(0, 4)]),
        ([(0, 2), (3, 4)], [(0, 2), (3, 4)]),
        ([(0, 2), (4, 6), (1, 5)], [(0, 6)]),
        ([(2, 3), (0, 9)], [(0, 9)]),
        ([(0, 9), (2, 3)], [(0, 9)]),
        ([(2, 2), (3, 1)], []),
    ],
)
def test_intervals_that_touch_become_one(db, visits, expected):
    read(db, *visits)
    assert stored(db) == expected


def test_what_lies_outside_of_a_window_is_left_out(db):
    read(db, (0, 2), (4, 6), (8, 10))
    read(db, (5, 6), source_id=2)
    with db.read() as conn:
        found = coverage.of_sources(conn, [1, 2, 3], at(2), at(8))
    assert found == {1: [Interval(at(4), at(6))], 2: [Interval(at(5), at(6))], 3: []}
    assert found[1][0].length == 2 * HOUR


# -- exposure -----------------------------------------------------------------------------------


def test_exposure_weighs_each_source_by_what_it_usually_brings():
    seen = {1: [Interval(at(0), at(4))], 2: [Interval(at(2), at(3)), Interval(at(3), at(9))]}
    assert exposure({1: 0.75, 2: 0.25}, seen, at(0), at(4)) == pytest.approx(0.75 + 0.25 / 2)
    assert exposure({1: 0.75, 2: 0.25}, seen, at(6), at(8)) == pytest.approx(0.25)
    assert exposure({1: 1.0}, {}, at(0), at(4)) == 0
    assert exposure({}, seen, at(0), at(4)) == 0


def test_usual_shares_are_of_the_fortnight_before(db, shelf, now):
    for source_name, n in (("feed", 3), ("reviews", 1)):
        shelf.put(
            *(shelf.reading(author=f"{source_name}{k}") for k in range(n)),
            source=source_name,
            covered_from=now - HOUR,
            covered_to=now,
        )
    shelf.say(ago=timedelta(days=15))
    shelf.say(brands=("Vesna",))
    with db.read() as conn:
        shares = coverage.usual_shares(conn, shelf.brands["Lumo"], now)
        assert shares == {shelf.sources["feed"]: 0.75, shelf.sources["reviews"]: 0.25}
        assert coverage.usual_shares(conn, 99, now) == {}


@pytest.mark.parametrize("way", ["switched off", "not confirmed"])
def test_an_imported_file_and_a_source_that_is_off_weigh_nothing(db, shelf, now, way):
    shelf.source("import")
    shelf.put(*(shelf.reading() for _ in range(9)), source="import")
    shelf.put(shelf.reading(), covered_from=now - HOUR, covered_to=now)
    shelf.put(shelf.reading(), source="reviews", covered_from=now - HOUR, covered_to=now)
    if way == "switched off":
        with db.write() as conn:
            conn.execute(update(source).where(source.c.name == "reviews").values(enabled=False))
    else:
        shelf.restrict("reviews")
    with db.read() as conn:
        assert coverage.usual_shares(conn, shelf.brands["Lumo"], now) == {shelf.sources["feed"]: 1.0}


def test_intervals_of_two_batches_of_one_source_at_once_do_not_overlap(db, shelf):
    def visit(n):
        shelf.put(shelf.reading(), covered_from=at(n), covered_to=at(n + 2))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(visit, range(8)))
    assert stored(db, shelf.sources["feed"]) == [(0, 9)]
