from __future__ import annotations

from datetime import timedelta

import pytest

from crawlers.connector import Batch
from crawlers.memory import Page
from crawlers.report import Report
from storage import sources
from storage.intake import Arrival, Stored, store
from storage.pages import Remembered
from storage.source_health import FieldYield, Hold, Normal, Visits, field_yields, hosts_of, normal, source_health
from storage.visits import Tally

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def visit(shelf):
    def make(ago, *, source="feed", error=None, report=None, backfill=False, **stored):
        at = shelf.now - ago
        lease = sources.begin(shelf.db, shelf.sources[source], owner="m", now=at)
        tally = Tally(stored=Stored(**stored), report=report, history=backfill)
        if error:
            sources.fail(shelf.db, lease, error=error, permanent=False, now=at, tally=tally)
        else:
            sources.succeed(shelf.db, lease, now=at, tally=tally)

    return make


def report(items, **fields):
    return Report(pages=1, items=items, fields=fields)


def health(shelf, by, name="feed"):
    return next(row for row in source_health(shelf.db, by=by, now=shelf.now) if row.name == name)


def test_a_source_that_was_never_read_says_so(shelf, everybody):
    row = health(shelf, everybody)
    assert (row.type, row.kind, row.brand, row.enabled, row.last_success) == ("rss", "social", None, True, None)
    assert row.fortnight == row.day == Visits(n=0, good=0)
    assert row.fortnight.rate is None
    assert (row.items, row.new, row.lag, row.coverage, row.fields, row.holds) == (None, None, None, None, (), ())
    assert (row.waiting, row.gone) == (0, 0)


def test_one_source_can_be_asked_for(shelf, everybody):
    shelf.source("other")
    assert [row.name for row in source_health(shelf.db, by=everybody, now=shelf.now, name="other")] == ["other"]
    for unknown in ("nothing", "\0", ""):
        assert source_health(shelf.db, by=everybody, now=shelf.now, name=unknown) == ()


def test_visits_are_counted_over_a_fortnight_and_a_day(shelf, visit, everybody):
    for days in (20, 13, 10, 5):
        visit(days * DAY, new=1)
    visit(2 * DAY, error="503")
    visit(3 * HOUR, error="503")
    visit(HOUR)
    row = health(shelf, everybody)
    assert (row.fortnight, row.day) == (Visits(n=6, good=4), Visits(n=2, good=1))
    assert (row.day.rate, row.last_success) == (0.5, shelf.now - HOUR)
    assert health(shelf, everybody, "reviews").fortnight.n == 0


def test_the_last_visit_stands_beside_what_is_normal_without_history_and_failures(shelf, visit, everybody):
    visit(13 * DAY, new=5000, backfill=True)
    for hours in range(11, 0, -1):
        visit(hours * HOUR + MINUTE, new=hours, changed=1, same=20)
    visit(30 * MINUTE, error="broke off", new=3)
    visit(10 * MINUTE, same=2, new=1)
    row = health(shelf, everybody)
    assert row.new == Normal(last=1, usual=6.0, low=2.0, high=10.0)
    assert row.items == Normal(last=3, usual=27.0, low=23.0, high=31.0)


def test_one_visit_has_nothing_beside_it(shelf, visit, everybody):
    visit(HOUR, new=4)
    assert health(shelf, everybody).new == Normal(last=4, usual=None, low=None, high=None)
    assert normal([4, 9]) == Normal(last=4, usual=9.0, low=9.0, high=9.0)


def test_the_lag_is_the_median_over_visits_that_brought_news(shelf, visit, everybody):
    for ago, lags in ((3, (60.0,)), (2, (120.0, 120.0, 9000.0)), (1, (600.0,))):
        visit(ago * HOUR, lags=lags)
    visit(30 * MINUTE)
    assert health(shelf, everybody).lag == 2 * MINUTE


def test_coverage_is_the_read_share_of_a_week_since_the_first_time(shelf, everybody, now):
    shelf.put(covered_from=now - 40 * DAY, covered_to=now - 3 * DAY, source="reviews")
    shelf.put(covered_from=now - 10 * HOUR, covered_to=now - 5 * HOUR)
    assert health(shelf, everybody).coverage == pytest.approx(0.5)
    assert health(shelf, everybody, "reviews").coverage == pytest.approx(4 / 7)
    shelf.source("later")
    shelf.put(covered_from=now, covered_to=now + HOUR, source="later")
    assert health(shelf, everybody, "later").coverage is None


def test_pages_that_wait_or_were_given_up_are_counted(shelf, everybody):
    pages = [Page(url=f"https://shop.example/{n}", role="item", waiting=n < 3, gone=n in {0, 8}) for n in range(9)]
    arrival = Arrival(source_id=shelf.sources["feed"], batch=Batch(pages=tuple(pages)), readings=())
    store(shelf.db, arrival, now=shelf.now)
    row = health(shelf, everybody)
    assert (row.waiting, row.gone) == (2, 2)


def test_hosts_that_asked_to_be_left_alone_are_told_to_the_sources_that_read_them(shelf, everybody, now):
    options = {"start": ["https://www.shop.example/reviews"], "hosts": ["cdn.example"], "next": "a.next"}
    declared = {"name": "shop", "type": "reviews", "kind": "review", "options": options}
    shelf.source("shop", declared=declared)
    memory = Remembered(shelf.db, shelf.sources["shop"])
    memory.hold("shop.example", until=now + HOUR, reason="429: too many requests")
    memory.hold("cdn.example", until=now, reason="over")
    memory.hold("elsewhere.example", until=now + HOUR, reason="503")
    assert health(shelf, everybody, "shop").holds == (
        Hold(host="shop.example", until=now + HOUR, reason="429: too many requests"),
    )
    assert health(shelf, everybody).holds == ()


def test_hosts_are_found_in_whatever_options_name_addresses():
    assert hosts_of({"url": "http://a.example:8080/x", "n": 3, "hosts": "no list", "path": "/x"}) == {"a.example"}
    assert hosts_of({"start": ["https://b.example", 7, "http://["]} | {"hosts": ["c.example"]}) == {
        "b.example",
        "c.example",
    }


def test_sources_of_other_brands_are_not_shown(shelf, vesna_only):
    shelf.source("only Lumo", of="Lumo")
    assert [row.name for row in source_health(shelf.db, by=vesna_only, now=shelf.now)] == ["feed", "reviews"]


# -- fields -------------------------------------------------------------------------------------


def test_a_field_that_is_found_no_more_stands_out(shelf, visit, everybody):
    for hours in range(6, 1, -1):
        visit(hours * HOUR, report=report(20, text=20, rating=19))
    visit(HOUR, report=report(30, text=30, rating=1))
    assert health(shelf, everybody).fields == (
        FieldYield(field="rating", now=pytest.approx(1 / 30), usual=0.95),
        FieldYield(field="text", now=1.0, usual=1.0),
    )


def test_items_of_small_visits_count_together():
    small = [report(4, text=4, rating=0), report(6, text=6, rating=1), report(50, text=50, rating=50), report(9)]
    assert field_yields(small) == (
        FieldYield(field="rating", now=0.1, usual=1.0),
        FieldYield(field="text", now=1.0, usual=1.0),
    )
    assert field_yields(small[:1]) == ()
    assert field_yields(small[:2])[0].usual is None
    assert field_yields([]) == ()
