"""The database: one engine, reading connections, and writing transactions that never half-happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")
_BUSY_MS: Final = 15_000
_TRIES: Final = 4
_ALLOWED: Final = "sqlite:///path or postgresql://user@host/name"


class DatabaseError(Exception):
    """The database cannot be used; the text says why and what to change."""


class Database:
    """One database, SQLite or PostgreSQL, by its URL.

    `read()` gives a connection for queries. `write()` gives a transaction: all of it is stored, or none.
    On SQLite a writer takes the lock at once (`BEGIN IMMEDIATE`), so that two writers wait for each other
    instead of failing half-way.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database; None for PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state, whatever others write meanwhile."""
        with self._connect() as conn:
            yield conn if self.is_sqlite else conn.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection inside a transaction, committed at the end, rolled back on any error."""
        with self._connect().execution_options(writer=True) as conn, conn.begin():
            yield conn

    def commit(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a writing transaction; again when another writer got between (a unique key that
        both saw missing, a deadlock or a busy database). `work` must not act outside the database.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with self.write() as conn:
                    return work(conn)
            except (IntegrityError, OperationalError):
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")  # the loop returns or raises

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _connect(self) -> Connection:
        """Return a connection; raise DatabaseError, which quotes no password, where there is none to be had."""
        try:
            return self.engine.connect()
        except (OperationalError, InterfaceError) as error:
            shown = self.engine.url.render_as_string(hide_password=True)
            why = " ".join(str(error.orig).split())
            raise DatabaseError(
                f"The database {shown} cannot be opened: {why}. Is it running, and may this user write there?"
            ) from error


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{path}"


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Neither the URL nor the cause is quoted: a password may stand in it.
        raise DatabaseError(f"server.database: this is no database URL; allowed: {_ALLOWED}") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgres(parsed)
    raise DatabaseError(f"server.database: {parsed.get_backend_name()} is not supported; allowed: sqlite, postgresql")


def _postgres(url: URL) -> Engine:
    try:
        # psycopg 3 is the driver; the plain scheme would ask for the older one.
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "server.database: PostgreSQL needs its driver: pip install 'groundswell[postgres]'"
        ) from error


def _sqlite(url: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions are ours: see _begin
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        writer = conn.get_execution_options().get("writer")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine
