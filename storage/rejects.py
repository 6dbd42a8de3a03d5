"""What could not be taken in: the newest refusals of each source in words, and how many there were by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select, tuple_

from crawlers.connector import Reject
from storage.schema import reject, reject_count
from storage.storable import as_storable
from storage.upsert import chunks, insert_or, insert_rows

KEPT: Final = 1_000
"""Refusals of one source that are kept in words; the counts go on."""
_MOST_DETAIL: Final = 2_000


def add(conn: Connection, source_id: int, rejects: Sequence[Reject], *, now: datetime) -> None:
    """Store and count refusals. An item that is read and refused again, for the same reason, is not counted again."""
    rejects = [_storable(item) for item in rejects]
    known = _known(conn, source_id, rejects)
    rows = [
        {"source_id": source_id, "at": now, "reason": item.reason[:80], "detail": item.detail[:_MOST_DETAIL]}
        | {"external_id": _id_of(item), "line": item.line}
        for item in rejects
        if (item.reason[:80], _id_of(item)) not in known
    ]
    if not rows:
        return
    insert_rows(conn, reject.insert(), rows)
    counts = Counter(str(row["reason"]) for row in rows)
    insert = insert_or(conn, reject_count)
    insert_rows(
        conn,
        insert.on_conflict_do_update(
            index_elements=["source_id", "reason"], set_={"n": reject_count.c.n + insert.excluded.n}
        ),
        [{"source_id": source_id, "reason": reason, "n": n} for reason, n in sorted(counts.items())],
    )
    _forget_oldest(conn, source_id)


def _storable(item: Reject) -> Reject:
    """What was refused is hostile text, and may be refused for what no database can hold."""
    name = as_storable(item.external_id) if item.external_id else None
    return replace(item, reason=as_storable(item.reason), detail=as_storable(item.detail), external_id=name)


def _id_of(item: Reject) -> str | None:
    return item.external_id[:500] if item.external_id else None


def _known(conn: Connection, source_id: int, rejects: Sequence[Reject]) -> set[tuple[str, str]]:
    named = [(item.reason[:80], external_id) for item in rejects if (external_id := _id_of(item))]
    pair = tuple_(reject.c.reason, reject.c.external_id)
    return {
        (row.reason, row.external_id)
        for part in chunks(named)
        for row in conn.execute(
            select(reject.c.reason, reject.c.external_id).where(reject.c.source_id == source_id, pair.in_(part))
        )
    }


def _forget_oldest(conn: Connection, source_id: int) -> None:
    mine = reject.c.source_id == source_id
    oldest_kept = select(reject.c.id).where(mine).order_by(reject.c.id.desc()).offset(KEPT - 1).limit(1)
    conn.execute(delete(reject).where(mine, reject.c.id < oldest_kept.scalar_subquery()))
