"""The scope of a question: which brands a principal asked about and may see, and which sources are read for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from config.principal import Principal
from config.settings import SourceSpec
from crawlers.registry import is_unconfirmed
from storage.schema import brand, source
from storage.storable import storable


def brand_ids(conn: Connection, *, by: Principal, names: Iterable[str] = ()) -> dict[int, str]:
    """Return the ids and names of the brands asked for, in order of their names.

    Brands that `by` may not see are left out. No `names` mean every enabled brand.
    """
    asked = frozenset(names)
    query = select(brand.c.id, brand.c.name).order_by(brand.c.name)
    query = query.where(brand.c.name.in_(storable(asked))) if asked else query.where(brand.c.enabled)
    return {row.id: row.name for row in conn.execute(query) if by.may_see(row.name)}


def serves(ids: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that a source is bound to one of the brands, or to none and so open to all of them."""
    return or_(source.c.brand_id.in_(list(ids)), source.c.brand_id.is_(None))


def is_on(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether the source of a row, with its `enabled` and `declared`, is read: what is off neither fails nor has gaps.

    A source whose terms restrict automatic reading, and that nobody confirmed, is off although it is enabled.
    """
    return bool(row.enabled) and not is_unconfirmed(SourceSpec.model_validate(row.declared))
