"""Judging sources: whether one went silent, and whether its pages show less than they used to.

The decisions are pure and live in `alerts`; each is stored in one transaction, with what people are told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from alerts.incident import Cause, Incident
from alerts.silence import SourceHealth, decide_source, evidence_of_silence
from alerts.yields import LOOKED_AT, SourceYields, decide_yield, evidence_of_yield
from storage import incidents, visits
from storage.database import Database
from storage.matter import Matter, settle


def judge_silence(
    db: Database, health: SourceHealth, channels: Sequence[str], *, invented: bool, now: datetime
) -> Incident | None:
    """Judge whether a source went silent; return the incident if people are told of it."""
    matter = _matter("source", health.name, channels, invented=invented)

    def work(conn: Connection) -> Incident | None:
        latest = incidents.newest(conn, matter.group_key)
        decision = decide_source(health, latest, now=now)
        return settle(conn, matter, decision, latest, evidence_of_silence(health, now=now), now=now)

    return db.commit(work)


def judge_yield(
    db: Database,
    source_id: int,
    name: str,
    channels: Sequence[str],
    *,
    enabled: bool,
    since: datetime,
    invented: bool,
    now: datetime,
) -> Incident | None:
    """Judge whether a source's pages show less than they used to; return the incident if people are told of it.

    What was read before `since`, when the source was edited last, was read otherwise and is left out.
    """
    matter = _matter("yield", name, channels, invented=invented)

    def work(conn: Connection) -> Incident | None:
        latest = incidents.newest(conn, matter.group_key)
        readings = visits.readings_of(conn, source_id, since=since, limit=LOOKED_AT)
        if latest is None and not readings:
            return None  # no web source, or one that was not read yet
        decision = decide_yield(SourceYields(name=name, enabled=enabled, readings=readings), latest, now=now)
        return settle(conn, matter, decision, latest, evidence_of_yield(decision, latest, now=now), now=now)

    return db.commit(work)


def _matter(cause: Cause, name: str, channels: Sequence[str], *, invented: bool) -> Matter:
    return Matter(group_key=f"{cause}:{name}", cause=cause, subject=name, channels=tuple(channels), invented=invented)
