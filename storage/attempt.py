"""Attempts to log in: how many wrong passwords are too many, and until when.

Ten for a login, or thirty from an address, within 15 minutes. An attempt is counted before the password is
looked at and taken back when it was right, so that many at once do not slip through.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from config.i18n import mark
from storage.account_error import LoginError
from storage.database import Database
from storage.lock import lock_table
from storage.schema import login_failure

WINDOW: Final = timedelta(minutes=15)
MOST_PER_LOGIN: Final = 10
MOST_PER_REMOTE: Final = 30


def count_attempt(db: Database, *, login: str, remote: str, now: datetime) -> int:
    """Count one attempt and return its id; raise LoginError with `retry_at` when there were too many."""

    def work(conn: Connection) -> int:
        lock_table(conn, login_failure)
        conn.execute(delete(login_failure).where(login_failure.c.at <= now - WINDOW))
        waits = (
            _free_at(conn, login_failure.c.login == login, MOST_PER_LOGIN),
            _free_at(conn, login_failure.c.remote == remote, MOST_PER_REMOTE),
        )
        retry_at = max((at for at in waits if at is not None), default=None)
        if retry_at is not None:
            raise LoginError(mark("Too many wrong passwords. Wait a little and try again."), retry_at=retry_at)
        row = insert(login_failure).values(login=login, remote=remote, at=now).returning(login_failure.c.id)
        key: int = conn.execute(row).scalar_one()
        return key

    return db.commit(work)


def forgive(db: Database, attempt: int, *, login: str, remote: str) -> None:
    """After a right password, forget the attempt and this person's mistypings; those from elsewhere stay counted."""
    own = (login_failure.c.login == login) & (login_failure.c.remote == remote)
    db.commit(lambda conn: conn.execute(delete(login_failure).where(or_(own, login_failure.c.id == attempt))))


def _free_at(conn: Connection, which: ColumnElement[bool], most: int) -> datetime | None:
    """When the attempt that fills the allowance leaves the window; None while there is room."""
    at = login_failure.c.at
    filling: datetime | None = conn.execute(
        select(at).where(which).order_by(at.desc()).offset(most - 1).limit(1)
    ).scalar_one_or_none()
    return filling + WINDOW if filling else None
