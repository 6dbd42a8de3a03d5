"""The outbox: notifications waiting for their channel, claimed under a lease, tried again, never lost."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, true, update

from alerts import delivery as decisions
from alerts.channel import DeliveryError, MessageKind
from alerts.delivery import LEASE, Delivery
from alerts.incident import Incident
from config.principal import Principal
from storage import incidents
from storage.database import Database
from storage.schema import delivery_attempt, outbox
from storage.upsert import insert_or


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A notification that is ours to send until the lease ends, with the incident as it was told."""

    delivery: Delivery
    kind: MessageKind
    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A line of an incident's delivery log."""

    id: str
    channel: str
    revision: int
    kind: MessageKind
    state: decisions.DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    last_error: str | None


def claim(db: Database, *, owner: str, now: datetime, limit: int = 20) -> tuple[Claimed, ...]:
    """Take notifications that are due, oldest first, by compare-and-set; each is ours for `LEASE`.

    One channel hears an incident's revisions in order: a later one waits until the earlier is sent or dead.
    Those that have lost their use become dead letters.
    """

    def work(conn: Connection) -> tuple[Claimed, ...]:
        due = select(outbox).where(_is_due(now), ~_has_earlier()).order_by(outbox.c.created_at, outbox.c.id)
        taken = []
        for row in conn.execute(due.limit(limit).with_for_update(skip_locked=True)).all():
            if decisions.is_too_old(_delivery(row), now=now):
                values = {"state": "dead", "last_error": row.last_error or "it waited for too long", **_FREE}
            else:
                lease = {"lease_owner": owner, "lease_until": now + LEASE}
                values = {"state": "sending", "attempts": row.attempts + 1, **lease}
            if _change(conn, row.id, _is_due(now), values) and values["state"] == "sending":
                taken.append(row)
        return tuple(_claimed(row) for row in taken)

    return db.commit(work)


def record_sent(db: Database, claimed: Claimed, *, now: datetime) -> None:
    """Record that the channel took it; that is true whoever else took it over in the meantime."""
    after = decisions.succeed(claimed.delivery, now=now)

    def work(conn: Connection) -> None:
        _change(conn, after.id, true(), {"state": after.state, "sent_at": now, "last_error": None, **_FREE})
        _write_attempt(conn, after, "sent", None, now)

    db.commit(work)


def record_failure(
    db: Database, claimed: Claimed, error: DeliveryError, *, now: datetime, chance: random.Random
) -> Delivery:
    """Record that the channel refused it, and when it is tried again; return what is to become of it.

    Where another worker took the delivery over in the meantime, it is theirs: only the attempt is recorded.
    """
    after = decisions.fail(claimed.delivery, error, now=now, chance=chance)
    ours = (outbox.c.state == "sending") & (outbox.c.attempts == claimed.delivery.attempts)

    def work(conn: Connection) -> None:
        values = {"state": after.state, "next_at": after.next_at, "last_error": after.last_error, **_FREE}
        _change(conn, after.id, ours, values)
        _write_attempt(conn, after, "dead" if after.state == "dead" else "failed", str(error), now)

    db.commit(work)
    return after


def deliveries(db: Database, incident_id: str, *, by: Principal) -> tuple[DeliveryRow, ...]:
    """Return an incident's notifications, oldest first."""
    incidents.get(db, incident_id, by=by)
    with db.read() as conn:
        rows = conn.execute(
            select(outbox).where(outbox.c.incident_id == incident_id).order_by(outbox.c.created_at, outbox.c.id)
        )
        fields = DeliveryRow.__dataclass_fields__
        return tuple(DeliveryRow(**{name: getattr(row, name) for name in fields}) for row in rows)


def retry(db: Database, delivery_id: str, *, by: Principal, now: datetime) -> None:
    """Try a dead letter again, with the same event id; one that is not dead is left alone. Needs the role support."""

    def work(conn: Connection) -> None:
        row = conn.execute(select(outbox).where(outbox.c.id == delivery_id)).one_or_none()
        brand = incidents.WHOLE.validate_python(row.payload).brand if row else None
        if row is None or (brand is not None and not by.may_see(brand)):
            raise incidents.UnknownIncidentError(f"there is no notification {delivery_id} that {by.name} may see")
        by.require("support", brand=brand)
        after = decisions.revive(_delivery(row), now=now)
        values = {"state": after.state, "created_at": after.created_at, "next_at": after.next_at, **_FREE}
        if _change(conn, row.id, outbox.c.state == "dead", values):
            incidents.write_log(conn, row.incident_id, actor=by.name, action="retried", note=row.channel, now=now)

    db.commit(work)


def _is_due(now: datetime) -> ColumnElement[bool]:
    lease_over = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
    waiting = and_(outbox.c.state == "pending", outbox.c.next_at <= now)
    return or_(waiting, and_(outbox.c.state == "sending", lease_over))


def _has_earlier() -> ColumnElement[bool]:
    earlier = outbox.alias("earlier")
    return exists().where(
        earlier.c.incident_id == outbox.c.incident_id,
        earlier.c.channel == outbox.c.channel,
        earlier.c.revision < outbox.c.revision,
        earlier.c.state.in_(("pending", "sending")),
    )


_FREE: Final[dict[str, Any]] = {"lease_owner": None, "lease_until": None}


def _change(conn: Connection, delivery_id: str, when: ColumnElement[bool], values: Mapping[str, Any]) -> bool:
    """Write a delivery if it is still as `when` says; return whether it was."""
    return conn.execute(update(outbox).where(outbox.c.id == delivery_id, when).values(**values)).rowcount == 1


def _write_attempt(conn: Connection, delivery: Delivery, outcome: str, error: str | None, now: datetime) -> None:
    row = {"outbox_id": delivery.id, "attempt": delivery.attempts, "at": now, "outcome": outcome, "error": error}
    insert = insert_or(conn, delivery_attempt)
    new = {name: insert.excluded[name] for name in ("at", "outcome", "error")}
    conn.execute(insert.on_conflict_do_update(index_elements=["outbox_id", "attempt"], set_=new), row)


def _claimed(row: Row[Any]) -> Claimed:
    """A delivery as it stands after it was claimed."""
    delivery = replace(_delivery(row), state="sending", attempts=row.attempts + 1)
    return Claimed(delivery=delivery, kind=row.kind, incident=incidents.WHOLE.validate_python(row.payload))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in Delivery.__dataclass_fields__})
