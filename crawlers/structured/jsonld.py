"""JSON-LD: the blocks of a page, read tolerantly (https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents)."""

from __future__ import annotations

from typing import Any

from crawlers.connector import Reject
from crawlers.structured.graph import make_nodes
from crawlers.structured.json_text import read_json
from crawlers.structured.node import Node
from crawlers.web.document import Document


def read_json_ld(document: Document) -> tuple[list[Node], list[Reject]]:
    """Return the nodes in a page's JSON-LD, and a Reject "broken JSON-LD" for each block some of which was lost."""
    if "ld+json" not in document.text.lower():
        return [], []
    found: list[Any] = []
    rejects: list[Reject] = []
    for number, block in enumerate(_blocks(document), start=1):
        values = read_json(block)
        found.extend(values.found)
        if values.fault is not None:
            detail = f"{document.url}, JSON-LD block {number}: {values.fault}"
            rejects.append(Reject(reason="broken JSON-LD", detail=detail))
    return make_nodes(found, syntax="JSON-LD", page=document.url), rejects


def _blocks(document: Document) -> list[str]:
    scripts = document.selector.xpath("//script[@type]")
    return ["".join(script.xpath("text()").getall()) for script in scripts if _is_json_ld(script.attrib["type"])]


def _is_json_ld(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == "application/ld+json"
