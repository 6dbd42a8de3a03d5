"""Incidents: stored, read, and the actions of people on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import uuid_utils
from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, or_, select, update

from alerts import incident as decisions
from alerts.channel import MessageKind
from alerts.incident import Evidence, Incident, State
from alerts.reason import Reason
from config.principal import Principal
from storage.database import Database
from storage.schema import brand, incident, incident_log, outbox

_REASON: Final = TypeAdapter(Reason)
_EVIDENCE: Final = TypeAdapter(Evidence)
WHOLE: Final = TypeAdapter(Incident)


class UnknownIncidentError(LookupError):
    """There is no such incident, or it concerns a brand that the principal may not see."""


class ConflictError(Exception):
    """Somebody else changed the incident in the meantime; look at it again before deciding anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """Who did what to an incident, and when."""

    at: datetime
    actor: str
    action: str
    note: str


def list_incidents(
    db: Database, *, by: Principal, states: tuple[State, ...] = (), brands: tuple[str, ...] = (), limit: int = 100
) -> tuple[Incident, ...]:
    """Return incidents, newest first. Empty `states` or `brands` leave nothing out."""
    query = _visible(by).order_by(incident.c.opened_at.desc(), incident.c.id.desc()).limit(limit)
    if states:
        query = query.where(incident.c.state.in_(states))
    if brands:
        query = query.where(or_(brand.c.name.in_(brands), incident.c.brand_id.is_(None)))
    with db.read() as conn:
        return tuple(_incident(row) for row in conn.execute(query))


def get(db: Database, incident_id: str, *, by: Principal) -> Incident:
    """Return one incident; UnknownIncidentError where there is none that `by` may see."""
    with db.read() as conn:
        return _get(conn, incident_id, by)


def log(db: Database, incident_id: str, *, by: Principal) -> tuple[LogEntry, ...]:
    """Return what was done to an incident, oldest first."""
    with db.read() as conn:
        _get(conn, incident_id, by)
        rows = conn.execute(
            select(incident_log).where(incident_log.c.incident_id == incident_id).order_by(incident_log.c.id)
        )
        return tuple(LogEntry(at=row.at, actor=row.actor, action=row.action, note=row.note) for row in rows)


def acknowledge(
    db: Database, incident_id: str, *, by: Principal, now: datetime, version: int | None = None
) -> Incident:
    """Put `by` on the incident. Needs the role support. `version`, where given, is the one that was looked at."""

    def decide(found: Incident) -> Incident:
        return decisions.acknowledge(found, by=by.name, now=now)

    return _act(db, incident_id, decide, by=by, version=version, action="acknowledged", note="", now=now)


def resolve(
    db: Database, incident_id: str, *, by: Principal, now: datetime, note: str = "", version: int | None = None
) -> Incident:
    """Resolve the incident. Needs the role support. `version`, where given, is the one that was looked at."""

    def decide(found: Incident) -> Incident:
        return decisions.resolve(found, by=by.name, now=now)

    return _act(db, incident_id, decide, by=by, version=version, action="resolved", note=note, now=now)


def _act(
    db: Database,
    incident_id: str,
    decide: Callable[[Incident], Incident],
    *,
    by: Principal,
    version: int | None,
    action: str,
    note: str,
    now: datetime,
) -> Incident:
    def work(conn: Connection) -> Incident:
        found = _get(conn, incident_id, by, lock=True)
        by.require("support", brand=found.brand)
        if version is not None and version != found.version:
            raise ConflictError(f"incident {incident_id} was changed by somebody else in the meantime")
        after = decide(found)
        if after is found:
            return found
        saved = save(conn, after, before=found)
        write_log(conn, incident_id, actor=by.name, action=action, note=note, now=now)
        return saved

    return db.commit(work)


# -- for those who judge: inside their transaction ---------------------------------------------


def newest(conn: Connection, group_key: str) -> Incident | None:
    """Return the newest incident of a group, standing or not; other writers of it wait until we are done."""
    query = _all().where(incident.c.group_key == group_key).order_by(incident.c.opened_at.desc(), incident.c.id.desc())
    row = conn.execute(query.limit(1).with_for_update(of=incident)).one_or_none()
    return _incident(row) if row else None


