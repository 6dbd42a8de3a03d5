"""Building connectors and channels from what is declared, their secrets resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from alerts import registry as channels
from alerts.channel import Channel, ChannelTools
from config import secret
from config.error import ConfigError, Problem
from config.settings import ChannelSpec, SourceKind, SourceSpec
from crawlers import registry as connectors
from crawlers.connector import Connector, Tools
from crawlers.memory import Memory
from crawlers.registry import is_unconfirmed, terms_of
from groundswell.bootstrap import House
from storage import declared

__all__ = [
    "UNCONFIRMED",
    "build_channel",
    "build_connector",
    "is_unconfirmed",
    "kind_of",
    "make_channel",
    "resolved",
    "terms_of",
    "tools_of",
]

UNCONFIRMED: Final = (
    "its terms restrict automatic reading, so it is not read; if you may read it, by agreement or because it is your"
    " own, confirm that with confirmed: true"
)
"""Why a source is off although it is switched on."""


def build_connector(house: House, spec: SourceSpec, memory: Memory | None = None) -> Connector:
    """Return the connector of a source; raise ConfigError where its options or secrets are wrong.

    So it does for a source that is off until its terms are confirmed: whoever wants to read one comes by here.
    Without a `memory` it knows nothing of earlier visits: a trial.
    """
    _refuse_unconfirmed(spec)
    options = resolved(house, spec.options)
    return connectors.build(spec.model_copy(update={"options": options}), tools_of(house, spec, memory))


def tools_of(house: House, spec: SourceSpec, memory: Memory | None = None) -> Tools:
    """Return what the house hands to the connector of a source."""
    return Tools(
        source=spec.name,
        kind=kind_of(spec),
        clock=house.clock,
        user_agent=house.user_agent,
        allow_private=house.settings.allow_private,
        memory=memory,
    )


def build_channel(house: House, spec: ChannelSpec) -> Channel:
    """Return a channel; raise ConfigError where its options or secrets are wrong."""
    return make_channel(house, spec, resolved(house, spec.options))


def make_channel(house: House, spec: ChannelSpec, options: Mapping[str, Any]) -> Channel:
    """Return a channel with `options`, whose secrets are resolved already; raise ConfigError where they are wrong."""
    tools = ChannelTools(
        channel=spec.name,
        clock=house.clock,
        user_agent=house.user_agent,
        allow_private=house.settings.allow_private,
        log_path=str(house.notification_log),
    )
    return channels.build(spec.type, options, tools)


def kind_of(spec: SourceSpec) -> SourceKind:
    """Return what is written at a source: what was declared, else the connector's own kind."""
    return spec.kind or connectors.load(spec.type).kind


def _refuse_unconfirmed(spec: SourceSpec) -> None:
    if is_unconfirmed(spec):
        allowed = "true, if you may read it, by agreement or because it is your own"
        wrong = "its terms restrict automatic reading, and nobody confirmed that it may be read"
        raise ConfigError([Problem(key=f"sources.{spec.name}.confirmed", message=wrong, allowed=allowed)])


def resolved(house: House, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with every reference to a secret replaced by the secret."""
    typed = declared.reveal(house.db, options, key=house.secret_key)
    return secret.resolve(typed, environ=house.environ)
