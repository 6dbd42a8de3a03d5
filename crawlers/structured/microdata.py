"""Microdata, by extruct, with the parts replaced that take quadratic time or lose what review pages hold.

extruct follows the standard: the value of `<time>12 May</time>` is empty, of `<a itemprop="name" href=…>Anna</a>` an
address, of `<i itemprop="ratingValue" class="star-rating Four"></i>` nothing. People write those, and read them well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from crawlers.connector import Reject
from crawlers.markup import BLOCKS, HIDDEN
from crawlers.structured.node import Node, absolute, local_name
from crawlers.web.document import Document

MAX_CHARS: Final = 100_000
MAX_PARTS: Final = 300_000  # of all texts of one page: about a second
_RATINGS: Final = frozenset({"ratingvalue", "reviewrating", "rating"})
_ADDRESSES: Final = frozenset({"url", "sameas", "image", "logo", "discussionurl", "mainentityofpage", "itemreviewed"})
_BREAKS: Final = frozenset(BLOCKS.split())
_HIDDEN: Final = frozenset(HIDDEN.split())
_WIDTH: Final = re.compile(r"width\s*:\s*([\d.]+\s*%)")


def read_microdata(document: Document) -> tuple[list[Node], list[Reject]]:
    """Return the nodes in a page's microdata; a Reject "broken microdata" where it is nested too deep to be read."""
    if "itemscope" not in document.text.lower():
        return [], []
    nodes: list[Node] = []
    try:
        for item in _extractor_class()().extract_items(document.selector.root, document.url):
            _make(item, document.url, nodes)
    except (RecursionError, _TooMuchError):
        return [], [Reject(reason="broken microdata", detail=f"{document.url}: items or texts are nested too deep")]
    return nodes, []


class _TooMuchError(Exception):
    """Texts within texts within texts: reading them all would take minutes."""


def _make(item: dict[str, Any], page: str, nodes: list[Node]) -> Node:
    types = item.get("type") or []
    element = item.get("htmlNode")
    node = Node(
        syntax="microdata",
        types=frozenset(map(local_name, types if isinstance(types, list) else [types])),
        id=absolute(page, item.get("id")) or item.get("id"),
        element=element,
    )
    nodes.append(node)
    for name, value in item.get("properties", {}).items():
        given = value if isinstance(value, list) else [value]
        found = [_make(each, page, nodes) if isinstance(each, dict) else str(each) for each in given if each]
        if found:
            node.values.setdefault(local_name(name), []).extend(found)
    if item.get("value"):
        node.values["name"] = [str(item["value"])]
    return node


@cache
def _extractor_class() -> Callable[[], Any]:
    from extruct.w3cmicrodata import MicrodataExtractor  # type: ignore[import-untyped]  # it ships no types

    class Extractor(MicrodataExtractor):  # type: ignore[misc]  # the same
        """extruct's, with linear searches and more generous values; for one page."""

        def __init__(self) -> None:
            super().__init__(nested=True, strict=False, add_html_node=True)
            self._left = MAX_PARTS

        def _xp_prop(self, node: Any) -> Iterator[Any]:
            return _properties(node)

        def _extract_property_value(self, node: Any, *args: Any, **options: Any) -> Any:
            is_item = node.get("itemscope") is not None and not options.get("force")
            if not is_item and (own := _value(node, self._lines)):
                return own
            try:
                return super()._extract_property_value(node, *args, **options)
            except ValueError:  # an address that is none
                return ""

        def _extract_textContent(self, node: Any) -> str:  # noqa: N802 - the name is extruct's
            return self._lines(node)

        def _lines(self, node: Any) -> str:
            text, parts = lines(node)
            self._left -= parts
            if self._left < 0:
                raise _TooMuchError
            return text

    return Extractor


def _properties(item: Any) -> Iterator[Any]:
    """Yield the elements with an `itemprop` that belong to `item`, not to an item in it, in document order."""
    waiting = [element for element in reversed(item) if isinstance(element.tag, str)]
    while waiting:
        element = waiting.pop()
        if element.get("itemprop") is not None:
            yield element
        if element.get("itemscope") is None:
            waiting.extend(child for child in reversed(element) if isinstance(child.tag, str))


def _value(element: Any, read: Callable[[Any], str]) -> str | None:
    """Return the value where the standard gives none that is of use; None where it does. `read` gives the text."""
    names = {local_name(name) for name in (element.get("itemprop") or "").split()}
    if element.tag in {"time", "data", "meter"}:
        given = (element.get(name) for name in ("datetime", "value", "content"))
        return next(filter(None, given), None) or read(element)
    if element.tag == "a" and not names & _ADDRESSES:
        return element.get("content") or read(element) or None
    if names & _RATINGS and element.tag != "meta" and not element.get("content"):
        return read(element) or stars(element)
    return None


def stars(element: Any) -> str | None:
    """Return how an element without a text shows a rating: in a title, a width, or the name of a class."""
    for name in ("data-rating", "data-value", "aria-label", "title", "alt"):
        if value := (element.get(name) or "").strip():
            return str(value)
    width = _WIDTH.search(element.get("style") or "")
    return width[1] if width else (element.get("class") or "").strip() or None


def lines(element: Any) -> tuple[str, int]:
    """Return the text that people see, at most MAX_CHARS of it, with line breaks where the page breaks lines; and of
    how many parts it was made."""
    parts: list[str] = []
    size = 0
    for text in _texts(element):
        parts.append(text)
        size += len(text)
        if size > MAX_CHARS:
            break
    read = "\n".join(filter(None, (" ".join(line.split()) for line in "".join(parts).split("\0"))))
    return read, len(parts)


def _texts(element: Any) -> Iterator[str]:
    """Yield the texts in an element, a NUL (no page holds one) where a line ends."""
    waiting: list[Any] = [element]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
            continue
        breaks = part.tag in _BREAKS
        if breaks:
            yield "\0"
        if part is not element and part.tail:
            waiting.append(part.tail)
        if not isinstance(part.tag, str) or part.tag in _HIDDEN:
            continue
        if breaks:
            waiting.append("\0")
        yield ""
        waiting.extend(reversed(part))
        if part.text:
            waiting.append(part.text)
