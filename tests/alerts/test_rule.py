from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from alerts.decision import Decision, carry_out, start
from alerts.incident import SEVERITIES, Incident, Quote, WrongStateError, acknowledge, resolve
from alerts.rule import Detector, Tally, decide, evidence_of, judged_window
from config.settings import Rule

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
RULE = Rule(name="Crisis", window=timedelta(hours=3), min_negatives=10, min_share=0.5, severity="medium")

MakeTally = Callable[..., Tally]
MakeIncident = Callable[..., Incident]


def opened(decision: Decision, tally: Tally) -> Incident:
    return start(
        decision,
        id="i",
        group_key="g",
        cause="negatives",
        brand="Acme",
        subject="Acme",
        evidence=evidence_of(tally),
        now=tally.until,
    )


def test_both_bounds_open_an_incident_with_the_rules_severity(tally: MakeTally) -> None:
    decision = decide(RULE, tally(10), None, now=NOW)
    assert (decision.kind, decision.severity, decision.message) == ("open", "medium", "opened")
    assert decision.reason.numbers["voices"] == 10


def test_too_few_voices_open_nothing_however_many_copies_there_are(tally: MakeTally) -> None:
    decision = decide(RULE, tally(9, negatives=900, scored=900, mentions=900), None, now=NOW)
    assert (decision.kind, decision.severity, decision.reason.code) == ("none", None, "below_bound")


def test_a_small_share_opens_nothing_however_many_voices_there_are(tally: MakeTally) -> None:
    assert decide(RULE, tally(50, scored=101, mentions=200), None, now=NOW).kind == "none"


def test_the_bounds_themselves_count_as_reached(tally: MakeTally) -> None:
    assert decide(RULE, tally(10, scored=20, mentions=20), None, now=NOW).kind == "open"


def test_a_standing_incident_is_renewed_silently(tally: MakeTally, incident: MakeIncident) -> None:
    current = incident(severity="medium")
    decision = decide(RULE, tally(23), current, now=NOW)
    assert (decision.kind, decision.message) == ("update", None)
    renewed = carry_out(decision, current, evidence_of(tally(23)), now=NOW)
    assert (renewed.evidence.voices, renewed.evidence.told_voices, renewed.revision) == (23, 12, 1)


@pytest.mark.parametrize(("voices", "severity"), [(24, "high"), (47, "high"), (48, "critical"), (500, "critical")])
def test_growth_raises_the_severity(voices: int, severity: str, tally: MakeTally, incident: MakeIncident) -> None:
    current = incident(severity="medium")
    decision = decide(RULE, tally(voices), current, now=NOW)
    assert (decision.kind, decision.severity, decision.message) == ("escalate", severity, "escalated")
    worse = carry_out(decision, current, evidence_of(tally(voices)), now=NOW)
    assert (worse.severity, worse.revision, worse.evidence.told_voices) == (severity, 2, voices)


def test_twice_and_then_four_times_the_first_voices_are_two_steps(tally: MakeTally, incident: MakeIncident) -> None:
    current = incident(severity="low")
    for voices, severity in ((24, "medium"), (48, "high")):
        current = carry_out(decide(RULE, tally(voices), current, now=NOW), current, evidence_of(tally(voices)), now=NOW)
        assert current.severity == severity


def test_at_critical_nothing_is_left_to_tell(tally: MakeTally, incident: MakeIncident) -> None:
    assert decide(RULE, tally(900), incident(severity="critical"), now=NOW).kind == "update"


def test_an_acknowledged_incident_still_escalates_and_stays_acknowledged(
    tally: MakeTally, incident: MakeIncident
) -> None:
    current = acknowledge(incident(severity="medium"), by="Olena", now=NOW)
    decision = decide(RULE, tally(24), current, now=NOW)
    worse = carry_out(decision, current, evidence_of(tally(24)), now=NOW)
    assert (worse.state, worse.acknowledged_by, worse.severity) == ("acknowledged", "Olena", "high")


