"""The two databases' common dialect for inserting or updating, and for giving out ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Boolean, Connection, Dialect, Insert, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

T = TypeVar("T")
CHUNK: Final = 500  # values in one IN list: well under every database's limit on parameters


def insert_or(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT of this database that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)


def insert_rows(conn: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute an INSERT for many rows, which all have the same keys; nothing happens without rows.

    On SQLite the values are prepared column by column: row by row, as `Connection.execute` does it, costs more
    than the insertion itself. PostgreSQL gets a few statements of many rows from SQLAlchemy.
    """
    if not rows:
        return
    if conn.dialect.name != "sqlite":
        conn.execute(statement, rows)
        return
    compiled = statement.compile(dialect=conn.dialect, column_keys=list(rows[0]))
    names = compiled.positiontup or []
    columns = [_prepared(compiled.binds[name].type, conn.dialect, [row[name] for row in rows]) for name in names]
    conn.exec_driver_sql(str(compiled), list(zip(*columns, strict=True)))


def _prepared(kind: TypeEngine[Any], dialect: Dialect, values: list[Any]) -> list[Any]:
    if isinstance(kind, Boolean):
        return values  # sqlite3 makes 0 and 1 of them by itself
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return [process(value) for value in values] if process else values


def allot_ids(conn: Connection, table: Table, n: int) -> Sequence[int]:
    """Return `n` new ids of `table`. Inserting with known ids lets many rows go in one plain statement."""
    if conn.dialect.name == "sqlite":
        # We hold the only write lock, and AUTOINCREMENT tables keep the highest id ever given out.
        row = conn.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        start = row.scalar_one_or_none() or 0
        return range(start + 1, start + n + 1)
    ids = conn.execute(
        text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :n)"),
        {"name": table.name, "n": n},
    )
    return list(ids.scalars())


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut `values` into lists of at most `size`."""
    whole = list(values)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def rows_of(result: Iterable[Any]) -> list[dict[str, Any]]:
    """Return result rows as plain dictionaries, to be inserted again."""
    return [dict(row._mapping) for row in result]  # noqa: SLF001 - SQLAlchemy's documented accessor
