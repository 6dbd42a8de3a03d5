"""The find: one item as a page shows it, before it is made a mention."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawlers.mention import Engagement
from crawlers.rating import Rating
from crawlers.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One review, post, comment or article. Texts may still hold markup: they are cleaned later.

    `id` is the site's own name for it, unique on its host; without one the item is told by `url` where `own_url` says
    that this address is the item's alone, else by author, date and text. `url` is absolute. `parent` is the `id` of
    what it answers.
    """

    text: str
    id: str | None = None
    url: str | None = None
    own_url: bool = False
    title: str | None = None
    author: str | None = None
    author_url: str | None = None
    published: When | None = None
    rating: Rating | None = None
    product: str | None = None
    place: str | None = None
    region: str | None = None
    language: str | None = None
    parent: str | None = None
    reach: int | None = None
    engagement: Engagement = field(default_factory=Engagement)
