"""The declared item as a row: its table, and the columns it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel
from sqlalchemy import Connection, Table, select

from alerts import registry as channels
from config.error import ConfigError, Problem
from config.explanation import did_you_mean
from config.settings import Brand, ChannelSpec, Declaration, ManagedBy, Query, Rule, SourceSpec
from crawlers import registry as connectors
from storage.schema import brand, channel, query, rule, source
from storage.vault import KeySource, refuse_plain, seal
from storage.workspace import SAMPLE, is_sample

Kind = Literal["brand", "query", "source", "rule", "channel"]
Item = Brand | Query | SourceSpec | Rule | ChannelSpec
TABLES: Final[Mapping[Kind, Table]] = {
    "brand": brand,
    "query": query,
    "source": source,
    "channel": channel,
    "rule": rule,
}
"""In the order in which they are stored: what is referred to comes first."""


def of(declaration: Declaration) -> Iterator[tuple[Kind, Item]]:
    """Yield every item of a declaration with its kind, in the order in which they can be stored."""
    yield from (("brand", item) for item in declaration.brands)
    yield from (("query", item) for item in declaration.queries)
    yield from (("source", item) for item in declaration.sources)
    yield from (("channel", item) for item in declaration.channels)
    yield from (("rule", item) for item in declaration.rules)


def columns(
    conn: Connection, kind: Kind, item: Item, *, owner: ManagedBy, key: KeySource | None, now: datetime
) -> dict[str, Any]:
    """Return the columns of an item but its name and state; secrets are stored and replaced by references.

    Raise ConfigError for a brand, channel or plugin that does not exist, and for a source whose mentions would stand
    where only invented ones do, or the other way round.
    """
    found: dict[str, Any] = {"declared": item.model_dump(mode="json")}
    if isinstance(item, Query | SourceSpec | Rule):
        found["brand_id"] = _id_of(conn, item.brand, f"{kind}.{item.name}.brand") if item.brand else None
    if isinstance(item, Rule):
        for name in item.channels:
            _require_channel(conn, name, f"rule.{item.name}.channels")
    if isinstance(item, SourceSpec | ChannelSpec):
        found["type"] = item.type
        settings = _settings(item)
        if owner == "file":
            refuse_plain(item.options, settings, owner=f"{kind}/{item.name}")
        else:
            options = seal(conn, item.options, settings, owner=f"{kind}/{item.name}", key=key, now=now)
            found["declared"]["options"] = options
    if isinstance(item, SourceSpec):
        _refuse_mixture(conn, item)
        found["kind"] = item.kind or connectors.load(item.type).kind
    return found


def unknown(conn: Connection, kind: Kind, name: str, *, key: str) -> ConfigError:
    """Return the error that says which items there are instead of `name`."""
    table = TABLES[kind]
    names = list(conn.execute(select(table.c.name).order_by(table.c.name)).scalars())
    wrong = f"there is no {kind} {name!r}{did_you_mean(name, names)}"
    return ConfigError(
        [Problem(key=key, message=wrong, allowed=", ".join(names) or f"none: no {kind} is declared yet")]
    )


def _id_of(conn: Connection, name: str, key: str) -> int:
    found: int | None = conn.execute(select(brand.c.id).where(brand.c.name == name)).scalar_one_or_none()
    if found is None:
        raise unknown(conn, "brand", name, key=key)
    return found


def _require_channel(conn: Connection, name: str, key: str) -> None:
    if conn.execute(select(channel.c.id).where(channel.c.name == name)).first() is None:
        raise unknown(conn, "channel", name, key=key)


def _refuse_mixture(conn: Connection, item: SourceSpec) -> None:
    """Invented mentions stand in the sample workspace alone, and real ones everywhere else."""
    if (item.type == SAMPLE) == is_sample(conn):
        return
    if item.type == SAMPLE:
        wrong = "this connector invents mentions, which never stand beside real ones"
        allowed = ", ".join(sorted(connectors.CONNECTORS.keys() - {SAMPLE}))
    else:
        wrong = "everything in the sample workspace is invented, and real mentions never stand beside that"
        allowed = "a workspace of your own: `groundswell init` makes one"
    raise ConfigError([Problem(key=f"source.{item.name}.type", message=wrong, allowed=allowed)])


def _settings(item: SourceSpec | ChannelSpec) -> type[BaseModel]:
    """The class of the plugin's options."""
    is_source = isinstance(item, SourceSpec)
    kind = "source" if is_source else "channel"
    try:
        return connectors.load(item.type).settings if is_source else channels.load(item.type).settings
    except ConfigError as error:
        problems = [
            Problem(key=f"{kind}.{item.name}.type", message=p.message, allowed=p.allowed) for p in error.problems
        ]
        raise ConfigError(problems) from error
