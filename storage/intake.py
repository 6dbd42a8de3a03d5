"""Taking a batch in: mentions, scores, roll-ups, hours to judge again, coverage and cursor, all in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, tuple_

from config.instant import hour_of
from crawlers.connector import Batch, Reject, Update
from crawlers.mention import Mention
from sentiment.score import Score
from storage import coverage, rollups
from storage.authors import save_authors
from storage.database import Database
from storage.schema import (
    WHOLE_TEXT,
    mention,
    mention_brand,
    mention_key,
    mention_revision,
    mention_source,
    reject,
    reject_count,
    score,
    source_state,
    to_judge,
)
from storage.upsert import allot_ids, chunks, insert_or, rows_of

Key = tuple[str, str]
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A mention and what was read out of it: its language, the brands it concerns (by id, with the matched
    spans of `Mention.whole_text`), and its score (None where it concerns no brand: those are not scored)."""

    mention: Mention
    language: str
    search_text: str
    brands: Mapping[int, Spans]
    score: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored under an identity: its id, the digest of its text, the brands it concerns."""

    mention_id: int
    digest: str
    brands: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a batch came to, in mentions. `same` were known and unchanged."""

    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A batch on its way in: `batch` as the connector gave it, `readings` of what is new, changed or newly
    concerns a brand, `same` the identities that are known and unchanged, `rejects` of all steps together."""

    source_id: int
    batch: Batch
    readings: tuple[Reading, ...]
    same: tuple[Key, ...] = ()
    rejects: tuple[Reject, ...] = ()


def digest(item: Mention) -> str:
    """Return a short fingerprint of title and text: it says whether anything changed."""
    return blake2b(f"{item.title or ''}\0{item.text}".encode(), digest_size=16).hexdigest()


def known(db: Database, keys: Iterable[Key]) -> dict[Key, Known]:
    """Return what is stored under each of `keys`; unknown ones are left out."""
    with db.read() as conn:
        return _known(conn, keys)


def store(db: Database, arrival: Arrival, *, now: datetime) -> Stored:
    """Store a batch, or nothing of it. Storing the same batch again changes nothing but what really changed."""
    return db.commit(lambda conn: _store(conn, arrival, now))


def _store(conn: Connection, arrival: Arrival, now: datetime) -> Stored:
    found = _known(conn, [reading.mention.key for reading in arrival.readings] + list(arrival.same))
    fresh = {r.mention.key: r for r in arrival.readings if r.mention.key not in found}
    old = [r for r in arrival.readings if r.mention.key in found]
    changed = [r for r in old if found[r.mention.key].digest != digest(r.mention)]
    joined = [r for r in old if not r.brands.keys() <= found[r.mention.key].brands]
    ids = _insert_new(conn, fresh.values())
    ids.update({key: item.mention_id for key, item in found.items()})
    _rewrite(conn, changed, ids, now)
    touched = [*fresh.values(), *changed, *(r for r in joined if r not in changed)]
    _save_scores(conn, touched, ids, now)
    _save_brands(conn, arrival, touched, ids, now)
    _link(conn, arrival.source_id, ids.values())
    _update_counts(conn, arrival.batch.updates)
    _mark_deleted(conn, arrival.batch.deletions, now)
    _save_rejects(conn, arrival.source_id, arrival.rejects, now)
    _advance(conn, arrival, len(fresh))
    same = len(found) - len(changed)
    return Stored(new=len(fresh), changed=len(changed), same=same, rejected=len(arrival.rejects))


def _known(conn: Connection, keys: Iterable[Key]) -> dict[Key, Known]:
    found: dict[Key, tuple[int, str]] = {}
    by_platform: dict[str, list[str]] = {}
    for platform, external_id in keys:
        by_platform.setdefault(platform, []).append(external_id)
    for platform, ids in by_platform.items():
        for part in chunks(ids):
            here = (mention_key.c.platform == platform) & mention_key.c.external_id.in_(part)
            for row in conn.execute(select(mention_key).where(here)):
                found[(row.platform, row.external_id)] = (row.mention_id, row.digest)
    brands = _brands_of(conn, [mention_id for mention_id, _ in found.values()])
    return {
        key: Known(mention_id=mention_id, digest=seen, brands=frozenset(brands.get(mention_id, ())))
        for key, (mention_id, seen) in found.items()
    }


def _brands_of(conn: Connection, ids: Sequence[int]) -> dict[int, set[int]]:
    brands: dict[int, set[int]] = {}
    for part in chunks(ids):
        query = select(mention_brand.c.mention_id, mention_brand.c.brand_id)
        for row in conn.execute(query.where(mention_brand.c.mention_id.in_(part))):
            brands.setdefault(row.mention_id, set()).add(row.brand_id)
    return brands


def _insert_new(conn: Connection, readings: Iterable[Reading]) -> dict[Key, int]:
    fresh = list(readings)
    if not fresh:
        return {}
    authors = save_authors(conn, [reading.mention for reading in fresh])
    ids = dict(zip((r.mention.key for r in fresh), allot_ids(conn, mention, len(fresh)), strict=True))
    conn.execute(mention.insert(), [{"id": ids[r.mention.key], **_body(r, authors)} for r in fresh])
    keys = [
        {"platform": key[0], "external_id": key[1], "mention_id": ids[key], "digest": digest(r.mention)}
        for r in fresh
        for key in (r.mention.key,)
    ]
    conn.execute(mention_key.insert(), keys)
    _index(conn, [{"id": ids[r.mention.key], "text": r.search_text} for r in fresh])
    return ids


def _body(reading: Reading, authors: Mapping[Key, int]) -> dict[str, Any]:
    item = reading.mention
    return {
        "platform": item.platform,
        "external_id": item.external_id,
        "kind": item.kind,
        "url": item.url,
        "author_id": authors.get((item.platform, item.author.handle)) if item.author else None,
        "title": item.title,
        "text": item.text,
        "search_text": reading.search_text,
        "language": reading.language,
        "rating": item.rating,
        "reach": item.reach,
        "likes": item.engagement.likes,
        "shares": item.engagement.shares,
        "replies": item.engagement.replies,
        "parent": item.parent,
        "product": item.product,
        "place": item.place,
        "region": item.region,
        "published_at": item.published_at,
        "collected_at": item.collected_at,
        "undated": item.undated,
        "deleted_at": None,
        "matched": bool(reading.brands),
    }


def _rewrite(conn: Connection, changed: Sequence[Reading], ids: Mapping[Key, int], now: datetime) -> None:
    """Keep the earlier text of edited mentions, then write the new one."""
    if not changed:
        return
    for part in chunks(changed):
        old = mention.c.id.in_([ids[r.mention.key] for r in part])
        earlier = conn.execute(select(mention.c.id, mention.c.title, mention.c.text, mention.c.search_text).where(old))
        rows = earlier.all()
        conn.execute(
            insert_or(conn, mention_revision).on_conflict_do_nothing(),
            [{"mention_id": row.id, "replaced_at": now, "title": row.title, "text": row.text} for row in rows],
        )
        _unindex(conn, [{"id": row.id, "text": row.search_text} for row in rows])
    new = [
        {"b_id": ids[r.mention.key], "title": r.mention.title, "text": r.mention.text}
        | {"search_text": r.search_text, "language": r.language, "matched": bool(r.brands)}
        for r in changed
    ]
    conn.execute(mention.update().where(mention.c.id == bindparam("b_id")), new)
    keys = [{"b_id": ids[r.mention.key], "digest": digest(r.mention)} | _key(r) for r in changed]
    same = (mention_key.c.platform == bindparam("b_platform")) & (mention_key.c.external_id == bindparam("b_external"))
    conn.execute(mention_key.update().where(same).values(digest=bindparam("digest")), keys)
    _index(conn, [{"id": ids[r.mention.key], "text": r.search_text} for r in changed])


def _key(reading: Reading) -> dict[str, str]:
    return {"b_platform": reading.mention.platform, "b_external": reading.mention.external_id}


def _index(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Tell SQLite's external content index; PostgreSQL indexes the column by itself."""
    if rows and conn.dialect.name == "sqlite":
        conn.execute(text("INSERT INTO mention_search (rowid, search_text) VALUES (:id, :text)"), rows)


