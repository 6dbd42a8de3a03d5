"""RDFa, by extruct (pyRdfa and rdflib). That is slow, and only asked where a page describes things that we read."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urljoin

from crawlers.connector import Reject
from crawlers.structured.graph import make_nodes
from crawlers.structured.node import Node, local_name
from crawlers.web.document import Document

MAX_THINGS: Final = 2_000
MAX_PROPERTIES: Final = 20_000
READ: Final = frozenset({"review", "userreview", "criticreview", "employerreview", "comment", "discussionforumposting"})


def read_rdfa(document: Document) -> tuple[list[Node], list[Reject]]:
    """Return the nodes in a page's RDFa where it holds a review or a comment, in the order of the page.

    Rejects are "too much RDFa" (what would take minutes) and "broken RDFa" (nested too deep). Nothing is fetched:
    vocabularies are not expanded and embedded RDF is not read.
    """
    if "typeof=" not in document.text.lower():
        return [], []
    things = document.selector.xpath("//@typeof").getall()
    if READ.isdisjoint(local_name(name) for each in things for name in each.split()):
        return [], []
    properties = len(document.selector.xpath("//@property"))
    if len(things) > MAX_THINGS or properties > MAX_PROPERTIES:
        detail = f"{document.url}: {len(things)} things with {properties} properties"
        return [], [Reject(reason="too much RDFa", detail=detail)]
    try:
        nodes = _read(document)
    except RecursionError:
        return [], [Reject(reason="broken RDFa", detail=f"{document.url}: elements are nested too deep")]
    return nodes, []


def _read(document: Document) -> list[Node]:
    from extruct.rdfa import RDFaExtractor  # type: ignore[import-untyped]  # it ships no types
    from extruct.utils import parse_xmldom_html  # type: ignore[import-untyped]  # the same

    tree = parse_xmldom_html(document.text.encode("utf-8", "replace"), "utf-8")
    _drop_wrong_addresses(tree, document.url)
    values = RDFaExtractor().extract_items(tree, base_url=document.url)
    nodes = make_nodes(values, syntax="RDFa", page=document.url)
    for node in nodes:
        for name, found in node.values.items():
            node.values[name] = [" ".join(each.split()) if isinstance(each, str) else each for each in found]
    places = {id(node): _place(node, document.text) for node in nodes}
    return sorted(nodes, key=lambda node: places[id(node)])


def _drop_wrong_addresses(tree: Any, page: str) -> None:
    """Take out what pyRdfa would stumble over: one link that is none would cost all of the page."""
    for name in ("href", "src", "resource", "about"):
        for element in tree.xpath(f"//*[@{name}]"):
            try:
                urljoin(page, element.get(name))
            except ValueError:
                del element.attrib[name]


def _place(node: Node, page: str) -> int:
    """Return where a node's first word that can be found stands: a graph has no order, a page has."""
    found = (page.find(text[:40]) for text in node.texts("reviewbody", "description", "text", "name", "author"))
    return min((at for at in found if at >= 0), default=len(page))
