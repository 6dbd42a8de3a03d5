"""The health of sources: how their visits go, beside what is normal for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any, Final

from sqlalchemy import Connection, Row, case, func, select

from config.principal import Principal
from config.settings import SourceKind
from crawlers.report import Report
from crawlers.web.finding import host_of
from storage import coverage, visits
from storage.coverage import Interval
from storage.database import Database
from storage.schema import brand, host_hold, source, source_page, source_state, source_visit
from storage.schema import coverage as covered
from storage.storable import storable

DAY: Final = timedelta(days=1)
FORTNIGHT: Final = timedelta(days=14)
WEEK: Final = timedelta(days=7)
SAMPLE: Final = 500
"""Visits, the newest good ones of the fortnight, from which it is told what is normal."""
LEAST_ITEMS: Final = 10
"""Items from which shares of fields are told; the items of several small visits count together."""
OFTEN: Final = 0.5
"""A field that fewer items have is no field to miss."""
FELL: Final = 0.5
"""Below this part of its usual share a field is worth a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """How many visits began in a span of time, and how many of them went well."""

    n: int
    good: int

    @property
    def rate(self) -> float | None:
        """The share that went well, 0 to 1; None without any visit."""
        return self.good / self.n if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A figure of the last good visit, beside the good visits of the fortnight before it.

    `usual` is their median; eight in ten visits lie from `low` to `high`. None before there was any.
    """

    last: int
    usual: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldYield:
    """In what share of a source's items a field is found, 0 to 1: in its newest 10 items or more, and usually.

    `usual` is the median of earlier groups of as many items; None where there are none.
    """

    field: str
    now: float
    usual: float | None

    @property
    def has_fallen(self) -> bool:
        """Whether it is worth a look: found in less than half of its usual share, and usually in half of the items.

        Whether it is an alert is decided elsewhere (`alerts.yields`).
        """
        return self.usual is not None and self.usual >= OFTEN and self.now < self.usual * FELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A host that asked to be left alone, until when, and in which words."""

    host: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealthRow:
    """How a source fares.

    `items` are those of a visit that were new, edited or known; `new` the new ones of these; both None before the first
    good visit, and without visits that brought history alone. `lag` is the median time from publication to collection
    in the fortnight's visits. `coverage` is the share of the last 7 days' publication time, counted from the first that
    was ever read, that was read; None where the source never says. `waiting` and `gone` count remembered pages.
    """

    name: str
    type: str
    kind: SourceKind
    brand: str | None
    enabled: bool
    last_success: datetime | None
    fortnight: Visits
    day: Visits
    items: Normal | None
    new: Normal | None
    lag: timedelta | None
    coverage: float | None
    waiting: int
    gone: int
    fields: tuple[FieldYield, ...]
    holds: tuple[Hold, ...]


def source_health(
    db: Database, *, by: Principal, now: datetime, name: str | None = None
) -> tuple[SourceHealthRow, ...]:
    """Return every source that is open to all brands or bound to one `by` may see, in order of their names.

    With a `name` only that source, if it is one of these.
    """
    query = (
        select(source, brand.c.name.label("brand"), source_state.c.last_success)
        .join_from(source, brand, brand.c.id == source.c.brand_id, isouter=True)
        .join(source_state, source_state.c.source_id == source.c.id, isouter=True)
        .order_by(source.c.name)
    )
    if name is not None:
        query = query.where(source.c.name.in_(storable([name])))
    with db.read() as conn:
        rows = [row for row in conn.execute(query) if row.brand is None or by.may_see(row.brand)]
        ids = [row.id for row in rows]
        week = _week(conn, ids, now)
        holds = _holds(conn, now)
        return tuple(_health(conn, row, now, week.get(row.id), holds) for row in rows)


def _health(
    conn: Connection, row: Row[*tuple[Any, ...]], now: datetime, share: float | None, holds: Mapping[str, Hold]
) -> SourceHealthRow:
    fortnight, day = _visits(conn, row.id, now)
    good = _good(conn, row.id, now)
    lags = [visit.lag_seconds for visit in good if visit.lag_seconds is not None]
    steady = [visit for visit in good if not visit.backfill]
    return SourceHealthRow(
        name=row.name,
        type=row.type,
        kind=row.kind,
        brand=row.brand,
        enabled=row.enabled,
        last_success=row.last_success,
        fortnight=fortnight,
        day=day,
        items=normal([visit.new + visit.changed + visit.same for visit in steady]),
        new=normal([visit.new for visit in steady]),
        lag=timedelta(seconds=median(lags)) if lags else None,
        coverage=share,
        waiting=_pages(conn, row.id, gone=False),
        gone=_pages(conn, row.id, gone=True),
        fields=field_yields(visits.reports_of(conn, row.id)),
        holds=tuple(holds[host] for host in sorted(hosts_of(row.declared["options"])) if host in holds),
    )


