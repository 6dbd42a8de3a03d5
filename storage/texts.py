"""The bodies of mentions: added, edited with the earlier text kept, counted anew, marked as gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, select, tuple_

from crawlers.connector import Update
from crawlers.mention import Mention
from storage.authors import save_authors
from storage.reading import Key, Reading, digest
from storage.schema import mention, mention_key, mention_revision, score
from storage.storable import is_storable
from storage.upsert import allot_ids, chunks, insert_or, insert_rows

_BY_KEY: Final = (mention_key.c.platform == bindparam("b_platform")) & (
    mention_key.c.external_id == bindparam("b_external")
)


def add(conn: Connection, fresh: Sequence[Reading]) -> dict[Key, int]:
    """Store new mentions and index their words; return their ids."""
    if not fresh:
        return {}
    authors = save_authors(conn, [reading.mention for reading in fresh])
    ids = dict(zip((r.mention.key for r in fresh), allot_ids(conn, mention, len(fresh)), strict=True))
    insert_rows(conn, mention.insert(), [{"id": ids[r.mention.key], **_body(r, authors)} for r in fresh])
    digests = {reading.mention.key: digest(reading.mention) for reading in fresh}
    # Sorted, so that two writers on PostgreSQL that know neither the same posts meet in the same order.
    keys = [
        {"platform": key[0], "external_id": key[1], "mention_id": ids[key], "digest": digests[key]}
        for key in sorted(digests)
    ]
    insert_rows(conn, mention_key.insert(), keys)
    index(conn, [(ids[r.mention.key], r.search_text) for r in fresh])
    return ids


def _body(reading: Reading, authors: Mapping[Key, int]) -> dict[str, Any]:
    item = reading.mention
    return {
        "platform": item.platform,
        "external_id": item.external_id,
        "kind": item.kind,
        "url": item.url,
        "author_id": authors[(item.platform, item.author.handle)] if item.author else None,
        "title": item.title,
        "text": item.text,
        "search_text": reading.search_text,
        "language": reading.language,
        "rating": item.rating,
        "rating_given": given(item.rating_given),
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


def given(rating: str | None) -> str | None:
    """Return a rating as the platform wrote it, as far as a database can hold it."""
    if not rating:
        return None
    return "".join(char for char in rating[: 2 * MAX_GIVEN] if is_storable(char))[:MAX_GIVEN] or None


MAX_GIVEN: Final = 60
"""Characters of a rating that are kept as the platform wrote it."""
EARLIER_TEXTS: Final = 20
"""How many earlier texts of a mention are kept; the newest stay."""


def rewrite(conn: Connection, changed: Sequence[Reading], ids: Mapping[Key, int], *, now: datetime) -> None:
    """Keep the earlier text and rating of edited mentions, then write the new ones. Scores of the earlier text go.

    A product that is not named any more stays. Where nothing that people read differs, no earlier text is kept.
    """
    if not changed:
        return
    by_id = {ids[reading.mention.key]: reading for reading in changed}
    for part in chunks(by_id):
        _keep_earlier(conn, {mention_id: by_id[mention_id] for mention_id in part}, now)
        conn.execute(delete(score).where(score.c.mention_id.in_(part)))
    product = func.coalesce(bindparam("b_product", type_=mention.c.product.type), mention.c.product)
    edit = mention.update().where(mention.c.id == bindparam("b_id")).values(product=product)
    conn.execute(edit, [_edit(mention_id, reading) for mention_id, reading in by_id.items()])
    keys = [
        {"b_platform": r.mention.platform, "b_external": r.mention.external_id, "b_digest": digest(r.mention)}
        for r in changed
    ]
    conn.execute(mention_key.update().where(_BY_KEY).values(digest=bindparam("b_digest")), keys)
    index(conn, [(mention_id, reading.search_text) for mention_id, reading in by_id.items()])


def _edit(mention_id: int, reading: Reading) -> dict[str, Any]:
    item = reading.mention
    return {
        "b_id": mention_id,
        "b_product": item.product,
        "title": item.title,
        "text": item.text,
        "search_text": reading.search_text,
        "language": reading.language,
        "rating": item.rating,
        "rating_given": given(item.rating_given),
    }


def _keep_earlier(conn: Connection, edits: Mapping[int, Reading], now: datetime) -> None:
    said = (mention.c.title, mention.c.text, mention.c.rating, mention.c.rating_given)
    rows = conn.execute(select(mention.c.id, mention.c.search_text, *said).where(mention.c.id.in_(edits))).all()
    earlier = [
        {"mention_id": row.id, "replaced_at": now} | {column.name: getattr(row, column.name) for column in said}
        for row in rows
        if _differs(row, edits[row.id].mention)
    ]
    insert_rows(conn, insert_or(conn, mention_revision).on_conflict_do_nothing(), earlier)
    unindex(conn, [(row.id, row.search_text) for row in rows])
    _forget_earliest(conn, [row["mention_id"] for row in earlier])


def _differs(row: Row[*tuple[Any, ...]], item: Mention) -> bool:
    return (row.title, row.text, row.rating) != (item.title, item.text, item.rating)


def _forget_earliest(conn: Connection, ids: Sequence[int]) -> None:
    """A page that says something else at every visit, such as how often it was read, must not fill the disk."""
    mine, newer = mention_revision, mention_revision.alias("newer")
    beyond = (
        select(newer.c.replaced_at)
        .where(newer.c.mention_id == mine.c.mention_id)
        .order_by(newer.c.replaced_at.desc())
        .offset(EARLIER_TEXTS)
        .limit(1)
        .scalar_subquery()
    )
    conn.execute(delete(mine).where(mine.c.mention_id.in_(ids), mine.c.replaced_at <= beyond))


def index(conn: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Tell SQLite's external content index of new texts (id, search text); PostgreSQL indexes the column itself."""
    if rows and conn.dialect.name == "sqlite":
        conn.exec_driver_sql("INSERT INTO mention_search (rowid, search_text) VALUES (?, ?)", list(rows))