def test_a_quiet_incident_is_kept_until_a_full_window_was_quiet(tally: MakeTally, incident: MakeIncident) -> None:
    soon = NOW + timedelta(hours=2, minutes=59)
    assert decide(RULE, tally(2, until=soon), incident(), now=soon).kind == "keep"
    later = NOW + timedelta(hours=3)
    decision = decide(RULE, tally(2, until=later), incident(), now=later)
    assert (decision.kind, decision.message) == ("calm", "resolved")


def test_the_part_of_a_window_that_lies_ahead_is_not_quiet_yet(tally: MakeTally, incident: MakeIncident) -> None:
    later = NOW + timedelta(hours=3)
    assert decide(RULE, tally(2, until=later), incident(), now=later - timedelta(minutes=1)).kind == "keep"


def test_calming_resolves_by_the_system_and_keeps_the_last_loud_evidence(
    tally: MakeTally, incident: MakeIncident
) -> None:
    later, current = NOW + timedelta(hours=3), incident()
    decision = decide(RULE, tally(2, until=later), current, now=later)
    calm = carry_out(decision, current, evidence_of(tally(2, until=later)), now=later)
    assert (calm.state, calm.resolved_by, calm.revision) == ("resolved", "groundswell", 2)
    assert calm.evidence == current.evidence
    assert decide(RULE, tally(2, until=later), calm, now=later).kind == "none"


def test_missing_is_not_zero(tally: MakeTally, incident: MakeIncident) -> None:
    later = NOW + timedelta(days=2)
    for current in (None, incident()):
        decision = decide(RULE, tally(0, until=later, exposure=0), current, now=later)
        assert (decision.kind, decision.reason.code) == ("none", "not_collected")
    assert decide(RULE, tally(40, exposure=0), None, now=NOW).kind == "none"


def test_a_window_that_was_mostly_unread_never_calms(tally: MakeTally, incident: MakeIncident) -> None:
    later = NOW + timedelta(days=2)
    assert decide(RULE, tally(0, until=later, exposure=0.49), incident(), now=later).kind == "keep"


def test_after_a_person_resolved_only_what_is_newer_counts(incident: MakeIncident) -> None:
    resolved = resolve(incident(), by="Olena", now=NOW)
    assert judged_window(RULE, resolved, now=NOW + timedelta(hours=1)) == (NOW, NOW + timedelta(hours=1))
    assert judged_window(RULE, resolved, now=NOW + timedelta(hours=9))[0] == NOW + timedelta(hours=6)
    assert judged_window(RULE, None, now=NOW)[0] == NOW - timedelta(hours=3)
    assert judged_window(RULE, incident(), now=NOW)[0] == NOW - timedelta(hours=3)


def test_after_the_system_resolved_the_window_is_whole(tally: MakeTally, incident: MakeIncident) -> None:
    later, current = NOW + timedelta(hours=3), incident()
    decision = decide(RULE, tally(2, until=later), current, now=later)
    calm = carry_out(decision, current, evidence_of(tally(2)), now=later)
    assert judged_window(RULE, calm, now=later)[0] == NOW


def test_a_person_acknowledges_and_resolves_once(incident: MakeIncident) -> None:
    taken = acknowledge(incident(), by="Olena", now=NOW)
    assert acknowledge(taken, by="Piotr", now=NOW) is taken
    done = resolve(taken, by="Piotr", now=NOW)
    assert (done.state, done.resolved_by, done.acknowledged_by) == ("resolved", "Piotr", "Olena")
    assert resolve(done, by="Olena", now=NOW) is done
    with pytest.raises(WrongStateError, match="was resolved by Piotr"):
        acknowledge(done, by="Olena", now=NOW)


def test_a_decision_other_than_open_starts_nothing(tally: MakeTally, incident: MakeIncident) -> None:
    with pytest.raises(ValueError, match="only an `open` decision"):
        opened(decide(RULE, tally(1), None, now=NOW), tally(1))
    with pytest.raises(ValueError, match="starts an incident"):
        carry_out(decide(RULE, tally(10), None, now=NOW), incident(), evidence_of(tally(10)), now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"voices": 5, "negatives": 4}, {"exposure": 1.5}, {"since": NOW + timedelta(hours=1)}, {"scored": 1}],
)
def test_a_tally_that_cannot_be_is_refused(wrong: dict[str, Any], tally: MakeTally) -> None:
    with pytest.raises(ValueError, match=r"counts|exposure|window"):
        tally(**{"voices": 3, **wrong})


