"""The reading: a mention on its way into the database, with what was read out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from crawlers.mention import Mention
from sentiment.score import Label, Score

Key = tuple[str, str]
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A mention and what was read out of it: its language, the brands it concerns (by id, with the matched
    spans of `Mention.whole_text`), and its score (None where it concerns no brand: those are not scored)."""

    mention: Mention
    language: str
    search_text: str
    brands: Mapping[int, Spans]
    score: Score | None

    @property
    def label(self) -> Label:
        """How the text feels; `unscored` where nobody scored it."""
        return self.score.label if self.score else "unscored"


def digest(item: Mention) -> str:
    """Return a short fingerprint of title, text and rating: it says whether anything changed.

    A rating counts by its value: "4/5" and "80 %" are the same. What has none has the fingerprint of its words alone.
    """
    said = f"{item.title or ''}\0{item.text}"
    if item.rating is not None:
        said += f"\0{item.rating:.4f}"
    return blake2b(said.encode(), digest_size=16).hexdigest()
