"""Making mentions of what pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from crawlers.cleaning import clean_text
from crawlers.connector import Tools
from crawlers.identity import content_id, external_id
from crawlers.mention import Author, Mention
from crawlers.web.found import Found

STARS: Final = 5
FIELDS: Final = ("text", "title", "author", "date", "rating", "product", "id")


def to_mention(
    found: Found,
    *,
    page: str,
    tools: Tools,
    language: str | None,
    now: datetime,
    hosts: Collection[str] = (),
) -> Mention:
    """Return the mention that a find on `page` (its URL) is; `hosts` are those of its source.

    A page names items of its own source only: one that claims another site's address must not rewrite its items.
    It is told by the site's own id, else by an address that is its alone, else by author, date and text: the date
    only where the page names one, as "2 hours ago" is another date at every reading. What it answers is named in the
    same way, so that the two agree.
    """
    host = host_of(found.url) if found.own_url and found.url else ""
    if host not in hosts:
        host = host_of(page)
    return Mention(
        platform=f"web:{host}",
        external_id=_identity(found),
        kind=tools.kind,
        text=found.text or _stars(found),
        title=found.title,
        published_at=found.published.instant(now) if found.published else now,
        collected_at=now,
        url=found.url or page,
        author=Author(handle=found.author, url=found.author_url) if found.author and found.author.strip() else None,
        language=found.language or language,
        rating=found.rating.value if found.rating else None,
        rating_given=found.rating.given if found.rating else None,
        reach=found.reach,
        engagement=found.engagement,
        parent=external_id(found.parent),
        product=found.product,
        place=found.place,
        region=found.region,
        undated=found.published is None,
    )


def _stars(found: Found) -> str:
    """Return what stands for a review without words: the stars that were given are all it says."""
    if found.title or found.rating is None:
        return ""
    stars = round(found.rating.value * STARS)
    return "★" * stars + "☆" * (STARS - stars)


def _identity(found: Found) -> str:
    own = external_id(found.id, found.url if found.own_url else None)
    if own is not None:
        return own
    when = found.published.since.isoformat() if found.published and not found.published.relative else None
    text = " ".join(clean_text(f"{found.title or ''}\n{found.text}").split())
    return content_id((found.author or "").strip(), when, text)


def count_fields(items: Iterable[Found]) -> Counter[str]:
    """Return in how many of `items` each of FIELDS was found."""
    counts: Counter[str] = Counter()
    for item in items:
        has = (item.text, item.title, item.author, item.published, item.rating, item.product, item.id)
        counts.update(name for name, value in zip(FIELDS, has, strict=True) if value)
    return counts


def host_of(url: str) -> str:
    """Return the host of `url` as `plain_host` gives it; empty for what is no URL."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return ""
    return plain_host(host or "")


def plain_host(host: str) -> str:
    """Return the host name as it is compared: as it is looked up (IDNA), without a final dot, without `www.`."""
    name = host.lower().rstrip(".")
    if not name.isascii():
        with suppress(UnicodeError):  # no name that could be looked up: it stands for nothing but itself
            name = name.encode("idna").decode()
    return name.removeprefix("www.")
