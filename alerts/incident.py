"""The incident: something that a human should look at, one open at a time for each group key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from config.instant import require_utc
from config.settings import Severity

State = Literal["open", "acknowledged", "resolved"]
Cause = Literal["negatives", "source"]
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
    """What an incident rests on: counts inside [since, until) and a few quotes."""

    since: datetime
    until: datetime
    negatives: int = 0
    voices: int = 0
    scored: int = 0
    mentions: int = 0
    quotes: tuple[Quote, ...] = ()

    @property
    def share(self) -> float:
        """Negatives among the scored mentions, 0 to 1."""
        return self.negatives / self.scored if self.scored else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One matter on somebody's desk. `revision` counts what was told to people, from 1;
    `version` counts every change, for optimistic locking."""

    id: str
    group_key: str
    cause: Cause
    brand: str | None
    subject: str
    severity: Severity
    state: State
    reason: str
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
