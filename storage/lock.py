"""Looking and then writing, one writer at a time."""

from __future__ import annotations

from sqlalchemy import Connection, Table, text


def lock_table(conn: Connection, table: Table) -> None:
    """Keep other writers off `table` until the transaction ends.

    For the few places where what is written depends on the absence of rows, which no row lock can guard.
    SQLite has one writer at a time anyway.
    """
    if conn.dialect.name == "postgresql":
        name = conn.dialect.identifier_preparer.format_table(table)
        conn.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
