"""News and blogs: articles found through feeds, sitemaps and front pages, with the comments under them."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import ClassVar, Final

from pydantic import BaseModel, Field

from config.duration import Duration
from config.settings import SourceKind, Terms
from crawlers.cleaning import clean_line, web_address
from crawlers.connector import Batch, CollectError, Cursor, Limits, Reject, Tools, Window
from crawlers.date import read_date
from crawlers.entry import Entry
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.web.link import Link
from crawlers.web.manners import Manners
from crawlers.web.pattern import Pattern, fits
from crawlers.web.site import Extract

_FEED: Final = re.compile(r"<(?:rss|feed|rdf:rdf|channel|\w+:feed)\b", re.IGNORECASE)
_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_JSON_FEED: Final = "jsonfeed.org/version"
_BEGINNING: Final = 4_000


class ArticlesSettings(Manners):
    """Options of a newspaper, magazine or blog."""

    articles_like: tuple[Pattern, ...] = Field(
        default=(),
        max_length=50,
        description="only such addresses are articles: a path such as /news/* or a whole address, * for anything",
    )
    not_like: tuple[Pattern, ...] = Field(
        default=(), max_length=50, description="addresses that are never read as articles, written in the same way"
    )
    newer_than: Duration = Field(
        default=timedelta(days=30),
        ge=timedelta(hours=1),
        le=timedelta(days=36_500),
        description="articles that a feed or sitemap dates earlier than this before the visit are not read",
    )
    comments: bool = Field(default=True, description="collect the comments under articles too")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """A page that may be an article, with what the linking page says of it. `stamp` changes when the page does."""

    url: str
    stamp: str | None = None
    date: str | None = None
    title: str | None = None
    sure: bool = True


class Articles:
    """Reads articles. What leaves a feed or a front page is not gone, only old: nothing is swept."""

    settings: ClassVar[type[BaseModel]] = ArticlesSettings
    kind: ClassVar[SourceKind] = "news"
    terms: ClassVar[Terms] = "page"
    sweeps: ClassVar[bool] = False

    def __init__(self, options: ArticlesSettings, tools: Tools) -> None:
        self._options = options
        self._tools = tools

    @property
    def manners(self) -> ArticlesSettings:
        """How it is to be read: its options."""
        return self._options

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield what a visit brings; raise CollectError."""
        from crawlers.web.visiting import visit

        del window  # pages have no windows of time: what is new is told by what is remembered
        return visit(self, self._tools, cursor, limits)

    def start(self) -> tuple[Link, ...]:
        """Return the feeds, sitemaps and front pages."""
        return tuple(Link(url=url, role="index") for url in self._options.start)

    def read(self, document: Document, link: Link) -> Extract:
        """Return the leads of an index, or the article and its comments."""
        return self._read_index(document) if link.role == "index" else self._read_item(document, link)

    # -- where articles are ------------------------------------------------------------------

    def _read_index(self, document: Document) -> Extract:
        from crawlers.sitemap import is_sitemap

        if is_sitemap(document):
            return self._read_sitemap(document)
        if document.url.endswith("/robots.txt"):
            return self._read_robots(document)
        return self._read_feed(document) if _is_feed(document) else self._read_front(document)

    def _read_sitemap(self, document: Document) -> Extract:
        from crawlers.sitemap import read_sitemap

        found = read_sitemap(document)
        leads = (
            _Lead(url=place.url, stamp=place.changed, date=place.published, title=place.title)
            for place in found.places
            if not place.sitemap
        )
        maps = (place for place in found.places if place.sitemap and not self._is_old(place.changed))
        return Extract(
            links=(*(Link(url=place.url, role="index") for place in maps), *self._items(leads)),
            rejects=(Reject(reason="broken sitemap", detail=f"{document.url}: {found.fault}"),) if found.fault else (),
        )

    def _read_robots(self, document: Document) -> Extract:
        from crawlers.sitemap import read_robots

        return Extract(links=tuple(Link(url=url, role="index") for url in read_robots(document.text)))

    def _read_feed(self, document: Document) -> Extract:
        from crawlers.feed import read_feed
        from crawlers.http import Response

        answer = Response(url=document.url, status=document.status, headers=document.headers, body=document.body)
        try:
            feed = read_feed(answer)
        except CollectError as error:
            return Extract(rejects=(Reject(reason="broken feed", detail=str(error)),))
        leads = (_lead(entry, document.url) for entry in feed.entries)
        return Extract(
            links=tuple(self._items(lead for lead in leads if lead is not None)),
            rejects=(Reject(reason="broken feed", detail=f"{document.url}: {feed.fault}"),) if feed.fault else (),
        )

    def _read_front(self, document: Document) -> Extract:
        from crawlers.reading.front import read_front

        leads = [_Lead(url=each.url, title=each.title, sure=each.sure) for each in read_front(document)]
        links = tuple(self._items(leads))
        rejects = () if links else (Reject(reason="no articles found", detail=document.url),)
        return Extract(links=links, rejects=rejects)

    def _items(self, leads: Iterable[_Lead]) -> Iterator[Link]:
        """Yield a link for each lead that is to be read, each once."""
        from crawlers.reading.permalink import permalink, without_comment_page

        seen: set[str] = set()
        for lead in leads:
            url = without_comment_page(permalink(lead.url))  # feeds and lists of comments lead to those pages
            if url not in seen and self._is_wanted(url, lead):
                seen.add(url)
                context = {"title": lead.title, "date": lead.date}
                known = {name: value for name, value in context.items() if value}
                yield Link(url=url, role="item", stamp=lead.stamp, context=known)

    def _is_wanted(self, url: str, lead: _Lead) -> bool:
        from crawlers.reading.published import path_date

        like = self._options.articles_like
        if fits(url, self._options.not_like) or not (fits(url, like) if like else lead.sure):
            return False
        return not self._is_old(lead.date or path_date(url) or lead.stamp)

    def _is_old(self, date: str | None) -> bool:
        now = self._tools.clock()
        when = read_date(date, now=now, zone=self._options.timezone) if date else None
        return when is not None and when.until < now - self._options.newer_than

    # -- what they say -----------------------------------------------------------------------

    def _read_item(self, document: Document, link: Link) -> Extract:
        from crawlers.reading.article import read_article
        from crawlers.reading.permalink import comment_page

        if comment_page(link.url) is not None:
            return self._read_comment_page(document, link)
        article = read_article(
            document,
            now=self._tools.clock(),
            zone=self._options.timezone,
            languages=self._languages,
            context=link.context,
            comments=self._options.comments,
        )
        if isinstance(article, Reject):
            return Extract(rejects=(article,))
        found = Found(
            text=escape(article.text, quote=False),  # it is plain: what looks like a tag in it is meant
            url=article.url,
            own_url=True,
            title=escape(article.title, quote=False) if article.title else None,
            author=article.author,
            published=article.published,
        )
        items = (found, *article.comments)
        return _going_on(document, items, article.url, {}) if self._options.comments else Extract(items=items)

    def _read_comment_page(self, document: Document, link: Link) -> Extract:
        """Return the comments alone: the article was read at its own address."""
        from crawlers.reading.article import read_comment_page
        from crawlers.reading.permalink import canonical

        if not self._options.comments:
            return Extract()  # they were wanted when the page was found
        article = link.context.get("parent") or canonical(document)
        comments = read_comment_page(
            document, article=article, now=self._tools.clock(), zone=self._options.timezone, languages=self._languages
        )
        if isinstance(comments, Reject):
            return Extract(rejects=(comments,))
        return _going_on(document, comments, article, link.context)

    @property
    def _languages(self) -> tuple[str, ...]:
        return (self._options.language,) if self._options.language else ()


def _going_on(document: Document, items: tuple[Found, ...], article: str, context: Mapping[str, str]) -> Extract:
    """Return what stands on a page, and the page on which the article's comments go on."""
    from crawlers.reading.comment_pages import next_comment_page

    following = next_comment_page(document, article=article, context=context)
    if isinstance(following, Reject):
        return Extract(items=items, rejects=(following,))
    return Extract(items=items, more=following)


def _lead(entry: Entry, base: str) -> _Lead | None:
    from crawlers.reading.permalink import joined

    url = web_address(joined(base, entry.link)) if entry.link else None
    if url is None:
        return None
    stamp = entry.published.isoformat() if entry.published else None
    return _Lead(url=url, stamp=stamp, date=stamp, title=clean_line(entry.title, 300) or None)


def _is_feed(document: Document) -> bool:
    beginning = document.text[:_BEGINNING]
    if beginning.lstrip()[:1] == "{":
        return _JSON_FEED in beginning
    return _FEED.search(beginning) is not None and _PAGE.search(beginning) is None
