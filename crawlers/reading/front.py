"""The front page of a newspaper or blog: which of its links lead to articles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from crawlers.cleaning import clean_line, web_address
from crawlers.reading.permalink import joined, permalink, same_site
from crawlers.reading.published import path_date
from crawlers.structured.onward import base_of
from crawlers.web.document import Document

if TYPE_CHECKING:
    from parsel import Selector

MOST: Final = 2_000
_TRIED: Final = 10 * MOST
_HEADLINED: Final = (
    "ancestor::article or ancestor::h1 or ancestor::h2 or ancestor::h3 or ancestor::h4 or .//h2 or .//h3"
    " or .//h4 or contains(concat(' ', @rel, ' '), ' bookmark ')"
)
_AROUND: Final = "ancestor::nav or ancestor::footer or ancestor::aside"
_SLUG_WORDS: Final = 3
_NUMBERED: Final = re.compile(r"\d{5,}")
_ELSEWHERE: Final = re.compile(
    r"/(?:tags?|categor(?:y|ies)|kategori[ae]|authors?|autor(?:zy)?|users?|login|register|signup|subscribe|search|page|"
    r"about(?:-us)?|contacts?|privacy|terms|cart|feed|rss|wp-login\.php|wp-admin|comments?)(?:/|$)",
    re.IGNORECASE,
)
_FILE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|rss|js|css|docx?|xlsx?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """A link to what looks like an article; `title` is the link's text."""

    url: str
    title: str = ""
    sure: bool = True


def read_front(document: Document) -> tuple[Teaser, ...]:
    """Return the page's links to other pages of its site, each once, in its order, at most MOST.

    `sure` are those that look like articles: by a day, a number or a long name in the address, or because they are
    headlines and no section, author or tag.
    """
    base = base_of(document)
    own = permalink(document.url)
    found: dict[str, Teaser] = {}
    for link in document.selector.xpath("//a[@href]")[:_TRIED]:
        url = _address(base, link.attrib["href"])
        if url is not None and url != own and same_site(url, own):
            teaser = Teaser(
                url=url, title=clean_line(link.xpath("string()").get() or "", 300), sure=_is_sure(url, link)
            )
            found[url] = _better(found.get(url), teaser)
            if len(found) >= MOST:
                break
    return tuple(found.values())


def _address(base: str, href: str) -> str | None:
    url = web_address(joined(base, href)) if not href.lstrip().startswith("#") else None
    return permalink(url) if url is not None and not _FILE.search(urlsplit(url).path) else None


def _is_sure(url: str, link: Selector) -> bool:
    path = urlsplit(url).path
    if path in {"", "/"} or _ELSEWHERE.search(path):
        return False
    if path_date(url) is not None or any(_reads_like_a_headline(part) for part in path.split("/")):
        return True
    return link.xpath(f"boolean(({_HEADLINED}) and not({_AROUND}))").get() == "1"


def _reads_like_a_headline(part: str) -> bool:
    return len(re.split(r"[-_]", part.strip("-_"))) > _SLUG_WORDS or _NUMBERED.search(part) is not None


def _better(one: Teaser | None, other: Teaser) -> Teaser:
    """Return what both links to one page say: a picture has no text, a headline has."""
    if one is None:
        return other
    return Teaser(url=one.url, title=max(one.title, other.title, key=len), sure=one.sure or other.sure)
