"""The change notice: every edit of what is declared adds a row; the monitor polls the newest and reloads."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select

from config.principal import Principal
from storage.database import Database
from storage.schema import revision

_LONGEST: Final = 200


def note(conn: Connection, *, by: Principal, what: str, now: datetime) -> None:
    """Record inside the edit's own transaction that `by` changed `what`."""
    conn.execute(insert(revision).values(at=now, actor=by.name, what=what[:_LONGEST]))


def newest(db: Database) -> int:
    """Return the number of the newest edit; 0 before the first."""
    with db.read() as conn:
        highest: int | None = conn.execute(select(func.max(revision.c.id))).scalar_one()
    return highest or 0
