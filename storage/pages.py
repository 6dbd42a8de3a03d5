"""What sources remember of their pages: the Memory port in the database, and saving pages with the batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, func, select

from crawlers.cleaning import clean
from crawlers.connector import Reject
from crawlers.memory import Key, Page
from crawlers.mention import Mention
from storage import keys
from storage.database import Database
from storage.reading import digest
from storage.schema import host_hold, source_page
from storage.storable import is_storable
from storage.upsert import chunks, insert_or, insert_rows

FAILS: Final = 5
"""Failed tries in a row after which a page no longer holds back what counts as read."""
_MAX_ERROR: Final = 1_000
_LISTS: Final = ("index", "listing")
_KEY: Final = ("source_id", "url_hash")


@dataclass(frozen=True, slots=True)
class Holds:
    """The hosts that asked to be left alone, by every source: `crawlers.memory.Holds`, asked of `db`."""

    db: Database

    def held(self, hosts: Iterable[str], *, now: datetime) -> Mapping[str, datetime]:
        """Return the hosts of `hosts` that asked to be left alone beyond `now`, with the time they named."""
        asked = [host for host in set(hosts) if is_storable(host)]
        with self.db.read() as conn:
            return {
                row.host: row.next_allowed_at
                for part in chunks(asked)
                for row in conn.execute(
                    select(host_hold).where(host_hold.c.host.in_(part), host_hold.c.next_allowed_at > now)
                )
            }

    def hold(self, host: str, *, until: datetime, reason: str) -> None:
        """Remember, for every source, that `host` must not be asked before `until`. A later time stays."""
        row = {"host": host, "next_allowed_at": until, "reason": _plain(reason) or ""}

        def write(conn: Connection) -> None:
            insert = insert_or(conn, host_hold).values(row)
            new = {name: insert.excluded[name] for name in ("next_allowed_at", "reason")}
            longer = host_hold.c.next_allowed_at < insert.excluded.next_allowed_at
            conn.execute(insert.on_conflict_do_update(index_elements=["host"], set_=new, where=longer))

        self.db.commit(write)


@dataclass(frozen=True, slots=True)
class Remembered(Holds):
    """The memory of one source: `crawlers.memory.Memory`, asked of `db`.

    It sees what is committed: the pages of a batch once that batch is stored.
    """

    source_id: int

    def recall(self, urls: Iterable[str]) -> Mapping[str, Page]:
        """Return what is remembered of `urls`, by URL; unknown ones are left out."""
        wanted = {hash_of(url): url for url in urls if is_storable(url)}
        here = source_page.c.source_id == self.source_id
        with self.db.read() as conn:
            return {
                wanted[row.url_hash]: _page(row)
                for part in chunks(wanted)
                for row in conn.execute(select(source_page).where(here, source_page.c.url_hash.in_(part)))
            }

    def due(self, *, now: datetime, limit: int) -> Sequence[Page]:
        """Return pages whose `due_at` has come and that are not gone: waiting ones first, then longest unread first."""
        pages: list[Page] = []
        with self.db.read() as conn:
            for waiting in (True, False):
                if room := limit - len(pages):
                    pages += self._due(conn, waiting=waiting, now=now, limit=room)
        return pages

    def _due(self, conn: Connection, *, waiting: bool, now: datetime, limit: int) -> list[Page]:
        page = source_page.c
        # Chosen and ordered from the index alone; only the chosen rows are read whole.
        order = (page.read_at.asc().nulls_first(), page.due_at, page.url_hash)
        chosen = (
            select(page.url_hash)
            .where(page.source_id == self.source_id, page.gone.is_(False), page.waiting.is_(waiting))
            .where(page.due_at <= now)
            .order_by(*order)
            .limit(limit)
        )
        hashes = conn.execute(chosen).scalars().all()
        found: dict[str, Page] = {}
        for part in chunks(hashes):
            mine = (page.source_id == self.source_id) & page.url_hash.in_(part)
            found |= {row.url_hash: _page(row) for row in conn.execute(select(source_page).where(mine))}
        return [found[name] for name in hashes]

    def news(self, items: Sequence[Mention]) -> frozenset[Key]:
        """Return the identities of `items` that are not stored yet, or stored with another text or rating.

        Items are compared as they would be stored. One that cannot be stored at all is no news.
        """
        cleaned = [clean(item, item.collected_at) for item in items]
        said = {item.key: digest(item) for item in cleaned if not isinstance(item, Reject)}
        with self.db.read() as conn:
            found = keys.find(conn, said)
        return frozenset(key for key, now in said.items() if key not in found or found[key].digest != now)

    def waiting(self) -> int:
        """Return how many pages wait to be read and are not gone."""
        page = source_page.c
        mine = select(func.count()).where(page.source_id == self.source_id)
        with self.db.read() as conn:
            return conn.execute(mine.where(page.gone.is_(False), page.waiting.is_(True))).scalar_one()

    def read_through(self) -> datetime | None:
        """Return the oldest `read_at` of the pages that are read at every visit: roots of the roles index and listing
        without a stamp, not gone, with `fails` below 5; None before the first was read."""
        page = source_page.c
        with self.db.read() as conn:
            found: list[datetime] = []
            for role in _LISTS:
                lists = select(page.read_at).where(page.source_id == self.source_id, page.role == role)
                lists = lists.where(page.stamp.is_(None), page.root.is_(True), page.gone.is_(False))
                read = lists.where(page.read_at.is_not(None), page.fails < FAILS)
                found += conn.execute(read.order_by(page.read_at).limit(1)).scalars()
        return min(found, default=None)


def save(conn: Connection, source_id: int, pages: Iterable[Page]) -> None:
    """Remember pages, in the transaction of their batch; of the same address twice the last counts.

    An address that no database can hold is not remembered: such a page is new whenever it is met.
    """
    rows = {hash_of(page.url): page for page in pages if is_storable(page.url)}
    insert = insert_or(conn, source_page)
    new = {column.name: insert.excluded[column.name] for column in source_page.c if column.name not in _KEY}
    insert_rows(
        conn,
        insert.on_conflict_do_update(index_elements=_KEY, set_=new),
        [{"source_id": source_id, "url_hash": name} | _columns(rows[name]) for name in sorted(rows)],
    )


def hash_of(url: str) -> str:
    """Return what a page's row is found by: 32 hexadecimal digits."""
    return blake2b(url.encode(), digest_size=16).hexdigest()


