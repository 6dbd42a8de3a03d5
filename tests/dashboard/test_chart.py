"""The chart: every picture is checked against Vega-Lite's schema, and says the truth about what was read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from altair.utils.schemapi import debug_mode

from alerts.incident import Evidence, Incident
from alerts.reason import Reason
from dashboard.axis import nice_top
from dashboard.chart import draw
from dashboard.filters import period_of
from dashboard.timeline import Timeline, bars_of
from dashboard.wording import Wording
from storage.overview import Bin, Gap
from storage.period import Period


@pytest.fixture
def words() -> Wording:
    return Wording("uk", "Europe/Kyiv")


def bins(period: Period, *, step: timedelta = timedelta(hours=1)) -> tuple[Bin, ...]:
    count = int((period.until - period.since) / step) + 1
    return tuple(
        Bin(start=period.since + n * step, negative=n % 5, neutral=n % 3, positive=2, unscored=n % 7, exposure=0.5)
        for n in range(count)
    )


def incident(at: datetime) -> Incident:
    return Incident(
        id="1",
        group_key="g",
        cause="negatives",
        brand="Shop",
        subject="Shop <b>",
        severity="high",
        state="open",
        reason=Reason(code="bound_reached"),
        evidence=Evidence(since=at, until=at),
        opened_at=at,
        updated_at=at,
    )


def rows(spec: dict[str, object], field: str) -> list[dict[str, object]]:
    """All drawn rows that have `field`; Altair keeps them beside the layers."""
    return [row for data in spec["datasets"].values() for row in data if field in row]


@pytest.mark.parametrize(("span", "mode"), [("24h", "light"), ("7d", "dark"), ("30d", "light"), ("60d", "dark")])
def test_the_chart_is_a_chart_for_every_period_and_mode(words, now, span, mode):
    period = period_of(span, words, now)
    gaps = (Gap(source="Feed", since=period.since, until=now),)
    bars = bars_of(bins(period), words, until=now, hours=6)
    timeline = Timeline(period=period, bars=bars, gaps=gaps, incidents=(incident(now),))
    with debug_mode(arg=True):
        spec = draw(timeline, words, mode).to_dict()
    assert len(spec["layer"]) == 7


def test_an_empty_period_draws_nothing_and_fails_nowhere(words, now):
    period = period_of("24h", words, now)
    with debug_mode(arg=True):
        spec = draw(Timeline(period=period, bars=(), gaps=(), incidents=()), words, "light").to_dict()
    assert spec["layer"] == []


def test_bars_add_up_and_lie_on_the_wall_clock(now):
    words = Wording("en", "Europe/Kyiv")
    period = period_of("7d", words, now)
    counted = bins(period)
    bars = bars_of(counted, words, until=now, hours=6)
    assert sum(bar.total for bar in bars) == sum(
        item.negative + item.neutral + item.positive + item.unscored for item in counted
    )
    assert {bar.start.astimezone(words.zone).hour for bar in bars} == {0, 6, 12, 18}
    assert bars[0].start == period.since
    assert bars[-1].end == now


def test_an_hour_begins_at_half_past_where_the_zone_says_so(now):
    words = Wording("en", "Asia/Kolkata")
    period = Period(since=now.replace(minute=0), until=now.replace(minute=0) + timedelta(hours=3))
    bars = bars_of(bins(period), words, until=period.until + timedelta(hours=1), hours=1)
    assert bars[0].start == period.since


def test_the_hour_that_a_clock_repeats_is_not_lost():
    words = Wording("en", "Europe/Kyiv")
    night = Period(
        since=datetime.fromisoformat("2026-10-24T22:00:00+00:00"),
        until=datetime.fromisoformat("2026-10-25T04:00:00+00:00"),
    )
    counted = bins(night)
    bars = bars_of(counted, words, until=night.until + timedelta(hours=1), hours=1)
    assert len(bars) == len(counted) - 1
    assert sum(bar.counts["positive"] for bar in bars) == 2 * len(counted)


def test_bands_do_not_blame_a_source_for_the_gap_of_another(now):
    words = Wording("en", "UTC")
    period = period_of("24h", words, now)
    gaps = (
        Gap(source="Long", since=now - timedelta(hours=12), until=now),
        Gap(source="Short", since=now - timedelta(hours=2), until=now - timedelta(hours=1)),
    )
    timeline = Timeline(period=period, bars=bars_of(bins(period), words, until=now, hours=1), gaps=gaps, incidents=())
    with debug_mode(arg=True):
        spec = draw(timeline, words, "light").to_dict()
    bands = {(row["from"], row["name"]) for row in rows(spec, "missing")}
    assert [name for _, name in sorted(bands)] == ["Long", "Long, Short", "Long"]


@pytest.mark.parametrize(("highest", "top"), [(0, 4), (1, 4), (4, 8), (19, 40), (99, 200), (1_000, 2_000)])
def test_the_axis_ends_at_a_round_number_above_the_highest_bar(highest, top):
    assert nice_top(highest) == top
    assert nice_top(highest) % 4 == 0
