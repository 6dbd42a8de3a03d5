"""Permalinks: the one address of a page that is reached by several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from crawlers.cleaning import web_address
from crawlers.web.document import Document

if TYPE_CHECKING:
    from tldextract import TLDExtract

TRACKING: Final = re.compile(
    r"utm_\w+|[gdfytw]clid|fbclid|twclid|msclkid|gbraid|wbraid|igshid|mc_[ce]id|_openstat|ysclid|_gl|_ga|_hs\w+"
    r"|cmpid|ocid|ncid|fb_\w+|wt\.\w+",
    re.IGNORECASE,
)
"""Parameters that say where a visitor came from: without them the page is the same."""

_COMMENT_PAGE: Final = re.compile(r"/comment-page-([1-9]\d{0,5})(?=/?$)")
_CPAGE: Final = re.compile(r"[1-9]\d{0,5}")
_FACE: Final = re.compile(r"^(?:www|m|mobile|amp)\.")


def permalink(url: str) -> str:
    """Return `url` without its fragment and without tracking parameters."""
    from w3lib.url import url_query_cleaner

    bare = urldefrag(url).url
    tracking = {name for name, _ in parse_qsl(urlsplit(bare).query, keep_blank_values=True) if TRACKING.fullmatch(name)}
    return url_query_cleaner(bare, sorted(tracking), remove=True, unique=False) if tracking else bare


def comment_page(url: str) -> int | None:
    """Return which of an article's pages of comments `url` is; None where it is no such page."""
    parts = urlsplit(url)
    in_path = _COMMENT_PAGE.search(parts.path)
    in_query = [value for name, value in parse_qsl(parts.query) if name == "cpage" and _CPAGE.fullmatch(value)]
    number = in_path[1] if in_path else next(iter(in_query), None)
    return int(number) if number else None


def without_comment_page(url: str) -> str:
    """Return `url` without what says on which of an article's pages of comments something stands.

    That is `/comment-page-3/` at the end of the path, or the parameter `cpage`: comments move from one such page to
    another, while the article and the fragment (`#comment-278`) stay the same.
    """
    from w3lib.url import url_query_cleaner

    if comment_page(url) is None:
        return url
    parts = urlsplit(url)
    bare = parts._replace(path=_COMMENT_PAGE.sub("", parts.path) or "/").geturl()
    return url_query_cleaner(bare, ["cpage"], remove=True, unique=False, keep_fragments=True)


def canonical(document: Document) -> str:
    """Return the address that the page itself calls its own, else the one it was read at.

    It has no tracking parameters, and is the article's on each of its pages of comments. The page is believed only
    about the same site, and not where it names the home page: some sites do that on every page.
    """
    for named in _named(document):
        url = web_address(joined(document.url, named))
        article = without_comment_page(permalink(url)) if url is not None else ""
        if article and same_site(article, document.url) and not _is_home(article):
            return article
    return without_comment_page(permalink(document.url))


def _named(document: Document) -> Iterator[str]:
    yield from document.selector.xpath("//link[@rel='canonical']/@href").getall()
    yield from document.selector.xpath("//meta[@property='og:url']/@content").getall()


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def joined(base: str, address: str) -> str | None:
    """Return `address` as seen from the page `base`; None for what is no address."""
    try:
        return urljoin(base, address.strip()) or None
    except ValueError:
        return None


def same_site(one: str, other: str) -> bool:
    """Whether both URLs lie under one registered name: `m.shop.example.com` and `example.com`, not two blogs of a
    hosting service."""
    return _site(one) == _site(other)


def _site(url: str) -> str:
    host = (urlsplit(url).hostname or "").lower()
    return _suffixes().extract_str(host).top_domain_under_public_suffix or _FACE.sub("", host)


@cache
def _suffixes() -> TLDExtract:
    """The public suffixes as the library brings them: nothing is fetched, nothing is written."""
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