def _columns(page: Page) -> dict[str, Any]:
    return {
        "url": page.url,
        "role": page.role,
        "root": page.root,
        "depth": page.depth,
        "stamp": _exact(page.stamp),
        "context": dict(page.context),
        "etag": _exact(page.etag),
        "last_modified": _exact(page.last_modified),
        "keys": [list(key) for key in page.keys],
        "links": list(page.links),
        "more": _exact(page.more),
        "nth": page.nth,
        "tail": _exact(page.tail),
        "missing": [list(item) for item in page.missing],
        "read_at": page.read_at,
        "full_at": page.full_at,
        "size": page.size,
        "due_at": page.due_at,
        "waiting": page.waiting,
        "fails": page.fails,
        "error": _plain(page.error),
        "gone": page.gone,
    }


def _exact(text: str | None) -> str | None:
    """A text that is compared or sent back: where it cannot be stored as it is, there is none."""
    return text if text is not None and is_storable(text) else None


def _plain(text: str | None) -> str | None:
    """A text for people: without what cannot be stored, and not without end."""
    return "".join(char for char in text[:_MAX_ERROR] if is_storable(char)) if text is not None else None


def _page(row: Row[*tuple[Any, ...]]) -> Page:
    plain = {column.name: getattr(row, column.name) for column in source_page.c if column.name not in _KEY}
    plain["keys"] = tuple((platform, external_id) for platform, external_id in row.keys)
    plain["links"] = tuple(row.links)
    plain["missing"] = tuple(cast("tuple[str, str, int]", tuple(item)) for item in row.missing)
    return Page(**plain)
