"""The timeline: counts by hour or civil day, how far each can be trusted, and the stretches nobody read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from config.instant import hour_of
from config.principal import Principal
from config.settings import SourceSpec
from storage import coverage
from storage.cells import count
from storage.coverage import Interval
from storage.database import Database
from storage.period import Period
from storage.schema import coverage as coverage_table
from storage.schema import mention_brand, source
from storage.scope import brand_ids, is_on, serves

Step = Literal["hour", "day"]
_HOUR: Final = timedelta(hours=1)
_USUAL: Final = timedelta(days=14)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """What was published in the hour or day that begins at `start`, in mentions.

    `exposure`, 0 to 1, is the share of it that the sources have read: at 0 the counts mean nothing.
    """

    start: datetime
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unscored: int = 0
    exposure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Publication time of a source that no visit covered."""

    source: str
    since: datetime
    until: datetime


def timeline(
    db: Database, *, by: Principal, brands: tuple[str, ...], period: Period, step: Step, zone: str
) -> tuple[Bin, ...]:
    """Return a bin for each hour, or each civil day of `zone`, that the period touches, also empty ones.

    The first and last bin count only what lies inside the period, so that the bins add up to its figures.
    """
    starts = _starts(period, step, ZoneInfo(zone))
    parts = [Period(since=max(a, period.since), until=min(b, period.until)) for a, b in pairwise(starts)]
    with db.read() as conn:
        ids = list(brand_ids(conn, by=by, names=brands))
        counts = _counts(conn, ids, period, parts)
        seen = exposures(conn, ids, parts)
    return tuple(
        Bin(start=start, exposure=exposure, **labels)
        for start, exposure, labels in zip(starts, seen, counts, strict=False)  # the last start closes the last bin
    )


def gaps(db: Database, *, by: Principal, brands: tuple[str, ...], period: Period) -> tuple[Gap, ...]:
    """Return the stretches inside the period, after a source's first reading, that no visit covered; oldest first.

    Of sources that are on only. The stretch at the end counts when it is longer than two visits are apart.
    """
    found: list[Gap] = []
    with db.read() as conn:
        ids = brand_ids(conn, by=by, names=brands)
        serving = _serving(conn, ids)
        read = coverage.of_sources(conn, [row.id for row in serving], _LONG_AGO, period.until)
    for row in serving:
        every = SourceSpec.model_validate(row.declared).every
        holes = _holes(read[row.id], period, patience=2 * every)
        found += [Gap(source=row.name, since=hole.since, until=hole.until) for hole in holes]
    return tuple(sorted(found, key=lambda gap: (gap.since, gap.source)))


def exposures(conn: Connection, ids: Sequence[int], parts: Sequence[Period]) -> list[float]:
    """Return for each part, 0 to 1, how much of it was read by the brands' sources, weighed by what each brings."""
    weights = _weights(conn, ids, parts[-1].until)
    read = coverage.of_sources(conn, weights, parts[0].since, parts[-1].until)
    covered = {source_id: _Covered(intervals) for source_id, intervals in read.items()}
    return [
        min(1.0, sum(weight * covered[source_id].share(part) for source_id, weight in weights.items()))
        for part in parts
    ]


# -- bins ---------------------------------------------------------------------------------------


def _starts(period: Period, step: Step, zone: ZoneInfo) -> list[datetime]:
    """Return where the bins begin and, last, where the last one ends."""
    if step == "hour":
        first = hour_of(period.since)
        return [first + n * _HOUR for n in range(-(-(period.until - first) // _HOUR) + 1)]
    day = period.since.astimezone(zone).date()
    starts: list[datetime] = []
    while not starts or starts[-1] < period.until:
        starts.append(datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC))
        day += timedelta(days=1)
    return starts


def _counts(conn: Connection, ids: list[int], period: Period, parts: Sequence[Period]) -> list[Counter[str]]:
    """Return the counts by label of each part."""
    if any(part.since != hour_of(part.since) for part in parts[1:]):  # zones that are half an hour off
        return [Counter({label: n for (label,), n in count(conn, ids, part, "label").items()}) for part in parts]
    counts: list[Counter[str]] = [Counter() for _ in parts]
    starts = [part.since for part in parts]
    for (hour, label), n in count(conn, ids, period, "hour", "label").items():
        counts[max(bisect_right(starts, hour) - 1, 0)][label] += n
    return counts


# -- coverage -----------------------------------------------------------------------------------


class _Covered:
    """How much of any stretch one source has read, from its intervals in order."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        self._intervals = intervals
        self._starts = [interval.since for interval in intervals]
        self._sums = [timedelta(0), *accumulate(interval.length for interval in intervals)]

    def share(self, part: Period) -> float:
        """The part of `part` that was read, 0 to 1."""
        return (self._before(part.until) - self._before(part.since)) / (part.until - part.since)

    def _before(self, instant: datetime) -> timedelta:
        n = bisect_right(self._starts, instant)
        if n == 0:
            return timedelta(0)
        beyond = max(self._intervals[n - 1].until - instant, timedelta(0))
        return self._sums[n] - beyond


def _weights(conn: Connection, ids: Iterable[int], until: datetime) -> dict[int, float]:
    """Return each source's usual share, adding up to 1: of the mentions in the fortnight before `until`.

    Sources that never say what they have read (a file that was imported) weigh nothing. Where nothing was
    published, all sources that are on and serve the brands weigh the same.
    """
    row, wanted = mention_brand.c, list(ids)
    brought = conn.execute(
        select(row.source_id, func.count())
        .where(row.brand_id.in_(wanted), row.published_at >= until - _USUAL, row.published_at < until)
        .group_by(row.source_id)
    )
    reading = set(conn.execute(select(coverage_table.c.source_id).distinct()).scalars())
    counts = {source_id: n for source_id, n in brought if source_id in reading}
    if not counts and wanted:
        counts = dict.fromkeys(reading.intersection(row.id for row in _serving(conn, wanted)), 1)
    total = sum(counts.values())
    return {source_id: n / total for source_id, n in counts.items()}


def _serving(conn: Connection, ids: Collection[int]) -> list[Row[*tuple[Any, ...]]]:
    """The sources that are on and serve the brands; none without a brand."""
    rows = conn.execute(select(source).where(source.c.enabled, serves(ids))) if ids else ()
    return [row for row in rows if is_on(row)]


def _holes(intervals: Sequence[Interval], period: Period, *, patience: timedelta) -> list[Interval]:
    """What lies between the intervals, and after the last one when it is longer than `patience`, cut to the period."""
    holes = [Interval(a.until, b.since) for a, b in pairwise(intervals)]
    if intervals and period.until - intervals[-1].until > patience:
        holes.append(Interval(intervals[-1].until, period.until))
    cut = [Interval(max(hole.since, period.since), min(hole.until, period.until)) for hole in holes]
    return [hole for hole in cut if hole.since < hole.until]
