from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.when import When

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MIDNIGHT = NOON - timedelta(hours=12)
DAY = timedelta(days=1)


def test_an_instant_is_itself() -> None:
    assert When(since=NOON, until=NOON).instant(NOON + 9 * DAY) == NOON


def test_what_carries_the_date_of_today_is_of_now() -> None:
    assert When(since=MIDNIGHT, until=MIDNIGHT + DAY).instant(NOON) == NOON


def test_a_day_that_has_just_ended_counts_as_its_end_and_stays_that_day() -> None:
    assert When(since=MIDNIGHT - DAY, until=MIDNIGHT).instant(MIDNIGHT + timedelta(minutes=5)) == MIDNIGHT - timedelta(
        seconds=1
    )


def test_an_earlier_day_counts_as_its_middle() -> None:
    assert When(since=MIDNIGHT - 3 * DAY, until=MIDNIGHT - 2 * DAY).instant(NOON) == NOON - 3 * DAY


def test_a_day_of_25_hours_is_a_day() -> None:
    assert When(since=MIDNIGHT - timedelta(hours=1), until=MIDNIGHT + DAY).instant(NOON) == NOON


def test_a_month_counts_as_its_beginning() -> None:
    assert When(since=MIDNIGHT - 9 * DAY, until=MIDNIGHT + 20 * DAY).instant(NOON) == MIDNIGHT - 9 * DAY


def test_nothing_is_in_the_future_but_what_says_so() -> None:
    assert When(since=NOON + DAY, until=NOON + 2 * DAY).instant(NOON) == NOON + DAY


def test_a_span_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        When(since=NOON, until=NOON - DAY)