# -- visits -------------------------------------------------------------------------------------


def _visits(conn: Connection, source_id: int, now: datetime) -> tuple[Visits, Visits]:
    """The visits of the fortnight, and of the last day among them."""
    visit = source_visit.c
    here = (visit.source_id == source_id) & (visit.started_at >= now - FORTNIGHT) & (visit.started_at <= now)
    today = case((visit.started_at >= now - DAY, 1), else_=0)
    counted = select(visit.ok, func.count().label("n"), func.sum(today).label("today"))
    rows = conn.execute(counted.where(here).group_by(visit.ok)).all()
    fortnight = Visits(n=sum(row.n for row in rows), good=sum(row.n for row in rows if row.ok))
    return fortnight, Visits(n=sum(row.today for row in rows), good=sum(row.today for row in rows if row.ok))


def _good(conn: Connection, source_id: int, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """The newest good visits of the fortnight, newest first."""
    visit = source_visit.c
    figures = select(visit.new, visit.changed, visit.same, visit.lag_seconds, visit.backfill)
    mine = figures.where(visit.source_id == source_id, visit.ok.is_(True))
    span = mine.where(visit.started_at >= now - FORTNIGHT, visit.started_at <= now)
    return conn.execute(span.order_by(visit.started_at.desc(), visit.id.desc()).limit(SAMPLE)).all()


def normal(figures: Sequence[int]) -> Normal | None:
    """Return the first of `figures`, which come newest first, beside what the others say is normal."""
    if not figures:
        return None
    last, *earlier = figures
    if not earlier:
        return Normal(last=last, usual=None, low=None, high=None)
    tenths = quantiles(earlier, n=10, method="inclusive") if len(earlier) > 1 else [float(earlier[0])] * 9
    return Normal(last=last, usual=float(median(earlier)), low=tenths[0], high=tenths[-1])


# -- fields -------------------------------------------------------------------------------------


def field_yields(reports: Iterable[Report]) -> tuple[FieldYield, ...]:
    """Return how often each field is found now and usually, in order of their names; `reports` come newest first.

    Nothing is returned for fewer than 10 items.
    """
    groups = list(_groups(reports))
    if not groups:
        return ()
    now, *earlier = groups
    names = sorted({name for group in groups for name in group})
    return tuple(
        FieldYield(
            field=name,
            now=now.get(name, 0.0),
            usual=median([group.get(name, 0.0) for group in earlier]) if earlier else None,
        )
        for name in names
    )


def _groups(reports: Iterable[Report]) -> Iterator[dict[str, float]]:
    """The share of items with each field in each run of visits that together showed enough items."""
    items, fields = 0, Counter[str]()
    for report in reports:
        items += report.items
        fields.update(report.fields)
        if items >= LEAST_ITEMS:
            yield {name: n / items for name, n in fields.items()}
            items, fields = 0, Counter[str]()


# -- coverage, pages and hosts ------------------------------------------------------------------


def _week(conn: Connection, ids: Sequence[int], now: datetime) -> dict[int, float]:
    """The share of the last week that each source has read, from the first time it ever read."""
    first = select(covered.c.source_id, func.min(covered.c.covered_from, type_=covered.c.covered_from.type).label("at"))
    begun = conn.execute(first.where(covered.c.source_id.in_(ids)).group_by(covered.c.source_id)).all()
    intervals = coverage.of_sources(conn, [row.source_id for row in begun], now - WEEK, now)
    shares = {row.source_id: _share(intervals[row.source_id], max(row.at, now - WEEK), now) for row in begun}
    return {source_id: share for source_id, share in shares.items() if share is not None}


def _share(intervals: Sequence[Interval], since: datetime, until: datetime) -> float | None:
    return coverage.exposure({0: 1.0}, {0: intervals}, since, until) if since < until else None


def _pages(conn: Connection, source_id: int, *, gone: bool) -> int:
    """How many pages were given up, or wait to be read."""
    page = source_page.c
    mine = select(func.count()).where(page.source_id == source_id, page.gone.is_(gone))
    return conn.execute(mine if gone else mine.where(page.waiting.is_(True))).scalar_one()


def _holds(conn: Connection, now: datetime) -> dict[str, Hold]:
    held = conn.execute(select(host_hold).where(host_hold.c.next_allowed_at > now))
    return {row.host: Hold(host=row.host, until=row.next_allowed_at, reason=row.reason) for row in held}


def hosts_of(options: Mapping[str, Any]) -> frozenset[str]:
    """Return the hosts that a source's options name: those of its addresses, and the further ones it may read."""
    texts = [text for value in options.values() for text in (value if isinstance(value, list) else [value])]
    named = {host_of(text) for text in texts if isinstance(text, str) and text.startswith(("http://", "https://"))}
    further = options.get("hosts")
    named |= {host_of(f"http://{host}") for host in further} if isinstance(further, list) else set()
    return frozenset(named - {""})
