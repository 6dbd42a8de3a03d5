"""Authors, as their platforms know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from crawlers.mention import Author, Mention
from storage.schema import author
from storage.upsert import chunks, insert_or, insert_rows

Key = tuple[str, str]


def save_authors(conn: Connection, mentions: Iterable[Mention]) -> dict[Key, int]:
    """Store the authors of `mentions` and return their ids by (platform, handle).

    What a platform now says of an author replaces what it said; what it leaves out stays.
    """
    people: dict[Key, Author] = {(m.platform, m.author.handle): m.author for m in mentions if m.author}
    stored = _stored(conn, people)
    # Sorted, so that two writers on PostgreSQL lock authors in the same order.
    said_anew = {key: people[key] for key in sorted(people) if key not in stored or _differs(people[key], stored[key])}
    _write(conn, said_anew)
    added = _stored(conn, [key for key in said_anew if key not in stored])
    return {key: row.id for key, row in {**stored, **added}.items()}


def _stored(conn: Connection, keys: Iterable[Key]) -> dict[Key, Row[Any]]:
    handles: dict[str, list[str]] = {}
    for platform, handle in keys:
        handles.setdefault(platform, []).append(handle)
    return {
        (platform, row.handle): row
        for platform, wanted in handles.items()
        for part in chunks(wanted)
        for row in conn.execute(select(author).where(author.c.platform == platform, author.c.handle.in_(part)))
    }


def _differs(new: Author, old: Row[Any]) -> bool:
    pairs = ((new.name, old.name), (new.url, old.url), (new.followers, old.followers))
    return any(value is not None and value != before for value, before in pairs)


def _write(conn: Connection, people: Mapping[Key, Author]) -> None:
    insert = insert_or(conn, author)
    merged = {name: func.coalesce(insert.excluded[name], author.c[name]) for name in ("name", "url", "followers")}
    rows = [
        {"platform": platform, "handle": handle, "name": who.name, "url": who.url, "followers": who.followers}
        for (platform, handle), who in people.items()
    ]
    insert_rows(conn, insert.on_conflict_do_update(index_elements=["platform", "handle"], set_=merged), rows)
