"""The comments under an article, each by itself: from JSON-LD, microdata, or the markup that most blogs share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from crawlers.cleaning import clean_text
from crawlers.reading.byline import clean_name
from crawlers.reading.declared import Declared
from crawlers.reading.permalink import permalink, without_comment_page
from crawlers.structured.node import Node, absolute
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.when import When

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Reading = Callable[[str], When | None]
MOST: Final = 2_000
_TRIED: Final = 4  # parts of one comment that may name its author, or its date


def _classes(*names: str) -> str:
    return " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in names)


_NUMBERED: Final = re.compile(r"(?:li-|div-)?(comment[-_]?\w*\d\w*|c\d+)", re.IGNORECASE)
_ITEMS: Final = (
    "//*[starts-with(@id, 'comment-') or starts-with(@id, 'li-comment-') or starts-with(@id, 'div-comment-')"
    " or starts-with(@id, 'comment_') or contains(@itemtype, 'schema.org/Comment')"
    " or contains(@itemtype, 'schema.org/UserComments') or "
    + _classes("comment", "comment-item", "comment__item", "comments-item", "comments__item", "comment-list__item")
    + "]"
)
_TEXTS: Final = (
    "@itemprop='text' or @itemprop='commentText'",
    _classes("comment-content", "comment-text", "comment__text", "comment__content", "comments__text", "commenttext"),
    _classes("wp-block-comment-content"),
    _classes("comment-message", "comment__message", "comment__body", "comment-body-text", "message", "text", "content"),
)
_AUTHORS: Final = (
    "@itemprop='name' and ancestor::*[@itemprop='author' or @itemprop='creator']",
    _classes("fn"),
    "self::cite",
    "@itemprop='author' or @itemprop='creator'",
    _classes("wp-block-comment-author-name"),
    _classes("comment-author", "comment__author", "comment-author-name", "author-name", "author", "username", "name"),
)
_DATES: Final = (
    "self::time",
    "@itemprop='dateCreated' or @itemprop='datePublished' or @itemprop='commentTime'",
    _classes("comment-date", "comment__date", "comment-time", "comment__time", "comment-metadata", "date", "time"),
    _classes("comment-meta", "commentmetadata"),
)
_ROLES: Final = {
    "text": _TEXTS,
    "author": _AUTHORS,
    "date": _DATES,
    "paragraph": ("self::p",),
    "link": ("self::a[contains(@href, '#')]",),
}


def read_comments(document: Document, declared: Declared, *, read: Reading) -> tuple[Found, ...]:
    """Return the comments on the page, in its order, at most MOST.

    `read` reads one date. A comment's `id` is its own address where the page gives one, the same on whichever page of
    comments it stands; `parent` is the `id` of the comment that it answers, else the article's address.
    """
    data = [found for _, found in zip(range(MOST), _declared(declared, read), strict=False)]
    shown = _Shown(document, declared.url, read).read()
    return tuple(data if len(data) > len(shown) else shown)


def _declared(declared: Declared, read: Reading) -> Iterator[Found]:
    yield from _answers(declared.article, declared.url, declared.url, read, set())


def _answers(node: Node, parent: str, page: str, read: Reading, before: set[int]) -> Iterator[Found]:
    for comment in node.nodes("comment"):
        text = comment.text("text", "description")
        if id(comment) in before or len(before) > MOST or not text:
            continue
        before.add(id(comment))
        url = absolute(page, comment.text("url")) or absolute(page, comment.id)
        address = without_comment_page(url) if url is not None else page
        own = address if address != page else None
        moment = comment.text("datecreated", "datepublished")
        yield Found(
            text=text,
            id=own,
            url=own or page,
            own_url=own is not None,
            author=clean_name(comment.text("author", "creator") or ""),
            author_url=next(_homes(comment, page), None),
            published=read(moment) if moment else None,
            parent=parent,
        )
        yield from _answers(comment, own or parent, page, read, before)


def _homes(comment: Node, page: str) -> Iterator[str]:
    for author in comment.nodes("author", "creator"):
        if (url := absolute(page, author.text("url"))) is not None:
            yield url


class _Shown:
    """The comments that a page shows. Whatever lies inside an inner comment belongs to that one alone."""

    def __init__(self, document: Document, page: str, read: Reading) -> None:
        self._page = page
        self._read_at = document.url
        self._read = read
        self._items: list[HtmlElement] = [node.root for node in document.selector.xpath(_ITEMS)[: 2 * MOST]]
        self._owners = _owners(document.selector.root, self._items) if self._items else {}
        self._parts = {role: self._sorted(document, places) for role, places in _ROLES.items()}
        self._addresses: dict[HtmlElement, str | None] = {item: self._address(item) for item in self._items}

    def read(self) -> list[Found]:
        """Return them; elements that hold no text of their own are wrappers, and left out."""
        comments = (self._comment(item) for item in self._items)
        return [found for found in comments if found is not None][:MOST]

    def _sorted(self, document: Document, places: tuple[str, ...]) -> dict[HtmlElement, list[HtmlElement]]:
        """Return the parts that play one role by the comment that they belong to, the surest places first."""
        found: dict[HtmlElement, list[HtmlElement]] = {}
        for place in places if self._items else ():
            for node in document.selector.xpath(f"//*[{place}]"):
                if (owner := self._owners.get(node.root)) is not None:
                    found.setdefault(owner, []).append(node.root)
        return found

    def _comment(self, item: HtmlElement) -> Found | None:
        text = self._text(item)
        if not clean_text(text):
            return None
        url = self._addresses[item]
        author, home = self._author(item)
        dates = (self._date(node) for node in self._parts["date"].get(item, ())[:_TRIED])
        return Found(
            text=text,
            id=url,
            url=url or self._page,
            own_url=url is not None,
            author=author,
            author_url=home,
            published=next(filter(None, dates), None),
            parent=self._parent(item),
        )

    def _author(self, item: HtmlElement) -> tuple[str | None, str | None]:
        """Return who wrote it, and where the name leads to."""
        for node in self._parts["author"].get(item, ())[:_TRIED]:
            if (name := clean_name(_plain(node))) is not None:
                links = node.xpath("descendant-or-self::a[@href] | parent::a[@href]")
                homes = (self._home(link.get("href")) for link in links)
                return name, next(filter(None, homes), None)
        return None, None

    def _home(self, address: str) -> str | None:
        """Return the address as a link; None where it leads to this very page, as a comment's own does."""
        url = absolute(self._read_at, address)
        return url if url is not None and permalink(url) not in {self._page, permalink(self._read_at)} else None

    def _text(self, item: HtmlElement) -> str:
        """Return the text's markup, else that of the comment's paragraphs."""
        whole = self._parts["text"].get(item, ())[:1]
        return "\n".join(_markup(node) for node in whole or self._parts["paragraph"].get(item, ()))

    def _date(self, node: HtmlElement) -> When | None:
        given = (node.get("datetime") or node.get("content") or "").strip()
        return (self._read(given) if given else None) or self._read(_plain(node))

    def _address(self, item: HtmlElement) -> str | None:
        """Return the comment's own address: the article's with the comment's anchor."""
        links = (_linked(node.get("href")) for node in self._parts["link"].get(item, ()))
        anchor = _anchor(item.get("id")) or next(filter(None, links), None)
        return f"{self._page}#{anchor}" if anchor else None

    def _parent(self, item: HtmlElement) -> str:
        """Return the address of the nearest comment around this one that is another one, else of the article."""
        outer = self._owners.get(item)
        while outer is not None:
            address = self._addresses[outer]
            if address and address != self._addresses[item]:
                return address
            outer = self._owners.get(outer)
        return self._page


def _owners(root: HtmlElement, items: list[HtmlElement]) -> dict[HtmlElement, HtmlElement]:
    """Return the nearest item around each element that is inside one."""
    among = frozenset(items)
    found: dict[HtmlElement, HtmlElement] = {}
    for node in root.iter():
        parent = node.getparent()
        owner = parent if parent in among else found.get(parent)
        if owner is not None:
            found[node] = owner
    return found


def _anchor(name: str | None) -> str | None:
    found = _NUMBERED.fullmatch(name or "")
    return found[1] if found else None


def _linked(address: str | None) -> str | None:
    return _anchor((address or "").rpartition("#")[2]) if "#" in (address or "") else None


def _plain(node: HtmlElement) -> str:
    return " ".join("".join(node.itertext()).split())


def _markup(node: HtmlElement) -> str:
    from lxml.html import tostring

    return str(tostring(node, encoding="unicode", with_tail=False))