def unindex(conn: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Take texts (id, search text) out of SQLite's index; they must be exactly what was indexed."""
    if rows and conn.dialect.name == "sqlite":
        leave = "INSERT INTO mention_search (mention_search, rowid, search_text) VALUES ('delete', ?, ?)"
        conn.exec_driver_sql(leave, list(rows))


def update_counts(conn: Connection, updates: Iterable[Update]) -> None:
    """Write new counts of reactions to the mentions that are known; what an update leaves out stays."""
    rows = [
        {"b_platform": item.platform, "b_external": item.external_id, "b_reach": item.reach}
        | {"b_likes": item.engagement.likes, "b_shares": item.engagement.shares, "b_replies": item.engagement.replies}
        for item in sorted(updates, key=lambda item: (item.platform, item.external_id))
    ]
    if not rows:
        return
    counts = {
        name: func.coalesce(bindparam(f"b_{name}", type_=mention.c[name].type), mention.c[name])
        for name in ("reach", "likes", "shares", "replies")
    }
    target = select(mention_key.c.mention_id).where(_BY_KEY).scalar_subquery()
    conn.execute(mention.update().where(mention.c.id == target).values(counts), rows)


def mark_deleted(conn: Connection, keys: Iterable[Key], *, now: datetime) -> None:
    """Mark mentions that their platform says are gone; the first time it says so is the one that is kept."""
    for part in chunks(sorted(keys)):
        gone = select(mention_key.c.mention_id).where(
            tuple_(mention_key.c.platform, mention_key.c.external_id).in_(part)
        )
        still_there = mention.c.id.in_(gone) & mention.c.deleted_at.is_(None)
        conn.execute(mention.update().where(still_there).values(deleted_at=now))


def mark_present(conn: Connection, ids: Iterable[int]) -> None:
    """Take the mark from those mentions that were said to be gone and are shown again."""
    for part in chunks(sorted(ids)):
        marked = select(mention.c.id).where(mention.c.id.in_(part), mention.c.deleted_at.is_not(None))
        if back := conn.execute(marked).scalars().all():
            conn.execute(mention.update().where(mention.c.id.in_(back)).values(deleted_at=None))
