from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.decision import Decision, carry_out, start
from alerts.incident import Incident, resolve
from alerts.yields import LOOKED_AT, Reading, SourceYields, chance_of, decide_yield, evidence_of_yield
from config.i18n import translator
from crawlers.report import Report

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def report(items: int, *, pages: int = 3, unchanged: int = 0, **fields: float) -> Report:
    """A visit that showed so many items, of which such shares had each field."""
    counts = {name: round(items * share) for name, share in fields.items()}
    return Report(pages=pages, unchanged=unchanged, items=items, fields=counts)


def usual(n: int = 60, items: int = 10) -> list[Report]:
    return [report(items, text=1, rating=0.98 if items > 40 else 1, author=0.8)] * n


def yields(oldest_first: Sequence[Report], *, enabled: bool = True, until: datetime = NOW) -> SourceYields:
    """One visit an hour, the last of them at `until`."""
    newest_first = reversed(oldest_first)
    readings = tuple(Reading(at=until - n * HOUR, report=one) for n, one in enumerate(newest_first))
    return SourceYields(name="Reviews", enabled=enabled, readings=readings)


def judged(oldest_first: Sequence[Report]) -> Decision:
    return decide_yield(yields(oldest_first), None, now=NOW)


def opened(oldest_first: Sequence[Report], at: datetime = NOW) -> Incident:
    decision = decide_yield(yields(oldest_first, until=at), None, now=at)
    return start(
        decision,
        id="y",
        group_key="yield:Reviews",
        cause="yield",
        brand=None,
        subject="Reviews",
        evidence=evidence_of_yield(decision, None, now=at),
        now=at,
    )


NO_RATING = [report(10, text=1, rating=0, author=0.8)] * 2
NOTHING = [report(0)] * 3


# -- a field is lost ------------------------------------------------------------------------------


def test_a_field_that_most_items_had_and_few_have_now_says_that_the_site_changed() -> None:
    decision = judged([*usual(items=50), *[report(50, text=1, rating=0.04, author=0.8)] * 2])
    assert (decision.kind, decision.severity, decision.reason.code) == ("open", "low", "yield_drop")
    assert decision.reason.about == "rating"
    said = decision.reason.say(translator("en"))
    assert said == "The site changed: rating found in 4% of items, usually 98%."


def test_the_evidence_begins_with_the_first_visit_that_lacked_it() -> None:
    incident = opened([*usual(), *NO_RATING])
    assert (incident.evidence.since, incident.evidence.until) == (NOW - HOUR, NOW)


@pytest.mark.parametrize(
    ("visits", "why"),
    [
        ([*usual(), NO_RATING[0]], "a single visit may have read old pages"),
        ([*usual(2), *NO_RATING], "too little is known of what is usual"),
        ([*usual(), *[report(3, text=1)] * 2], "six items prove nothing"),
        ([*usual(), *[report(10, text=1, rating=0.4, author=0.8)] * 9], "it is found less, but not lost"),
        ([*[report(10, text=1, rating=0.6)] * 20, *NO_RATING], "it was never in most items"),
        ([*usual(6), *NO_RATING, *usual(6), *NO_RATING], "it comes and goes"),
        ([*NO_RATING, *usual(20)], "it is there"),
        ([], "there was no visit"),
    ],
)
def test_other_readings_raise_nothing(visits: list[Report], why: str) -> None:
    assert judged(visits).kind == "none", why


def test_small_visits_are_looked_at_together() -> None:
    small = [report(2, text=1, rating=1)] * 40
    assert judged([*small, *[report(2, text=1, rating=0)] * 3]).kind == "none"
    assert judged([*small, *[report(2, text=1, rating=0)] * 4]).kind == "open"


def test_the_less_usual_a_field_is_the_more_items_it_takes() -> None:
    some = [report(10, text=1, rating=0.7)] * 20
    few = report(10, text=1, rating=0.1)
    taken = next(n for n in range(1, 10) if judged([*some, *[few] * n]).kind == "open")
    assert taken == 2
    fewer = report(10, text=1, rating=0.2)
    assert next(n for n in range(1, 10) if judged([*some, *[fewer] * n]).kind == "open") > taken


def test_the_field_that_fell_deepest_is_named() -> None:
    assert judged([*usual(), *[report(10, text=0, rating=0.1, author=0)] * 2]).reason.about == "text"


# -- nothing is found -----------------------------------------------------------------------------


def test_pages_that_are_read_and_show_nothing_three_times_say_that_the_site_changed() -> None:
    assert judged([*usual(), *NOTHING[:2]]).kind == "none"
    decision = judged([*usual(), *NOTHING])
    assert (decision.kind, decision.severity, decision.reason.code) == ("open", "low", "items_drop")
    said = decision.reason.say(translator("en"))
    assert said == (
        "The site changed: its pages are read, but no items were found on them in 3 visits; usual: 10 items a visit."
    )


def test_pages_that_did_not_change_say_nothing() -> None:
    unchanged = [report(0, pages=3, unchanged=3)] * 50
    assert judged([*usual(), *unchanged]).kind == "none"
    assert judged([*usual(), *unchanged, *NOTHING[:2], *unchanged]).kind == "none"
    assert judged([*usual(), *NOTHING[:2], *unchanged, NOTHING[0], *unchanged]).kind == "open"


def test_a_source_that_often_shows_nothing_takes_longer() -> None:
    nights = [*[report(4, text=1)] * 16, *[report(0)] * 8] * 4
    assert judged(nights).kind == "none"
    assert judged([*nights, *[report(4, text=1)] * 4, *[report(0)] * 16]).kind == "none"
    assert judged([*nights, *[report(4, text=1)] * 4, *[report(0)] * 17]).kind == "open"


