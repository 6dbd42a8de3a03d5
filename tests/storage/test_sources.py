from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from storage import sources
from storage.listing import Filter, list_mentions
from storage.schema import (
    job,
    mention,
    mention_brand,
    mention_key,
    mention_revision,
    mention_source,
    outbox,
    score,
    source_state,
)
from storage.sources import LEASE

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def feed(shelf):
    return shelf.sources["feed"]


def state(db, source_id):
    with db.read() as conn:
        return conn.execute(select(source_state).where(source_state.c.source_id == source_id)).one()


def test_a_source_that_was_never_read_has_no_cursor(db, feed, now):
    with db.write() as conn:
        conn.execute(source_state.delete())
    visit = sources.begin(db, feed, owner="monitor", now=now)
    assert (visit.source_id, visit.cursor, visit.last_success) == (feed, None, None)
    assert state(db, feed).last_started == now


def test_a_visit_goes_on_where_the_last_one_ended(db, shelf, feed, now):
    first = sources.begin(db, feed, owner="monitor", now=now)
    shelf.put(shelf.reading(), cursor={"version": 1, "etag": "x"})
    sources.succeed(db, first, now=now)
    second = sources.begin(db, feed, owner="monitor", now=now + HOUR)
    assert (second.cursor, second.last_success) == ({"version": 1, "etag": "x"}, now)


def test_one_visit_at_a_time_even_of_one_owner(db, feed, now):
    visit = sources.begin(db, feed, owner="monitor", now=now)
    assert sources.begin(db, feed, owner="monitor", now=now + SECOND) is None
    assert sources.begin(db, feed, owner="other", now=now + SECOND) is None
    sources.succeed(db, visit, now=now + SECOND)
    assert sources.begin(db, feed, owner="other", now=now + 2 * SECOND) is not None


def test_of_many_who_want_a_source_one_gets_it(db, feed, now):
    with ThreadPoolExecutor(6) as pool:
        visits = list(pool.map(lambda n: sources.begin(db, feed, owner=f"o{n}", now=now), range(12)))
    assert sum(visit is not None for visit in visits) == 1


def test_a_lease_ends_unless_it_is_renewed(db, feed, now):
    first = sources.begin(db, feed, owner="monitor", now=now)
    assert sources.renew(db, first, now=now + LEASE - SECOND)
    assert sources.begin(db, feed, owner="other", now=now + LEASE + SECOND) is None
    second = sources.begin(db, feed, owner="monitor", now=now + 2 * LEASE)
    assert second is not None
    assert not sources.renew(db, first, now=now + 2 * LEASE)
    assert sources.renew(db, second, now=now + 2 * LEASE)


def test_who_lost_the_lease_changes_nothing_any_more(db, feed, now):
    first = sources.begin(db, feed, owner="monitor", now=now)
    second = sources.begin(db, feed, owner="monitor", now=now + LEASE)
    before = state(db, feed)
    sources.succeed(db, first, now=now + LEASE)
    sources.fail(db, first, error="late", permanent=True, now=now + LEASE)
    assert state(db, feed) == before
    sources.succeed(db, second, now=now + LEASE)
    assert state(db, feed).lease_owner is None


def test_failures_count_until_a_visit_goes_well(db, feed, now):
    for n in (1, 2):
        visit = sources.begin(db, feed, owner="monitor", now=now)
        sources.fail(db, visit, error="x" * 3000, permanent=n == 2, now=now)
        kept = state(db, feed)
        assert (kept.failures, kept.last_error_permanent, len(kept.last_error)) == (n, n == 2, 2000)
        assert (kept.lease_owner, kept.last_error_at, kept.last_success) == (None, now, None)
    sources.succeed(db, sources.begin(db, feed, owner="monitor", now=now), now=now + HOUR)
    kept = state(db, feed)
    assert (kept.failures, kept.last_error_permanent, kept.last_success) == (0, False, now + HOUR)


