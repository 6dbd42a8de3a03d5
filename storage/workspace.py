"""What a database says of itself: whether it is the sample workspace, and when it began."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select

from storage.database import Database
from storage.schema import workspace
from storage.upsert import insert_or

_SAMPLE: Final = "sample"


def sample_started(db: Database) -> datetime | None:
    """Return when the sample workspace was first started; None for a workspace of real mentions."""
    with db.read() as conn:
        value = conn.execute(select(workspace.c.value).where(workspace.c.key == _SAMPLE)).scalar_one_or_none()
    return datetime.fromisoformat(value).astimezone(UTC) if value else None


def mark_sample(db: Database, *, started: datetime) -> None:
    """Make this database the sample workspace, for good: invented mentions never stand beside real ones."""
    with db.write() as conn:
        row = {"key": _SAMPLE, "value": started.isoformat()}
        conn.execute(insert_or(conn, workspace).on_conflict_do_nothing(), row)
