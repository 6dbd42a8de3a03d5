"""The matter of an incident: what it would be about, and storing what a decision makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import uuid_utils
from sqlalchemy import Connection

from alerts.decision import Decision, carry_out, start
from alerts.incident import Cause, Evidence, Incident
from storage import incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What an incident would be about. One stands at a time for each `group_key`; `channels` are told of it.

    `brand_id` and `brand` are None where it concerns no brand. `invented`: it is of the sample workspace.
    """

    group_key: str
    cause: Cause
    subject: str
    channels: tuple[str, ...]
    invented: bool
    brand_id: int | None = None
    brand: str | None = None


def settle(
    conn: Connection, matter: Matter, decision: Decision, latest: Incident | None, evidence: Evidence, *, now: datetime
) -> Incident | None:
    """Store what a decision makes of the matter, and what is to be sent; return the incident if people are told of it.

    `latest` is the newest incident of the matter, which the decision was made on.
    """
    after = _carried_out(conn, matter, decision, latest, evidence, now)
    if after is None or decision.message is None:
        return None
    incidents.write_log(conn, after.id, actor="groundswell", action=decision.message, note="", now=now)
    incidents.notify(conn, after, decision.message, matter.channels, now=now)
    return after


def _carried_out(
    conn: Connection, matter: Matter, decision: Decision, latest: Incident | None, evidence: Evidence, now: datetime
) -> Incident | None:
    """Return the incident as it is stored now; None where nothing changed."""
    if decision.kind == "open":
        opened = _opened(matter, decision, evidence, now)
        incidents.add(conn, opened, brand_id=matter.brand_id)
        return opened
    if latest is None or (after := carry_out(decision, latest, evidence, now=now)) is latest:
        return None
    return incidents.save(conn, after, before=latest, is_news=decision.message is not None)


def _opened(matter: Matter, decision: Decision, evidence: Evidence, now: datetime) -> Incident:
    return start(
        decision,
        id=str(uuid_utils.uuid7()),
        group_key=matter.group_key,
        cause=matter.cause,
        brand=matter.brand,
        subject=matter.subject,
        evidence=evidence,
        now=now,
        invented=matter.invented,
    )
