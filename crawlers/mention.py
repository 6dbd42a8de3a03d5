"""The mention: one thing that somebody published, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from config.instant import require_utc
from config.settings import SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who published a mention, as their platform knows them."""

    handle: str
    name: str | None = None
    url: str | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """How people reacted; None where the platform does not say."""

    likes: int | None = None
    shares: int | None = None
    replies: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One published text.

    `platform` names the platform instance (`reddit`, `mastodon:<host>`, `web:<host>`, `file:<name>`);
    together with `external_id` it is the identity. `rating` runs from 0 (worst) to 1 (best), `rating_given` is what
    the platform wrote. `reach` is the platform's own count of people or views. `undated` says that the date was
    missing or in the future, so that `published_at` is the time of collection.
    """

    platform: str
    external_id: str
    kind: SourceKind
    text: str
    published_at: datetime
    collected_at: datetime
    url: str | None = None
    title: str | None = None
    author: Author | None = None
    language: str | None = None
    rating: float | None = None
    rating_given: str | None = None
    reach: int | None = None
    engagement: Engagement = field(default_factory=Engagement)
    parent: str | None = None
    product: str | None = None
    place: str | None = None
    region: str | None = None
    undated: bool = False

    def __post_init__(self) -> None:
        require_utc(self.published_at, "published_at")
        require_utc(self.collected_at, "collected_at")
        if not self.platform or not self.external_id:
            raise ValueError("a mention needs a platform and an external_id")
        if self.rating is not None and not 0 <= self.rating <= 1:
            raise ValueError(f"rating runs from 0 to 1, not {self.rating}")

    @property
    def key(self) -> tuple[str, str]:
        """The identity: (platform instance, external id)."""
        return (self.platform, self.external_id)

    @property
    def whole_text(self) -> str:
        """Title and text, as one string."""
        return f"{self.title}\n{self.text}" if self.title else self.text
