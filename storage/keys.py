"""The key: under which id, and with which digest, each identity is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.reading import Key
from storage.schema import mention_key
from storage.upsert import chunks


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored under an identity: the mention's id, and the digest of what it said."""

    mention_id: int
    digest: str


def find(conn: Connection, keys: Iterable[Key], *, lock: bool = False) -> dict[Key, Kept]:
    """Return what is stored under `keys`, which are storable; unknown ones are left out.

    With `lock`, other writers wait before they change any of it (PostgreSQL).
    """
    found: dict[Key, Kept] = {}
    for platform, external_ids in _by_platform(keys).items():
        for part in chunks(external_ids):
            here = (mention_key.c.platform == platform) & mention_key.c.external_id.in_(part)
            query = select(mention_key.c.external_id, mention_key.c.mention_id, mention_key.c.digest).where(here)
            for row in conn.execute(query.order_by(mention_key.c.external_id).with_for_update() if lock else query):
                found[(platform, row.external_id)] = Kept(row.mention_id, row.digest)
    return found


def _by_platform(keys: Iterable[Key]) -> dict[str, list[str]]:
    by_platform: dict[str, list[str]] = {}
    for platform, external_id in keys:
        by_platform.setdefault(platform, []).append(external_id)
    return by_platform
