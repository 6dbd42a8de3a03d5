"""Forms from the JSON Schemas that plugins publish: which fields there are, of which kind.

Here is no widget: `dashboard.fieldset` draws them, `dashboard.entry` reads what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from config import duration

FieldKind = Literal[
    "text", "secret", "whole", "number", "switch", "choice", "lines", "pairs", "duration", "path", "json"
]
_PATHS: Final = frozenset({"path", "file-path", "directory-path"})
_TYPES: Final[Mapping[str, FieldKind]] = {
    "string": "text",
    "integer": "whole",
    "number": "number",
    "boolean": "switch",
}
_REFERENCES: Final = ("env", "file", "secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One option of a plugin. `key` is its path inside the options; `default` None stands for none.

    `lines` is a list of texts, `pairs` a mapping of texts, `path` a place on the server, which no page may set,
    `json` whatever has no simpler form. `lowest` and `highest` are allowed themselves. `group` names the options that
    it is folded away with; None for those that are always in sight.
    """

    key: str
    kind: FieldKind
    required: bool = False
    description: str | None = None
    default: Any = None
    choices: tuple[Any, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    group: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it."""
        return tuple(self.key.split("."))


def fields_of(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the options that a plugin's schema describes, what is required first, else in its own order."""
    found = list(_fields(schema, schema, "", required=True))
    return tuple(sorted(found, key=lambda field: not field.required))


def grouped(fields: Sequence[Field], order: Iterable[str] = ()) -> Mapping[str | None, tuple[Field, ...]]:
    """Return the fields by their groups: those in sight first, then the groups of `order`, then any others."""
    there = dict.fromkeys(field.group for field in fields)
    names = dict.fromkeys((None, *order, *there))
    return {name: tuple(field for field in fields if field.group == name) for name in names if name in there}


def can_be_made(schema: Mapping[str, Any]) -> bool:
    """Whether a page can fill in everything that is required."""
    return not any(field.required and field.kind == "path" for field in fields_of(schema))


def value_at(options: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Return what stands at `path` inside `options`; None where nothing does."""
    value: Any = options
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def reference_in(value: object) -> tuple[str, str] | None:
    """Return kind (env, file, secret) and name of a reference; None when `value` is none."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, name),) = value.items()
        if kind in _REFERENCES and isinstance(name, str):
            return kind, name
    return None


# -- from the schema ----------------------------------------------------------------------------


def _fields(node: Mapping[str, Any], root: Mapping[str, Any], parent: str, *, required: bool) -> Iterator[Field]:
    needed = frozenset(node.get("required", ()))
    for name, raw in node.get("properties", {}).items():
        key = f"{parent}.{name}" if parent else name
        inner = _resolved(raw, root)
        wanted = required and name in needed
        if inner.get("properties"):
            yield from _fields(inner, root, key, required=wanted)
        else:
            yield _field(key, inner, root, required=wanted)


def _resolved(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that `node` stands for: references followed, null left out of alternatives."""
    outer = {name: value for name, value in node.items() if name not in ("anyOf", "allOf", "oneOf", "$ref")}
    choices = node.get("anyOf") or node.get("oneOf") or node.get("allOf") or ()
    others = [one for one in choices if one.get("type") != "null"]
    if "$ref" in node:
        target = root["$defs"][node["$ref"].rpartition("/")[2]]
        return {**_resolved(target, root), **outer}
    if len(others) == 1:
        return {**_resolved(others[0], root), **outer}
    return {**outer, "alternatives": True} if others else node


def _field(key: str, node: Mapping[str, Any], root: Mapping[str, Any], *, required: bool) -> Field:
    kind = _kind(node, root)
    default = node.get("default")
    if kind == "duration" and default is not None:
        default = duration.write(duration.read(default))
    return Field(
        key=key,
        kind=kind,
        required=required,
        description=node.get("description"),
        default=default,
        choices=tuple(node["enum"]) if "enum" in node else (node["const"],) if "const" in node else (),
        lowest=node.get("minimum"),
        highest=node.get("maximum"),
        group=None if required else node.get("group"),  # what must be filled in is never out of sight
    )


def _kind(node: Mapping[str, Any], root: Mapping[str, Any]) -> FieldKind:
    if "enum" in node or "const" in node:
        return "choice"
    kind = node.get("type")
    if kind == "string":
        return _kind_of_text(node)
    if kind == "array":
        return "lines" if _is_text(node.get("items", {}), root) else "json"
    if kind == "object":
        return "pairs" if _is_text(node.get("additionalProperties"), root) else "json"
    return _TYPES.get(str(kind), "json")


def _kind_of_text(node: Mapping[str, Any]) -> FieldKind:
    if node.get("writeOnly") or node.get("format") == "password":
        return "secret"
    if node.get("format") == "duration":
        return "duration"
    return "path" if node.get("format") in _PATHS else "text"


def _is_text(node: object, root: Mapping[str, Any]) -> bool:
    if not isinstance(node, Mapping):
        return False
    inner = _resolved(node, root)
    return inner.get("type") == "string" and _kind_of_text(inner) == "text"
