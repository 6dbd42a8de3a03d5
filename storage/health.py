"""Signs of life: heartbeats and figures that processes leave for `/healthz` and `/metrics`, and plugins' schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.database import Database
from storage.schema import heartbeat, metric, plugin
from storage.upsert import insert_or


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure as it was last counted; `label` says of what, empty where there is only one."""

    name: str
    label: str
    value: float
    at: datetime


def beat(db: Database, *, process: str, pid: int, host: str, started_at: datetime, now: datetime) -> None:
    """Record that a process is alive; `storage.status.processes` reads it."""
    row = {"process": process, "pid": pid, "host": host, "started_at": started_at, "at": now}

    def work(conn: Connection) -> None:
        insert = insert_or(conn, heartbeat).values(row)
        conn.execute(insert.on_conflict_do_update(index_elements=["process"], set_={**row}))

    db.commit(work)


def silence(db: Database, *, process: str) -> None:
    """Record that a process has ended by itself: it counts as gone at once."""
    db.commit(lambda conn: conn.execute(delete(heartbeat).where(heartbeat.c.process == process)))


def record_metrics(db: Database, values: Mapping[tuple[str, str], float], *, now: datetime) -> None:
    """Store figures by (name, label), in place of the earlier ones; those not given stay."""
    rows = [
        {"name": name, "label": label, "value": value, "at": now} for (name, label), value in sorted(values.items())
    ]
    if not rows:
        return

    def work(conn: Connection) -> None:
        insert = insert_or(conn, metric)
        new = {"value": insert.excluded.value, "at": insert.excluded.at}
        conn.execute(insert.on_conflict_do_update(index_elements=["name", "label"], set_=new), rows)

    db.commit(work)


def metrics(db: Database) -> tuple[Metric, ...]:
    """Return every figure, in order of name and label."""
    with db.read() as conn:
        rows = conn.execute(select(metric).order_by(metric.c.name, metric.c.label))
        return tuple(Metric(name=row.name, label=row.label, value=row.value, at=row.at) for row in rows)


def publish_schemas(db: Database, registry: str, schemas: Mapping[str, Mapping[str, Any]]) -> None:
    """Store the JSON Schemas of a registry's plugins, by type, in place of all earlier ones."""

    def work(conn: Connection) -> None:
        if _schemas(conn, registry) == schemas:  # every start publishes; a new version changes something
            return
        conn.execute(delete(plugin).where(plugin.c.registry == registry))
        rows = [{"registry": registry, "type": name, "schema": dict(schema)} for name, schema in schemas.items()]
        if rows:
            conn.execute(plugin.insert(), rows)

    db.commit(work)


def schemas(db: Database, registry: str) -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of a registry's plugins, by type; pages draw their forms from them."""
    with db.read() as conn:
        return _schemas(conn, registry)


def _schemas(conn: Connection, registry: str) -> dict[str, dict[str, Any]]:
    query = select(plugin).where(plugin.c.registry == registry).order_by(plugin.c.type)
    return {row.type: row.schema for row in conn.execute(query)}
