"""Making nodes of JSON-LD's values. Contexts are never fetched: names are told by their last part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from crawlers.structured.json_text import CUT, MAX_DEPTH
from crawlers.structured.node import Node, Syntax, absolute, local_name

_OWN: Final = frozenset({"review", "userreview", "criticreview", "employerreview", "comment"})
"""Types whose ids are often wrong (the same one for all): two of one id are two, not parts of one."""


def make_nodes(values: Iterable[Any], *, syntax: Syntax, page: str) -> list[Node]:
    """Return all nodes in JSON-LD's `values`, outer ones before those in them, references resolved across all values.

    `page` is the address that relative ids are relative to. What is nested deeper than MAX_DEPTH is left out.
    """
    maker = _Maker(syntax, page)
    for value in values:
        maker.take(value, 0)
    maker.resolve()
    return maker.nodes


class _Maker:
    def __init__(self, syntax: Syntax, page: str) -> None:
        self.nodes: list[Node] = []
        self._syntax = syntax
        self._page = page
        self._references: set[Node] = set()

    def take(self, value: Any, depth: int) -> list[str | Node]:
        """Return what a JSON value says: texts and nodes; the nodes are noted."""
        if isinstance(value, str):
            return [value]
        if depth > MAX_DEPTH or value is None:
            return []
        if isinstance(value, list):
            return [each for part in value for each in self.take(part, depth + 1)]
        if isinstance(value, dict):
            return self._take_object(value, depth)
        return [str(value)]

    def _take_object(self, value: dict[str, Any], depth: int) -> list[str | Node]:
        for name in ("@value", "@list", "@set"):
            if name in value:
                return self.take(value[name], depth + 1)
        if "@graph" in value:
            members = self.take(value["@graph"], depth + 1)
            if not value.keys() - {"@graph", "@context", "@id", "@type", CUT}:
                return members
        return [self._node(value, depth)]

    def _node(self, value: dict[str, Any], depth: int) -> Node:
        node = Node(
            syntax=self._syntax,
            types=frozenset(local_name(each) for each in self.take(value.get("@type"), depth) if isinstance(each, str)),
            id=self._id(value.get("@id")),
            cut=CUT in value,
        )
        if node.id is not None and not value.keys() - {"@id", "@type", "@context"}:
            self._references.add(node)
            return node
        self.nodes.append(node)
        for name, each in value.items():
            if name[:1] != "@" and (found := self.take(each, depth + 1)):
                node.values.setdefault(local_name(name), []).extend(found)
        return node

    def _id(self, value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip():
            return None
        return value.strip() if value.startswith("_:") else absolute(self._page, value) or value.strip()

    def resolve(self) -> None:
        """Put the things themselves in place of references, and the parts of one thing together."""
        known: dict[str, Node] = {}
        for node in self.nodes:
            if node.id is not None:
                first = known.setdefault(node.id, node)
                if first is not node and not node.types & _OWN:
                    _share(first, node)
        for node in self.nodes:
            for values in node.values.values():
                for at, each in enumerate(values):
                    if isinstance(each, Node) and each in self._references and each.id in known:
                        values[at] = known[each.id]


def _share(one: Node, other: Node) -> None:
    """Give each of two nodes what only the other says; both are the same thing."""
    for name, values in other.values.items():
        one.values.setdefault(name, list(values))
    for name, values in one.values.items():
        other.values.setdefault(name, list(values))
