"""The decision: what to do about a matter and why, and what an incident becomes by it. Nothing is sent here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from alerts.channel import MessageKind
from alerts.incident import Cause, Evidence, Incident
from alerts.reason import Reason
from config.principal import SYSTEM
from config.settings import Severity

DecisionKind = Literal["none", "open", "escalate", "update", "calm", "keep"]
_TOLD: Final[dict[DecisionKind, MessageKind]] = {"open": "opened", "escalate": "escalated", "calm": "resolved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do.

    none      nothing stands and nothing is to be done, or nothing is known
    open      a new incident; people are told
    escalate  the standing one got worse by at least one severity; people are told
    update    the standing one is still alive: its evidence is renewed, nobody is told
    calm      the standing one is over: resolved by the system; people are told once
    keep      the standing one is quiet, but not for long enough: it stays as it is

    `severity` is the one the incident has afterwards; None where there is no incident.
    """

    kind: DecisionKind
    severity: Severity | None
    reason: Reason

    @property
    def message(self) -> MessageKind | None:
        """The kind of message that people get; None when they get none."""
        return _TOLD.get(self.kind)


def start(
    decision: Decision,
    *,
    id: str,  # noqa: A002 - the field's own name
    group_key: str,
    cause: Cause,
    brand: str | None,
    subject: str,
    evidence: Evidence,
    now: datetime,
    invented: bool = False,
) -> Incident:
    """Return the incident that an `open` decision makes: revision 1, told with the evidence's voices."""
    if decision.kind != "open" or decision.severity is None:
        raise ValueError(f"only an `open` decision starts an incident, not {decision.kind!r}")
    return Incident(
        id=id,
        group_key=group_key,
        cause=cause,
        brand=brand,
        subject=subject,
        severity=decision.severity,
        state="open",
        reason=decision.reason,
        evidence=replace(evidence, told_voices=evidence.voices),
        opened_at=now,
        updated_at=now,
        invented=invented,
    )


def carry_out(decision: Decision, current: Incident, evidence: Evidence, *, now: datetime) -> Incident:
    """Return what `current` becomes. `evidence` is this window's; `keep` and `none` return `current` itself.

    Escalating and calming raise the revision, because people are told. Calming keeps the last evidence
    that was above the bound: a quiet window is no evidence. An acknowledged incident stays acknowledged.
    """
    match decision.kind:
        case "update":
            evidence = replace(evidence, told_voices=current.evidence.told_voices)
            return replace(current, evidence=evidence, updated_at=now)
        case "escalate":
            return replace(
                current,
                severity=decision.severity or current.severity,
                reason=decision.reason,
                evidence=replace(evidence, told_voices=evidence.voices),
                revision=current.revision + 1,
                updated_at=now,
            )
        case "calm":
            return replace(
                current,
                state="resolved",
                reason=decision.reason,
                revision=current.revision + 1,
                resolved_by=SYSTEM.name,
                resolved_at=now,
                updated_at=now,
            )
        case "open":
            raise ValueError("an `open` decision starts an incident, it does not change one")
        case _:
            return current
