"""The byline: who wrote an article or a comment, as a name and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from crawlers.cleaning import clean_line
from crawlers.reading.declared import Declared
from crawlers.web.document import Document

LONGEST: Final = 80
MOST: Final = 5
_METAS: Final = ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl", "og:author")
_CLASSED: Final = (
    "entry-author|post-author|article-author|author-name|byline|article__author|post__author|author"
    "|wp-block-post-author__name|wp-block-post-author-name"
)
_PLACES: Final = (
    "//*[@itemprop='author']//*[@itemprop='name'] | //*[@itemprop='author'][not(.//*[@itemprop='name'])]",
    "//a[@rel='author']",
    "//*[re:test(@class, '(?:^|\\s)vcard(?:\\s|$)')]//*[re:test(@class, '(?:^|\\s)fn(?:\\s|$)')]",
    f"//*[re:test(@class, '(?:^|\\s)(?:{_CLASSED})(?:\\s|$)')]",
)
_IN_COMMENT: Final = "ancestor::*[re:test(@class, '\\bcomments?\\b') or re:test(@id, '^comments?\\b')]"
_BEFORE: Final = re.compile(
    r"^(?:by|written by|posted by|author|von|автор(?:ы|и|ка)?|текст|опубликовал|опублікував|autor(?:ka|zy)?|tekst|"
    r"opracował[ao]?)\b\s*:?\s+|^[•·|–—-]\s*",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"\s+(?:says|writes|said|пишет|говорит|сказал\(а\)|пише|каже|pisze|mówi|napisał(?:\(a\))?)\s*:?$|\s*:$|\s*\|.*$",
    re.IGNORECASE,
)
_NO_NAME: Final = re.compile(r"://|www\.|\S@\S|\d{3}|[<>{}]")


def read_byline(document: Document, declared: Declared) -> str | None:
    """Return the authors' names, joined by commas; None where the page names none."""
    for names in _candidates(document, declared):
        line = join_names(names)
        if line:
            return line
    return None


def join_names(names: Iterable[str]) -> str | None:
    """Return those of `names` that can be names, each once, joined by commas; None without any."""
    found = dict.fromkeys(name for text in names if (name := clean_name(text)))
    return ", ".join(list(found)[:MOST]) or None


def clean_name(text: str) -> str | None:
    """Return `text` without the words around a name ("By Ann", "Ann says:"); None for what cannot be a name."""
    line = _AFTER.sub("", _BEFORE.sub("", clean_line(text, 10 * LONGEST))).strip(" ,;")
    if len(line) > LONGEST or _NO_NAME.search(line) or not any(sign.isalpha() for sign in line):
        return None
    return line


def _candidates(document: Document, declared: Declared) -> Iterator[tuple[str, ...]]:
    yield tuple(declared.article.texts("author"))
    yield from ((declared.metas[name],) for name in _METAS if name in declared.metas)
    for place in _PLACES:
        nodes = document.selector.xpath(place)
        yield tuple(
            node.xpath("string(@content)").get() or node.xpath("string()").get() or ""
            for node in nodes[:MOST]
            if not node.xpath(_IN_COMMENT)
        )
