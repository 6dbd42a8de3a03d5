"""The sheet: a page laid out for selectors, as HTML, as JSON, or both."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawlers.selecting.selector import Selector, Way
from crawlers.web.document import Document

if TYPE_CHECKING:
    from parsel import Selector as Node


class Sheet:
    """One page while it is read. It parses the page for itself, because reading takes parts out of the tree."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._outside: dict[Way, list[Node]] = {}

    @cached_property
    def html(self) -> Node:
        """The page for CSS and XPath."""
        return parse(self.document.text)

    @cached_property
    def data(self) -> Node:
        """The page for JMESPath; its `root` is None where it is no JSON."""
        from parsel import Selector as Node

        try:
            return Node(text=self.document.text, type="json")
        except RecursionError:  # nested deeper than any real answer
            return Node(root=None, type="json")

    @cached_property
    def base(self) -> str:
        """The address that relative links on the page build on."""
        if self.document.text.lstrip()[:1] in ("{", "["):
            return self.document.url
        named = self.html.xpath("//base/@href").get()
        try:
            return urljoin(self.document.url, named.strip()) if named else self.document.url
        except ValueError:
            return self.document.url

    def find(self, selector: Selector | None, node: Node | None = None) -> list[Node]:
        """Return what the first way finds that finds anything, inside `node` or on the whole page."""
        for way in selector.ways if selector else ():
            found = self.follow(way, node)
            if found:
                return found
        return []

    def whole(self, selector: Selector | None) -> Node:
        """Return the whole page, in the language in which `selector` is written."""
        is_json = selector is not None and selector.ways[0].language == "json"
        return self.data if is_json else self.html

    def look_around(self, selectors: Iterable[Selector]) -> None:
        """Follow every way that leads over the whole page, while nothing has been taken out of it."""
        for selector in selectors:
            for way in selector.ways:
                if way.whole_page:
                    self.follow(way)

    def follow(self, way: Way, node: Node | None = None) -> list[Node]:
        """Return what one way leads to. Each way is followed on the whole page once only."""
        if node is not None and not way.whole_page:
            return _apply(way, node)
        if way not in self._outside:
            self._outside[way] = _apply(way, self.data if way.language == "json" else self.html)
        return self._outside[way]


def parse(text: str) -> Node:
    """Return a text laid out as HTML; half characters, which no tree takes, become question marks."""
    from parsel import Selector as Node

    return Node(text=text.encode("utf-8", "replace").decode("utf-8"), type="html")


def _apply(way: Way, node: Node) -> list[Node]:
    """Return what `way` finds in `node`: nothing where it is written in the language of another kind of page."""
    is_page = node.type in ("html", "xml")
    try:
        if way.language == "xpath":
            return list(node.xpath(way.expression)) if is_page or node.type == "text" else []
        found = [] if is_page else node.jmespath(way.expression)
    except (ValueError, re.error):  # a function met a value that it cannot take: what is looked for is not there
        return []
    return [each for each in found if each.root is not None and each.root is not False]
