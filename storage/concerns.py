"""Which brands a mention concerns, and how it feels: the rows that lists and series read, with their roll-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, exists, select, update

from config.instant import hour_of
from storage import rollups
from storage.reading import Key, Reading, Spans
from storage.schema import WHOLE_TEXT, mention, mention_brand, mention_source, score, source, to_judge
from storage.upsert import chunks, insert_or, insert_rows, rows_of

Row = Mapping[str, Any]
_KEPT: Final = ("published_at", "source_id", "source_kind", "hidden", "undated", "backfill", "story_id", "is_lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the readings of one batch have in common; `ids` are those of their mentions."""

    source_id: int
    backfill: bool
    ids: Mapping[Key, int]
    now: datetime

    def id_of(self, reading: Reading) -> int:
        """The id of a reading's mention."""
        return self.ids[reading.mention.key]


def add(conn: Connection, visit: Visit, fresh: Sequence[Reading]) -> None:
    """Store scores and brands of new mentions."""
    _save_scores(conn, visit, fresh)
    rows = [_row(visit, r, brand_id, spans, {}) for r in fresh for brand_id, spans in r.brands.items()]
    _put(conn, visit, leaving=[], entering=rows)


def revise(conn: Connection, visit: Visit, *, changed: Sequence[Reading], joining: Sequence[Reading]) -> None:
    """Store scores and brands of known mentions.

    `changed` were edited, so that every brand is found anew; those of bound sources stay. `joining` have the text
    they had and came to another brand: what was there before stays as it is.
    """
    touched = [*changed, *joining]
    if not touched:
        return
    _save_scores(conn, visit, touched)
    before = _before(conn, [visit.id_of(reading) for reading in touched])
    bound = _bound(conn, [visit.id_of(reading) for reading in changed])
    dates = _dates(conn, [visit.id_of(reading) for reading in touched])
    leaving = [row for r in changed for row in before.get(visit.id_of(r), {}).values()]
    entering: list[Row] = []
    for reading in changed:
        key = visit.id_of(reading)
        earlier = before.get(key, {})
        brands = {**_staying(earlier, bound.get(key, ())), **reading.brands}
        entering += _rows(visit, reading, brands, earlier, dates)
    for reading in joining:
        earlier = before.get(visit.id_of(reading), {})
        more = {brand_id: spans for brand_id, spans in reading.brands.items() if brand_id not in earlier}
        entering += _rows(visit, reading, more, {}, dates)
    _put(conn, visit, leaving=leaving, entering=entering)
    _mark_matched(conn, [visit.id_of(reading) for reading in touched])


def _staying(earlier: Mapping[int, Row], bound: Iterable[int]) -> dict[int, Spans]:
    """Brands that an edit does not take away: no words of the text brought them, but a source bound to them."""
    return {brand_id: () for brand_id, row in earlier.items() if brand_id in bound or not row["spans"]}


def _rows(
    visit: Visit, reading: Reading, brands: Mapping[int, Spans], earlier: Mapping[int, Row], dates: Mapping[int, Row]
) -> list[Row]:
    date = dates[visit.id_of(reading)]
    return [_row(visit, reading, brand_id, spans, earlier.get(brand_id, date)) for brand_id, spans in brands.items()]


def _row(visit: Visit, reading: Reading, brand_id: int, spans: Spans, earlier: Row) -> Row:
    """A mention_brand row; what `earlier` says of the fields in `_KEPT` stays."""
    item = reading.mention
    new = {
        "mention_id": visit.id_of(reading),
        "brand_id": brand_id,
        "published_at": item.published_at,
        "source_id": visit.source_id,
        "source_kind": item.kind,
        "language": reading.language,
        "label": reading.label,
        "label_by": reading.score.classifier if reading.score else "",
        "unsure": reading.score is not None and reading.score.unsure,
        "relevance": 1.0,
        "hidden": False,
        "undated": item.undated,
        "backfill": visit.backfill,
        "story_id": None,
        "is_lead": True,
        "spans": [list(span) for span in spans],
    }
    return new | {name: earlier[name] for name in _KEPT if name in earlier} if earlier else new


