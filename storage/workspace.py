"""What a database says of itself: whether it is the sample workspace, and when it began."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, select

from storage.database import Database
from storage.schema import workspace
from storage.upsert import insert_or

SAMPLE: Final = "sample"
"""The key of the mark, and the type of the connector that invents mentions."""


def sample_started(db: Database) -> datetime | None:
    """Return when the sample workspace was first started; None for a workspace of real mentions."""
    with db.read() as conn:
        value = _mark(conn)
    return datetime.fromisoformat(value).astimezone(UTC) if value else None


def is_sample(conn: Connection) -> bool:
    """Whether this is the sample workspace."""
    return _mark(conn) is not None


def mark_sample(db: Database, *, started: datetime) -> None:
    """Make this database the sample workspace, for good: invented mentions never stand beside real ones."""
    with db.write() as conn:
        row = {"key": SAMPLE, "value": started.isoformat()}
        conn.execute(insert_or(conn, workspace).on_conflict_do_nothing(), row)


def _mark(conn: Connection) -> str | None:
    return conn.execute(select(workspace.c.value).where(workspace.c.key == SAMPLE)).scalar_one_or_none()
