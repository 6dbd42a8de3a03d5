"""How reading each source goes: its lease, its cursor, its successes and failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, exists, select, tuple_, update

from crawlers.connector import Cursor
from storage import texts, visits
from storage.database import Database
from storage.schema import (
    job,
    mention,
    mention_brand,
    mention_key,
    mention_revision,
    mention_source,
    outbox,
    score,
    source_state,
)
from storage.storable import as_storable
from storage.upsert import chunks, insert_or
from storage.visits import Tally

NOTHING: Final = Tally()
LEASE: Final = timedelta(seconds=90)
_FORGOTTEN_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The right to read a source, until the lease ends. `cursor` None means that it was never read.

    `owner` begins with the owner that asked for it and is this visit's alone; the visit began at `started_at`.
    """

    source_id: int
    owner: str
    started_at: datetime
    cursor: Cursor | None
    last_success: datetime | None


def begin(db: Database, source_id: int, *, owner: str, now: datetime) -> Visit | None:
    """Take the source's lease; None while it is being read, by anybody, or while it asked to be left alone."""
    holder = f"{owner}/{token_hex(4)}"

    def take(conn: Connection) -> Visit | None:
        conn.execute(insert_or(conn, source_state).on_conflict_do_nothing(), {"source_id": source_id})
        state = conn.execute(_locked(source_id)).one()
        if state.lease_until and state.lease_until > now:
            return None
        if state.not_before and state.not_before > now:
            return None
        conn.execute(
            update(source_state)
            .where(source_state.c.source_id == source_id)
            .values(lease_owner=holder, lease_until=now + LEASE, last_started=now)
        )
        return Visit(
            source_id=source_id,
            owner=holder,
            started_at=now,
            cursor=state.cursor,
            last_success=state.last_success,
        )

    return db.commit(take)


def renew(db: Database, visit: Visit, *, now: datetime) -> bool:
    """Hold the lease for longer; False when it was lost."""
    return db.commit(lambda conn: _write(conn, visit, lease_until=now + LEASE))


def succeed(
    db: Database, visit: Visit, *, now: datetime, tally: Tally = NOTHING, retry_after: timedelta | None = None
) -> None:
    """Record a visit that went well and came to `tally`, and give the lease back.

    Nothing is recorded where the lease was lost to somebody else: the source is theirs now.
    """
    state = {"last_success": now, "failures": 0, "last_error_permanent": False}
    _end(db, visit, state, tally=tally, now=now, retry_after=retry_after)


def postpone(db: Database, visit: Visit, *, wait: timedelta, now: datetime) -> None:
    """Give the lease back unused: the source is left alone for `wait`, and no visit is recorded."""
    db.commit(lambda conn: _write(conn, visit, not_before=now + wait, lease_owner=None, lease_until=None))


def fail(
    db: Database,
    visit: Visit,
    *,
    error: str,
    permanent: bool,
    now: datetime,
    tally: Tally = NOTHING,
    retry_after: timedelta | None = None,
) -> None:
    """Record a visit that failed and give the lease back; what it had stored before (`tally`) stays.

    Nothing is recorded where the lease was lost to somebody else: the source is theirs now.
    """
    error = as_storable(error)  # it may quote what a page says
    state = {"last_error": error[:2000], "last_error_at": now, "last_error_permanent": permanent}
    state["failures"] = source_state.c.failures + 1
    _end(db, visit, state, tally=tally, now=now, retry_after=retry_after, error=error)


def _end(
    db: Database,
    visit: Visit,
    state: Mapping[str, Any],
    *,
    tally: Tally,
    now: datetime,
    retry_after: timedelta | None,
    error: str | None = None,
) -> None:
    """Write a source's state and its visit, and give the lease back, if it is still held."""
    free = {"lease_owner": None, "lease_until": None, "not_before": now + retry_after if retry_after else None}

    def write(conn: Connection) -> None:
        if _write(conn, visit, **state, **free):
            visits.record(conn, visit.source_id, tally, started=visit.started_at, ended=now, error=error)

    db.commit(write)


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
    """Forget items that concern no brand and were collected before `before`, at most 5,000; return how many."""

    def work(conn: Connection) -> int:
        # Locked, so that nobody finds a brand in them at this moment.
        old = select(mention.c.id, mention.c.platform, mention.c.external_id, mention.c.search_text)
        old = old.where(~mention.c.matched, mention.c.collected_at < before)
        old = old.where(~exists().where(mention_brand.c.mention_id == mention.c.id))
        rows = conn.execute(old.limit(_FORGOTTEN_AT_ONCE).with_for_update()).all()
        texts.unindex(conn, [(row.id, row.search_text) for row in rows])
        for part in chunks(rows):
            _forget(conn, part)
        return len(rows)

    return db.commit(work)


def _forget(conn: Connection, rows: Sequence[Row[Any, Any, Any, Any]]) -> None:
    keys = tuple_(mention_key.c.platform, mention_key.c.external_id)
    conn.execute(delete(mention_key).where(keys.in_([(row.platform, row.external_id) for row in rows])))
    ids = [row.id for row in rows]
    for table in (mention_source, mention_revision, score):
        conn.execute(delete(table).where(table.c.mention_id.in_(ids)))
    conn.execute(delete(mention).where(mention.c.id.in_(ids)))


def _locked(source_id: int) -> Select[Any]:
    return select(source_state).where(source_state.c.source_id == source_id).with_for_update()


def _write(conn: Connection, visit: Visit, **values: Any) -> bool:
    """Write the state of a source under its lease; return whether the lease was still held."""
    mine = (source_state.c.source_id == visit.source_id) & (source_state.c.lease_owner == visit.owner)
    return conn.execute(update(source_state).where(mine).values(**values)).rowcount == 1
