"""Visits that were made: what each came to, and what the reports of the last ones said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Integer, Select, cast, delete, null, select

from alerts.yields import Reading
from crawlers.connector import Batch
from crawlers.report import Report
from storage.database import Database
from storage.intake import Stored
from storage.schema import source, source_visit

KEPT: Final = timedelta(days=90)
"""How long visits are kept."""
REPORTS: Final = 30
"""Reports that tell what a source usually yields."""
_MAX_ERROR: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a visit has come to so far: `stored` of all its batches, the `report` of a web source.

    `news` and `history` say whether it brought batches of either; a visit that brought history alone is `backfill`
    and tells nothing of what is normal for its source.
    """

    stored: Stored = field(default_factory=Stored)
    report: Report | None = None
    news: bool = False
    history: bool = False

    @property
    def backfill(self) -> bool:
        """Whether it brought history and nothing else."""
        return self.history and not self.news

    @property
    def lag_seconds(self) -> float | None:
        """The median of the seconds from publication to collection of its new items; None without any."""
        return median(self.stored.lags) if self.stored.lags else None

    def plus(self, batch: Batch, stored: Stored) -> Tally:
        """Return it with one more batch, which came to `stored`."""
        mine = self.stored
        total = Stored(
            new=mine.new + stored.new,
            changed=mine.changed + stored.changed,
            same=mine.same + stored.same,
            rejected=mine.rejected + stored.rejected,
            lags=mine.lags + stored.lags,
        )
        return replace(
            self,
            stored=total,
            report=batch.report or self.report,
            news=self.news or (bool(batch.items) and not batch.backfill),
            history=self.history or batch.backfill,
        )


def record(
    conn: Connection, source_id: int, tally: Tally, *, started: datetime, ended: datetime, error: str | None = None
) -> None:
    """Record a visit; `error` says why it failed, None that it went well."""
    stored = tally.stored
    row = {
        "source_id": source_id,
        "started_at": started,
        "ended_at": ended,
        "ok": error is None,
        "new": stored.new,
        "changed": stored.changed,
        "same": stored.same,
        "rejected": stored.rejected,
        "backfill": tally.backfill,
        "lag_seconds": tally.lag_seconds,
        "report": _figures(tally.report) if tally.report else None,
        "error": error[:_MAX_ERROR] if error is not None else None,
    }
    # A JSON column takes None for the JSON value null; what is left out is NULL.
    conn.execute(source_visit.insert().values({name: value for name, value in row.items() if value is not None}))


def reports_of(conn: Connection, source_id: int, *, limit: int = REPORTS) -> tuple[Report, ...]:
    """Return the reports of the source's last good visits, newest first, at most `limit`.

    Visits that parsed no item are left out: of fields they say nothing.
    """
    rows = conn.execute(_told(source_id).where(_figure("items") > 0).limit(limit))
    return tuple(Report(**row.report) for row in rows)


def readings_of(conn: Connection, source_id: int, *, since: datetime, limit: int) -> tuple[Reading, ...]:
    """Return the source's last good visits that began at `since` or later, newest first, at most `limit`.

    Visits that met unchanged pages alone are left out: of a quiet site they would be nearly all.
    """
    parsed = _figure("pages") > _figure("unchanged")
    rows = conn.execute(_told(source_id).where(source_visit.c.started_at >= since, parsed).limit(limit))
    return tuple(Reading(at=row.started_at, report=Report(**row.report)) for row in rows)


def _told(source_id: int) -> Select[tuple[datetime, dict[str, Any]]]:
    """The good visits of a source that had a report, newest first."""
    visit = source_visit.c
    good = (visit.source_id == source_id) & visit.ok.is_(True) & visit.report.is_not(null())
    return select(visit.started_at, visit.report).where(good).order_by(visit.started_at.desc(), visit.id.desc())


def _figure(name: str) -> ColumnElement[int]:
    """A figure of a visit's report."""
    return cast(source_visit.c.report[name].as_string(), Integer)


def forget_visits(db: Database, *, before: datetime) -> int:
    """Forget visits that began before `before`; return how many."""
    every = source_visit.c.source_id.in_(select(source.c.id))  # so that the index by source and time serves
    old = delete(source_visit).where(every, source_visit.c.started_at < before)
    return db.commit(lambda conn: conn.execute(old).rowcount)


def _figures(report: Report) -> dict[str, Any]:
    return {
        "pages": report.pages,
        "unchanged": report.unchanged,
        "failed": report.failed,
        "bytes": report.bytes,
        "items": report.items,
        "fields": dict(report.fields),
    }
