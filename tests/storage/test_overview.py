from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from config.principal import Principal
from storage import coverage, overview
from storage.cells import _cut, count
from storage.overview import Bin, Figure, Gap, LanguageRow
from storage.period import Period
from storage.schema import incident, mention_brand, source, source_state
from storage.timeline import _starts

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def day(now) -> Period:
    return Period(since=now - DAY, until=now)


def cover(shelf, name, since, until):
    with shelf.db.write() as conn:
        coverage.add(conn, shelf.sources[name], since, until)


def test_a_period_knows_the_one_before(now):
    week = Period(since=now - 7 * DAY, until=now)
    assert week.previous == Period(since=now - 14 * DAY, until=now - 7 * DAY)
    with pytest.raises(ValueError, match="begin before it ends"):
        Period(since=now, until=now)
    with pytest.raises(ValueError, match="UTC"):
        Period(since=now.replace(tzinfo=None), until=now)


def test_figures_stand_beside_those_of_the_period_before(db, shelf, everybody, day):
    shelf.say(author="olha")
    shelf.say(author="olha")
    shelf.say()
    shelf.say(label="positive")
    shelf.say(label="unscored", language="pl")
    shelf.say(ago=30 * HOUR, label="neutral")
    figures = overview.figures(db, by=everybody, brands=(), period=day)
    assert figures.mentions == Figure(value=5, before=1)
    assert figures.negative_share == Figure(value=0.75, before=0.0)
    assert figures.positive_share == Figure(value=0.25, before=0.0)
    assert figures.unscored_share == Figure(value=0.2, before=0.0)
    assert figures.authors == Figure(value=2, before=0)


def test_where_nothing_was_scored_there_is_no_share(db, shelf, everybody, day):
    shelf.say(label="unscored")
    figures = overview.figures(db, by=everybody, brands=("Lumo",), period=day)
    assert figures.negative_share == Figure(value=None, before=None)
    assert figures.unscored_share == Figure(value=1.0, before=None)


def test_nothing_found_is_zero_only_where_somebody_looked(db, shelf, everybody, day):
    shelf.say()
    figures = overview.figures(db, by=everybody, brands=(), period=day)
    assert (figures.mentions, figures.authors) == (Figure(value=1, before=None), Figure(value=1, before=None))
    cover(shelf, "feed", day.since - HOUR, day.until)
    figures = overview.figures(db, by=everybody, brands=(), period=day)
    assert (figures.mentions, figures.authors) == (Figure(value=1, before=0), Figure(value=1, before=0))


def test_undated_and_hidden_mentions_and_copies_do_not_count(db, shelf, everybody, day):
    shelf.say("undated", undated=True)
    shelf.say("hidden", ago=timedelta(minutes=5))
    shelf.say("copy", ago=timedelta(minutes=6))
    with db.write() as conn:
        when = mention_brand.c.published_at
        conn.execute(mention_brand.update().where(when == day.until - timedelta(minutes=5)).values(hidden=True))
        conn.execute(mention_brand.update().where(when == day.until - timedelta(minutes=6)).values(is_lead=False))
    figures = overview.figures(db, by=everybody, brands=(), period=day)
    assert (figures.mentions.value, figures.authors.value) == (1, 0)


def test_only_the_brands_one_may_see_are_counted(db, shelf, everybody, vesna_only, day):
    shelf.brand("Gone", enabled=False)
    shelf.say(brands=("Lumo", "Vesna"))
    shelf.say()
    cover(shelf, "feed", day.since, day.until)
    assert overview.brands(db, by=everybody) == ("Lumo", "Vesna")
    assert overview.brands(db, by=vesna_only) == ("Vesna",)
    asked = {"by": vesna_only, "brands": ("Lumo", "Vesna"), "period": day}
    assert overview.figures(db, **asked).mentions.value == 1
    assert overview.by_language(db, **asked)[0].mentions == 1
    assert overview.by_source(db, **asked)[0].mentions == 1
    assert len(overview.latest(db, by=vesna_only, brands=())) == 1
    nobody = {"by": Principal(name="n", role="viewer", brands=frozenset()), "brands": (), "period": day}
    assert overview.figures(db, **nobody).mentions == Figure(value=None, before=None)
    assert overview.by_source(db, **nobody) == overview.by_language(db, **nobody) == overview.gaps(db, **nobody) == ()
    assert {one.exposure for one in overview.timeline(db, **nobody, step="hour", zone="UTC")} == {0}


def test_incidents_that_wait_are_counted(db, shelf, everybody, vesna_only, day, now):
    common = {"cause": "negatives", "subject": "s", "severity": "high", "reason": {}, "evidence": {}, "opened_at": now}
    common |= {"updated_at": now, "revision": 1, "version": 1, "invented": False}
    matters = [("open", "Lumo"), ("acknowledged", "Lumo"), ("resolved", "Lumo"), ("open", None)]
    with db.write() as conn:
        for n, (state, name) in enumerate(matters):
            row = {"id": str(n), "group_key": str(n), "state": state, "brand_id": shelf.brands.get(name)}
            conn.execute(incident.insert().values(**common, **row))
    assert overview.figures(db, by=everybody, brands=(), period=day).open_incidents == 3
    assert overview.figures(db, by=vesna_only, brands=(), period=day).open_incidents == 1


