"""A YAML document as plain data, with the line of every key, and everything that is wrong with its form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.error import Problem

MOST_BYTES: Final = 5_000_000
_MOST_VALUES: Final = 100_000
_TAG: Final = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """YAML 1.2's reading of bare words: `no` is the language Norwegian and `1:30` is text, not numbers."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class declares it this way


for _name, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(_pattern), list(_first))


_SCALARS: Final[Mapping[str, Callable[[str], str | float | bool | None]]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "null": lambda _: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`data` is None for an empty document; `positions` maps key paths such as `brands[0].name` to lines."""

    data: Any = None
    positions: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def join(parent: str, step: str | int) -> str:
    """Return the key path of `step` below `parent`: `brands`, `brands[0]`, `brands[0].name`."""
    if isinstance(step, int):
        return f"{parent}[{step}]"
    return f"{parent}.{step}" if parent else step


def line_of(positions: Mapping[str, int], key: str) -> int | None:
    """Return the line of `key`, or of the nearest thing around it that stands in the file."""
    while key and key not in positions:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return positions.get(key)


def read(content: bytes, *, file: str) -> Document:
    """Return what `content` says. A document whose form is wrong comes with problems instead of data."""
    try:
        node = yaml.compose(content.decode("utf-8-sig"), Loader=_Loader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _refused(file, line, "this is no UTF-8 text", "a YAML file saved as UTF-8")
    except yaml.MarkedYAMLError as error:
        return _not_yaml(error, file)
    except yaml.YAMLError as error:
        return _refused(file, None, f"this is no YAML: {' '.join(str(error).split())}", None)
    except RecursionError:
        return _refused(file, None, "this is nested too deeply", None)
    return Document() if node is None else _Reader(file).read(node)


def _refused(file: str, line: int | None, message: str, allowed: str | None) -> Document:
    return Document(problems=(Problem(file=file, line=line, message=message, allowed=allowed),))


def _not_yaml(error: yaml.MarkedYAMLError, file: str) -> Document:
    mark = error.problem_mark or error.context_mark
    said = ", ".join(part for part in (error.context, error.problem) if part)
    tab = "\\t" in said
    return _refused(
        file,
        mark.line + 1 if mark else None,
        f"this is no YAML: {said}",
        "spaces, not tabs, before a key" if tab else None,
    )


class _Reader:
    """Turns composed nodes into plain data, remembering where each key stood."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._positions: dict[str, int] = {}
        self._problems: list[Problem] = []
        self._open: list[Node] = []
        self._values = 0

    def read(self, node: Node) -> Document:
        data = self._value(node, "")
        return Document(
            data=None if self._problems else data,
            positions=self._positions,
            problems=tuple(self._problems),
        )

    def _value(self, node: Node, key: str) -> Any:
        self._positions.setdefault(key, node.start_mark.line + 1)
        self._values += 1
        if any(node is above for above in self._open) or self._values == _MOST_VALUES:
            # An alias inside its own anchor, or aliases of aliases: endless or nearly so.
            return self._refuse(node, key, "these aliases never end", "an alias (*) of something outside itself")
        if self._values > _MOST_VALUES:
            return None
        self._open.append(node)
        try:
            return self._plain(node, key)
        finally:
            self._open.pop()

    def _plain(self, node: Node, key: str) -> Any:
        if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
            return dict(self._items(node, key))
        if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._value(item, join(key, index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, key)
        return self._refuse(node, key, f"the tag {node.tag} is not known here", "values without tags")

    def _items(self, node: MappingNode, parent: str) -> Iterator[tuple[str, Any]]:
        lines: dict[str, int] = {}
        for name, value in node.value:
            if not isinstance(name, ScalarNode):
                self._refuse(name, parent, "a key must be a word", "key: value")
                continue
            line = name.start_mark.line + 1
            key = join(parent, name.value)
            if name.value in lines:
                self._refuse(name, key, f"the key stands here twice, first in line {lines[name.value]}", None)
                continue
            lines[name.value] = line
            self._positions[key] = line
            yield name.value, self._value(value, key)

    def _scalar(self, node: ScalarNode, key: str) -> str | float | bool | None:
        kind = node.tag.removeprefix(_TAG)
        try:
            if kind in _SCALARS:
                return _SCALARS[kind](node.value)
            self._refuse(node, key, f"the tag {node.tag} is not known here", "values without tags")
        except (ValueError, KeyError):
            self._refuse(node, key, f"{node.value!r} is not what its tag !!{kind} promises", None)
        return None

    def _refuse(self, node: Node, key: str, message: str, allowed: str | None) -> None:
        line = node.start_mark.line + 1
        self._problems.append(Problem(file=self._file, line=line, key=key, message=message, allowed=allowed))
