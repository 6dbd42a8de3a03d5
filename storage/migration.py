"""Bringing a database to the present schema: under a lock, after a backup of a SQLite file."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, TextIO

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.database import Database, DatabaseError

_LOCK: Final = 0x67726F756E64  # "ground": any number that only we use
_KEEP: Final = 3


def migrate(db: Database, *, now: datetime) -> bool:
    """Bring `db` to the newest schema; return whether anything was done. Safe to call from several processes.

    Raises DatabaseError when the database is newer than this version of Groundswell.
    """
    if is_current(db):
        return False
    with _lock(db):
        with db.read() as conn:
            before = _version(conn)
        if before == _head():
            return False
        _refuse_newer(before)
        if before is not None and db.path is not None:
            _back_up(db.path, now)
        with db.write() as conn:
            command.upgrade(_config(conn), "head")
    return True


def is_current(db: Database) -> bool:
    """Whether the schema is the one this code was written for."""
    if db.path is not None and not db.path.exists():
        return False
    with db.read() as conn:
        return _version(conn) == _head()


def _version(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _refuse_newer(version: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version is not None and version not in known:
        raise DatabaseError(
            f"The database has schema {version}, which this version of Groundswell does not know: it was written by "
            "a newer one. Install that version again, or restore the backup beside the database. Nothing was changed."
        )


@contextmanager
def _lock(db: Database) -> Iterator[None]:
    if db.path is None:
        with db.engine.connect() as conn, conn.begin():
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield
        return
    with _lock_file(db.path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock_file(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_suffix(".migrating").open("w")
    except OSError as error:
        raise DatabaseError(
            f"The data directory {path.parent} cannot be written: {error.strerror}. Make it writable for this user, or "
            "name another with GROUNDSWELL_DATA. Nothing was changed."
        ) from error


def _back_up(path: Path, now: datetime) -> None:
    """Copy the SQLite file beside itself, consistently, and keep the newest few copies."""
    target = path.with_name(f"{path.stem}-{now:%Y%m%dT%H%M%S}.backup")
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    for stale in sorted(path.parent.glob(f"{path.stem}-*.backup"))[:-_KEEP]:
        stale.unlink()
