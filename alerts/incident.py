"""The incident: something that a human should look at, one open at a time for each group key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from alerts.reason import Reason
from config.instant import require_utc
from config.settings import Severity

State = Literal["open", "acknowledged", "resolved"]
Cause = Literal["negatives", "source", "yield"]
"""What it is about: what people say, a source that is not read, or one whose pages show less than they used to."""
SEVERITIES: Final[tuple[Severity, ...]] = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A mention shown as evidence: hostile text, to be rendered as plain text only."""

    mention_id: int
    text: str
    published_at: datetime
    author: str | None = None
    url: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an incident rests on: counts inside [since, until) and a few quotes.

    It is the newest window that was above the bound, so `until` says when the matter was last alive.
    `told_voices` is the number of voices that people were last told: what growth is measured against.
    """

    since: datetime
    until: datetime
    negatives: int = 0
    voices: int = 0
    scored: int = 0
    mentions: int = 0
    told_voices: int = 0
    quotes: tuple[Quote, ...] = ()

    @property
    def share(self) -> float:
        """Negatives among the scored mentions, 0 to 1."""
        return self.negatives / self.scored if self.scored else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One matter on somebody's desk.

    `subject` is the name of what it is about: the brand, or the source. `revision` counts what was told to
    people, from 1. `version` counts every stored change, for optimistic locking: whoever stores an incident
    compares and raises it, the functions here leave it alone.
    """

    id: str
    group_key: str
    cause: Cause
    brand: str | None
    subject: str
    severity: Severity
    state: State
    reason: Reason
    evidence: Evidence
    opened_at: datetime
    updated_at: datetime
    revision: int = 1
    version: int = 1
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    invented: bool = False

    def __post_init__(self) -> None:
        require_utc(self.opened_at, "opened_at")
        require_utc(self.updated_at, "updated_at")

    @property
    def is_standing(self) -> bool:
        """Whether it still waits for somebody: open or acknowledged."""
        return self.state != "resolved"


class WrongStateError(Exception):
    """The incident's state does not allow what was asked; look at it again before deciding anew."""


def acknowledge(incident: Incident, *, by: str, now: datetime) -> Incident:
    """Return the incident with `by` on it. Asking twice changes nothing; a resolved one raises WrongStateError."""
    if incident.state == "acknowledged":
        return incident
    if incident.state == "resolved":
        raise WrongStateError(f"incident {incident.id} was resolved by {incident.resolved_by}; it stays resolved")
    return replace(incident, state="acknowledged", acknowledged_by=by, acknowledged_at=now, updated_at=now)


def resolve(incident: Incident, *, by: str, now: datetime) -> Incident:
    """Return the incident resolved by the person `by`. Asking twice changes nothing.

    From then on only what is published after `resolved_at` counts for the next one (`rule.judged_window`).
    """
    if incident.state == "resolved":
        return incident
    return replace(
        incident,
        state="resolved",
        reason=Reason(code="by_person"),
        resolved_by=by,
        resolved_at=now,
        updated_at=now,
    )


def raised(severity: Severity, steps: int) -> Severity:
    """Return the severity `steps` above `severity`; critical is the highest."""
    return SEVERITIES[min(SEVERITIES.index(severity) + steps, len(SEVERITIES) - 1)]
