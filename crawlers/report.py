"""What a crawl came to, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures of one visit to a web source.

    `pages` were received, of which `unchanged` had not changed since the last visit (304); `failed` could not be read.
    `bytes` are as received. `items` were shown by the pages that were parsed, and `fields` says in how many of them
    each field was found (`text`, `author`, `date`, `rating`, ...).
    """

    pages: int = 0
    unchanged: int = 0
    failed: int = 0
    bytes: int = 0
    items: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
