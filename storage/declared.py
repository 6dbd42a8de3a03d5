"""What is declared: brands, queries, sources, rules, channels; by people, or by the configuration file.

An item belongs to the file or to a person. What belongs to the file follows the file: it is switched off, its
history kept, when it leaves it. A person takes an item over to edit it; from then on the file leaves it alone.
Every edit raises a revision in its own transaction. Errors are ConfigErrors: nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Row, select, update

from config.error import ConfigError, Problem
from config.principal import SYSTEM, Principal
from config.settings import Brand, ChannelSpec, Declaration, ManagedBy, Query, Rule, SourceSpec
from storage import item as items
from storage import revisions
from storage.database import Database
from storage.item import Item, Kind
from storage.lock import lock_table
from storage.schema import brand
from storage.vault import KeySource, reveal

__all__ = [
    "Catalogue",
    "Declared",
    "DeclaredSource",
    "Kind",
    "Provisioned",
    "catalogue",
    "provision",
    "reveal",
    "save",
    "set_enabled",
    "take_over",
]

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
_Outcome = Literal["added", "changed", "kept", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(Generic[T]):
    """A stored item. Secrets in its options are still references: {"env": …}, {"file": …}, {"secret": …}."""

    id: int
    item: T
    managed_by: ManagedBy
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSource(Declared[SourceSpec]):
    """A stored source, and when it was declared, edited or switched on or off last."""

    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that is declared, switched off or not, in order of their names."""

    brands: tuple[Declared[Brand], ...]
    queries: tuple[Declared[Query], ...]
    sources: tuple[DeclaredSource, ...]
    rules: tuple[Declared[Rule], ...]
    channels: tuple[Declared[ChannelSpec], ...]

    def of_people(self) -> Declaration:
        """Return what is in use and belongs to people: what there is besides the file."""
        return Declaration(
            brands=_of_people(self.brands),
            queries=_of_people(self.queries),
            sources=_of_people(self.sources),
            channels=_of_people(self.channels),
            rules=_of_people(self.rules),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """What the file changed, as `<kind> <name>`. `kept` are items of the file that a person took over."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def catalogue(db: Database) -> Catalogue:
    """Return everything that is declared."""
    with db.read() as conn:
        return Catalogue(
            brands=_stored(conn, "brand", Brand),
            queries=_stored(conn, "query", Query),
            sources=tuple(
                DeclaredSource(
                    id=row.id,
                    item=SourceSpec.model_validate(row.declared),
                    managed_by=row.managed_by,
                    enabled=row.enabled,
                    changed_at=row.updated_at,
                )
                for row in _rows(conn, "source")
            ),
            rules=_stored(conn, "rule", Rule),
            channels=_stored(conn, "channel", ChannelSpec),
        )


def save(db: Database, declaration: Declaration, *, by: Principal, now: datetime, key: KeySource | None = None) -> None:
    """Store what a person declares; items that are not named stay as they are. Needs an administrator.

    Secrets that are written out are encrypted with `key`. New items are switched on. Raise ConfigError when an
    item belongs to the file, names a brand or channel that does not exist, or holds a secret and there is no key.
    """
    by.require("administrator")

    def work(conn: Connection) -> None:
        lock_table(conn, brand)
        for kind, item in items.of(declaration):
            if _put(conn, kind, item, "person", now=now, key=key) in ("added", "changed"):
                revisions.note(conn, by=by, what=f"{kind} {item.name}", now=now)

    db.commit(work)


def provision(db: Database, declaration: Declaration, *, now: datetime) -> Provisioned:
    """Make the file's items what the file says; safe to repeat: what is the same is not written.

    Raise ConfigError as `save` does; in a file, secrets must be references.
    """

    def work(conn: Connection) -> Provisioned:
        lock_table(conn, brand)
        told: dict[_Outcome, list[str]] = {"added": [], "changed": [], "kept": [], "same": []}
        for kind, item in items.of(declaration):
            told[_put(conn, kind, item, "file", now=now, key=None)].append(f"{kind} {item.name}")
        disabled = [what for kind in items.TABLES for what in _switch_off_gone(conn, kind, declaration, now)]
        for what in (*told["added"], *told["changed"], *disabled):
            revisions.note(conn, by=SYSTEM, what=f"{what} (file)", now=now)
        return Provisioned(
            added=tuple(told["added"]),
            changed=tuple(told["changed"]),
            disabled=tuple(disabled),
            kept=tuple(told["kept"]),
        )

    return db.commit(work)


def take_over(db: Database, kind: Kind, name: str, *, by: Principal, now: datetime) -> None:
    """Give an item of the file to people: the file leaves it alone from now on. Needs an administrator.

    An item that belongs to people already stays as it is. Raise ConfigError where there is no such item.
    """
    by.require("administrator")

    def work(conn: Connection) -> None:
        row = _existing(conn, kind, name)
        if row.managed_by == "file":
            _set(conn, kind, row.id, {"managed_by": "person"}, now)
            revisions.note(conn, by=by, what=f"{kind} {name} taken over", now=now)

    db.commit(work)


def set_enabled(db: Database, kind: Kind, name: str, enabled: bool, *, by: Principal, now: datetime) -> None:
    """Switch an item on or off; its history is kept. Needs an administrator.

    Raise ConfigError where there is no such item, or where it belongs to the file.
    """
    by.require("administrator")

    def work(conn: Connection) -> None:
        row = _existing(conn, kind, name)
        if row.enabled != enabled:
            _refuse_file(kind, name, row.managed_by)
            _set(conn, kind, row.id, {"enabled": enabled}, now)
            revisions.note(conn, by=by, what=f"{kind} {name} switched {'on' if enabled else 'off'}", now=now)

    db.commit(work)


# -- storing ------------------------------------------------------------------------------------


def _put(
    conn: Connection, kind: Kind, item: Item, owner: ManagedBy, *, now: datetime, key: KeySource | None
) -> _Outcome:
    """Store one item for its owner; say what came of it."""
    table = items.TABLES[kind]
    row = conn.execute(select(table).where(table.c.name == item.name)).first()
    if row is not None and row.managed_by != owner:
        if owner == "person":
            _refuse_file(kind, item.name, row.managed_by)
        return "kept"
    columns = items.columns(conn, kind, item, owner=owner, key=key, now=now)
    if row is None:
        begun = {"created_at": now} if "created_at" in table.c else {}
        new = {"name": item.name, "managed_by": owner, "enabled": True, "updated_at": now}
        conn.execute(table.insert().values(**columns, **new, **begun))
        return "added"
    if owner == "file":
        columns["enabled"] = True  # it may have left the file and come back
    typed = columns["declared"] != item.model_dump(mode="json")  # a secret was written out: it may be a new one
    if not typed and all(getattr(row, name) == value for name, value in columns.items()):
        return "same"
    _set(conn, kind, row.id, columns, now)
    return "changed"


def _switch_off_gone(conn: Connection, kind: Kind, declaration: Declaration, now: datetime) -> list[str]:
    """Switch off the file's items that the file does not name any more."""
    table = items.TABLES[kind]
    named = {item.name for each, item in items.of(declaration) if each == kind}
    owned = conn.execute(select(table.c.id, table.c.name).where(table.c.managed_by == "file", table.c.enabled)).all()
    gone = sorted((row.name, row.id) for row in owned if row.name not in named)
    for _, key in gone:
        _set(conn, kind, key, {"enabled": False}, now)
    return [f"{kind} {name}" for name, _ in gone]


def _set(conn: Connection, kind: Kind, key: int, values: Mapping[str, Any], now: datetime) -> None:
    table = items.TABLES[kind]
    conn.execute(update(table).where(table.c.id == key).values({**values, "updated_at": now}))


def _existing(conn: Connection, kind: Kind, name: str) -> Row[*tuple[Any, ...]]:
    table = items.TABLES[kind]
    row = conn.execute(select(table).where(table.c.name == name)).first()
    if row is None:
        raise items.unknown(conn, kind, name, key=kind)
    return row


def _refuse_file(kind: Kind, name: str, managed_by: ManagedBy) -> None:
    if managed_by == "file":
        wrong = f"the {kind} {name!r} belongs to the configuration file"
        raise ConfigError(
            [Problem(key=f"{kind}.{name}", message=wrong, allowed="edit the file, or take it over first")]
        )


# -- reading ------------------------------------------------------------------------------------


def _rows(conn: Connection, kind: Kind) -> list[Row[*tuple[Any, ...]]]:
    table = items.TABLES[kind]
    return list(conn.execute(select(table).order_by(table.c.name)))


def _stored(conn: Connection, kind: Kind, model: type[M]) -> tuple[Declared[M], ...]:
    return tuple(
        Declared(id=row.id, item=model.model_validate(row.declared), managed_by=row.managed_by, enabled=row.enabled)
        for row in _rows(conn, kind)
    )


def _of_people(stored: Iterable[Declared[T]]) -> tuple[T, ...]:
    return tuple(one.item for one in stored if one.enabled and one.managed_by == "person")
