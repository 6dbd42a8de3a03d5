"""The list of mentions: filtered, searched, newest first, a page at a time."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, cast

from sqlalchemy import ColumnElement, Connection, Select, func, literal, or_, select, tuple_

from config.principal import Principal
from config.settings import SourceKind
from sentiment.score import Label
from storage.database import Database
from storage.mention_row import MentionRow, read_rows
from storage.period import Period
from storage.schema import author, brand, mention, mention_brand, mention_revision, rollup, source
from storage.scope import brand_ids, serves
from storage.search import search_clause
from storage.storable import storable

COUNTED: Final = 10_000
"""Counts are exact up to here."""
_LARGEST_ID: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list is narrowed to; an empty field leaves nothing out.

    `author` is a handle or a name, in full. `undated` picks mentions with (False) or without (True) a date.
    """

    brands: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[SourceKind, ...] = ()
    languages: tuple[str, ...] = ()
    period: Period | None = None
    search: str = ""
    author: str | None = None
    undated: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The place in a list after which the next page begins."""

    published_at: datetime
    mention_id: int
    brand_id: int

    def encode(self) -> str:
        """Return it as text that fits into a URL."""
        return f"{(self.published_at - _EPOCH) // _MICROSECOND}.{self.mention_id}.{self.brand_id}"

    @classmethod
    def decode(cls, encoded: str) -> Position:
        """Return what `encode` was given; raise ValueError for anything else."""
        try:
            instant, mention_id, brand_id = (int(part) for part in encoded[:80].split("."))
            published_at = _EPOCH + instant * _MICROSECOND
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{encoded[:80]!r} is no place in a list") from error
        if not (0 <= mention_id <= _LARGEST_ID and 0 <= brand_id <= _LARGEST_ID):
            raise ValueError(f"{encoded[:80]!r} is no place in a list")
        return cls(published_at=published_at, mention_id=mention_id, brand_id=brand_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list; `next` is where the following part begins, None at the end."""

    rows: tuple[MentionRow, ...]
    next: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many there are: exactly `n`, or more than `n`."""

    n: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a filter may offer."""

    sources: tuple[str, ...]
    kinds: tuple[SourceKind, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An earlier text of a mention with its rating (0 to 1, and as the platform wrote it), and when it was replaced."""

    replaced_at: datetime
    title: str | None
    text: str
    rating: float | None = None
    rating_given: str | None = None


def list_mentions(
    db: Database,
    *,
    by: Principal,
    filter: Filter,  # noqa: A002 - the word people use for it
    after: Position | None = None,
    limit: int = 50,
) -> Page:
    """Return one page, newest first. A mention that concerns two of the brands is listed for each."""
    limit = max(1, min(limit, 500))
    with db.read() as conn:
        names = brand_ids(conn, by=by, names=filter.brands)
        where = _conditions(conn, filter)
        # A list for each brand, merged: the index orders by date only within a brand.
        lists = [conn.execute(_newest(key, where, after, limit + 1)).all() for key in names]
        merged = islice(heapq.merge(*lists, key=tuple, reverse=True), limit + 1)
        keys = [
            Position(published_at=at, mention_id=mention_id, brand_id=brand_id) for at, mention_id, brand_id in merged
        ]
        shown = keys[:limit]
        rows = read_rows(conn, [(key.mention_id, key.brand_id) for key in shown])
    return Page(rows=rows, next=shown[-1] if len(keys) > limit else None)


def count_mentions(db: Database, *, by: Principal, filter: Filter) -> Count:  # noqa: A002 - as above
    """Return how many mentions the list has, counted to 10,000."""
    with db.read() as conn:
        names = brand_ids(conn, by=by, names=filter.brands)
        some = select(literal(1)).select_from(mention_brand).where(mention_brand.c.brand_id.in_(list(names)))
        capped = some.where(*_conditions(conn, filter)).limit(COUNTED + 1).subquery()
        n = conn.execute(select(func.count()).select_from(capped)).scalar_one()
    return Count(n=min(n, COUNTED), exact=n <= COUNTED)


def choices(db: Database, *, by: Principal, brands: tuple[str, ...] = ()) -> Choices:
    """Return what can be chosen for these brands: their sources, and the kinds and languages that occurred."""
    with db.read() as conn:
        ids = list(brand_ids(conn, by=by, names=brands))
        sources = conn.execute(select(source.c.name).where(serves(ids)).order_by(source.c.name)).scalars().all()
        seen = select(rollup.c.source_kind, rollup.c.language).where(rollup.c.brand_id.in_(ids), rollup.c.n > 0)
        pairs = conn.execute(seen.distinct()).all()
    return Choices(
        sources=tuple(sources),
        kinds=tuple(cast("SourceKind", kind) for kind in sorted({pair.source_kind for pair in pairs})),
        languages=tuple(sorted({pair.language for pair in pairs})),
    )


def revisions(db: Database, *, by: Principal, mention_id: int) -> tuple[Revision, ...]:
    """Return the earlier texts of a mention, newest first; none where it concerns no brand that `by` may see."""
    concerned = select(brand.c.name).join_from(mention_brand, brand, brand.c.id == mention_brand.c.brand_id)
    old = select(mention_revision).order_by(mention_revision.c.replaced_at.desc())
    with db.read() as conn:
        names = conn.execute(concerned.where(mention_brand.c.mention_id == mention_id)).scalars()
        if not any(by.may_see(name) for name in names):
            return ()
        rows = conn.execute(old.where(mention_revision.c.mention_id == mention_id))
        return tuple(
            Revision(
                replaced_at=row.replaced_at,
                title=row.title,
                text=row.text,
                rating=row.rating,
                rating_given=row.rating_given,
            )
            for row in rows
        )


def _newest(
    brand_id: int, where: list[ColumnElement[bool]], after: Position | None, limit: int
) -> Select[datetime, int, int]:
    """The keys of one brand's newest rows that fit, driven by the list index."""
    row = mention_brand.c
    query = select(row.published_at, row.mention_id, row.brand_id).where(row.brand_id == brand_id, *where)
    if after is not None:
        place = tuple_(row.published_at, row.mention_id)
        here = tuple_(literal(after.published_at, row.published_at.type), literal(after.mention_id))
        # The same mention comes once for each brand, higher ids first.
        query = query.where(place <= here if brand_id < after.brand_id else place < here)
    return query.order_by(row.published_at.desc(), row.mention_id.desc()).limit(limit)


def _conditions(conn: Connection, filter: Filter) -> list[ColumnElement[bool]]:  # noqa: A002 - as above
    row = mention_brand.c
    where: list[ColumnElement[bool]] = [~row.hidden]
    if filter.labels:
        where.append(row.label.in_(storable(filter.labels)))
    if filter.sources:
        where.append(row.source_id.in_(select(source.c.id).where(source.c.name.in_(storable(filter.sources)))))
    if filter.kinds:
        where.append(row.source_kind.in_(storable(filter.kinds)))
    if filter.languages:
        where.append(row.language.in_(storable(filter.languages)))
    if filter.period:
        where += [row.published_at >= filter.period.since, row.published_at < filter.period.until]
    if filter.undated is not None:
        where.append(row.undated if filter.undated else ~row.undated)
    if filter.author:
        called = storable([filter.author])
        people = select(author.c.id).where(or_(author.c.handle.in_(called), author.c.name.in_(called)))
        where.append(row.mention_id.in_(select(mention.c.id).where(mention.c.author_id.in_(people))))
    if filter.search.strip():
        where.append(search_clause(conn, filter.search))
    return where
