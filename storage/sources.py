"""How reading each source goes: its lease, its cursor, its successes and failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, select, update

from crawlers.connector import Cursor
from storage.database import Database
from storage.schema import (
    job,
    mention,
    mention_brand,
    mention_key,
    mention_revision,
    mention_source,
    outbox,
    source_state,
)
from storage.upsert import insert_or

LEASE: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The right to read a source, until the lease ends. `cursor` None means that it was never read."""

    source_id: int
    owner: str
    cursor: Cursor | None
    last_success: datetime | None


def begin(db: Database, source_id: int, *, owner: str, now: datetime) -> Visit | None:
    """Take the source's lease; None while somebody else reads it, or while it asked to be left alone."""

    def take(conn: Connection) -> Visit | None:
        conn.execute(insert_or(conn, source_state).on_conflict_do_nothing(), {"source_id": source_id, **_EMPTY})
        state = conn.execute(_of(source_id)).one()
        if state.lease_until and state.lease_until > now and state.lease_owner != owner:
            return None
        if state.not_before and state.not_before > now:
            return None
        _set(conn, source_id, lease_owner=owner, lease_until=now + LEASE, last_started=now)
        return Visit(source_id=source_id, owner=owner, cursor=state.cursor, last_success=state.last_success)

    return db.commit(take)


def renew(db: Database, visit: Visit, *, now: datetime) -> bool:
    """Hold the lease for longer; False when it was lost."""
    mine = (source_state.c.source_id == visit.source_id) & (source_state.c.lease_owner == visit.owner)
    with db.write() as conn:
        return conn.execute(update(source_state).where(mine).values(lease_until=now + LEASE)).rowcount == 1


def succeed(db: Database, visit: Visit, *, now: datetime, retry_after: timedelta | None = None) -> None:
    """Record a visit that went well and give the lease back."""
    with db.write() as conn:
        _set(
            conn,
            visit.source_id,
            last_success=now,
            failures=0,
            last_error_permanent=False,
            not_before=now + retry_after if retry_after else None,
            lease_owner=None,
            lease_until=None,
        )


def fail(
    db: Database, visit: Visit, *, error: str, permanent: bool, now: datetime, retry_after: timedelta | None = None
) -> None:
    """Record a visit that failed and give the lease back; what it had stored before stays."""
    with db.write() as conn:
        _set(
            conn,
            visit.source_id,
            last_error=error[:2000],
            last_error_at=now,
            last_error_permanent=permanent,
            failures=source_state.c.failures + 1,
            not_before=now + retry_after if retry_after else None,
            lease_owner=None,
            lease_until=None,
        )


def release_leases(db: Database, *, is_alive: Callable[[str], bool]) -> int:
    """Free the leases of owners that are gone, on sources, deliveries and jobs; return how many.

    A killed process leaves leases behind; its successor on the same machine need not wait for them to end.
    """
    freed = 0
    with db.write() as conn:
        for table in (source_state, outbox, job):
            owners = conn.execute(select(table.c.lease_owner).where(table.c.lease_owner.is_not(None)).distinct())
            gone = [owner for owner in owners.scalars() if not is_alive(owner)]
            if gone:
                mine = table.c.lease_owner.in_(gone)
                freed += conn.execute(update(table).where(mine).values(lease_owner=None, lease_until=None)).rowcount
    return freed


def forget_unmatched(db: Database, *, before: datetime) -> int:
    """Forget items that concern no brand and were collected before `before`; return how many."""
    with db.write() as conn:
        old = select(mention.c.id).where(~mention.c.matched, mention.c.collected_at < before)
        old = old.where(~exists().where(mention_brand.c.mention_id == mention.c.id)).limit(5000)
        rows = conn.execute(select(mention.c.id, mention.c.search_text).where(mention.c.id.in_(old))).all()
        ids = [row.id for row in rows]
        if rows and db.is_sqlite:
            conn.exec_driver_sql(
                "INSERT INTO mention_search (mention_search, rowid, search_text) VALUES ('delete', ?, ?)",
                [(row.id, row.search_text) for row in rows],
            )
        for table in (mention_key, mention_source, mention_revision):
            conn.execute(delete(table).where(table.c.mention_id.in_(ids)))
        conn.execute(delete(mention).where(mention.c.id.in_(ids)))
    return len(ids)


_EMPTY: Final[dict[str, Any]] = {"failures": 0, "collected": 0, "last_error_permanent": False}


def _mine(source_id: int) -> Any:
    return source_state.c.source_id == source_id


def _of(source_id: int) -> Any:
    return select(source_state).where(_mine(source_id)).with_for_update()


def _set(conn: Connection, source_id: int, **values: Any) -> None:
    conn.execute(update(source_state).where(_mine(source_id)).values(**values))
