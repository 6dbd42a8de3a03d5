"""Onward: the links on a page of reviews that lead to more of them, found without being told where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from crawlers.cleaning import web_address
from crawlers.web.document import Document

_NEXT: Final = re.compile(
    r"(?:(?:go to )?(?:the )?next(?: page| \d+)?|older(?: reviews| comments)?"
    r"|(?:на )?следующ(?:ая|ую)(?: страниц[ау])?|далее|дальше|вперед|вперёд"
    r"|(?:на )?наступн(?:а|у)(?: сторінк[ау])?|далі|уперед"
    r"|nast[eę]pn(?:a|e|y)(?: stron[ay])?|dalej)[\s\u00a0›»→>]{0,5}",
    re.IGNORECASE,
)
_SIGN: Final = re.compile(r"[›»→>]")
_ALL: Final = re.compile(
    r"(?:(?:see|view|read|show|browse)\s(?:the\s)?(?:all|more|other)|all|more)\s(?:of\sthe\s)?(?:\(?\d[\d\s.,\u00a0]*\)?\s)?"
    r"(?:customer\s|user\s|guest\s|product\s|verified\s)?(?:reviews?|ratings and reviews|opinions)\b"
    r"|(?:все|остальные|ещ[её]|больше)\s(?:\d[\d\s\u00a0]*\s)?(?:отзыв|рецензи)"
    r"|(?:(?:в|у)сі|решта|інші|більше)\s(?:\d[\d\s\u00a0]*\s)?(?:відгук|рецензі)"
    r"|(?:wszystkie|pozostałe|więcej)\s(?:\d[\d\s\u00a0]*\s)?(?:opini|recenzj)",
    re.IGNORECASE,
)
_WRITE: Final = re.compile(
    r"\b(?:write|leave|add|submit|rate|sign in|log in)\b|напис|остав|добав|залиш|додай|додати|dodaj|napisz|wystaw|oceń",
    re.IGNORECASE,
)
_WRITING: Final = re.compile(
    r"(?:^|[/_=-])(?:add|new|write|create|edit|submit|login|signin|report|vote)(?:[/_.?&-]|$)|addreview|writereview",
    re.IGNORECASE,
)
_REVIEWS: Final = re.compile(r"reviews?|opinie|recenzje|otz[yi]v[yi]?|v[iy]dgu[kh]y|vidhuky|comments", re.IGNORECASE)
_SLIDERS: Final = re.compile(r"slick|swiper|carousel|slider|owl-|gallery|lightbox|disabled", re.IGNORECASE)
_DISABLED: Final = re.compile(r"disabled", re.IGNORECASE)
MOST: Final = 20_000
_MOST_PARTS: Final = 50
_PAGER: Final = re.compile(r"pag(?:ing|er|inat|es|enav)|page-?nav", re.IGNORECASE)
_CLASS: Final = re.compile(r"(?:^|[\s_-])next(?:$|[\s_-](?:page|link)?)", re.IGNORECASE)
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link on a page: its address as it is written, what people and screen readers are told of it (`words`), its
    attributes, and those of the element `around` it."""

    page: str
    base: str
    href: str
    words: tuple[str, ...]
    rel: str
    classes: str
    around: str

    @property
    def url(self) -> str | None:
        """Its absolute address without a fragment; None for the page itself and for what is not http or https."""
        url = resolved(self.base, self.href)
        return None if url == urldefrag(self.page).url else url


def anchors(document: Document) -> tuple[Anchor, ...]:
    """Return a page's links in its order, `<link rel=…>` too, at most MOST."""
    base = base_of(document)
    elements = (each for each in document.selector.root.iter("a", "link") if each.get("href"))
    return tuple(_read(each, base, document.url) for each in islice(elements, MOST))


def base_of(document: Document) -> str:
    """Return the address that the page's links are relative to."""
    declared = document.selector.xpath("//base/@href").get()
    return resolved(document.url, declared) or document.url


def resolved(base: str, href: str | None) -> str | None:
    """Return an address as seen from `base`, without its fragment; None for what no http client can ask for."""
    if not href:
        return None
    try:
        return web_address(urldefrag(urljoin(base, href.strip())).url)
    except ValueError:
        return None


def _read(element: Any, base: str, page: str) -> Anchor:
    label = (element.get("aria-label") or element.get("title") or "").strip()[:_LONGEST]
    parent = element.getparent()
    return Anchor(
        page=page,
        base=base,
        href=element.get("href"),
        words=tuple(filter(None, (_text(element), label))),
        rel=(element.get("rel") or "").lower(),
        classes=element.get("class") or "",
        around="" if parent is None else f"{parent.get('class') or ''} {parent.get('id') or ''}",
    )