def _unindex(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows and conn.dialect.name == "sqlite":
        delete = "INSERT INTO mention_search (mention_search, rowid, search_text) VALUES ('delete', :id, :text)"
        conn.execute(text(delete), rows)


def _save_scores(conn: Connection, readings: Sequence[Reading], ids: Mapping[Key, int], now: datetime) -> None:
    rows = [
        {
            "mention_id": ids[reading.mention.key],
            "brand_id": WHOLE_TEXT,
            "classifier": reading.score.classifier,
            "label": _label(reading),
            "negative": reading.score.negative,
            "neutral": reading.score.neutral,
            "positive": reading.score.positive,
            "unsure": reading.score.unsure,
            "scored_at": now,
        }
        for reading in readings
        if reading.score
    ]
    if not rows:
        return
    insert = insert_or(conn, score)
    new = {name: insert.excluded[name] for name in ("label", "negative", "neutral", "positive", "unsure", "scored_at")}
    keys = ["mention_id", "brand_id", "classifier"]
    conn.execute(insert.on_conflict_do_update(index_elements=keys, set_=new), rows)


def _label(reading: Reading) -> str:
    return reading.score.label if reading.score else "unscored"


def _save_brands(
    conn: Connection, arrival: Arrival, readings: Sequence[Reading], ids: Mapping[Key, int], now: datetime
) -> None:
    """Put the rows that lists and series read in place of the earlier ones, and move the roll-ups."""
    leaving: list[dict[str, Any]] = []
    for part in chunks([ids[reading.mention.key] for reading in readings]):
        mine = mention_brand.c.mention_id.in_(part)
        leaving += rows_of(conn.execute(select(mention_brand).where(mine)))
        conn.execute(mention_brand.delete().where(mine))
    before: dict[int, dict[int, dict[str, Any]]] = {}
    for row in leaving:
        before.setdefault(row["mention_id"], {})[row["brand_id"]] = row
    entering = [
        row
        for reading in readings
        for row in _brand_rows(arrival, reading, ids[reading.mention.key], before.get(ids[reading.mention.key], {}))
    ]
    if entering:
        conn.execute(mention_brand.insert(), entering)
    rollups.move(conn, leaving=leaving, entering=entering)
    _queue(conn, [*leaving, *entering], now)


def _brand_rows(
    arrival: Arrival, reading: Reading, mention_id: int, before: Mapping[int, Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    """Yield a row for each brand the text concerns. A brand without spans came with a source that is bound to
    it, and so survives a visit by another source."""
    bound = {brand_id: () for brand_id, row in before.items() if not row["spans"]}
    for brand_id, spans in {**bound, **reading.brands}.items():
        yield _brand_row(arrival, reading, mention_id, brand_id, before.get(brand_id, {})) | {
            "spans": [list(span) for span in spans]
        }


def _brand_row(
    arrival: Arrival, reading: Reading, mention_id: int, brand_id: int, earlier: Mapping[str, Any]
) -> dict[str, Any]:
    item = reading.mention
    return {
        "mention_id": mention_id,
        "brand_id": brand_id,
        "published_at": earlier.get("published_at", item.published_at),
        "source_id": earlier.get("source_id", arrival.source_id),
        "source_kind": earlier.get("source_kind", item.kind),
        "language": reading.language,
        "label": _label(reading),
        "label_by": reading.score.classifier if reading.score else "",
        "unsure": bool(reading.score and reading.score.unsure),
        "relevance": 1.0,
        "hidden": earlier.get("hidden", False),
        "undated": earlier.get("undated", item.undated),
        "backfill": earlier.get("backfill", arrival.batch.backfill),
        "story_id": earlier.get("story_id"),
        "is_lead": earlier.get("is_lead", True),
    }


def _queue(conn: Connection, rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Ask for the touched brand-hours to be judged again. History fills the series and never alerts."""
    hours = {
        (row["brand_id"], hour_of(row["published_at"])) for row in rows if not row["backfill"] and not row["undated"]
    }
    if hours:
        conn.execute(
            insert_or(conn, to_judge).on_conflict_do_nothing(),
            [{"brand_id": brand_id, "hour": hour, "queued_at": now} for brand_id, hour in sorted(hours)],
        )


def _link(conn: Connection, source_id: int, mention_ids: Iterable[int]) -> None:
    rows = [{"mention_id": mention_id, "source_id": source_id} for mention_id in mention_ids]
    if rows:
        conn.execute(insert_or(conn, mention_source).on_conflict_do_nothing(), rows)


def _update_counts(conn: Connection, updates: Sequence[Update]) -> None:
    if not updates:
        return
    rows = [
        {"b_platform": item.platform, "b_external": item.external_id, "b_reach": item.reach}
        | {"b_likes": item.engagement.likes, "b_shares": item.engagement.shares, "b_replies": item.engagement.replies}
        for item in updates
    ]
    same = (mention_key.c.platform == bindparam("b_platform")) & (mention_key.c.external_id == bindparam("b_external"))
    counts = {
        name: func.coalesce(bindparam(f"b_{name}", type_=mention.c[name].type), mention.c[name])
        for name in ("reach", "likes", "shares", "replies")
    }
    target = select(mention_key.c.mention_id).where(same).scalar_subquery()
    conn.execute(mention.update().where(mention.c.id == target).values(counts), rows)


def _mark_deleted(conn: Connection, keys: Sequence[Key], now: datetime) -> None:
    for part in chunks(keys):
        gone = select(mention_key.c.mention_id).where(
            tuple_(mention_key.c.platform, mention_key.c.external_id).in_(part)
        )
        conn.execute(mention.update().where(mention.c.id.in_(gone)).values(deleted_at=now))


def _save_rejects(conn: Connection, source_id: int, rejects: Sequence[Reject], now: datetime) -> None:
    if not rejects:
        return
    rows = [
        {"source_id": source_id, "at": now, "reason": item.reason[:80], "detail": item.detail[:2000]}
        | {"external_id": item.external_id[:500] if item.external_id else None, "line": item.line}
        for item in rejects
    ]
    conn.execute(reject.insert(), rows)
    counts = Counter(row["reason"] for row in rows)
    insert = insert_or(conn, reject_count)
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=["source_id", "reason"], set_={"n": reject_count.c.n + insert.excluded.n}
        ),
        [{"source_id": source_id, "reason": reason, "n": n} for reason, n in sorted(counts.items())],
    )


def _advance(conn: Connection, arrival: Arrival, new: int) -> None:
    """Move the source on: its coverage, its cursor, its count, in the transaction of the batch itself."""
    batch = arrival.batch
    if batch.covered_from and batch.covered_to:
        coverage.add(conn, arrival.source_id, batch.covered_from, batch.covered_to)
    values: dict[str, Any] = {"collected": source_state.c.collected + new}
    if batch.cursor is not None:
        values["cursor"] = dict(batch.cursor)
    conn.execute(source_state.update().where(source_state.c.source_id == arrival.source_id).values(values))
