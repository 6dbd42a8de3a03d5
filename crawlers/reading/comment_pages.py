"""The further pages of an article's comments, as WordPress numbers them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from crawlers.cleaning import web_address
from crawlers.connector import Reject
from crawlers.reading.permalink import comment_page, joined, permalink, without_comment_page
from crawlers.structured.onward import base_of
from crawlers.web.document import Document
from crawlers.web.link import Link

if TYPE_CHECKING:
    from parsel import Selector

MOST: Final = 40
"""Further pages of one article that are read: at WordPress's own 50 comments a page, 2,000 comments."""
_LINKS: Final = "//a[@href] | //link[@href][contains(@rel, 'next') or contains(@rel, 'prev')]"
_OLDER: Final = re.compile(r"\b(?:prev|previous|older|alignleft)\b", re.IGNORECASE)
_LEADING: Final = re.compile(r"\b(?:next|prev)\b", re.IGNORECASE)
_ANCHOR: Final = "#comments"


def next_comment_page(document: Document, *, article: str, context: Mapping[str, str]) -> Link | Reject | None:
    """Return the page on which the comments of `article` (its permalink) go on; None after the last one.

    The article itself shows the newest comments or the oldest ones; from there all pages are gone through in one
    direction. `context` is that of the link which led to this page: on a page of comments it holds `parent` (the
    article), `comments` (`older` or `newer`) and `left` (how many further pages may be read). A Reject says that there
    are more of them than that. Only addresses that are a page of comments of this same article are ever returned.
    """
    pages, older = _pages(document, article)
    here = comment_page(document.url)
    direction = context.get("comments")
    if direction is None and here is None and pages:
        # An article that does not show its first comments links to page 1, or to a page before its own.
        direction = "older" if older or 1 in pages else "newer"
        following = max(pages) if direction == "older" else min(pages)
    else:
        following = _beside(here, direction)
    if following not in pages or direction is None:
        return None
    left = int(context.get("left", MOST))
    if left <= 0:
        detail = f"{article}: {MOST} further pages of comments were read; they go on at {pages[following]}"
        return Reject(reason="too many pages of comments", detail=detail[:500])
    known = {"parent": article, "comments": direction, "left": str(left - 1)}
    return Link(url=pages[following], role="item", context=known)


def _beside(here: int | None, direction: str | None) -> int:
    """Return the number of the page that comes after the page `here`; 0, which no page has, where there is none."""
    if here is None or direction is None:
        return 0
    return here - 1 if direction == "older" else here + 1


def _pages(document: Document, article: str) -> tuple[dict[int, str], bool]:
    """Return the pages of comments that the page leads to, by number, and whether one of them is called older."""
    own = {_bare(article), _bare(without_comment_page(permalink(document.url)))}
    found: dict[int, str] = {}
    older = False
    for url, link in _links(document):
        number = comment_page(url)
        if number is not None and _bare(without_comment_page(url)) in own:
            found.setdefault(number, url)
            older = older or _is_older(link)
    return found, older


def _links(document: Document) -> Iterator[tuple[str, Selector]]:
    """Yield the links that may lead to a page of comments, not to a comment on it, with their addresses."""
    base = base_of(document)
    for link in document.selector.xpath(_LINKS):
        href = link.attrib["href"].strip()
        if href.endswith(_ANCHOR) or _LEADING.search(link.attrib.get("rel", "")):
            url = web_address(joined(base, href))
            if url is not None:
                yield permalink(url), link


def _is_older(link: Selector) -> bool:
    words = link.xpath("@rel | @class | ../@class").getall()
    return _OLDER.search(" ".join(words)) is not None


def _bare(url: str) -> str:
    """Return `url` without its scheme: sites that moved to https still link to themselves by http here and there."""
    return url.partition("://")[2]
