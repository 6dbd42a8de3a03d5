"""Cleaning: the first step after collecting. What is stored is plain text without hidden signs, or a reason why not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from crawlers.connector import Reject
from crawlers.markup import strip_markup
from crawlers.mention import Author, Engagement, Mention

MAX_TEXT: Final = 100_000
MAX_TITLE: Final = 1_000
MAX_NAME: Final = 200
MAX_URL: Final = 2_000
MAX_PLATFORM: Final = 200
MAX_ID: Final = 500
MAX_COUNT: Final = 2**63 - 1
NO_COUNTS: Final = Engagement()
_UNSTORABLE: Final = re.compile("[\ud800-\udfff]")
# Markup may be longer than what it says; beyond this the rest is cut before it is read.
MAX_RAW: Final = 10 * MAX_TEXT
CLOCK_TOLERANCE: Final = timedelta(minutes=5)

# Controls, lone surrogates, soft hyphens, zero-width signs and direction overrides. A zero-width joiner is kept
# after an emoji, where it makes a family of one, and a non-joiner between letters of scripts that write with it.
HARMFUL: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0001\ud800-\udfff]"
    "|(?<![\u203c-\u3299\ufe0f\U0001f000-\U0001faff])\u200d(?![\u0900-\u0dff])|(?<![\u0600-\u0dff])\u200c"
)
BREAKS: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
GAPS: Final = re.compile(r"[^\S\n]+")
LINE_ENDS: Final = re.compile(" ?\n ?")
EMPTY_LINES: Final = re.compile("\n{3,}")
UNTIDY_ASCII: Final = re.compile(r"[^\n -~]|  | \n|\n |\n{3}")


def clean(mention: Mention, now: datetime) -> Mention | Reject:
    """Return the mention as it is stored, or Reject "empty text" or "unusable id".

    Text and title become plain and tidy (at most 100,000 and 1,000 characters); a date more than five minutes
    ahead of `now` becomes the time of collection, with `undated` set; a link that is not http or https is dropped.
    """
    if not _is_storable(mention.platform, MAX_PLATFORM) or not _is_storable(mention.external_id, MAX_ID):
        detail = f"an id has at most {MAX_ID} characters and no control signs"
        return Reject(reason="unusable id", detail=detail, external_id=clean_line(mention.external_id, MAX_NAME))
    text = clean_text(mention.text)
    title = clean_line(mention.title or "", MAX_TITLE) or None
    if not text and not title:
        return Reject(reason="empty text", external_id=mention.external_id)
    undated = mention.undated or mention.published_at > now + CLOCK_TOLERANCE
    return replace(
        mention,
        text=text,
        title=title,
        url=web_address(mention.url),
        author=clean_author(mention.author),
        parent=mention.parent if mention.parent and _is_storable(mention.parent, MAX_ID) else None,
        reach=_storable_count(mention.reach),
        engagement=clean_counts(mention.engagement),
        product=clean_line(mention.product or "", MAX_NAME) or None,
        place=clean_line(mention.place or "", MAX_NAME) or None,
        region=clean_line(mention.region or "", MAX_NAME) or None,
        undated=undated,
        published_at=mention.collected_at if undated else mention.published_at,
    )


def clean_counts(counts: Engagement) -> Engagement:
    """Return the counts; None instead of what is no count (negative, or beyond what a database holds)."""
    if counts == NO_COUNTS:
        return counts
    return Engagement(
        likes=_storable_count(counts.likes),
        shares=_storable_count(counts.shares),
        replies=_storable_count(counts.replies),
    )


def _storable_count(n: int | None) -> int | None:
    return n if n is not None and 0 <= n <= MAX_COUNT else None


def _is_storable(name: str, limit: int) -> bool:
    """Whether a database holds `name` as it is: not too long, without NUL and lone surrogates."""
    return len(name) <= limit and (name.isascii() or _UNSTORABLE.search(name) is None) and "\0" not in name


def clean_text(raw: str, limit: int = MAX_TEXT) -> str:
    """Return `raw` without markup and harmful signs, its spaces and empty lines tidied, cut to `limit` characters."""
    if not raw:
        return ""
    text = strip_markup(raw[:MAX_RAW])
    if not text.isascii() or UNTIDY_ASCII.search(text):
        text = BREAKS.sub("\n", text)
        text = HARMFUL.sub("", text)
        text = EMPTY_LINES.sub("\n\n", LINE_ENDS.sub("\n", GAPS.sub(" ", text)))
    return text.strip()[:limit].rstrip()


def clean_line(raw: str, limit: int) -> str:
    """Return `raw` as one plain line of at most `limit` characters."""
    return " ".join(clean_text(raw, limit).split()) if raw else ""


def clean_author(author: Author | None) -> Author | None:
    """Return the author with plain names and a web address; None where nothing is left of the handle."""
    if author is None:
        return None
    handle = clean_line(author.handle, MAX_NAME)
    if not handle:
        return None
    return replace(
        author, handle=handle, name=clean_line(author.name or "", MAX_NAME) or None, url=web_address(author.url)
    )


def web_address(url: str | None) -> str | None:
    """Return `url` if it is an http or https address that may be shown as a link, else None."""
    if not url:
        return None
    text = (url if url.isascii() and url.isprintable() else HARMFUL.sub("", url)).strip()
    if len(text) > MAX_URL or len(text.split()) != 1:  # nothing, or something with a space in it
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.hostname else None
