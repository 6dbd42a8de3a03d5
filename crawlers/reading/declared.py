"""What an article's page declares about itself: the JSON-LD object that describes it, and its meta tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from crawlers.reading.permalink import canonical, permalink
from crawlers.structured.jsonld import read_json_ld
from crawlers.structured.node import Node, absolute
from crawlers.web.document import Document

OTHER_ARTICLES: Final = frozenset({"blogposting", "report", "socialmediaposting", "liveblogposting"})
DATED: Final = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date")
LONGEST: Final = 5_000


def _nothing() -> Node:
    return Node(syntax="JSON-LD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """`url` is the page's permalink; `article` the page's own article, without values where it declares none; `metas`
    holds the first content of each meta tag by its name in small letters; `sites` is what the site calls itself."""

    url: str
    article: Node = field(default_factory=_nothing)
    metas: Mapping[str, str] = field(default_factory=dict)
    sites: tuple[str, ...] = ()

    @property
    def is_article(self) -> bool:
        """Whether the page says that it is one article."""
        told = self.metas.get("og:type") == "article" or any(name in self.metas for name in DATED)
        return bool(self.article.values) or told


def read_declared(document: Document) -> Declared:
    """Return what `document` says of itself."""
    nodes, _ = read_json_ld(document)  # what is lost of it is no fault of the article
    url = canonical(document)
    metas = _metas(document)
    articles = [node for node in nodes if is_article(node)]
    named = [metas[name] for name in ("og:site_name", "twitter:site") if name in metas]
    return Declared(
        url=url,
        article=_own(articles, document, url) or _nothing(),
        metas=metas,
        sites=(*named, *(name for node in articles for name in node.texts("publisher"))),
    )


def is_article(node: Node) -> bool:
    """Whether a node is an article of some sort."""
    return any(name.endswith("article") or name in OTHER_ARTICLES for name in node.types)


def _metas(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in document.selector.xpath("//meta[@content and (@property or @name or @itemprop)]"):
        content = meta.attrib["content"].strip()[:LONGEST]
        for kind in ("property", "name", "itemprop"):
            name = meta.attrib.get(kind, "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _own(articles: list[Node], document: Document, url: str) -> Node | None:
    """Return the article that the page is about: the one with its address, else the only one, else the one whose
    headline stands in the page's title."""
    own = {url, permalink(document.url)}
    for article in articles:
        if any(permalink(address) in own for address in _addresses(article, document.url)):
            return article
    if len(articles) == 1:
        return articles[0]
    title = " ".join(document.selector.xpath("//title//text() | //h1//text()").getall())
    return next((each for each in articles if any(text in title for text in each.texts("headline"))), None)


def _addresses(article: Node, page: str) -> Iterator[str]:
    pages = [node.id or node.text("url") for node in article.nodes("mainentityofpage")]
    for named in (article.id, *article.texts("url", "mainentityofpage"), *pages):
        if (address := absolute(page, named)) is not None:
            yield address