def standing(conn: Connection, brand_id: int) -> tuple[Incident, ...]:
    """Return a brand's incidents that still stand."""
    query = _all().where(incident.c.brand_id == brand_id, incident.c.state != "resolved")
    return tuple(_incident(row) for row in conn.execute(query))


def told_channels(conn: Connection, incident_id: str) -> tuple[str, ...]:
    """Return the channels that were told of an incident, in order of their names."""
    told = select(outbox.c.channel).where(outbox.c.incident_id == incident_id).distinct().order_by(outbox.c.channel)
    return tuple(conn.execute(told).scalars())


def add(conn: Connection, new: Incident, *, brand_id: int | None) -> None:
    """Store a new incident."""
    conn.execute(incident.insert(), {"id": new.id, "brand_id": brand_id, **_columns(new)})


def save(conn: Connection, after: Incident, *, before: Incident, is_news: bool = True) -> Incident:
    """Store what `before` has become; ConflictError when somebody was quicker.

    Its version is raised where that is news to whoever looks at it. Evidence that is only renewed is none: a wave
    renews it each second, and people must be able to act meanwhile.
    """
    same = (incident.c.id == before.id) & (incident.c.version == before.version)
    values = _columns(after) | {"version": before.version + is_news}
    if conn.execute(update(incident).where(same).values(**values)).rowcount != 1:
        raise ConflictError(f"incident {before.id} was changed by somebody else in the meantime")
    return _incident(conn.execute(_all().where(incident.c.id == before.id)).one())


def write_log(conn: Connection, incident_id: str, *, actor: str, action: str, note: str, now: datetime) -> None:
    """Add a line to an incident's log."""
    row = {"incident_id": incident_id, "at": now, "actor": actor, "action": action, "note": note}
    conn.execute(incident_log.insert(), row)


def notify(conn: Connection, told: Incident, kind: MessageKind, channels: Sequence[str], *, now: datetime) -> None:
    """Put one notification a channel into the outbox, in the transaction of the incident itself."""
    rows = [
        {
            "id": str(uuid_utils.uuid7()),
            "incident_id": told.id,
            "channel": channel,
            "revision": told.revision,
            "kind": kind,
            "payload": WHOLE.dump_python(told, mode="json"),
            "state": "pending",
            "attempts": 0,
            "created_at": now,
            "next_at": now,
        }
        for channel in dict.fromkeys(channels)
    ]
    if rows:
        conn.execute(outbox.insert(), rows)


def _all() -> Select[Any]:
    return select(incident, brand.c.name.label("brand_name")).join_from(incident, brand, isouter=True)


def _visible(by: Principal) -> Select[Any]:
    query = _all()
    if by.brands is not None:
        query = query.where(or_(brand.c.name.in_(sorted(by.brands)), incident.c.brand_id.is_(None)))
    return query


def _get(conn: Connection, incident_id: str, by: Principal, *, lock: bool = False) -> Incident:
    query = _visible(by).where(incident.c.id == incident_id)
    row = conn.execute(query.with_for_update(of=incident) if lock else query).one_or_none()
    if row is None:
        raise UnknownIncidentError(f"there is no incident {incident_id} that {by.name} may see")
    return _incident(row)


_PLAIN: Final = (
    *("id", "group_key", "cause", "subject", "severity", "state", "opened_at", "updated_at", "revision", "version"),
    *("acknowledged_by", "acknowledged_at", "resolved_by", "resolved_at", "invented"),
)


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        **{name: getattr(row, name) for name in _PLAIN},
        brand=row.brand_name,
        reason=_REASON.validate_python(row.reason),
        evidence=_EVIDENCE.validate_python(row.evidence),
    )


def _columns(item: Incident) -> dict[str, Any]:
    columns = {name: getattr(item, name) for name in _PLAIN if name != "id"}
    columns["reason"] = _REASON.dump_python(item.reason, mode="json")
    columns["evidence"] = _EVIDENCE.dump_python(item.evidence, mode="json")
    return columns
