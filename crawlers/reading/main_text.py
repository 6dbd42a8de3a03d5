"""The main text of an article's page, without what stands around it.

trafilatura reads it, set to prefer less but right text. Some layouts make it stop early: where the page has much more
to read than it took, readability is asked too, and believed if it holds the same text and at least as much again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from crawlers.cleaning import clean_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LEAST: Final = 300
"""Characters below which a text is hardly a whole article."""
AGAIN: Final = 2
SAME: Final = 0.9
LINKED: Final = 0.5
"""Share of its words in links from which a block is a list of links, no text."""
_WORDS: Final = re.compile(r"\w+")
_RUN: Final = 4


def read_main_text(html: str) -> str:
    """Return the article's text, plain, with a newline after each paragraph; empty where the page holds none.

    Comments, menus, related articles and advertisements are left out as far as they can be told.
    """
    from trafilatura import load_html

    _hush()
    tree = load_html(html) if html.strip() else None
    if tree is None:
        return ""
    paragraphs = sum(len(part) for part in _paragraphs(tree))
    text = _precise(tree)
    if len(text) >= LEAST and AGAIN * len(text) >= paragraphs:
        return text
    other = _readable(html)
    return other if len(other) >= AGAIN * len(text) and (len(text) < LEAST or _holds(other, text)) else text


@cache
def _hush() -> None:
    """Keep the libraries from logging each page without an article as an error: whoever asked is told."""
    for name in ("trafilatura", "htmldate", "readability"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _precise(tree: HtmlElement) -> str:
    from trafilatura import bare_extraction

    found = bare_extraction(tree, favor_precision=True, include_comments=False)
    return "" if found is None or isinstance(found, dict) else (found.text or "").strip()


def _paragraphs(tree: HtmlElement) -> Iterator[str]:
    for paragraph in tree.iter("p"):
        yield "".join(paragraph.itertext()).strip()


def _readable(html: str) -> str:
    """Return readability's text; empty where it finds none, or only links."""
    from lxml.html import fromstring
    from readability import Document
    from readability.readability import Unparseable

    try:
        summary = Document(html).summary(html_partial=True)
    except Unparseable:
        return ""
    if not summary.strip():
        return ""
    block = fromstring(summary)
    words = len("".join(block.itertext()).split())
    linked = sum(len("".join(link.itertext()).split()) for link in block.iter("a"))
    return clean_text(summary) if linked < LINKED * words else ""


def _holds(whole: str, part: str) -> bool:
    """Whether `whole` has nearly all runs of four words that `part` has."""
    runs = _runs(part)
    return bool(runs) and len(runs & _runs(whole)) >= SAME * len(runs)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORDS.findall(text)
    return {tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1))} if words else set()
