"""Taking a batch in: mentions, scores, roll-ups, hours to judge again, coverage and cursor, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from crawlers.connector import Batch, Reject
from storage import concerns, coverage, pages, rejects, texts
from storage import keys as identities
from storage.database import Database
from storage.reading import Key, Reading, Spans, digest
from storage.schema import mention_brand, mention_source, source_state
from storage.storable import is_storable
from storage.upsert import chunks, insert_or, insert_rows

__all__ = ["Arrival", "Key", "Known", "Reading", "Spans", "Stored", "digest", "known", "store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored under an identity: its id, the digest of its text, the brands it concerns."""

    mention_id: int
    digest: str
    brands: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a batch came to, in mentions. `same` were known and unchanged.

    `lags` are the seconds from publication to collection of each new one, without history and undated ones.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    lags: tuple[float, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A batch on its way in: `batch` as the connector gave it, `readings` of what is new, changed or newly
    concerns a brand, `same` the identities that are known and unchanged, `rejects` of all steps together."""

    source_id: int
    batch: Batch
    readings: tuple[Reading, ...]
    same: tuple[Key, ...] = ()
    rejects: tuple[Reject, ...] = ()


def known(db: Database, keys: Iterable[Key]) -> dict[Key, Known]:
    """Return what is stored under each of `keys`; unknown ones are left out."""
    with db.read() as conn:
        return _known(conn, keys)


def store(db: Database, arrival: Arrival, *, now: datetime) -> Stored:
    """Store a batch, or nothing of it. Storing the same batch again changes nothing but what really changed.

    Of readings with the same identity the last one counts.
    """
    return db.commit(lambda conn: _store(conn, arrival, now))


def _store(conn: Connection, arrival: Arrival, now: datetime) -> Stored:
    readings = {reading.mention.key: reading for reading in arrival.readings}
    found = _known(conn, sorted(readings), lock=True)
    seen = _known(conn, [key for key in arrival.same if key not in readings])
    fresh = [reading for key, reading in readings.items() if key not in found]
    old = [reading for key, reading in readings.items() if key in found]
    changed = [r for r in old if found[r.mention.key].digest != digest(r.mention)]
    joining = [r for r in old if r not in changed and not r.brands.keys() <= found[r.mention.key].brands]
    ids = texts.add(conn, fresh) | {key: item.mention_id for key, item in (found | seen).items()}
    texts.rewrite(conn, changed, ids, now=now)
    visit = concerns.Visit(source_id=arrival.source_id, backfill=arrival.batch.backfill, ids=ids, now=now)
    concerns.add(conn, visit, fresh)
    concerns.revise(conn, visit, changed=changed, joining=joining)
    _link(conn, arrival.source_id, ids.values())
    texts.update_counts(conn, arrival.batch.updates)
    _mark_presence(conn, arrival.batch, found | seen, now)
    pages.save(conn, arrival.source_id, arrival.batch.pages)
    rejects.add(conn, arrival.source_id, arrival.rejects, now=now)
    _advance(conn, arrival, len(fresh))
    same = len(found) + len(seen) - len(changed)
    lags = () if arrival.batch.backfill else _lags(fresh)
    return Stored(new=len(fresh), changed=len(changed), same=same, rejected=len(arrival.rejects), lags=lags)


def _known(conn: Connection, keys: Iterable[Key], *, lock: bool = False) -> dict[Key, Known]:
    """What is stored under `keys`. With `lock`, other writers wait before they change any of it (PostgreSQL)."""
    found = identities.find(conn, keys, lock=lock)
    brands = _brands_of(conn, [kept.mention_id for kept in found.values()])
    return {
        key: Known(mention_id=kept.mention_id, digest=kept.digest, brands=frozenset(brands.get(kept.mention_id, ())))
        for key, kept in found.items()
    }


def _brands_of(conn: Connection, ids: Sequence[int]) -> Mapping[int, set[int]]:
    brands: dict[int, set[int]] = {}
    for part in chunks(ids):
        query = select(mention_brand.c.mention_id, mention_brand.c.brand_id)
        for row in conn.execute(query.where(mention_brand.c.mention_id.in_(part))):
            brands.setdefault(row.mention_id, set()).add(row.brand_id)
    return brands


def _mark_presence(conn: Connection, batch: Batch, shown: Mapping[Key, Known], now: datetime) -> None:
    """Mark what is gone, and take the mark from what is shown again, by whichever source.

    What a batch both shows and says to be gone is gone.
    """
    gone = {key for key in batch.deletions if _is_storable(key)}
    seen = identities.find(conn, [key for key in batch.seen if _is_storable(key)])
    here = {kept.mention_id for key, kept in shown.items() if key not in gone}
    here |= {kept.mention_id for key, kept in seen.items() if key not in gone}
    texts.mark_present(conn, here)
    texts.mark_deleted(conn, gone, now=now)


def _is_storable(key: Key) -> bool:
    return is_storable(key[0]) and is_storable(key[1])


def _lags(fresh: Iterable[Reading]) -> tuple[float, ...]:
    items = [reading.mention for reading in fresh]
    return tuple((item.collected_at - item.published_at).total_seconds() for item in items if not item.undated)


def _link(conn: Connection, source_id: int, mention_ids: Iterable[int]) -> None:
    rows = [{"mention_id": mention_id, "source_id": source_id} for mention_id in mention_ids]
    insert_rows(conn, insert_or(conn, mention_source).on_conflict_do_nothing(), rows)


def _advance(conn: Connection, arrival: Arrival, new: int) -> None:
    """Move the source on: its count, its cursor, its coverage, in the transaction of the batch itself.

    The state comes first: its row makes writers of one source's coverage wait for each other.
    """
    batch = arrival.batch
    values: dict[str, Any] = {"source_id": arrival.source_id, "collected": new}
    if batch.cursor is not None:
        values["cursor"] = dict(batch.cursor)
    insert = insert_or(conn, source_state).values(**values)
    moved: dict[str, Any] = {name: insert.excluded[name] for name in values if name == "cursor"}
    moved["collected"] = source_state.c.collected + insert.excluded.collected
    conn.execute(insert.on_conflict_do_update(index_elements=["source_id"], set_=moved))
    if batch.covered_from and batch.covered_to:
        coverage.add(conn, arrival.source_id, batch.covered_from, batch.covered_to)
