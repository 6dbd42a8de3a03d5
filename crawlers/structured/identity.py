"""What a site calls a review: the ids and addresses that are its own, told from those that are not.

Ids on review pages are often wrong: the product's number, the same one for all, or the review's place in the list,
which names another review as soon as a new one is written. Those are not believed: author, date and text tell better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urldefrag, urlsplit

from crawlers.structured.node import Node, absolute

_PLACE: Final = re.compile(r"[^\W\d_]*(?:[-_./#][^\W\d_]*)*[-_./#]?\d{0,3}")
"""A word and a small number: `review-2`, the second of the list."""
_WORDPRESS: Final = re.compile(r"(?:li-|div-)?(comment-\d+)")
_WORD: Final = re.compile(
    r"review|comment|opini|rating|recenz|otz[yi]v|vidgu[kc]|vidhuk|komentar|feedback|testimonial", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"(?:^|[&_])(?:review|comment|opini|otz[yi]v)\w{0,20}=\w*\d", re.IGNORECASE)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """`id` is unique on its host; `url` leads to the item; `own_url` says that it leads to nothing else."""

    id: str | None = None
    url: str | None = None
    own_url: bool = False


def read_name(node: Node, page: str, others: frozenset[str]) -> Name:
    """Return what the site calls an item on `page`; `others` are names of what it is about."""
    address = absolute(page, node.text("url"))
    own = next((found for name in _given(node) if (found := _believed(name, page, others))), None)
    is_own = address is not None and _is_own(address, page, others)
    return Name(id=own, url=address if is_own else None, own_url=is_own)


def _given(node: Node) -> Iterator[str]:
    yield from node.texts("identifier", "reviewid", "commentid")
    if node.id is not None and not node.id.startswith("_:"):
        yield node.id
    if (url := node.text("url")) is not None:
        yield url
    if node.element is not None:
        for name in ("data-review-id", "data-comment-id", "data-id"):
            yield node.element.get(name) or ""
        own = node.element.get("id") or ""
        if _WORD.search(own):  # others are made by scripts, anew for every visitor
            yield own


def _believed(name: str, page: str, others: frozenset[str]) -> str | None:
    """Return the part of a name that tells this item from all others of its host; None where nothing does."""
    if name in others or not name:
        return None
    if "#" in name:
        return _telling(name.partition("#")[2])
    if "/" not in name:
        return _telling(name)
    address = absolute(page, name)
    return address if address is not None and _is_own(address, page, others) else None


def _telling(name: str) -> str | None:
    if (found := _WORDPRESS.fullmatch(name)) is not None:
        return found[1]
    tells = len(name) <= _LONGEST and name.isprintable() and any(sign.isdigit() for sign in name)
    return name if tells and not _PLACE.fullmatch(name) else None


def _is_own(address: str, page: str, others: frozenset[str]) -> bool:
    """Whether an address is that of a single review: not that of the page or the product, and it looks like one."""
    bare, fragment = urldefrag(address)
    if fragment and _telling(fragment) is not None:
        return True
    if bare == urldefrag(page).url or bare in {urldefrag(other).url for other in others}:
        return False
    parts = urlsplit(bare)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return bool(_NUMBERED.search(parts.query) or (_WORD.search(parts.path) and re.search(r"\d", last)))
