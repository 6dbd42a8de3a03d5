"""Roll-ups move by differences: what leaves a cell is taken out, what enters is put in, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from config.instant import hour_of
from storage.database import Database
from storage.lock import lock_table
from storage.schema import mention_brand, rollup
from storage.upsert import insert_or, insert_rows

Cell = tuple[int, datetime, str, str, str]
_KEYS: Final = ("brand_id", "hour", "source_kind", "language", "label")


def cell_of(row: Mapping[str, Any]) -> Cell | None:
    """Return the cell that counts a `mention_brand` row: (brand, hour, source kind, language, label).

    None where it counts nowhere: hidden rows, and rows whose date is unknown.
    """
    if row["hidden"] or row["undated"]:
        return None
    return (row["brand_id"], hour_of(row["published_at"]), row["source_kind"], row["language"], row["label"])


def move(conn: Connection, *, leaving: Iterable[Mapping[str, Any]], entering: Iterable[Mapping[str, Any]]) -> None:
    """Take `leaving` mention_brand rows out of their cells and put `entering` rows into theirs."""
    change: Counter[Cell] = Counter()
    change.update(cell for row in entering if (cell := cell_of(row)))
    change.subtract(cell for row in leaving if (cell := cell_of(row)))
    # Sorted, so that two writers on PostgreSQL lock cells in the same order.
    rows = [dict(zip(_KEYS, cell, strict=True), n=n) for cell, n in sorted(change.items()) if n]
    insert = insert_or(conn, rollup)
    added = insert.on_conflict_do_update(index_elements=_KEYS, set_={"n": rollup.c.n + insert.excluded.n})
    insert_rows(conn, added, rows)


def verify(db: Database) -> list[str]:
    """Return a line for every cell whose maintained count differs from a fresh count; empty when all is well."""
    with db.read() as conn:
        kept, fresh = _kept(conn), _count(conn)
    return [
        f"brand {cell[0]}, {cell[1]:%Y-%m-%d %H:00} UTC, {cell[2]}, {cell[3]}, {cell[4]}: "
        f"kept {kept[cell]}, counted {fresh[cell]}"
        for cell in _wrong(kept, fresh)
    ]


def rebuild(db: Database) -> int:
    """Count every cell afresh; return how many were wrong before."""

    def work(conn: Connection) -> int:
        # Whoever moves a cell has changed its rows before, in the same transaction: those who have moved some are
        # waited for, and the others move them after us.
        lock_table(conn, rollup)
        kept, fresh = _kept(conn), _count(conn)
        conn.execute(rollup.delete())
        rows = [dict(zip(_KEYS, cell, strict=True), n=n) for cell, n in sorted(fresh.items())]
        insert_rows(conn, rollup.insert(), rows)
        return len(_wrong(kept, fresh))

    return db.commit(work)


def _wrong(kept: Counter[Cell], fresh: Counter[Cell]) -> list[Cell]:
    return sorted(cell for cell in kept.keys() | fresh.keys() if kept[cell] != fresh[cell])


def _kept(conn: Connection) -> Counter[Cell]:
    columns = [rollup.c[name] for name in _KEYS]
    return Counter({tuple(cell): n for n, *cell in conn.execute(select(rollup.c.n, *columns))})


def _count(conn: Connection) -> Counter[Cell]:
    columns = [mention_brand.c[name] for name in ("brand_id", "published_at", *_KEYS[2:], "hidden", "undated")]
    counted: Counter[Cell] = Counter()
    for row in conn.execute(select(*columns).execution_options(yield_per=5000)).mappings():
        if cell := cell_of({**row}):
            counted[cell] += 1
    return counted