@pytest.mark.parametrize("ending", ["succeed", "fail"])
def test_a_host_that_asks_to_be_left_alone_is_left_alone(db, feed, now, ending):
    visit = sources.begin(db, feed, owner="monitor", now=now)
    if ending == "succeed":
        sources.succeed(db, visit, now=now, retry_after=HOUR)
    else:
        sources.fail(db, visit, error="429", permanent=False, now=now, retry_after=HOUR)
    assert sources.begin(db, feed, owner="monitor", now=now + HOUR - SECOND) is None
    again = sources.begin(db, feed, owner="monitor", now=now + HOUR)
    sources.succeed(db, again, now=now + HOUR)
    assert state(db, feed).not_before is None


def test_only_the_leases_of_dead_owners_are_freed(db, shelf, feed, now):
    sources.begin(db, feed, owner="host/1/dead", now=now)
    alive = sources.begin(db, shelf.sources["reviews"], owner="host/2/alive", now=now)
    asked = {"kind": "collect", "request": {}, "requester": "r", "state": "running", "progress": 0.0}
    asked |= {"created_at": now, "expires_at": now, "lease_until": now + HOUR}
    with db.write() as conn:
        conn.execute(job.insert().values(id="1", idempotency_key="1", lease_owner="host/1/dead", **asked))
        conn.execute(job.insert().values(id="2", idempotency_key="2", lease_owner="host/2/alive", **asked))
    assert sources.release_leases(db, is_alive=lambda owner: "alive" in owner) == 2
    assert sources.release_leases(db, is_alive=lambda owner: "alive" in owner) == 0
    assert sources.begin(db, feed, owner="host/3/new", now=now) is not None
    assert sources.renew(db, alive, now=now)
    with db.read() as conn:
        held = conn.execute(select(job.c.id).where(job.c.lease_owner.is_not(None))).scalars().all()
        assert held == ["2"]
        assert conn.execute(select(func.count()).select_from(outbox)).scalar_one() == 0


# -- forgetting ---------------------------------------------------------------------------------


def test_what_concerned_nobody_is_forgotten_with_every_trace(db, shelf, now, everybody):
    def nobody(text, days):
        reading = shelf.reading(text, collected_at=now - timedelta(days=days))
        return replace(reading, brands={}, score=None)

    old = nobody("old rain", 31)
    shelf.put(old, nobody("new rain", 1), shelf.reading("old lamp", collected_at=now - timedelta(days=31)))
    edit = replace(old, mention=replace(old.mention, text="old sun"), search_text="old sun")
    shelf.put(edit)
    assert sources.forget_unmatched(db, before=now - timedelta(days=30)) == 1
    assert sources.forget_unmatched(db, before=now - timedelta(days=30)) == 0
    with db.read() as conn:
        assert sorted(conn.execute(select(mention.c.text)).scalars()) == ["new rain", "old lamp"]
        for table in (mention_key, mention_source):
            assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 2
        for table in (mention_brand, score):
            assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 1
        assert conn.execute(select(mention_revision)).all() == []
    page = list_mentions(db, by=everybody, filter=Filter(search="old"))
    assert [row.text for row in page.rows] == ["old lamp"]
    shelf.put(old)
    with db.read() as conn:
        assert conn.execute(select(func.count()).select_from(mention)).scalar_one() == 3


def test_a_mention_that_still_has_a_brand_is_never_forgotten(db, shelf, now):
    shelf.say(collected_at=now - timedelta(days=99))
    with db.write() as conn:
        conn.execute(update(mention).values(matched=False))
    assert sources.forget_unmatched(db, before=now) == 0


def test_a_visit_that_is_put_off_is_no_visit(db, feed, now):
    before = state(db, feed)
    visit = sources.begin(db, feed, owner="monitor", now=now)
    sources.postpone(db, visit, wait=HOUR, now=now)
    after = state(db, feed)
    assert (after.last_success, after.failures, after.lease_owner) == (before.last_success, before.failures, None)
    assert sources.begin(db, feed, owner="monitor", now=now + HOUR - SECOND) is None
    assert sources.begin(db, feed, owner="monitor", now=now + HOUR + SECOND) is not None


def test_an_error_that_quotes_what_cannot_be_stored_is_recorded(db, feed, now):
    visit = sources.begin(db, feed, owner="a", now=now)
    assert visit is not None
    sources.fail(db, visit, error="it said \0 and \ud800", permanent=True, now=now)
    assert state(db, feed).last_error == "it said  and "
    assert state(db, feed).lease_owner is None
