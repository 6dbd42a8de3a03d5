"""One entry of a feed, before anybody made a mention of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed, as its maker wrote it; `title` and `text` are HTML."""

    id: str | None
    link: str | None
    title: str
    text: str
    author: str | None
    published: datetime | None
    spoilt: bool = False  # holds characters that could not be decoded
