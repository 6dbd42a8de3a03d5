"""Counting mentions over a period: whole hours from the roll-up, the cut hours at its ends from the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, func, select

from config.instant import hour_of
from storage.period import Period
from storage.schema import mention_brand, rollup

Key = Literal["brand_id", "source_kind", "language", "label", "hour"]
HOUR: Final = timedelta(hours=1)


def count(conn: Connection, ids: Iterable[int], period: Period, *keys: Key) -> Counter[tuple[Any, ...]]:
    """Return how many mentions of the brands `ids` there are for each combination of `keys`.

    A mention that concerns two brands counts for each. Undated and hidden mentions count nowhere.
    """
    wanted = list(ids)
    found: Counter[tuple[Any, ...]] = Counter()
    if not wanted:
        return found
    whole, edges = _cut(period)
    if whole:
        _count_whole(conn, wanted, whole, keys, found)
    for edge in edges:
        _count_edge(conn, wanted, edge, keys, found)
    return found


def _cut(period: Period) -> tuple[Period | None, list[Period]]:
    """Return the whole hours of a period, and what is left of it at each end: parts of a single hour."""
    first, last = hour_of(period.since), hour_of(period.until)
    if first < period.since:
        first += HOUR
    if first > last:  # both ends lie in one hour
        return None, [period]
    ends = [(period.since, first), (last, period.until)]
    edges = [Period(since=since, until=until) for since, until in ends if since < until]
    return (Period(since=first, until=last) if first < last else None), edges


def _count_whole(
    conn: Connection, ids: list[int], whole: Period, keys: tuple[Key, ...], found: Counter[tuple[Any, ...]]
) -> None:
    columns = [rollup.c[key] for key in keys]
    rows = conn.execute(
        select(func.sum(rollup.c.n), *columns)
        .where(rollup.c.brand_id.in_(ids), rollup.c.hour >= whole.since, rollup.c.hour < whole.until)
        .group_by(*columns)
    )
    for n, *key in rows:
        if n:  # a cell that was emptied again, or no cell at all
            found[tuple(key)] += n


def _count_edge(
    conn: Connection, ids: list[int], edge: Period, keys: tuple[Key, ...], found: Counter[tuple[Any, ...]]
) -> None:
    row = mention_brand.c
    columns = [row[key] for key in keys if key != "hour"]
    rows = conn.execute(
        select(func.count(), *columns)
        .where(row.brand_id.in_(ids), row.published_at >= edge.since, row.published_at < edge.until)
        .where(~row.hidden, ~row.undated)
        .group_by(*columns)
    )
    for n, *values in rows:
        known = iter(values)
        key = tuple(hour_of(edge.since) if name == "hour" else next(known) for name in keys)
        if n:
            found[key] += n
