"""Nodes: the things that a page's markup describes, whatever syntax it is written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Literal
from urllib.parse import urljoin

from crawlers.cleaning import web_address

Syntax = Literal["JSON-LD", "microdata", "RDFa"]
MOST_TEXTS: Final = 50
"""Values under one name that are read as texts: thousands of reviews may all refer to one thing with thousands."""


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """One thing. Nodes refer to one another, in circles too.

    `types` and the names of `values` are local names in small letters (`review` for https://schema.org/Review).
    `id` is absolute, or begins with `_:` where it holds within the page only. `element` is the HTML element that it
    was read from, where the syntax has one. `cut` says that the end of the page cut it off.
    """

    syntax: Syntax
    types: frozenset[str] = frozenset()
    id: str | None = None
    values: dict[str, list[str | Node]] = field(default_factory=dict)
    element: Any = None
    cut: bool = False

    def nodes(self, *names: str) -> Iterator[Node]:
        """Yield the things that stand under these names."""
        for name in names:
            for value in self.values.get(name, ()):
                if isinstance(value, Node):
                    yield value

    def texts(self, *names: str) -> Iterator[str]:
        """Yield the texts under these names that are not blank, stripped; of a thing, its name or value.

        Under each name no more than the first MOST_TEXTS values are looked at.
        """
        for name in names:
            for value in islice(self.values.get(name, ()), MOST_TEXTS):
                text = value if isinstance(value, str) else _called(value)
                if text and (stripped := text.strip()):
                    yield stripped

    def text(self, *names: str) -> str | None:
        """Return the first of `texts`."""
        return next(self.texts(*names), None)


def _called(node: Node) -> str | None:
    for name in ("name", "value", "text"):
        for value in node.values.get(name, ()):
            if isinstance(value, str):
                return value
    return None


@lru_cache(maxsize=2_000)
def local_name(name: str) -> str:
    """Return the last part of a name, in small letters: `review` for `schema:Review` and https://schema.org/Review."""
    stripped = name.strip().rstrip("/#")
    return stripped[max(stripped.rfind(sign) for sign in "/#:") + 1 :].lower()


def absolute(base: str, address: str | None) -> str | None:
    """Return `address` as seen from the page `base`; None where it is no http or https address."""
    try:
        return web_address(urljoin(base, address.strip())) if address else None
    except ValueError:
        return None
