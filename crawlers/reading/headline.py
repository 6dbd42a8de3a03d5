"""The headline of an article, without the name of the site that many pages put behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from crawlers.cleaning import MAX_TITLE, clean_line
from crawlers.reading.declared import Declared
from crawlers.web.document import Document

_SEPARATOR: Final = re.compile(r"\s+(?:[-–—|·•:/»«]|::|\|\|)\s+|\s*[|»]\s*")
_TITLES: Final = ("og:title", "twitter:title", "dc.title", "title")
_LEAST_WORDS: Final = 2
_LOGO: Final = (
    "(.//a[@rel='home'] or contains(concat(' ', normalize-space(@class), ' '), ' site-title ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' wp-block-site-title '))"
)
"""What tells the site's name from a headline: some themes make a heading of it on every page."""


def read_headline(document: Document, declared: Declared, context: Mapping[str, str]) -> str | None:
    """Return the headline as one plain line; None where the page has none. `context["title"]` is what the linking page
    calls the article: the last to be believed, as it is often cut."""
    headings = [_line(text) for text in document.selector.xpath(f"//h1[not({_LOGO})]").xpath("string()").getall()]
    heading = next((text for text in headings if len(text.split()) >= _LEAST_WORDS), "")
    sites = _sites(document, declared)
    for title in _titles(document, declared, heading, context):
        line = _line(title)
        if line and _letters(line) not in sites:
            return heading if _goes_on(line, heading) else _without_site(line, sites)
    return None


def _titles(document: Document, declared: Declared, heading: str, context: Mapping[str, str]) -> Iterator[str]:
    yield from declared.article.texts("headline")
    yield from (declared.metas[name] for name in _TITLES if name in declared.metas)
    title = _line(document.selector.xpath("string(//head/title | //title)").get() or "")
    # A heading that the page's title does not hold is the site's logo on some pages.
    yield from (heading, title) if heading in title else (title, heading)
    yield from declared.article.texts("name")
    yield context.get("title", "")


def _line(text: str) -> str:
    return clean_line(text, MAX_TITLE)


def _goes_on(line: str, heading: str) -> bool:
    """Whether `line` is the page's heading with something behind a separator."""
    return bool(heading) and line.startswith(heading) and _SEPARATOR.match(line[len(heading) :]) is not None


def _sites(document: Document, declared: Declared) -> frozenset[str]:
    """Return what the site may be called, letters and digits only."""
    host = (urlsplit(document.url).hostname or "").removeprefix("www.")
    parts = host.split(".")
    logos = document.selector.xpath(f"//h1[{_LOGO}]").xpath("string()").getall()
    names = {_letters(name) for name in (*declared.sites, *logos, host, parts[0], *parts[-2:-1])}
    return frozenset(names - {""})


def _without_site(line: str, sites: frozenset[str]) -> str:
    """Cut the site's name off the end, with all that stands behind it, or off the beginning."""
    cuts = list(_SEPARATOR.finditer(line))
    bounds = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(line)]
    parts = [_letters(line[start:end]) for start, end in zip(bounds, ends, strict=True)]
    last = next((at for at in range(1, len(parts)) if parts[at] in sites), len(parts))
    first = 1 if parts[0] in sites and last > 1 else 0
    return line[bounds[first] : ends[last - 1]].strip()


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
