"""Indexes: pages that hold beginnings of many articles, and none of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from crawlers.cleaning import web_address
from crawlers.reading.permalink import joined, permalink, same_site
from crawlers.web.document import Document

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LEAST: Final = 3
SHARE: Final = 0.5
_HEADLINES: Final = (
    "//*[self::h1 or self::h2 or self::h3 or self::h4][.//a[@href] or ancestor::a[@href]]"
    "[string-length(normalize-space()) > 10]"
)
_MOST: Final = 60


def is_index(document: Document, text: str) -> bool:
    """Whether at least half of `text`, read from the page, stands in teasers: blocks with one linked headline each."""
    own = permalink(document.url)
    headlines = [node.root for node in document.selector.xpath(_HEADLINES)[:_MOST]]
    teasers = [teaser for node in headlines if _leads_on(node, own) for teaser in _teaser(node)]
    if len(teasers) < LEAST:
        return False
    lines = [line for line in (_plain(raw.lstrip("-")) for raw in text.splitlines()) if line]
    teased = sum(len(line) for line in lines if any(line in teaser for teaser in teasers))
    return teased >= SHARE * sum(map(len, lines))


def _leads_on(headline: HtmlElement, own: str) -> bool:
    """Whether a headline leads to another page of the same site: that of an article often leads to itself."""
    addresses = (joined(own, href) for href in headline.xpath(".//a/@href | ancestor::a/@href"))
    url = next((found for address in addresses if (found := web_address(address))), own)
    return permalink(url) != own and same_site(url, own)


def _teaser(headline: HtmlElement) -> Iterator[str]:
    """Yield the text of the block that a headline stands in, with at least as much besides; none where that block has
    several."""
    own = len(_plain("".join(headline.itertext())))
    for around in headline.iterancestors():
        text = _plain("".join(around.itertext()))
        if len(text) > 2 * own:
            if len(around.xpath(f".{_HEADLINES}")) == 1:
                yield text
            return


def _plain(text: str) -> str:
    return " ".join(text.split())
