"""Authors, as their platforms know them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from crawlers.mention import Author, Mention
from storage.schema import author
from storage.upsert import chunks, insert_or

Key = tuple[str, str]


def save_authors(conn: Connection, mentions: Iterable[Mention]) -> dict[Key, int]:
    """Store the authors of `mentions` and return their ids by (platform, handle).

    What a platform now says of an author replaces what it said; what it leaves out stays.
    """
    people: dict[Key, Author] = {(m.platform, m.author.handle): m.author for m in mentions if m.author}
    ids: dict[Key, int] = {}
    for platform in {key[0] for key in people}:
        for handles in chunks(key[1] for key in people if key[0] == platform):
            rows = conn.execute(select(author).where(author.c.platform == platform, author.c.handle.in_(handles))).all()
            ids.update({(row.platform, row.handle): row.id for row in rows})
            current = {(row.platform, row.handle): (row.name, row.url, row.followers) for row in rows}
            named = ((platform, handle) for handle in handles)
            _write(conn, {key: people[key] for key in named if _differs(people[key], current.get(key))}, ids)
    return ids


def _differs(new: Author, old: tuple[str | None, str | None, int | None] | None) -> bool:
    if old is None:
        return True
    said = (new.name, new.url, new.followers)
    return any(value is not None and value != before for value, before in zip(said, old, strict=True))


def _write(conn: Connection, people: dict[Key, Author], ids: dict[Key, int]) -> None:
    if not people:
        return
    insert = insert_or(conn, author)
    fields = ("name", "url", "followers")
    merged = {name: func.coalesce(insert.excluded[name], author.c[name]) for name in fields}
    statement = insert.on_conflict_do_update(index_elements=["platform", "handle"], set_=merged)
    rows = [
        {"platform": key[0], "handle": key[1], "name": who.name, "url": who.url, "followers": who.followers}
        for key, who in sorted(people.items())
    ]
    saved = conn.execute(statement.returning(author.c.platform, author.c.handle, author.c.id), rows)
    ids.update({(row.platform, row.handle): row.id for row in saved})