def test_counting_by_cells_is_counting_by_rows(db, shelf):
    for minutes in range(0, 400, 7):
        shelf.put(shelf.reading(ago=timedelta(minutes=minutes), label=("negative", "neutral")[minutes % 2]))
    for since, until in [(0, 60), (30, 90), (10, 20), (29, 31), (0, 400), (31, 395)]:
        period = Period(since=shelf.now - timedelta(minutes=until), until=shelf.now - timedelta(minutes=since))
        expected = sum(period.since <= shelf.now - timedelta(minutes=m) < period.until for m in range(0, 400, 7))
        with db.read() as conn:
            assert sum(count(conn, [1], period, "hour", "label").values()) == expected
            assert sum(count(conn, [1], period).values()) == expected


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_period_falls_into_whole_hours_and_ends(start, length):
    since = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=start)
    period = Period(since=since, until=since + timedelta(minutes=length))
    whole, edges = _cut(period)
    parts = sorted([*edges, *([whole] if whole else [])], key=lambda part: part.since)
    assert parts[0].since == period.since
    assert parts[-1].until == period.until
    assert all(a.until == b.since for a, b in pairwise(parts))
    assert all(edge.until - edge.since < HOUR for edge in edges)


def test_the_timeline_has_every_hour_and_adds_up(db, shelf, everybody, now):
    period = Period(since=now - 3 * HOUR, until=now)
    shelf.say(ago=timedelta(minutes=1))
    shelf.say(ago=timedelta(minutes=100), label="positive")
    shelf.say(ago=timedelta(minutes=200))  # in the first hour, before the period
    bins = overview.timeline(db, by=everybody, brands=(), period=period, step="hour", zone="Europe/Kyiv")
    assert [one.start.hour for one in bins] == [9, 10, 11, 12]
    assert [(one.negative, one.positive) for one in bins] == [(0, 0), (0, 1), (0, 0), (1, 0)]


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ("Europe/Kyiv", ["27T22:00", "28T22:00", "29T21:00", "30T21:00"]),  # summer time begins on the 29th
        ("Asia/Kathmandu", ["27T18:15", "28T18:15", "29T18:15", "30T18:15"]),
    ],
)
def test_days_are_those_of_the_zone(zone, starts):
    from zoneinfo import ZoneInfo

    period = Period(since=datetime(2026, 3, 28, 9, tzinfo=UTC), until=datetime(2026, 3, 30, 9, tzinfo=UTC))
    assert [f"{start:%dT%H:%M}" for start in _starts(period, "day", ZoneInfo(zone))] == starts


def test_days_count_what_was_said_between_two_midnights(db, shelf, everybody, now):
    period = Period(since=now - 3 * DAY, until=now)
    midnight = {"Europe/Kyiv": timedelta(hours=14, minutes=30), "Asia/Kathmandu": timedelta(hours=18, minutes=15)}
    for zone, ago in midnight.items():  # how long before now the day began
        shelf.say(zone, brands=("Vesna",), ago=ago - timedelta(minutes=1))
        shelf.say(zone, brands=("Vesna",), ago=ago + timedelta(minutes=1))
    for zone, expected in {"Europe/Kyiv": [0, 0, 3, 1], "Asia/Kathmandu": [0, 0, 1, 3]}.items():
        bins = overview.timeline(db, by=everybody, brands=("Vesna",), period=period, step="day", zone=zone)
        assert [one.negative for one in bins] == expected, zone


def test_exposure_is_what_the_usual_sources_have_read(db, shelf, everybody, now):
    period = Period(since=now.replace(minute=0) - 4 * HOUR, until=now)
    for _ in range(3):
        shelf.say()
    shelf.say(source="reviews")
    cover(shelf, "feed", period.since - HOUR, period.since + HOUR)
    cover(shelf, "feed", period.since + 1.5 * HOUR, now)
    cover(shelf, "reviews", period.since + 3 * HOUR, now)
    bins = overview.timeline(db, by=everybody, brands=("Lumo",), period=period, step="hour", zone="UTC")
    assert [one.exposure for one in bins] == pytest.approx([0.75, 0.375, 0.75, 1.0, 1.0])


def test_a_source_that_never_says_what_it_read_does_not_lower_the_exposure(db, shelf, everybody, now):
    shelf.source("import")
    shelf.say(source="import")
    period = Period(since=now - HOUR, until=now)
    ask = {"by": everybody, "brands": ("Lumo",), "period": period, "step": "hour", "zone": "UTC"}
    assert [one.exposure for one in overview.timeline(db, **ask)] == [0, 0]
    cover(shelf, "feed", period.since, period.until)
    assert [one.exposure for one in overview.timeline(db, **ask)] == [1, 1]


def test_an_empty_database_has_empty_bins(db, everybody, now):
    period = Period(since=now - HOUR, until=now)
    bins = overview.timeline(db, by=everybody, brands=(), period=period, step="day", zone="UTC")
    assert bins == (Bin(start=datetime(2026, 3, 10, tzinfo=UTC), exposure=0),)


