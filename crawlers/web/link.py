"""The link: a page to be read, and what the page that leads to it says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["index", "listing", "item"]
"""What a page is for.

`index` leads to other pages (a start page, a sitemap, a feed, a category, a forum): read at every visit.
`listing` holds items (the reviews of a product, a thread): read at every visit, or when its stamp differs.
`item` holds one item, with its replies perhaps: read once, and again when its stamp differs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page to be read: its absolute http(s) URL without a fragment.

    `stamp` is what the linking page says of its state (its last change, its number of replies): while that stays the
    same there is nothing new to read. `context` is what the linking page knows of it (`product`, `place`, `title`,
    `parent`) and is handed to whoever reads it.
    """

    url: str
    role: Role
    stamp: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
