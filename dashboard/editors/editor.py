"""What an editor is: how it shows an item and how it reads what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from config.error import ConfigError
from config.explanation import problems
from config.settings import Declaration, SourceSpec
from dashboard.draft import Draft
from dashboard.visitor import Visitor
from storage.declared import Catalogue

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an editor works with. `stored` is the item as it is kept; None for a new one."""

    who: Visitor
    draft: Draft
    catalogue: Catalogue
    stored: Any

    @property
    def brands(self) -> tuple[str, ...]:
        """The brands there are."""
        return tuple(one.item.name for one in self.catalogue.brands)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels there are."""
        return tuple(one.item.name for one in self.catalogue.channels)


def _nothing(_desk: Desk) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """A form: `prepare` shows what must be chosen before it and says whether it can be shown; `draw` its fields.

    `fields` names those that show what is wrong with them. `read` returns what was typed, and `trial` the source that
    was typed so far, for those forms whose item can be tried; they raise ConfigError.
    """

    fields: Callable[[Desk], tuple[str, ...]]
    draw: Callable[[Desk], None]
    read: Callable[[Desk], Declaration]
    prepare: Callable[[Desk], bool] = _nothing
    trial: Callable[[Desk], SourceSpec] | None = None


def build(model: type[T], values: Mapping[str, Any]) -> T:
    """Return what the values declare, those that are None or empty left out; raise ConfigError."""
    given = {name: value for name, value in values.items() if value not in (None, "", ())}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise ConfigError(problems(error, model)) from error
