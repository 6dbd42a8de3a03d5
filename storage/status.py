"""The state of the house: how reading each source goes, what waits, which processes are alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, func, or_, select

from config.principal import Principal
from config.settings import ManagedBy, SourceKind, SourceSpec, Terms
from crawlers.registry import is_unconfirmed, terms_of
from storage.database import Database
from storage.schema import brand, heartbeat, job, outbox, reject, reject_count, source, source_state, to_judge
from storage.storable import storable

ALIVE: Final = timedelta(seconds=15)
"""A process whose last heartbeat is older than this is taken for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How reading a source goes. `lag` is the time since the last good visit; None before the first.

    `failures` counts bad visits since the last good one. `rejects` counts refused items by reason, ever. `terms` are
    those it is read on, None for an unknown connector; `unconfirmed` says that they restrict automatic reading and
    nobody confirmed that it may be read: it is off, `enabled` or not.
    """

    name: str
    type: str
    kind: SourceKind
    brand: str | None
    enabled: bool
    managed_by: ManagedBy
    every: timedelta
    last_started: datetime | None
    last_success: datetime | None
    lag: timedelta | None
    failures: int
    last_error: str | None
    last_error_at: datetime | None
    last_error_permanent: bool
    not_before: datetime | None
    collected: int
    rejects: dict[str, int]
    terms: Terms | None
    unconfirmed: bool

    @property
    def is_on(self) -> bool:
        """Whether it is read: switched on, and not waiting for its terms to be confirmed."""
        return self.enabled and not self.unconfirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits. `outbox_oldest` is how long the oldest notification has been waiting."""

    to_judge: int
    outbox_pending: int
    outbox_oldest: timedelta | None
    dead_letters: int
    jobs_waiting: int
    jobs_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRow:
    """An item that was refused, and why."""

    at: datetime
    reason: str
    detail: str
    external_id: str | None
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """A process and its last sign of life."""

    process: str
    pid: int
    host: str
    started_at: datetime
    at: datetime
    alive: bool


def source_status(db: Database, *, by: Principal, now: datetime) -> tuple[SourceStatus, ...]:
    """Return every source that is open to all brands or bound to one `by` may see, in order of their names."""
    query = (
        select(source, brand.c.name.label("brand"), *(column for column in source_state.c if column.key != "source_id"))
        .join_from(source, brand, brand.c.id == source.c.brand_id, isouter=True)
        .join(source_state, source_state.c.source_id == source.c.id, isouter=True)
        .order_by(source.c.name)
    )
    with db.read() as conn:
        rows = [row for row in conn.execute(query) if row.brand is None or by.may_see(row.brand)]
        refused: dict[int, dict[str, int]] = {}
        for count in conn.execute(select(reject_count).order_by(reject_count.c.n.desc(), reject_count.c.reason)):
            refused.setdefault(count.source_id, {})[count.reason] = count.n
    return tuple(_status(row, refused.get(row.id, {}), now) for row in rows)


def rejects(db: Database, *, by: Principal, source: str, limit: int = 50) -> tuple[RejectRow, ...]:
    """Return the items of a source that were refused, newest first; none of a source that `by` may not see."""
    with db.read() as conn:
        key = _visible_source(conn, source, by)
        query = select(reject).where(reject.c.source_id == key).order_by(reject.c.id.desc()).limit(limit)
        return tuple(_reject_row(row) for row in conn.execute(query))


def newest_rejects(db: Database, *, by: Principal, source: str) -> dict[str, RejectRow]:
    """Return the newest refusal of each reason of a source that `by` may see, as far as they are kept."""
    with db.read() as conn:
        mine = reject.c.source_id == _visible_source(conn, source, by)
        newest = select(func.max(reject.c.id)).where(mine).group_by(reject.c.reason)
        rows = conn.execute(select(reject).where(reject.c.id.in_(newest)))
        return {row.reason: _reject_row(row) for row in rows}


def backlog(db: Database, *, now: datetime) -> Backlog:
    """Return what waits, of the whole house."""
    unsent = outbox.c.state.in_(("pending", "sending"))
    with db.read() as conn:
        oldest: datetime | None = conn.execute(select(func.min(outbox.c.created_at)).where(unsent)).scalar_one()
        return Backlog(
            to_judge=_count(conn, to_judge),
            outbox_pending=_count(conn, outbox, unsent),
            outbox_oldest=now - oldest if oldest else None,
            dead_letters=_count(conn, outbox, outbox.c.state == "dead"),
            jobs_waiting=_count(conn, job, job.c.state.in_(("waiting", "running"))),
            jobs_failed=_count(conn, job, or_(job.c.state == "failed", job.c.state == "unknown")),
        )


def processes(db: Database, *, now: datetime) -> tuple[ProcessRow, ...]:
    """Return every process that ever gave a sign of life, in order of their names."""
    with db.read() as conn:
        return tuple(
            ProcessRow(
                process=row.process,
                pid=row.pid,
                host=row.host,
                started_at=row.started_at,
                at=row.at,
                alive=abs(now - row.at) < ALIVE,  # nor does one from the future tell anything
            )
            for row in conn.execute(select(heartbeat).order_by(heartbeat.c.process))
        )


def _reject_row(row: Row[*tuple[Any, ...]]) -> RejectRow:
    return RejectRow(at=row.at, reason=row.reason, detail=row.detail, external_id=row.external_id, line=row.line)


def _visible_source(conn: Connection, name: str, by: Principal) -> int | None:
    query = select(source.c.id, brand.c.name.label("brand")).join_from(source, brand, isouter=True)
    row = conn.execute(query.where(source.c.name.in_(storable([name])))).first()
    return row.id if row is not None and (row.brand is None or by.may_see(row.brand)) else None


def _count(conn: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def _status(row: Row[*tuple[Any, ...]], refused: dict[str, int], now: datetime) -> SourceStatus:
    spec = SourceSpec.model_validate(row.declared)
    return SourceStatus(
        name=row.name,
        type=row.type,
        kind=row.kind,
        brand=row.brand,
        enabled=row.enabled,
        managed_by=row.managed_by,
        every=spec.every,
        last_started=row.last_started,
        last_success=row.last_success,
        lag=now - row.last_success if row.last_success else None,
        failures=row.failures or 0,
        last_error=row.last_error,
        last_error_at=row.last_error_at,
        last_error_permanent=bool(row.last_error_permanent),
        not_before=row.not_before,
        collected=row.collected or 0,
        rejects=refused,
        terms=terms_of(spec),
        unconfirmed=is_unconfirmed(spec),
    )
