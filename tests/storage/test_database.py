from __future__ import annotations

import pytest

from storage.database import Database, DatabaseError, sqlite_url


@pytest.mark.parametrize(
    "url", ["postgres:hush", "postgresql//user:hush@host/name", "postgresql://user:hush@host:port/x"]
)
def test_what_is_no_database_url_is_refused_without_quoting_a_password(url):
    with pytest.raises(DatabaseError, match="no database URL; allowed: sqlite:///path") as refused:
        Database(url)
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_database_that_cannot_be_reached_is_said_so_without_its_password():
    database = Database("postgresql://user:hush@127.0.0.1:1/name")
    with pytest.raises(DatabaseError, match="cannot be opened") as failed, database.read():
        pass
    assert "127.0.0.1" in str(failed.value)
    assert "hush" not in str(failed.value)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path):
    database = Database(sqlite_url(tmp_path))  # a folder
    with pytest.raises(DatabaseError, match="unable to open database file"):
        database.commit(lambda conn: conn.exec_driver_sql("SELECT 1"))
