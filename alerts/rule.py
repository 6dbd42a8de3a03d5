"""The first rule: enough independent negative voices, and enough of what was scored, in one window.

`decide` is pure; whoever calls it counts the window, stores what comes of it, and tells people.
A later detector has the same shape (`Detector`) and takes its place without anyone noticing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from alerts.decision import Decision
from alerts.incident import Evidence, Incident, Quote, raised
from alerts.reason import Code, Reason
from config.instant import require_utc
from config.principal import SYSTEM
from config.settings import Rule

__all__ = ["Decision", "Detector", "Tally", "decide", "evidence_of", "is_reached", "judged_window"]

ENOUGH_TO_CALM: Final = 0.5
"""The least exposure that lets a quiet window count as quiet."""
_ESCALATES_AT: Final = (2, 4)
"""Voices, as multiples of those last told: each one reached raises the severity by a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one window [since, until) of publication time holds, for one brand.

    `voices` are independent negative ones (a copy or a second text of the same author adds none),
    `negatives` and `scored` are texts, `mentions` also counts what could not be scored. Undated mentions are
    in none of these; `undated` says how many were left out. `exposure` is the share of the window, 0 to 1, that
    its sources have fully read: at 0 the counts mean nothing.
    """

    since: datetime
    until: datetime
    negatives: int
    voices: int
    scored: int
    mentions: int
    exposure: float
    undated: int = 0

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        if self.since > self.until:
            raise ValueError(f"a window cannot end ({self.until}) before it begins ({self.since})")
        if not 0 <= self.exposure <= 1:
            raise ValueError(f"exposure runs from 0 to 1, not {self.exposure}")
        if not 0 <= self.voices <= self.negatives <= self.scored <= self.mentions:
            raise ValueError(
                "counts must not shrink from voices to negatives, scored and mentions:"
                f" {self.voices}, {self.negatives}, {self.scored}, {self.mentions}"
            )

    @property
    def share(self) -> float:
        """Negatives among the scored mentions, 0 to 1."""
        return self.negatives / self.scored if self.scored else 0.0


class Detector(Protocol):
    """Anything that judges a window: the rule below, later a learned one."""

    def __call__(self, rule: Rule, tally: Tally, current: Incident | None, *, now: datetime) -> Decision:
        """Return what to do about `current`, or about nothing yet when it is None."""
        ...


def judged_window(rule: Rule, latest: Incident | None, *, now: datetime) -> tuple[datetime, datetime]:
    """Return the publication time [since, until) to count.

    `latest` is the newest incident of the group, standing or not. Where a person resolved it, they have seen
    everything up to then: only what is published after `resolved_at` counts.
    """
    since = now - rule.window
    if latest is not None and latest.resolved_at is not None and latest.resolved_by != SYSTEM.name:
        since = min(max(since, latest.resolved_at), now)
    return since, now


def is_reached(rule: Rule, tally: Tally) -> bool:
    """Whether both bounds of the rule are reached."""
    return tally.voices >= rule.min_negatives and tally.share >= rule.min_share


def decide(rule: Rule, tally: Tally, current: Incident | None, *, now: datetime) -> Decision:
    """Return what to do. `current` is the group's incident; a resolved one counts as none.

    - Both bounds reached: open with the rule's severity. Later only growth tells people again: twice the
      voices last told raise the severity by one step, four times by two. At critical nothing is left to tell.
    - Below a bound for a full window since the evidence was last renewed, at least half of it read: calm.
    - Exposure 0: no decision at all. Missing is not zero.
    """
    standing = current if current is not None and current.is_standing else None
    if tally.exposure == 0:
        severity = standing.severity if standing else None
        return Decision(kind="none", severity=severity, reason=_reason("not_collected", rule, tally))
    if is_reached(rule, tally):
        return _judge_alive(rule, tally, standing)
    if standing is None:
        return Decision(kind="none", severity=None, reason=_reason("below_bound", rule, tally))
    quiet = min(tally.until, now) - standing.evidence.until
    if quiet >= rule.window and tally.exposure >= ENOUGH_TO_CALM:
        return Decision(kind="calm", severity=standing.severity, reason=_reason("calm", rule, tally))
    return Decision(kind="keep", severity=standing.severity, reason=_reason("below_bound", rule, tally))


def _judge_alive(rule: Rule, tally: Tally, standing: Incident | None) -> Decision:
    if standing is None:
        return Decision(kind="open", severity=rule.severity, reason=_reason("bound_reached", rule, tally))
    told = max(standing.evidence.told_voices, 1)
    severity = raised(standing.severity, sum(tally.voices >= times * told for times in _ESCALATES_AT))
    if severity == standing.severity:
        return Decision(kind="update", severity=severity, reason=_reason("still_above", rule, tally))
    return Decision(kind="escalate", severity=severity, reason=_reason("grew", rule, tally, told=told))


def evidence_of(tally: Tally, quotes: Sequence[Quote] = ()) -> Evidence:
    """Return the tally as an incident's evidence, for `decision.start` and `decision.carry_out`."""
    return Evidence(
        since=tally.since,
        until=tally.until,
        negatives=tally.negatives,
        voices=tally.voices,
        scored=tally.scored,
        mentions=tally.mentions,
        quotes=tuple(quotes),
    )


def _reason(code: Code, rule: Rule, tally: Tally, **more: float) -> Reason:
    numbers = {
        "voices": tally.voices,
        "min_voices": rule.min_negatives,
        "share": tally.share,
        "min_share": rule.min_share,
        "window": rule.window.total_seconds(),
        "exposure": tally.exposure,
        **more,
    }
    return Reason(code=code, numbers=numbers)
