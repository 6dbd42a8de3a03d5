"""Jobs: what pages and commands ask for and somebody else does, with progress and a result.

waiting → running → done or failed. A running job whose runner went away is taken again; if its kind must not be
done twice, or it is too old by then, it becomes unknown and waits for a person. What nobody took in time is failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Literal

import uuid_utils
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from config.principal import RANK, Principal
from storage.database import Database
from storage.request import Request
from storage.schema import job

JobState = Literal["waiting", "running", "done", "failed", "unknown"]
LEASE: Final = timedelta(seconds=90)
PATIENCE: Final = timedelta(hours=1)
"""A job that nobody took for this long has lost its use."""
KEPT: Final = timedelta(days=14)
"""How long ended jobs can be looked at."""
_LONGEST_ERROR: Final = 2_000


class UnknownJobError(LookupError):
    """There is no such job, or it was somebody else's."""


class LeaseLostError(Exception):
    """The job is not this runner's any more: whatever it found must be thrown away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job. `request` and `result` are the JSON of its kind's own models; `progress` runs from 0 to 1."""

    id: str
    kind: str
    request: dict[str, Any]
    requester: str
    state: JobState
    progress: float
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ("done", "failed", "unknown")


def enqueue(
    db: Database, *, kind: str, request: BaseModel, by: Principal, now: datetime, key: str | None = None
) -> Job:
    """Ask for a job and return it. With a `key`, asking again returns the first one, whatever became of it.

    Raise NotAllowedError where `by` lacks the role that the request needs.
    """
    if isinstance(request, Request):
        by.require(request.needs)
    job_id = str(uuid_utils.uuid7())
    full_key = f"{kind}:{_digest(by.name, key)}" if key else job_id
    row = {
        "id": job_id,
        "kind": kind,
        "request": request.model_dump(mode="json"),
        "requester": by.name,
        "idempotency_key": full_key,
        "state": "waiting",
        "progress": 0.0,
        "created_at": now,
        "expires_at": now + PATIENCE,
    }

    def work(conn: Connection) -> Job:
        found = conn.execute(select(job).where(job.c.idempotency_key == full_key)).first()
        if found is None:
            found = conn.execute(insert(job).values(row).returning(*job.c)).one()
        return _job(found)

    return db.commit(work)


def claim(db: Database, *, owner: str, kinds: Sequence[str], now: datetime, once: Sequence[str] = ()) -> Job | None:
    """Take the oldest job of `kinds` for 90 seconds; None when there is none. Of two runners one gets it.

    That is a waiting one, or one whose runner went away. `once` are kinds that must not be done twice: such a
    job is left to `expire`.
    """
    again = and_(_lost(now), job.c.kind.not_in(list(once)))
    free = and_(job.c.kind.in_(list(kinds)), job.c.expires_at > now, or_(job.c.state == "waiting", again))
    oldest = select(job.c.id).where(free).order_by(job.c.created_at, job.c.id).limit(1)

    def work(conn: Connection) -> Job | None:
        job_id = conn.execute(oldest.with_for_update(skip_locked=True)).scalar_one_or_none()
        if job_id is None:
            return None
        taken = {"state": "running", "started_at": now, "lease_owner": owner, "lease_until": now + LEASE}
        return _job(conn.execute(update(job).where(job.c.id == job_id).values(taken).returning(*job.c)).one())

    return db.commit(work)


def progress(db: Database, job_id: str, fraction: float, *, owner: str, now: datetime) -> None:
    """Record how far a job is, 0 to 1, and hold it for longer. Raise LeaseLostError."""
    _change(db, job_id, owner, {"progress": min(max(fraction, 0.0), 1.0), "lease_until": now + LEASE})


def finish(db: Database, job_id: str, result: BaseModel, *, owner: str, now: datetime) -> None:
    """Record the result of a job. Raise LeaseLostError."""
    done = {"state": "done", "progress": 1.0, "result": result.model_dump(mode="json"), "finished_at": now}
    _change(db, job_id, owner, {**done, **_RELEASED})


def fail(db: Database, job_id: str, error: str, *, owner: str, now: datetime) -> None:
    """Record why a job cannot be done, for the person who asked. Raise LeaseLostError."""
    failed = {"state": "failed", "error": error[:_LONGEST_ERROR].replace("\0", ""), "finished_at": now}
    _change(db, job_id, owner, {**failed, **_RELEASED})


def get(db: Database, job_id: str, *, by: Principal) -> Job:
    """Return a job to whoever asked for it, and to administrators; raise UnknownJobError."""
    with db.read() as conn:
        row = conn.execute(select(job).where(job.c.id == job_id)).first()
    if row is None or (row.requester != by.name and RANK[by.role] < RANK["administrator"]):
        raise UnknownJobError(f"there is no job {job_id}")
    return _job(row)


def expire(db: Database, *, now: datetime, once: Sequence[str] = ()) -> int:
    """Settle jobs that nobody took, or whose runner went away; forget old ones. Return how many were settled.

    Of the latter, those become unknown that are too old to be taken again, or whose kind is in `once`: it must
    not be done twice.
    """
    late = job.c.expires_at <= now

    def work(conn: Connection) -> int:
        unknown = {"state": "unknown", "error": _VANISHED, "finished_at": now, **_RELEASED}
        settled = _settle(conn, _lost(now) & (late | job.c.kind.in_(list(once))), unknown)
        failed = {"state": "failed", "error": _NOBODY, "finished_at": now}
        settled += _settle(conn, (job.c.state == "waiting") & late, failed)
        conn.execute(delete(job).where(job.c.finished_at <= now - KEPT))
        return settled

    return db.commit(work)


_RELEASED: Final[dict[str, Any]] = {"lease_owner": None, "lease_until": None}
_VANISHED: Final = "Whoever worked on this went away in the middle. Look at what came of it before asking again."
_NOBODY: Final = "Nobody took this on in time. Is the monitor running? Ask again when it is."


def _digest(requester: str, key: str) -> str:
    return blake2b(f"{requester}\0{key}".encode(), digest_size=32).hexdigest()


def _lost(now: datetime) -> ColumnElement[bool]:
    """Running, and held by nobody any more."""
    return and_(job.c.state == "running", or_(job.c.lease_until.is_(None), job.c.lease_until <= now))


def _change(db: Database, job_id: str, owner: str, values: dict[str, Any]) -> None:
    mine = (job.c.id == job_id) & (job.c.state == "running") & (job.c.lease_owner == owner)
    if db.commit(lambda conn: _settle(conn, mine, values)) != 1:
        raise LeaseLostError(f"job {job_id} is not {owner}'s any more")


def _settle(conn: Connection, which: ColumnElement[bool], values: dict[str, Any]) -> int:
    return conn.execute(update(job).where(which).values(values)).rowcount


def _job(row: Row[*tuple[Any, ...]]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        request=row.request,
        requester=row.requester,
        state=row.state,
        progress=row.progress,
        result=row.result,
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
