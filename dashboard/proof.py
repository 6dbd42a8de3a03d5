"""Whether a plugin would take the options that a person typed, before they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import ValidationError

from alerts import registry as channels
from config import explanation
from config.document import join
from config.error import ConfigError
from crawlers import registry as connectors
from dashboard.form import reference_in

Registry = Literal["connector", "channel"]
_STANDING_IN: Final = "a value that is stored"
"""Stands for what a reference leads to, which is not looked up here."""


def prove(registry: Registry, plugin: str, options: Mapping[str, Any]) -> None:
    """Raise ConfigError with everything that the plugin refuses; keys are paths inside the options.

    What references lead to is not judged.
    """
    settings = (connectors if registry == "connector" else channels).load(plugin).settings
    referring = frozenset(_references(options, ""))
    try:
        settings.model_validate(_stood_in(options))
    except ValidationError as error:
        found = explanation.problems(error, settings)
        wrong = [problem for problem in found if problem.key not in referring]
    else:
        return
    if wrong:  # outside the handler: the error's own text would quote secrets
        raise ConfigError(wrong)


def _references(value: object, key: str) -> Iterator[str]:
    if reference_in(value) is not None:
        yield key
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _references(inner, join(key, str(name)))


def _stood_in(value: Any) -> Any:
    if reference_in(value) is not None:
        return _STANDING_IN
    if isinstance(value, Mapping):
        return {name: _stood_in(inner) for name, inner in value.items()}
    return value
