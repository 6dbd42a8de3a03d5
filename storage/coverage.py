"""Coverage: which publication time each source has fully read, and so how far a count can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from storage.schema import coverage, mention_brand, source
from storage.scope import is_on
from storage.upsert import insert_or

_USUAL: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Publication time from `since` up to, not including, `until`."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since


def add(conn: Connection, source_id: int, since: datetime, until: datetime) -> None:
    """Record that `source_id` has read [since, until); touching intervals become one."""
    if until <= since:
        return
    mine = coverage.c.source_id == source_id
    touching = mine & (coverage.c.covered_from <= until) & (coverage.c.covered_to >= since)
    found = conn.execute(select(coverage.c.covered_from, coverage.c.covered_to).where(touching)).all()
    if any(row.covered_from <= since and row.covered_to >= until for row in found):
        return
    first = min([since, *(row.covered_from for row in found)])
    last = max([until, *(row.covered_to for row in found)])
    conn.execute(coverage.delete().where(touching))
    row = {"source_id": source_id, "covered_from": first, "covered_to": last}
    insert = insert_or(conn, coverage)
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=["source_id", "covered_from"], set_={"covered_to": insert.excluded.covered_to}
        ),
        row,
    )


def of_sources(
    conn: Connection, source_ids: Iterable[int], since: datetime, until: datetime
) -> dict[int, list[Interval]]:
    """Return each source's intervals that touch [since, until), in order, not cut to it."""
    ids = list(source_ids)
    rows = conn.execute(
        select(coverage)
        .where(coverage.c.source_id.in_(ids), coverage.c.covered_from < until, coverage.c.covered_to > since)
        .order_by(coverage.c.source_id, coverage.c.covered_from)
    )
    found: dict[int, list[Interval]] = {source_id: [] for source_id in ids}
    for row in rows:
        found[row.source_id].append(Interval(row.covered_from, row.covered_to))
    return found


def usual_shares(conn: Connection, brand_id: int, until: datetime) -> dict[int, float]:
    """Return each source's share, 0 to 1, of what was said about a brand in the fortnight before `until`.

    Shares weigh exposure: an hour without the source that brings most counts as mostly unseen. Sources that are
    off, or that never say what they have read (a file that was imported), weigh nothing.
    """
    rows = conn.execute(
        select(mention_brand.c.source_id, func.count().label("n"))
        .where(
            mention_brand.c.brand_id == brand_id,
            mention_brand.c.published_at >= until - _USUAL,
            mention_brand.c.published_at < until,
        )
        .group_by(mention_brand.c.source_id)
    )
    reading = _reading(conn)
    counts = {row.source_id: row.n for row in rows if row.source_id in reading}
    total = sum(counts.values())
    return {source_id: n / total for source_id, n in counts.items()}


def _reading(conn: Connection) -> set[int]:
    ever = select(coverage.c.source_id).where(coverage.c.source_id == source.c.id).exists()
    rows = conn.execute(select(source.c.id, source.c.enabled, source.c.declared).where(source.c.enabled, ever))
    return {row.id for row in rows if is_on(row)}


def exposure(
    shares: Mapping[int, float], intervals: Mapping[int, Iterable[Interval]], since: datetime, until: datetime
) -> float:
    """Return the share, 0 to 1, of the publication time [since, until) that was read, weighted by `shares`."""
    whole = (until - since) / timedelta(seconds=1)
    seen = 0.0
    for source_id, share in shares.items():
        for interval in intervals.get(source_id, ()):
            overlap = min(interval.until, until) - max(interval.since, since)
            seen += share * max(overlap / timedelta(seconds=1), 0) / whole
    return min(seen, 1.0)
