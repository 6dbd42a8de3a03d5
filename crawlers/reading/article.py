"""The article: what a page of a newspaper, magazine or blog is there for, in one piece."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from crawlers.cleaning import clean_text
from crawlers.connector import Reject
from crawlers.date import read_date
from crawlers.reading.byline import read_byline
from crawlers.reading.comments import read_comments
from crawlers.reading.declared import Declared, read_declared
from crawlers.reading.headline import read_headline
from crawlers.reading.index import is_index
from crawlers.reading.main_text import LEAST, read_main_text
from crawlers.reading.published import read_published
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.when import When

SHORTEST: Final = 100
"""Characters below which a page has no article."""
MOST_ELEMENTS: Final = 30_000
"""Reading takes time by the element, up to a tenth of a second for a thousand; real articles have about 1,500."""
_HTML: Final = frozenset({"", "text/html", "application/xhtml+xml"})
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z]{2,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article. `url` is its permalink, `text` is plain with a newline after each paragraph.

    `comments` answer it or one another (`Found.parent` is the `id` of a comment, or the article's `url`).
    """

    url: str
    text: str
    title: str | None = None
    author: str | None = None
    published: When | None = None
    comments: tuple[Found, ...] = ()


def read_article(
    document: Document,
    *,
    now: datetime,
    zone: str = "UTC",
    languages: Sequence[str] = (),
    context: Mapping[str, str] | None = None,
    comments: bool = True,
) -> Article | Reject:
    """Return the article on a page, or a Reject that says why there is none.

    `now` is the moment of reading (UTC), `zone` the IANA zone of dates without one, `languages` those that the page's
    dates may be written in (by default the one that the page names), `context` what the linking page says: `title`
    and `date`. Nothing is fetched.
    """
    if (fault := _fault(document)) is not None:
        return fault
    declared = read_declared(document)
    text = _text(document, declared)
    if len(text) < SHORTEST or (not declared.is_article and is_index(document, text)):
        return Reject(reason="no article found", detail=document.url)
    read = partial(read_date, now=now, zone=zone, languages=tuple(languages) or page_languages(document))
    title = read_headline(document, declared, context or {})
    return Article(
        url=declared.url,
        text=_without_title(text, title),
        title=title,
        author=read_byline(document, declared),
        published=read_published(document, declared, context or {}, read=read, now=now),
        comments=read_comments(document, declared, read=read) if comments else (),
    )


def read_comment_page(
    document: Document, *, article: str, now: datetime, zone: str = "UTC", languages: Sequence[str] = ()
) -> tuple[Found, ...] | Reject:
    """Return the comments on a further page of an article's comments, or a Reject that says why it cannot be read.

    `article` is the permalink of the article that they answer. The rest is as with `read_article`.
    """
    if (fault := _fault(document)) is not None:
        return fault
    declared = read_declared(document)
    read = partial(read_date, now=now, zone=zone, languages=tuple(languages) or page_languages(document))
    return read_comments(document, replace(declared, url=article), read=read)


def page_languages(document: Document) -> tuple[str, ...]:
    """Return the language that the page names, as it is written there; () without one."""
    named = (document.selector.xpath("string(/html/@lang | /html/@xml:lang)").get() or "").strip()
    return (named,) if _LANGUAGE.fullmatch(named) else ()


def _fault(document: Document) -> Reject | None:
    if document.content_type not in _HTML:
        return Reject(reason="not a web page", detail=f"{document.url} is {document.content_type}")
    elements = int(float(document.selector.xpath("count(//*)").get() or 0))
    if elements > MOST_ELEMENTS:
        detail = f"{document.url} has {elements:,} elements; at most {MOST_ELEMENTS:,} are read"
        return Reject(reason="too large a page", detail=detail)
    return None


def _text(document: Document, declared: Declared) -> str:
    """Return the text as shown, or as declared where next to nothing of it is shown without a browser."""
    text = read_main_text(document.text)
    if len(text) >= LEAST:
        return text
    body = clean_text(max(declared.article.texts("articlebody"), key=len, default=""))
    return body if len(body) > 2 * len(text) else text


def _without_title(text: str, title: str | None) -> str:
    """Return `text` without the headline as its first line."""
    first, _, rest = text.partition("\n")
    return rest.lstrip() if title and " ".join(first.split()).casefold() == title.casefold() else text