def _before(conn: Connection, ids: Sequence[int]) -> dict[int, dict[int, Row]]:
    before: dict[int, dict[int, Row]] = {}
    for part in chunks(ids):
        for row in rows_of(conn.execute(select(mention_brand).where(mention_brand.c.mention_id.in_(part)))):
            before.setdefault(row["mention_id"], {})[row["brand_id"]] = row
    return before


def _bound(conn: Connection, ids: Sequence[int]) -> dict[int, set[int]]:
    """The brands that the sources of each mention are bound to."""
    bound: dict[int, set[int]] = {}
    pairs = select(mention_source.c.mention_id, source.c.brand_id).join_from(
        mention_source, source, source.c.id == mention_source.c.source_id
    )
    for part in chunks(ids):
        mine = mention_source.c.mention_id.in_(part) & source.c.brand_id.is_not(None)
        for row in conn.execute(pairs.where(mine)):
            bound.setdefault(row.mention_id, set()).add(row.brand_id)
    return bound


def _dates(conn: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """The dates that known mentions were stored with: a platform that gives none gives another one each time."""
    columns = (mention.c.id, mention.c.published_at, mention.c.undated)
    return {
        row["id"]: row
        for part in chunks(ids)
        for row in rows_of(conn.execute(select(*columns).where(mention.c.id.in_(part))))
    }


def _put(conn: Connection, visit: Visit, *, leaving: Sequence[Row], entering: Sequence[Row]) -> None:
    """Put the rows that lists and series read in place of the earlier ones, and move the roll-ups."""
    for part in chunks({row["mention_id"] for row in leaving}):
        conn.execute(mention_brand.delete().where(mention_brand.c.mention_id.in_(part)))
    insert_rows(conn, mention_brand.insert(), entering)
    rollups.move(conn, leaving=leaving, entering=entering)
    _queue(conn, [*leaving, *entering], visit.now)


def _queue(conn: Connection, rows: Iterable[Row], now: datetime) -> None:
    """Ask for the touched brand-hours to be judged again. History fills the series and never alerts.

    An hour that waits already is written all the same: on PostgreSQL a judge who takes it out of the queue at this
    moment must wait for us, or judge without what we bring.
    """
    hours = {
        (row["brand_id"], hour_of(row["published_at"])) for row in rows if not row["backfill"] and not row["undated"]
    }
    insert = insert_or(conn, to_judge)
    waiting = insert.on_conflict_do_update(
        index_elements=["brand_id", "hour"], set_={"queued_at": to_judge.c.queued_at}
    )
    insert_rows(
        conn, waiting, [{"brand_id": brand_id, "hour": hour, "queued_at": now} for brand_id, hour in sorted(hours)]
    )


def _mark_matched(conn: Connection, ids: Sequence[int]) -> None:
    concerned = exists().where(mention_brand.c.mention_id == mention.c.id)
    for part in chunks(ids):
        conn.execute(update(mention).where(mention.c.id.in_(part)).values(matched=concerned))


def _save_scores(conn: Connection, visit: Visit, readings: Sequence[Reading]) -> None:
    rows = [
        {
            "mention_id": visit.id_of(reading),
            "brand_id": WHOLE_TEXT,
            "classifier": reading.score.classifier,
            "label": reading.label,
            "negative": reading.score.negative,
            "neutral": reading.score.neutral,
            "positive": reading.score.positive,
            "unsure": reading.score.unsure,
            "scored_at": visit.now,
        }
        for reading in readings
        if reading.score
    ]
    insert = insert_or(conn, score)
    keys = ("mention_id", "brand_id", "classifier")
    new = {column.name: insert.excluded[column.name] for column in score.c if column.name not in keys}
    insert_rows(conn, insert.on_conflict_do_update(index_elements=keys, set_=new), rows)