def test_gaps_are_what_lies_between_readings_and_a_long_silence_at_the_end(db, shelf, everybody, now, day):
    at = day.since
    cover(shelf, "feed", at + 2 * HOUR, at + 5 * HOUR)
    cover(shelf, "feed", at + 7 * HOUR, now - timedelta(minutes=30))
    cover(shelf, "reviews", at - 9 * HOUR, at + 1 * HOUR)
    gaps = overview.gaps(db, by=everybody, brands=(), period=day)
    assert gaps == (
        Gap(source="reviews", since=at + HOUR, until=now),
        Gap(source="feed", since=at + 5 * HOUR, until=at + 7 * HOUR),
    )
    later = Period(since=day.since, until=now + timedelta(seconds=1))
    assert Gap(source="feed", since=now - timedelta(minutes=30), until=later.until) in overview.gaps(
        db, by=everybody, brands=(), period=later
    )
    early = Period(since=at + 6 * HOUR, until=at + 6.5 * HOUR)
    assert Gap(source="feed", since=early.since, until=early.until) in overview.gaps(
        db, by=everybody, brands=(), period=early
    )


def test_sources_that_are_off_or_of_other_brands_have_no_gaps(db, shelf, everybody, vesna_only, day):
    shelf.source("only Lumo", of="Lumo")
    for name in ("only Lumo", "feed"):
        cover(shelf, name, day.since, day.since + HOUR)
    with db.write() as conn:
        conn.execute(source.update().where(source.c.name == "feed").values(enabled=False))
    assert [gap.source for gap in overview.gaps(db, by=everybody, brands=(), period=day)] == ["only Lumo"]
    assert overview.gaps(db, by=vesna_only, brands=(), period=day) == ()


def test_sources_tell_what_they_brought_and_how_they_fare(db, shelf, everybody, now, day):
    shelf.source("idle", of="Lumo")
    shelf.source("off", enabled=False)
    shelf.say()
    shelf.say(source="reviews", label="positive")
    shelf.say(source="reviews", label="unscored")
    with db.write() as conn:
        conn.execute(source_state.update().values(last_success=now - HOUR, failures=2))
    rows = overview.by_source(db, by=everybody, brands=("Lumo",), period=day)
    assert [(row.source, row.kind, row.mentions) for row in rows] == [
        ("reviews", "review", 2),
        ("feed", "social", 1),
        ("idle", "social", 0),
    ]
    assert (rows[0].positive, rows[0].unscored, rows[0].negative) == (1, 1, 0)
    assert all(row.failing and row.last_success == now - HOUR for row in rows)
    shelf.say(source="off")
    with db.write() as conn:
        assert not next(
            row for row in overview.by_source(db, by=everybody, brands=(), period=day) if row.source == "off"
        ).failing


def test_a_source_that_waits_for_its_terms_to_be_confirmed_neither_fails_nor_has_gaps(db, shelf, everybody, day):
    cover(shelf, "feed", day.since, day.since + HOUR)
    cover(shelf, "reviews", day.since, day.until)
    with db.write() as conn:
        conn.execute(source_state.update().values(failures=2))
    shelf.restrict("feed")
    asked = {"by": everybody, "brands": (), "period": day}
    assert overview.gaps(db, **asked) == ()
    assert [(row.source, row.failing) for row in overview.by_source(db, **asked)] == [("reviews", True)]
    # Of the time before anything was published only what is read weighs.
    hours = overview.timeline(db, step="hour", zone="UTC", **asked)
    assert {one.exposure for one in hours} == {1.0}
    shelf.say()
    assert [(row.source, row.failing) for row in overview.by_source(db, **asked)] == [
        ("feed", False),
        ("reviews", True),
    ]


def test_languages_are_counted_most_first(db, shelf, everybody, day):
    for language, label in [("uk", "unscored"), ("en", "negative"), ("en", "positive")]:
        shelf.say(language=language, label=label)
    assert overview.by_language(db, by=everybody, brands=(), period=day) == (
        LanguageRow(language="en", mentions=2, negative=1, neutral=0, positive=1, unscored=0),
        LanguageRow(language="uk", mentions=1, negative=0, neutral=0, positive=0, unscored=1),
    )


def test_the_latest_negatives_come_newest_first(db, shelf, everybody):
    for hours in (3, 1, 2):
        shelf.say(f"{hours}", ago=hours * HOUR)
    shelf.say("fine", label="positive", ago=timedelta(0))
    assert [row.text for row in overview.latest(db, by=everybody, brands=(), limit=2)] == ["1", "2"]


def test_counts_by_source_are_read_from_the_index_alone(sqlite_db):
    with sqlite_db.read() as conn:
        plan = conn.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT source_id, label, count(*) FROM mention_brand WHERE brand_id IN (1, 2)"
                " AND published_at >= 1 AND published_at < 9 AND NOT hidden AND NOT undated GROUP BY source_id, label"
            )
        )
        assert any("USING COVERING INDEX ix_mention_brand_list" in row.detail for row in plan)
