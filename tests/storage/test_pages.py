"""The memory of web sources, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from crawlers.connector import Batch
from crawlers.memory import Memory, Page
from storage import pages
from storage.intake import Arrival, store
from storage.pages import Remembered
from storage.schema import source_page

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def memory(shelf):
    return Remembered(shelf.db, shelf.sources["feed"])


def page(number, role="listing", **more):
    return Page(url=f"https://shop.example/{number}", role=role, **more)


def remember(shelf, *found, source="feed"):
    arrival = Arrival(source_id=shelf.sources[source], batch=Batch(pages=found), readings=())
    store(shelf.db, arrival, now=shelf.now)


def numbers(found):
    return [one.url.rpartition("/")[2] for one in found]


def test_a_page_comes_back_as_it_was_remembered(shelf, memory: Memory, now):
    whole = page(
        "list?p=1&q=ż",
        depth=2,
        stamp="2026-03-01T10:00:00Z / 17 replies " * 20,
        context={"product": "Lamp", "place": "Kyiv"},
        etag='W/"x"',
        last_modified="Tue, 10 Mar 2026 11:00:00 GMT",
        keys=(("web:shop.example", "r1"), ("web:shop.example", "r\0 2")),
        links=("https://shop.example/a", "https://shop.example/b"),
        more="https://shop.example/list?p=2",
        tail="https://shop.example/list?p=9",
        missing=(("web:shop.example", "r0", 2),),
        read_at=now,
        full_at=now - HOUR,
        size=17,
        due_at=now + HOUR,
        waiting=False,
        fails=3,
        error="the server said 503",
        gone=True,
    )
    further = page("list?p=2", root=False, nth=1)
    remember(shelf, whole, further)
    assert memory.recall([whole.url, further.url, "https://shop.example/unknown"]) == {
        whole.url: whole,
        further.url: further,
    }


def test_a_page_is_remembered_once_and_as_it_was_last_seen(shelf, memory, now):
    remember(shelf, page(1), page(1, depth=3))
    remember(shelf, page(1, read_at=now, waiting=False), page(2))
    assert memory.recall(["https://shop.example/1"])["https://shop.example/1"] == page(1, read_at=now, waiting=False)
    assert memory.waiting() == 1


def test_sources_remember_apart(shelf, memory, now):
    remember(shelf, page(1, due_at=now), source="reviews")
    assert memory.recall(["https://shop.example/1"]) == {}
    assert memory.due(now=now, limit=9) == []
    assert (memory.waiting(), memory.read_through()) == (0, None)
    assert Remembered(shelf.db, shelf.sources["reviews"]).waiting() == 1


def test_what_cannot_be_stored_harms_nothing(shelf, memory):
    odd = page("odd", stamp="a\0b", etag="\ud800", error="it said \0 and \ud800." + "x" * 5000)
    remember(shelf, replace(odd, url="https://shop.example/\0"), replace(odd, url="https://shop.example/\ud800"), odd)
    assert memory.recall(["https://shop.example/\0", "https://shop.example/\ud800"]) == {}
    kept = memory.recall([odd.url])[odd.url]
    assert (kept.stamp, kept.etag, kept.error[:13], len(kept.error)) == (None, None, "it said  and ", 998)


def test_pages_are_stored_with_their_batch_or_not_at_all(db, shelf, memory, now):
    reading = shelf.reading()
    arrival = Arrival(
        source_id=shelf.sources["feed"], batch=Batch(items=(reading.mention,), pages=(page(1),)), readings=(reading,)
    )
    with db.write() as conn:
        conn.exec_driver_sql("ALTER TABLE reject_count RENAME TO away")
        conn.exec_driver_sql("ALTER TABLE source_page RENAME TO also_away")
    with pytest.raises(DBAPIError, match="source_page"):
        store(db, arrival, now=now)
    with db.write() as conn:
        conn.exec_driver_sql("ALTER TABLE away RENAME TO reject_count")
        conn.exec_driver_sql("ALTER TABLE also_away RENAME TO source_page")
    assert memory.news([reading.mention]) == {reading.mention.key}
    store(db, arrival, now=now)
    assert memory.news([reading.mention]) == frozenset()
    assert memory.waiting() == 1


# -- what is due --------------------------------------------------------------------------------


def test_waiting_pages_come_first_then_those_longest_unread(shelf, memory, now):
    remember(
        shelf,
        page("read yesterday", due_at=now, waiting=False, read_at=now - DAY),
        page("read long ago", due_at=now - HOUR, waiting=False, read_at=now - 9 * DAY),
        page("changed", due_at=now, read_at=now - HOUR),
        page("never read", due_at=now),
        page("not yet", due_at=now + HOUR),
        page("on the way only"),
        page("gone", due_at=now, gone=True),
    )
    assert numbers(memory.due(now=now, limit=9)) == ["never read", "changed", "read long ago", "read yesterday"]
    assert numbers(memory.due(now=now, limit=3)) == ["never read", "changed", "read long ago"]
    assert numbers(memory.due(now=now, limit=1)) == ["never read"]
    assert memory.due(now=now, limit=0) == []
    assert memory.waiting() == 4


def test_what_is_read_through_is_as_old_as_the_list_that_was_read_longest_ago(shelf, memory, now):
    def of(name, role="listing", hours=0, **more):
        return page(name, role, read_at=now - hours * HOUR, **more)

    remember(shelf, page("never read"), page("never read either", "index"))
    assert memory.read_through() is None
    remember(shelf, of("start", "index", 1), of("list", hours=2))
    assert memory.read_through() == now - 2 * HOUR
    remember(
        shelf,
        of("an item", "item", 9),
        of("second page", hours=9, root=False),
        of("by its stamp", hours=9, stamp="2026"),
        of("given up", hours=9, gone=True),
        of("fails", "index", 9, fails=5),
    )
    assert memory.read_through() == now - 2 * HOUR
    remember(shelf, of("fails", "index", 9, fails=4))
    assert memory.read_through() == now - 9 * HOUR


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.booleans(), st.booleans(), st.sampled_from([None, -2, -1, 0, 1]), st.sampled_from([None, -3, -2, -1])
        ),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_what_is_due_is_what_a_plain_list_would_say(shelf, memory, drawn, limit):
    found = [
        page(
            f"{number:02}",
            waiting=waiting,
            gone=gone,
            due_at=None if due is None else shelf.now + due * HOUR,
            read_at=None if read is None else shelf.now + read * HOUR,
        )
        for number, (waiting, gone, due, read) in enumerate(drawn)
    ]
    with shelf.db.write() as conn:
        conn.execute(source_page.delete())
    remember(shelf, *found)
    ready = [one for one in found if one.due_at is not None and one.due_at <= shelf.now and not one.gone]
    ready.sort(key=lambda one: (not one.waiting, one.read_at or shelf.now - DAY, one.due_at, pages.hash_of(one.url)))
    assert memory.due(now=shelf.now, limit=limit) == ready[:limit]
    assert memory.waiting() == sum(one.waiting and not one.gone for one in found)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_what_is_asked_of_all_pages_is_answered_from_an_index(db, shelf, memory, now):
    asked: list[tuple[str, object]] = []
    remember(shelf, page(1, due_at=now))

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(_conn, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    memory.due(now=now, limit=5)
    memory.waiting()
    memory.read_through()
    plans = []
    with db.read() as conn:
        for statement, parameters in [one for one in asked if one[0].startswith("SELECT")]:
            rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            plans.append(" / ".join(row.detail for row in rows))
    assert "USING COVERING INDEX ix_source_page_due (source_id=? AND gone=? AND waiting=? AND due_at<?)" in plans[0]
    assert any("ix_source_page_due (source_id=? AND gone=? AND waiting=?)" in plan for plan in plans)
    assert "ix_source_page_lists (source_id=? AND role=? AND root=? AND gone=? AND read_at>?)" in plans[-1]
    assert not any("SCAN" in plan for plan in plans)


# -- news and hosts -----------------------------------------------------------------------------


def test_news_is_what_is_new_or_says_something_else(shelf, memory):
    same, edited, rated = shelf.reading("as ever"), shelf.reading("first"), shelf.reading("fine", rating=0.2)
    shelf.put(same, edited, rated)
    seen = [
        replace(same.mention, text="<p>as <b>ever</b></p>"),
        replace(edited.mention, text="second"),
        replace(rated.mention, rating=0.8),
        shelf.reading("new").mention,
        shelf.reading("   ").mention,
    ]
    assert memory.news(seen) == {seen[1].key, seen[2].key, seen[3].key}
    assert memory.news([]) == frozenset()


def test_a_host_is_left_alone_by_every_source_until_the_latest_time_it_named(shelf, memory, now):
    memory.hold("shop.example", until=now + HOUR, reason="the server said 429")
    memory.hold("shop.example", until=now + 2 * HOUR, reason="again")
    memory.hold("shop.example", until=now + HOUR, reason="earlier")
    memory.hold("past.example", until=now, reason="over")
    other = Remembered(shelf.db, shelf.sources["reviews"])
    assert other.held(["shop.example", "past.example", "free.example", "\0"], now=now) == {
        "shop.example": now + 2 * HOUR
    }
    assert other.held([], now=now) == {}
