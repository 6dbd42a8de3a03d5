from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.decision import carry_out, start
from alerts.incident import Incident, resolve
from alerts.silence import SourceHealth, decide_source, evidence_of_silence

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def health(**changes: Any) -> SourceHealth:
    values: dict[str, Any] = {
        "name": "Forum",
        "every": timedelta(minutes=15),
        "last_success": NOW,
        "failures": 0,
        "last_error": None,
        "enabled": True,
        "first_seen": NOW - timedelta(days=9),
    }
    return SourceHealth(**{**values, **changes})


def silent(at: datetime, **changes: Any) -> Incident:
    state = health(failures=4, last_error="time-out", **changes)
    decision = decide_source(state, None, now=at)
    return start(
        decision,
        id="s",
        group_key="source:Forum",
        cause="source",
        brand=None,
        subject="Forum",
        evidence=evidence_of_silence(state, now=at),
        now=at,
    )


@pytest.mark.parametrize(
    ("every", "bound"),
    [(timedelta(minutes=5), timedelta(hours=1)), (timedelta(hours=6), timedelta(hours=18))],
)
def test_three_missed_visits_and_at_least_an_hour_open(every: timedelta, bound: timedelta) -> None:
    early = decide_source(health(every=every), None, now=NOW + bound - timedelta(seconds=1))
    assert (early.kind, early.reason.code) == ("none", "source_fine")
    due = decide_source(health(every=every), None, now=NOW + bound)
    assert (due.kind, due.severity, due.reason.code) == ("open", "low", "source_silent")
    assert due.reason.numbers["silent"] == bound.total_seconds()


def test_a_source_outside_of_its_hours_is_missed_only_after_them() -> None:
    opens = NOW + timedelta(hours=19)
    resting = health(rests_until=opens)
    assert decide_source(resting, None, now=opens + timedelta(minutes=59)).kind == "none"
    assert decide_source(resting, None, now=opens + timedelta(hours=1)).kind == "open"
    failing = health(rests_until=opens, failures=1, last_error="429")
    assert decide_source(failing, None, now=NOW + timedelta(hours=1)).kind == "open", "that was no good visit"
    for_ever = health(rests_until=NOW + timedelta(days=900))
    assert decide_source(for_ever, None, now=NOW + timedelta(hours=25)).kind == "open"


def test_a_source_that_was_declared_outside_of_its_hours_is_not_missed_before_them() -> None:
    opens = NOW + timedelta(hours=13)
    declared = health(last_success=None, first_seen=NOW, rests_until=opens)
    assert decide_source(declared, None, now=opens + timedelta(minutes=59)).kind == "none"
    assert decide_source(declared, None, now=opens + timedelta(hours=1)).kind == "open"
    held = health(last_success=None, first_seen=NOW, rests_until=NOW + timedelta(days=9))
    assert decide_source(held, None, now=NOW + timedelta(hours=25)).kind == "open"


def test_a_source_that_never_succeeded_is_counted_from_its_declaration() -> None:
    assert decide_source(health(last_success=None, first_seen=NOW), None, now=NOW).kind == "none"
    assert decide_source(health(last_success=None, first_seen=NOW), None, now=NOW + timedelta(hours=1)).kind == "open"


def test_a_permanent_error_opens_at_the_second_failure_and_names_the_error() -> None:
    once = decide_source(health(failures=1, permanent=True, last_error="404 not found"), None, now=NOW)
    assert once.kind == "none"
    decision = decide_source(health(failures=2, permanent=True, last_error="404 not found"), None, now=NOW)
    assert (decision.kind, decision.reason.code, decision.reason.note) == ("open", "source_refused", "404 not found")


def test_a_source_that_could_never_be_read_opens_at_once() -> None:
    state = health(failures=1, permanent=True, last_success=None, last_error="404 not found")
    assert decide_source(state, None, now=NOW).kind == "open"


def test_what_nobody_tried_to_read_is_not_silent() -> None:
    night = NOW + timedelta(hours=12)
    assert decide_source(health(watched_since=night), None, now=night).kind == "none"
    assert decide_source(health(watched_since=night), None, now=night + timedelta(hours=1)).kind == "open"


def test_a_source_that_is_switched_off_raises_nothing_and_calms() -> None:
    later = NOW + timedelta(hours=2)
    assert decide_source(health(enabled=False), None, now=later).kind == "none"
    assert decide_source(health(enabled=False), silent(later), now=later).reason.code == "source_disabled"


def test_long_silence_becomes_medium_once() -> None:
    current = silent(NOW + timedelta(hours=1))
    assert decide_source(health(), current, now=NOW + timedelta(hours=3)).kind == "update"
    later = NOW + timedelta(hours=4)
    decision = decide_source(health(), current, now=later)
    assert (decision.kind, decision.severity) == ("escalate", "medium")
    worse = carry_out(decision, current, evidence_of_silence(health(), now=later), now=later)
    assert decide_source(health(), worse, now=later + timedelta(days=3)).kind == "update"


def test_a_success_calms_but_not_one_from_before_the_incident() -> None:
    current = silent(NOW + timedelta(hours=1))
    back = NOW + timedelta(hours=2)
    assert decide_source(health(), current, now=back).kind == "update"
    decision = decide_source(health(last_success=back), current, now=back)
    assert (decision.kind, decision.message, decision.reason.code) == ("calm", "resolved", "source_back")


def test_a_success_followed_by_a_permanent_error_does_not_calm() -> None:
    current, back = silent(NOW + timedelta(hours=1)), NOW + timedelta(hours=2)
    state = health(last_success=back, failures=1, permanent=True, last_error="gone")
    assert decide_source(state, current, now=back).kind == "update"


def test_after_a_person_resolved_silence_is_counted_anew() -> None:
    resolved_at = NOW + timedelta(hours=2)
    done = resolve(silent(NOW + timedelta(hours=1)), by="Olena", now=resolved_at)
    broken = health(failures=9, permanent=True, last_error="gone")
    assert decide_source(broken, done, now=resolved_at + timedelta(minutes=59)).kind == "none"
    assert decide_source(broken, done, now=resolved_at + timedelta(hours=1)).kind == "open"


def test_instants_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="last_success must be an aware datetime"):
        health(last_success=datetime(2026, 3, 10))  # noqa: DTZ001 - the point of the test
