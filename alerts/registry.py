"""The channels there are, by the name that `type` has in a channel's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Protocol, cast

from pydantic import BaseModel, ValidationError

from alerts.channel import Channel, ChannelTools
from config.error import ConfigError, Problem
from config.explanation import did_you_mean, problems

CHANNELS: Final[dict[str, str]] = {
    "email": "alerts.channels.email:Email",
    "log": "alerts.channels.log:Log",
    "slack": "alerts.channels.slack:Slack",
    "webhook": "alerts.channels.webhook:Webhook",
}
"""Type to `module:Class`; a module is imported when its channel is first used."""


class ChannelClass(Protocol):
    """A channel's class: its settings, and how it is constructed."""

    @property
    def settings(self) -> type[BaseModel]:
        """The model of its options."""
        ...

    def __call__(self, options: Any, tools: ChannelTools, /) -> Channel:
        """Return a channel; `options` is an instance of `settings`."""
        ...


def load(type: str) -> ChannelClass:  # noqa: A002 - the declaration's own word
    """Return the class of a channel type; raise ConfigError for an unknown one."""
    if type not in CHANNELS:
        message = f"unknown channel {type!r}{did_you_mean(type, CHANNELS)}"
        raise ConfigError([Problem(key="type", message=message, allowed=", ".join(CHANNELS))])
    module, _, name = CHANNELS[type].partition(":")
    return cast("ChannelClass", getattr(import_module(module), name))


def check(type: str, options: Mapping[str, Any], *, prefix: str = "options") -> BaseModel:  # noqa: A002 - as above
    """Return the validated options; raise ConfigError, whose keys begin with `prefix` and which quotes no secret."""
    settings = load(type).settings
    try:
        return settings.model_validate(options)
    except ValidationError as error:
        raise ConfigError(problems(error, settings, prefix=prefix)) from None  # its text would quote secrets


def build(type: str, options: Mapping[str, Any], tools: ChannelTools) -> Channel:  # noqa: A002 - as above
    """Return the channel, ready to send. References to secrets in `options` are resolved already.

    Build once and keep it: the e-mail channel remembers who has got what.
    """
    return load(type)(check(type, options), tools)


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every channel's options; secret fields have `writeOnly`."""
    return {type_: load(type_).settings.model_json_schema() for type_ in CHANNELS}
