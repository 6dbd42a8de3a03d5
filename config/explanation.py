"""Pydantic's errors, said for people: which key, in which line, what is allowed instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config import duration
from config.document import join, line_of
from config.error import Problem

_TEXT: Final = "text; quote it if it looks like a number"
_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": _TEXT,
    "tuple_type": "a list: one item a line after '- ', or [a, b]",
    "list_type": "a list: one item a line after '- ', or [a, b]",
    "dict_type": "keys and values below it, indented",
    "model_type": "keys and values below it, indented",
    "model_attributes_type": "keys and values below it, indented",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
_BOUNDS: Final[Mapping[str, str]] = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
}
_LONGEST_VALUE: Final = 60


def problems(
    error: ValidationError,
    model: type[BaseModel],
    *,
    file: str | None = None,
    prefix: str = "",
    positions: Mapping[str, int] | None = None,
) -> tuple[Problem, ...]:
    """Return one Problem an error. `prefix` is the key path under which the value of `model` stands.

    The values of fields marked as secret are never quoted.
    """
    found = []
    for detail in error.errors(include_url=False):
        if _is_echo(detail):
            continue
        key = _path(prefix, detail["loc"])
        message, allowed = _say(detail, model)
        line = line_of(positions, key) if positions else None
        found.append(Problem(file=file, line=line, key=key, message=message, allowed=allowed))
    return tuple(found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` when one of `known` is close to `word`, else nothing."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether pydantic calls a list too short only because it left out items that it has already refused."""
    length = detail.get("ctx", {}).get("min_length", 0)
    value = detail["input"]
    return detail["type"] == "too_short" and isinstance(value, list | tuple) and len(value) >= length


def _path(prefix: str, loc: tuple[int | str, ...]) -> str:
    for step in loc:
        prefix = join(prefix, step)
    return prefix


def _say(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    kind, loc, context = detail["type"], detail["loc"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        names = _names(_model_at(model, loc[:-1]))
        return f"unknown key {str(loc[-1])!r}{did_you_mean(str(loc[-1]), names)}", ", ".join(names) or None
    if kind == "missing":
        return "this key is missing", _meaning(model, loc)
    if not loc or kind in {"value_error", "assertion_error"}:
        return str(context.get("error", detail["msg"])), None
    if "allowed" in context:
        return detail["msg"], str(context["allowed"])
    return f"{_quoted(detail['input'], model, loc)} does not fit", _allowed(kind, context, model, loc) or detail["msg"]


def _allowed(kind: str, context: Mapping[str, Any], model: type[BaseModel], loc: tuple[int | str, ...]) -> str | None:
    if kind in _BOUNDS:
        words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
        bound = _BOUNDS[kind]
        return f"{words[bound]} {context[bound]}"
    if kind in {"literal_error", "enum"}:
        return str(context["expected"]).replace("'", "")
    if kind == "string_pattern_mismatch":
        return _meaning(model, loc) or f"text of the form {context['pattern']}"
    if kind in {"string_too_short", "too_short"}:
        return f"a list of at least {context['min_length']}" if kind == "too_short" else "text that is not empty"
    if kind in {"string_too_long", "too_long"}:
        return f"at most {context['max_length']} {'items' if kind == 'too_long' else 'characters'}"
    return _EXPECTED.get(kind)


def _meaning(model: type[BaseModel], loc: tuple[int | str, ...]) -> str | None:
    """Return what a field takes: what its type says is `allowed`, else the field's description."""
    field = _field_at(model, loc)
    if field is None:
        return None
    inner = (part for each in _parts(field.annotation) for part in getattr(each, "__metadata__", ()))
    extras = (getattr(each, "json_schema_extra", None) for each in (field, *inner))
    said = (extra.get("allowed") for extra in extras if isinstance(extra, dict))
    return next((str(text) for text in said if text), field.description)


def _quoted(value: object, model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    field = _field_at(model, loc)
    if field is not None and holds_secret(field.annotation):
        return "the value"
    if isinstance(value, dict | list | tuple):
        return "an empty list" if not value and not isinstance(value, dict) else "what stands here"
    text = repr(duration.write(value)) if isinstance(value, timedelta) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _names(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def holds_secret(annotation: object) -> bool:
    """Whether a value of this annotation is, or may hold, a secret."""
    return any(part is SecretStr or part is SecretBytes for part in _parts(annotation))


def model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model inside an annotation such as `tuple[Brand, ...]` or `Brand | None`, if there is one."""
    for part in _parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _field_at(model: type[BaseModel] | None, loc: tuple[int | str, ...]) -> FieldInfo | None:
    field = None
    for step in loc:
        found = _fields(model).get(step) if isinstance(step, str) else None
        if found is not None:
            field, model = found, model_in(found.annotation)
    return field


def _fields(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()} if model else {}


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    if not any(isinstance(step, str) for step in loc):
        return model
    field = _field_at(model, loc)
    return model_in(field.annotation) if field else None
