from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from storage.database import Database, DatabaseError, sqlite_url
from storage.migration import _back_up, _config, is_current, migrate
from storage.schema import SEARCH_TABLE, mention, metadata


def _is_ours(_object, name, kind, _reflected, _compare_to):
    return not (kind == "table" and name.startswith(SEARCH_TABLE)) and name != "ix_mention_search"


def test_the_migrations_give_the_schema_that_the_code_declares(db: Database):
    with db.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "include_object": _is_ours})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(db: Database, now):
    assert is_current(db)
    assert not migrate(db, now=now)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(sqlite_db: Database, now):
    with sqlite_db.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer"):
        migrate(sqlite_db, now=now)


def test_a_backup_holds_what_was_committed_and_only_the_newest_few_stay(sqlite_db: Database, now):
    with sqlite_db.write() as conn:
        conn.execute(text("INSERT INTO workspace (key, value) VALUES ('sample', 'true')"))
    for day in range(5):
        _back_up(sqlite_db.path, now + timedelta(days=day))
    backups = sorted(sqlite_db.path.parent.glob("*.backup"))
    assert len(backups) == 3
    copy = Database(sqlite_url(backups[-1]))
    with copy.read() as conn:
        assert conn.execute(text("SELECT value FROM workspace")).scalar_one() == "true"
    copy.close()


def test_a_naive_instant_never_reaches_the_data(db: Database, now):
    from storage.schema import heartbeat

    row = {"process": "monitor", "pid": 1, "host": "h", "started_at": now, "at": now.replace(tzinfo=None)}
    with pytest.raises(Exception, match="aware datetime in UTC"), db.write() as conn:
        conn.execute(heartbeat.insert(), row)


def test_instants_come_back_exact_and_in_utc(db: Database, now):
    from storage.schema import heartbeat

    exact = now + timedelta(microseconds=123457)
    with db.write() as conn:
        conn.execute(heartbeat.insert(), {"process": "m", "pid": 1, "host": "h", "started_at": now, "at": exact})
    with db.read() as conn:
        assert conn.execute(heartbeat.select()).one().at == exact


def _at(db: Database, version: str) -> None:
    """Bring `db` back to an earlier schema, with all that is in it."""
    with db.write() as conn:
        command.downgrade(_config(conn), version)


@pytest.fixture
def aged(db: Database):
    """A database whose schema a test may take back."""
    yield db
    with db.write() as conn:  # on PostgreSQL other tests go on with the same tables
        command.upgrade(_config(conn), "head")


def test_mentions_of_the_first_schema_come_through_the_upgrade(aged: Database, shelf, now):
    review = shelf.say("awful", platform="x", external_id="1", rating=0.25)
    _at(aged, "0001")
    assert not is_current(aged)
    assert migrate(aged, now=now)
    with aged.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "include_object": _is_ours})
        assert compare_metadata(context, metadata) == []
        kept = conn.execute(mention.select()).one()
    assert (kept.text, kept.rating, kept.rating_given) == (review.mention.text, 0.25, None)
    shelf.put(shelf.reading("better", platform="x", external_id="1"))
    with aged.read() as conn:
        assert conn.execute(mention.select()).one().text == "better"
