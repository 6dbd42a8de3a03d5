"""The silence of a source: a gap is no good news, so a source that is not read raises its own incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerts.decision import Decision
from alerts.incident import Evidence, Incident
from alerts.reason import Reason
from config.instant import require_utc
from config.principal import SYSTEM
from config.settings import Severity

_VISITS_MISSED: Final = 3
_AT_LEAST: Final = timedelta(hours=1)
_WORSE_AFTER: Final = 4  # times the bound
_LONGEST_REST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How reading a source goes.

    `failures` counts the visits that failed since the last success; `permanent` says that the last error does not
    go away by itself. `first_seen` is when the source was declared, or last edited or switched on. `watched_since` is
    when the monitor started: what nobody tried to read is not silent. `rests_until` is the time before which it is not
    to be read: because of its hours, or at its own wish.
    """

    name: str
    every: timedelta
    last_success: datetime | None
    failures: int
    last_error: str | None
    enabled: bool
    first_seen: datetime
    permanent: bool = False
    watched_since: datetime | None = None
    rests_until: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("last_success", "first_seen", "watched_since", "rests_until"):
            value = getattr(self, name)
            if value is not None:
                require_utc(value, name)

    @property
    def bound(self) -> timedelta:
        """How long it may go without a success: three visits, at least one hour."""
        return max(_VISITS_MISSED * self.every, _AT_LEAST)

    @property
    def heard(self) -> datetime:
        """The instant from which silence is counted."""
        instants = (self.last_success, self.first_seen, self.watched_since, self._rested)
        return max(instant for instant in instants if instant is not None)

    @property
    def _rested(self) -> datetime | None:
        """Until when it is not missed, unless its last visit failed.

        That is at most a day after it was read, or declared: a site's own wish must not hide it for good.
        """
        if self.rests_until is None or self.failures:
            return None
        begun = max(self.last_success, self.first_seen) if self.last_success else self.first_seen
        return min(self.rests_until, begun + _LONGEST_REST)

    @property
    def is_refused(self) -> bool:
        """Whether the last visit failed in a way that only a person can mend."""
        return self.permanent and self.failures > 0

    @property
    def is_plainly_refused(self) -> bool:
        """Whether that was no single hiccup: it failed so twice in a row, or has never been read at all."""
        return self.is_refused and (self.failures > 1 or self.last_success is None)


def decide_source(health: SourceHealth, current: Incident | None, *, now: datetime) -> Decision:
    """Return what to do about a source. `current` is its newest incident, standing or not.

    Opens as low after three missed visits and at least an hour, or sooner when the error is permanent: at the second
    failure in a row, at the first where it was never read. Becomes medium, told once more, after four times that.
    Calm as soon as it was read again or is switched off. Where a person resolved the last one, silence is counted
    anew from then, whatever the error.
    """
    standing = current if current is not None and current.is_standing else None
    if standing is None:
        return _judge_new(health, current, now)
    ended = _ending(health, standing)
    if ended is not None:
        return Decision(kind="calm", severity=standing.severity, reason=ended)
    severity: Severity = "medium" if now - health.heard >= _WORSE_AFTER * health.bound else "low"
    if severity == "medium" and standing.severity == "low":
        return Decision(kind="escalate", severity=severity, reason=_reason(health, now))
    return Decision(kind="update", severity=standing.severity, reason=_reason(health, now))


def _judge_new(health: SourceHealth, latest: Incident | None, now: datetime) -> Decision:
    if not health.enabled:
        return Decision(kind="none", severity=None, reason=Reason(code="source_disabled"))
    seen = _seen_by_person(latest)
    silent_since = max(health.heard, seen) if seen else health.heard
    if now - silent_since >= health.bound or (health.is_plainly_refused and seen is None):
        return Decision(kind="open", severity="low", reason=_reason(health, now))
    return Decision(kind="none", severity=None, reason=Reason(code="source_fine"))


def _seen_by_person(latest: Incident | None) -> datetime | None:
    return latest.resolved_at if latest is not None and latest.resolved_by != SYSTEM.name else None


def _ending(health: SourceHealth, standing: Incident) -> Reason | None:
    if not health.enabled:
        return Reason(code="source_disabled")
    read_again = health.last_success is not None and health.last_success > standing.opened_at
    if read_again and not health.is_refused:
        return Reason(code="source_back")
    return None


def _reason(health: SourceHealth, now: datetime) -> Reason:
    return Reason(
        code="source_refused" if health.is_refused else "source_silent",
        numbers={
            "silent": max(now - health.heard, timedelta(0)).total_seconds(),
            "bound": health.bound.total_seconds(),
            "failures": health.failures,
        },
        note=(health.last_error or "")[:500],
    )


def evidence_of_silence(health: SourceHealth, *, now: datetime) -> Evidence:
    """Return the unread time as an incident's evidence: it holds no mentions."""
    return Evidence(since=min(health.heard, now), until=now)