def test_a_source_that_mostly_shows_nothing_or_is_hardly_known_is_left_alone() -> None:
    assert judged([*[report(0), report(0), report(3)] * 9, *NOTHING * 9]).kind == "none"
    assert judged([*usual(9), *NOTHING]).kind == "none"


def test_the_first_quiet_night_of_a_source_is_no_change_of_its_site() -> None:
    first_day = [report(30, text=1)] * 16
    assert judged([*first_day, *[report(0)] * 47]).kind == "none", "its first visits read all there is"
    assert judged([*first_day, *[report(0)] * 49]).kind == "open", "two days are no night"


def test_a_source_that_is_read_every_few_minutes_is_quiet_each_night() -> None:
    day, night = [report(4, text=1)] * 192, [report(0)] * 96
    visits = [*day, *night, *day, *night, *day, *night][-LOOKED_AT:]
    often = yields(visits)
    readings = tuple(replace(one, at=NOW - n * timedelta(minutes=5)) for n, one in enumerate(often.readings))
    assert decide_yield(replace(often, readings=readings), None, now=NOW).kind == "none"


def test_three_visits_within_a_minute_are_no_proof() -> None:
    fast = yields([*usual(), *NOTHING])
    last = tuple(replace(one, at=NOW - n * timedelta(seconds=5)) for n, one in enumerate(fast.readings[:3]))
    close = (*last, *fast.readings[3:])
    assert decide_yield(replace(fast, readings=close), None, now=NOW).kind == "none"
    assert decide_yield(replace(fast, readings=close), None, now=NOW + HOUR).kind == "open"


# -- while it stands ------------------------------------------------------------------------------


def test_it_stands_and_is_told_once_more_after_a_day() -> None:
    bad = [*usual(), *NO_RATING]
    current = opened(bad)
    later = NOW + timedelta(hours=23)
    decision = decide_yield(yields([*bad, *NO_RATING * 12], until=later), current, now=later)
    assert (decision.kind, decision.severity) == ("update", "low")
    later = NOW + timedelta(hours=24)
    worse = decide_yield(yields([*bad, *NO_RATING * 12], until=later), current, now=later)
    assert (worse.kind, worse.severity, worse.reason) == ("escalate", "medium", current.reason)
    evidence = evidence_of_yield(worse, current, now=later)
    assert (evidence.since, evidence.until) == (current.evidence.since, later)
    after = carry_out(worse, current, evidence, now=later)
    assert decide_yield(yields(bad, until=later), after, now=later + timedelta(days=9)).kind == "update"


def test_what_was_lost_long_ago_does_not_become_the_usual_by_itself() -> None:
    current = opened([*usual(), *NO_RATING])
    later = NOW + timedelta(days=5)
    assert decide_yield(yields(NO_RATING * 90, until=later), current, now=later).kind == "escalate"


@pytest.mark.parametrize(
    ("bad", "good"),
    [([*usual(), *NO_RATING], usual(1)), ([*usual(), *NOTHING], [report(1, text=1)])],
)
def test_it_is_calm_as_soon_as_it_is_found_again(bad: list[Report], good: list[Report]) -> None:
    current = opened(bad)
    later = NOW + HOUR
    decision = decide_yield(yields([*bad, *good], until=later), current, now=later)
    assert (decision.kind, decision.reason.code) == ("calm", "yield_back")
    assert carry_out(decision, current, current.evidence, now=later).state == "resolved"


def test_an_edited_source_is_calm_when_the_new_way_finds_it() -> None:
    current = opened([*usual(), *NO_RATING])
    assert decide_yield(yields([]), current, now=NOW + HOUR).kind == "update"
    assert decide_yield(yields(usual(1), until=NOW + HOUR), current, now=NOW + HOUR).kind == "calm"


def test_a_source_that_is_off_is_nobodys_concern() -> None:
    bad = [*usual(), *NO_RATING]
    assert decide_yield(yields(bad, enabled=False), None, now=NOW).kind == "none"
    decision = decide_yield(yields(bad, enabled=False), opened(bad), now=NOW)
    assert (decision.kind, decision.reason.code) == ("calm", "source_disabled")


@pytest.mark.parametrize("bad", [[*usual(), *NO_RATING], [*usual(), *NOTHING]])
def test_what_a_person_resolved_is_the_new_usual(bad: list[Report]) -> None:
    done = resolve(opened(bad), by="Olena", now=NOW)
    later = NOW + 30 * HOUR
    same = [*bad, *[bad[-1]] * 30]
    assert decide_yield(yields(same, until=later), done, now=later).kind == "none"
    again = [*bad, *usual(), *bad[len(usual()) :]]
    later = NOW + (len(again) - len(bad)) * HOUR
    assert decide_yield(yields(again, until=later), done, now=later).kind == "open"


# -- chance ---------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.floats(0.3, 0.97), st.data())
def test_law_the_chance_is_never_less_than_the_binomial_one(n: int, usually: float, data: Any) -> None:
    k = data.draw(st.integers(0, n))
    exact = sum(comb(n, i) * usually**i * (1 - usually) ** (n - i) for i in range(k + 1))
    assert chance_of(k / n, n, usual=usually) >= exact * (1 - 1e-9)


def test_nothing_is_certain_even_where_every_item_had_the_field() -> None:
    assert 0 < chance_of(0, 3, usual=1) < 1
    assert chance_of(1, 10_000, usual=1) == 1
    assert chance_of(0, 10_000, usual=1) == 0
