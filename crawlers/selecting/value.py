"""Values: what a found part of a page says, as an option needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote_plus, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from crawlers.cleaning import web_address
from crawlers.markup import strip_markup
from crawlers.selecting.recipe import Counter

if TYPE_CHECKING:
    from parsel import Selector as Node

Reading: TypeAlias = "Callable[[Node], str]"
"""How a found part becomes a text; empty where it says nothing."""

_FACTORS: Final = {
    "k": 1_000,
    "т": 1_000,
    "тыс": 1_000,
    "тис": 1_000,
    "tys": 1_000,
    "m": 1_000_000,
    "mln": 1_000_000,
    "млн": 1_000_000,
}
# Whole part, groups of three, a decimal part, a unit: 1 234; 1,234; 1.2K; 3,5 тыс.
_COUNT: Final = re.compile(r"(\d{1,12})((?:[ \u00a0\u202f.,']\d{3}(?!\d)){0,4})(?:[.,](\d{1,2})(?!\d))?\s*([^\W\d_]*)")
_PAGE_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_MOST: Final = 2**53


def plain(node: Node) -> str:
    """Return an element's text in one line, or the value itself."""
    if _is_value(node):
        return _written(node.root)
    return " ".join(strip_markup(inner(node)).split())


def markup(node: Node) -> str:
    """Return what an element holds as HTML; of a text on a page the same, written so that it reads as it stands.

    A text in JSON may be either: it is returned as it is.
    """
    if node.type == "html" and isinstance(node.root, str):
        return escape(node.root, quote=False)
    return _written(node.root) if _is_value(node) else inner(node)


def address(node: Node) -> str:
    """Return an element's `href` (else that of the first link in it), or the value itself."""
    if _is_value(node):
        return _written(node.root).strip()
    return (node.xpath("@href | @data-href").get() or node.xpath(".//a/@href").get() or "").strip()


def moment(node: Node) -> str:
    """Return an element's date: what machines are told (`datetime`, `content`), else its text."""
    if not _is_value(node):
        told = node.xpath("@datetime | @content").get() or node.xpath(".//time/@datetime").get()
        if told and told.strip():
            return told.strip()
    return plain(node)


def inner(node: Node) -> str:
    """Return an element's content as HTML."""
    return "".join(
        escape(each.root, quote=False) if isinstance(each.root, str) else each.get() for each in node.xpath("node()")
    )


def is_element(node: Node) -> bool:
    """Whether a found part is an element of a page, not a text, an attribute or a value."""
    return hasattr(node.root, "getparent")


def _is_value(node: Node) -> bool:
    return not is_element(node)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _MOST else repr(value)
    return str(value) if isinstance(value, str | int) else ""


def read_count(text: str) -> int | None:
    """Return the number of people say "1,234", "1 234", "1.2K" or "3 тыс." for; None without one."""
    found = _COUNT.search(text)
    if found is None:
        return None
    whole, groups, share, unit = found.groups()
    digits = re.sub(r"\D", "", whole + groups)
    return (
        round(float(f"{digits}.{share or 0}") * _FACTORS[unit.casefold()])
        if unit.casefold() in _FACTORS
        else int(digits)
    )


def absolute(base: str, href: str, *, without: Iterable[str] = ()) -> str | None:
    """Return `href` as an absolute http(s) address without the parameters `without`; None where it leads to no page.

    Its fragment is kept.
    """
    if href in ("", "#"):
        return None
    try:
        url = web_address(urljoin(base, href.strip()))
    except ValueError:
        return None
    parts = urlsplit(url or "")
    if url is None or not without or not parts.query:
        return url
    dropped = frozenset(without)
    kept = [pair for pair in parts.query.split("&") if pair.partition("=")[0] not in dropped]
    return urlunsplit(parts._replace(query="&".join(kept)))


def page_address(base: str, href: str, *, without: Iterable[str] = ()) -> str | None:
    """Return the address of the page that `href` leads to, as `absolute` does, without a fragment."""
    url = None if href.startswith("#") else absolute(base, href, without=without)
    return urldefrag(url).url if url else None


def turned(url: str, counter: Counter) -> str:
    """Return `url` with the next value of the query parameter that counts pages; the others stay as they are written.

    Older sites write them in an encoding of their own, which would be lost if they were read.
    """
    parts = urlsplit(url)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    now = next((value for name, _, value in pairs if unquote_plus(name) == counter.name), "")
    value = int(now) + counter.step if _PAGE_NUMBER.fullmatch(now) else counter.second
    kept = ["".join(pair) for pair in pairs if unquote_plus(pair[0]) != counter.name]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode({counter.name: value})])))
