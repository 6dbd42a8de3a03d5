"""Reviews that pages describe in schema.org's words: shops, marketplaces, branch pages, review sites."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, field_validator

from config.settings import SourceKind, Terms
from crawlers.connector import Batch, Cursor, Limits, Reject, Tools, Window
from crawlers.selecting.selector import compile_selector
from crawlers.web.document import Document
from crawlers.web.link import Link, Role
from crawlers.web.manners import Manners
from crawlers.web.pattern import Pattern, fits
from crawlers.web.site import Extract

if TYPE_CHECKING:
    from crawlers.structured.onward import Anchor
    from crawlers.structured.page import Markup
    from crawlers.structured.review import Reading

_SITEMAP: Final = re.compile(r"\.xml(?:\.gz)?$|/[^/]*sitemap[^/]*$", re.IGNORECASE)
# A page that shows a few reviews cuts them short, and the one with all of them does not: taken from both, a text would
# be edited back and forth at every visit.
_SHORTENED: Final = re.compile(r"(?:…|\.\.\.)\s*(?:</[a-z]+>\s*)*$")
_WAY: Final[dict[str, JsonValue]] = {"group": "way"}
_MORE: Final[dict[str, JsonValue]] = {"group": "more"}
"""Forms fold these options away: most sites need none of them, as links and ratings are recognised."""
_PAGES: Final = re.compile(r"html|xml|^text/plain$|^$")


class ReviewsSettings(Manners):
    """Options of a source of reviews with schema.org markup.

    A selector is CSS, or an XPath after `xpath:`; `||` stands before another one to try.
    """

    follow: tuple[str, ...] = Field(
        default=(), max_length=20, description="selectors of links from start pages to pages with reviews"
    )
    through: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="selectors of links to further start pages, such as categories",
        json_schema_extra=_WAY,
    )
    pages_like: tuple[Pattern, ...] = Field(
        default=(),
        max_length=50,
        description="only such addresses are followed, * for anything; a path, or a whole URL",
    )
    trust_lastmod: bool = Field(
        default=False,
        description="a page whose date in the sitemap is the same has no new reviews and is not read",
        json_schema_extra=_WAY,
    )
    all_reviews: str | None = Field(
        default=None,
        description="selector of the link to all reviews; left out, it is recognised by its words",
        json_schema_extra=_WAY,
    )
    next: str | None = Field(
        default=None,
        description="selector of the link to the next page; left out, it is recognised",
        json_schema_extra=_WAY,
    )
    best: float | None = Field(
        default=None,
        gt=0,
        le=1_000,
        description="best rating there is, where pages do not say it",
        json_schema_extra=_MORE,
    )
    comments: bool = Field(default=False, description="read comments too: answers to reviews, comments on articles")
    date_order: Literal["dmy", "mdy", "ymd"] | None = Field(
        default=None, description="order of day, month and year in dates such as 03/04/2026", json_schema_extra=_MORE
    )

    @field_validator("follow", "through")
    @classmethod
    def _selectors_can_be_applied(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked(each) for each in value)

    @field_validator("all_reviews", "next")
    @classmethod
    def _selector_can_be_applied(cls, value: str | None) -> str | None:
        return _checked(value) if value and value.strip() else None


def _checked(text: str) -> str:
    """Return the selector; raise ValueError for one that does not select elements of a page."""
    if any(way.language != "xpath" or way.cut or way.shape for way in compile_selector(text).ways):
        raise ValueError(f"{text!r} does not select links; allowed: a CSS selector, or xpath: and an XPath")
    return text


class Reviews:
    """Reads what pages say of themselves for machines: reviews in JSON-LD, microdata and RDFa."""

    settings: ClassVar[type[Manners]] = ReviewsSettings
    kind: ClassVar[SourceKind] = "review"
    terms: ClassVar[Terms] = "page"
    sweeps: ClassVar[bool] = True

    def __init__(self, options: ReviewsSettings, tools: Tools) -> None:
        self._options = options
        self._tools = tools

    @property
    def manners(self) -> Manners:
        """How its pages are to be read."""
        return self._options

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield what a visit brings."""
        from crawlers.web.visiting import visit

        del window  # pages have no windows of time: what is new is told by what is remembered
        return visit(self, self._tools, cursor, limits)

    def start(self) -> tuple[Link, ...]:
        """Return the start pages: an index where links are followed from there, else a list of reviews."""
        leads = bool(self._options.follow or self._options.through)
        return tuple(
            Link(url=url, role="index" if leads or _SITEMAP.search(urlsplit(url).path) else "listing")
            for url in self._options.start
        )

    def read(self, document: Document, link: Link) -> Extract:
        """Return a page's reviews, the next page and all reviews of its product; of an index, the pages it leads to."""
        from crawlers.sitemap import is_sitemap

        if is_sitemap(document):
            return self._read_sitemap(document)
        if not _PAGES.search(document.content_type):
            detail = f"{document.url} is of the type {document.content_type}"
            return Extract(rejects=(Reject(reason="not a web page", detail=detail),))
        return self._read_index(document) if link.role == "index" else self._read_listing(document, link)

    def _read_sitemap(self, document: Document) -> Extract:
        from crawlers.sitemap import read_sitemap

        sitemap = read_sitemap(document)
        links = tuple(
            Link(
                url=place.url.partition("#")[0],
                role="index" if place.sitemap else "listing",
                stamp=place.changed if self._options.trust_lastmod else None,
            )
            for place in sitemap.places
            if place.sitemap or self._is_wanted(place.url)
        )
        faults = [Reject(reason="broken sitemap", detail=f"{document.url}: {sitemap.fault}")] if sitemap.fault else []
        return Extract(links=links, rejects=tuple(faults))

    def _read_index(self, document: Document) -> Extract:
        from crawlers.structured.onward import anchors, find_next

        followed = [link for each in self._options.follow for link in self._selected(document, each, "listing")]
        further = [link for each in self._options.through for link in self._selected(document, each, "index")]
        following = self._first(document, self._options.next) or find_next(anchors(document), document.url)
        return Extract(
            links=(*(link for link in followed if self._is_wanted(link.url)), *further),
            more=Link(url=following, role="index") if following else None,
            missed=() if followed or further else ("follow",),
        )

    def _read_listing(self, document: Document, link: Link) -> Extract:
        from crawlers.structured.onward import anchors
        from crawlers.structured.page import read_markup
        from crawlers.structured.subject import Subject

        markup = read_markup(
            document,
            self._reading(),
            kinds=("review", "comment", "post") if self._options.comments else ("review",),
            known=Subject.of_context(link.context) if link.context else None,
        )
        found = anchors(document)
        context = {**link.context, **(markup.subject.context if markup.subject else {})}
        everything = self._all_reviews(document, found, context)
        following = self._next(document, found, markup)
        shown = _number(link.context.get("shown")) + len(markup.items)
        short = markup.announced is not None and shown < markup.announced and everything is None and following is None
        links = (
            [Link(url=everything, role="listing", context=_context_of_all(everything, context))] if everything else []
        )
        items = tuple(item for item in markup.items if not (everything and _SHORTENED.search(item.text)))
        return Extract(
            items=items,
            links=tuple(links),
            more=Link(url=following, role="listing", context={**context, "shown": str(shown)}) if following else None,
            rejects=(*markup.rejects, *_fewer(document.url, shown, markup.announced if short else None)),
            missed=tuple(name for name in ("all_reviews", "next") if short and getattr(self._options, name)),
        )

    def _reading(self) -> Reading:
        from crawlers.structured.review import Reading

        language = self._options.language
        return Reading(
            now=self._tools.clock(),
            zone=self._options.timezone,
            languages=(language,) if language else (),
            order=self._options.date_order,
            best=self._options.best,
        )

    def _all_reviews(self, document: Document, found: tuple[Anchor, ...], context: Mapping[str, str]) -> str | None:
        """Return where all reviews are; None on a page that is a part of them."""
        from crawlers.structured.onward import find_all_reviews

        if self._options.all_reviews:
            return self._first(document, self._options.all_reviews)
        return None if context.keys() & {"all", "shown"} else find_all_reviews(found, document.url)

    def _next(self, document: Document, found: tuple[Anchor, ...], markup: Markup) -> str | None:
        """Return the next page of reviews; what leads on from a page without any leads elsewhere."""
        from crawlers.structured.onward import find_next

        if self._options.next:
            return self._first(document, self._options.next)
        return find_next(found, document.url) if markup.items else None

    def _is_wanted(self, url: str) -> bool:
        return not self._options.pages_like or fits(url, self._options.pages_like)

    def _first(self, document: Document, selector: str | None) -> str | None:
        return next((link.url for link in self._selected(document, selector, "listing")), None) if selector else None

    def _selected(self, document: Document, selector: str, role: Role) -> Iterator[Link]:
        """Yield the links that a selector finds, each once: elements with an address, or with a link in them."""
        from crawlers.structured.onward import base_of, resolved

        base = base_of(document)
        here = resolved(document.url, document.url)
        for way in compile_selector(selector).ways:
            urls = (resolved(base, each) for part in document.selector.xpath(way.expression) for each in _hrefs(part))
            found = [url for url in dict.fromkeys(urls) if url is not None and url != here]
            if found:
                yield from (Link(url=url, role=role) for url in found)
                return


def _hrefs(part: Any) -> list[str]:
    """Return the addresses that a selected part holds: itself, its `href`, or those of the links in it."""
    if isinstance(part.root, str):
        return [part.root]
    own = part.root.get("href")
    return [own] if own else list(part.xpath(".//a/@href").getall())


def _context_of_all(url: str, context: Mapping[str, str]) -> dict[str, str]:
    """Return what is known of a page of all reviews; one at the top of a site may hold those of other products too."""
    parts = urlsplit(url)
    of_site = parts.path.strip("/").count("/") == 0 and not parts.query
    return {"all": "yes"} if of_site else {**context, "all": "yes"}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _fewer(url: str, shown: int, announced: int | None) -> Iterator[Reject]:
    """Yield the warning that reviews are not to be found."""
    if announced is not None:
        detail = (
            f"{url}: {shown} of {announced}, and no link to the rest was found; name it in all_reviews or next. "
            "Reviews that a script loads later are not read, and ratings without a text may be counted too"
        )
        yield Reject(reason="fewer reviews than announced", detail=detail)