def _text(element: Any) -> str:
    parts = [part[: 4 * _LONGEST] for part in islice(element.itertext(), _MOST_PARTS)]
    return " ".join("".join(parts).split())[: 2 * _LONGEST]


def find_next(found: Sequence[Anchor], page: str) -> str | None:
    """Return the next page of the list that `page` is a part of; None on its last one."""
    for is_next in (_is_declared, _is_called, _is_classed, _is_sign):
        for each in found:
            if is_next(each) and not _is_barred(each) and (url := each.url) and is_same_list(page, url):
                return url
    return None


def _is_barred(anchor: Anchor) -> bool:
    """Whether it turns the pages of something else, or none: there is no further one."""
    return bool(_SLIDERS.search(anchor.classes) or _DISABLED.search(anchor.around))


def _is_declared(anchor: Anchor) -> bool:
    return "next" in anchor.rel.split()


def _is_called(anchor: Anchor) -> bool:
    return any(map(_NEXT.fullmatch, anchor.words))


def _is_classed(anchor: Anchor) -> bool:
    return bool(_CLASS.search(anchor.classes) or (_CLASS.search(anchor.around) and not _SLIDERS.search(anchor.around)))


def _is_sign(anchor: Anchor) -> bool:
    return bool(any(map(_SIGN.fullmatch, anchor.words)) and _PAGER.search(f"{anchor.classes} {anchor.around}"))


def is_same_list(page: str, other: str) -> bool:
    """Whether two addresses may be pages of one list: one path lies under the other, or they differ in numbers only."""
    try:
        one, two = urlsplit(page), urlsplit(other)
    except ValueError:
        return False
    if one.hostname != two.hostname:
        return False
    ours, theirs = (re.sub(r"\d+", "0", _trunk(parts.path)) for parts in (one, two))
    return ours == theirs or _is_under(ours, theirs) or _is_under(theirs, ours)


def _trunk(path: str) -> str:
    return re.sub(r"\.(?:html?|php|aspx?)$", "", path.rstrip("/"))


def _is_under(outer: str, inner: str) -> bool:
    return len(outer) > 1 and inner.startswith(outer) and inner[len(outer)] in "/-_."


def find_all_reviews(found: Sequence[Anchor], page: str) -> str | None:
    """Return where all reviews of what `page` shows are; None where no link says so, or they are on it.

    First come links that say it in words, then `rel=reviews`, then addresses with such a word under the page's own.
    """
    if _REVIEWS.search(urlsplit(page).path):
        return None
    for is_it in (_says_all, _is_rel, _is_under_page):
        for each in found:
            if is_it(each) and not _is_for_writing(each) and (url := each.url) and _is_same_host(page, url):
                return url
    return None


def _is_under_page(anchor: Anchor) -> bool:
    if _REVIEWS.search(anchor.href) is None:
        return False
    url = anchor.url
    return url is not None and is_reviews_of(anchor.page, url)


def _is_same_host(page: str, url: str) -> bool:
    return urlsplit(page).hostname == urlsplit(url).hostname


def _is_for_writing(anchor: Anchor) -> bool:
    parts = urlsplit(anchor.url or "")
    return any(map(_WRITE.search, anchor.words)) or bool(_WRITING.search(f"{parts.path}?{parts.query}"))


def _says_all(anchor: Anchor) -> bool:
    return any(map(_ALL.search, anchor.words))


def _is_rel(anchor: Anchor) -> bool:
    return "reviews" in anchor.rel.split()


def is_reviews_of(page: str, other: str) -> bool:
    """Whether `other` is the page of reviews of what `page` shows: its address is the page's and a word for reviews,
    or holds such a word and the page's own last part."""
    one, two = urlsplit(page), urlsplit(other)
    ours, theirs = _trunk(one.path), _trunk(two.path)
    added = theirs.removeprefix(ours) if ours and theirs.startswith(ours) else ""
    if ours == theirs:
        return bool(_REVIEWS.search(two.query))
    if added:
        return bool(_REVIEWS.search(added)) and added[0] in "/-_"
    last = ours.rpartition("/")[2]
    return len(last) > 3 and f"/{last}" in theirs and bool(_REVIEWS.search(theirs))  # noqa: PLR2004 - no "p" or "dp"