def test_an_incident_survives_being_stored_as_json(incident: MakeIncident) -> None:
    stored = TypeAdapter(Incident)
    assert stored.validate_json(stored.dump_json(incident())) == incident()


def test_the_rule_is_a_detector(tally: MakeTally) -> None:
    detector: Detector = decide
    assert detector(RULE, tally(10), None, now=NOW).kind == "open"


def test_evidence_holds_the_tally_and_its_quotes(tally: MakeTally) -> None:
    quote = Quote(mention_id=1, text="late", published_at=NOW)
    evidence = evidence_of(tally(10), [quote])
    assert (evidence.voices, evidence.scored, evidence.quotes, evidence.share) == (10, 12, (quote,), 10 / 12)


# -- laws -------------------------------------------------------------------------------------

counts = st.integers(min_value=0, max_value=400)
severities = st.sampled_from(SEVERITIES)


@given(few=counts, more=counts, rest=counts, told=st.integers(1, 100), severity=st.none() | severities)
def test_law_more_voices_never_mean_less(few: int, more: int, rest: int, told: int, severity: Any) -> None:
    current = _standing(told, severity) if severity else None
    less, much = (decide(RULE, _tally(voices, rest), current, now=NOW) for voices in sorted((few, more)))
    assert _rank(much) >= _rank(less)
    if current is not None:
        assert _rank(much) >= SEVERITIES.index(current.severity)


@given(st.lists(st.tuples(counts, counts, st.sampled_from([0.0, 0.4, 1.0])), max_size=30))
def test_law_nothing_is_told_twice(hours: list[tuple[int, int, float]]) -> None:
    current: Incident | None = None
    told: list[tuple[str, str | None]] = []
    for hour, (voices, rest, exposure) in enumerate(hours):
        tally = _tally(voices, rest, until=NOW + timedelta(hours=hour), exposure=exposure)
        current, said = _step(tally, current)
        told += said
        current, again = _step(tally, current)
        assert not again, "the same window told people twice"
    assert all(first != second for first, second in pairwise(told))


@given(st.lists(counts, min_size=1, max_size=30))
def test_law_one_incident_escalates_at_most_to_the_top(series: list[int]) -> None:
    first = current = _standing(10, "low")
    for voices in series:
        decision = decide(RULE, _tally(max(voices, 10), 0), current, now=NOW)
        current = carry_out(decision, current, evidence_of(_tally(max(voices, 10), 0)), now=NOW)
    assert current.revision - first.revision < len(SEVERITIES)


def _rank(decision: Decision) -> int:
    return SEVERITIES.index(decision.severity) if decision.severity else -1


def _tally(voices: int, rest: int, *, until: datetime = NOW, exposure: float = 1.0) -> Tally:
    return Tally(
        since=until - RULE.window,
        until=until,
        voices=voices,
        negatives=voices,
        scored=voices + rest,
        mentions=voices + rest,
        exposure=exposure,
    )


def _standing(told: int, severity: Any) -> Incident:
    incident = opened(decide(RULE, _tally(max(told, 10), 0), None, now=NOW), _tally(max(told, 10), 0))
    return (
        carry_out(
            Decision(kind="escalate", severity=severity, reason=incident.reason), incident, incident.evidence, now=NOW
        )
        if severity != incident.severity
        else incident
    )


def _step(tally: Tally, current: Incident | None) -> tuple[Incident | None, list[tuple[str, str | None]]]:
    decision = decide(RULE, tally, current, now=tally.until)
    said = [(str(decision.message), decision.severity)] if decision.message else []
    if decision.kind == "open":
        return opened(decision, tally), said
    if current is not None:
        current = carry_out(decision, current, evidence_of(tally), now=tally.until)
    return current, said
