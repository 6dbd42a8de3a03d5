"""Streams: the invented places where people speak about the invented shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from config.settings import SourceKind

Genre = Literal["praise", "complaint", "question", "neutral", "advert", "sarcasm", "relief", "crisis", "own", "repost"]
Shape = Literal["post", "thread", "review", "rating", "article", "essay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One place. `per_day` mentions come on an ordinary day; `surge` and `trickle` are this stream's shares of
    the crisis and of what comes after the start; `authors` is how many people write there in each language."""

    name: str
    kind: SourceKind
    shape: Shape
    host: str
    per_day: float
    surge: float
    trickle: float
    authors: int
    languages: Mapping[str, float]
    genres: Mapping[Genre, float]
    bound: bool = False


REVIEWS: Final = Stream(
    name="reviews",
    kind="review",
    shape="review",
    host="reviews.example",
    per_day=19,
    surge=0.17,
    trickle=0.2,
    authors=900,
    languages={"en": 0.32, "ru": 0.18, "uk": 0.24, "pl": 0.26},
    genres={"praise": 0.54, "complaint": 0.3, "neutral": 0.11, "sarcasm": 0.05},
    bound=True,
)
FORUM: Final = Stream(
    name="forum",
    kind="forum",
    shape="thread",
    host="forum.example",
    per_day=15,
    surge=0.15,
    trickle=0.15,
    authors=220,
    languages={"en": 0.34, "ru": 0.24, "uk": 0.23, "pl": 0.19},
    genres={"question": 0.36, "neutral": 0.2, "complaint": 0.18, "praise": 0.18, "sarcasm": 0.05, "advert": 0.03},
)
SOCIAL: Final = Stream(
    name="social",
    kind="social",
    shape="post",
    host="social.example",
    per_day=36,
    surge=0.46,
    trickle=0.3,
    authors=1_600,
    languages={"en": 0.35, "ru": 0.2, "uk": 0.25, "pl": 0.2},
    genres={
        "praise": 0.24,
        "complaint": 0.17,
        "question": 0.15,
        "neutral": 0.16,
        "advert": 0.09,
        "sarcasm": 0.07,
        "repost": 0.09,
        "own": 0.03,
    },
)
NEWS: Final = Stream(
    name="news",
    kind="news",
    shape="article",
    host="news.example",
    per_day=4,
    surge=0.06,
    trickle=0.05,
    authors=8,
    languages={"en": 0.42, "ru": 0.17, "uk": 0.21, "pl": 0.2},
    genres={"neutral": 0.8, "repost": 0.2},
)
STORE: Final = Stream(
    name="store",
    kind="store",
    shape="rating",
    host="apps.example",
    per_day=17,
    surge=0.13,
    trickle=0.2,
    authors=900,
    languages={"en": 0.36, "ru": 0.21, "uk": 0.24, "pl": 0.19},
    genres={"praise": 0.58, "complaint": 0.42},
    bound=True,
)
BLOG: Final = Stream(
    name="blog",
    kind="blog",
    shape="essay",
    host="blogs.example",
    per_day=4,
    surge=0.03,
    trickle=0.1,
    authors=12,
    languages={"en": 0.44, "ru": 0.18, "uk": 0.2, "pl": 0.18},
    genres={"praise": 0.6, "neutral": 0.2, "complaint": 0.2},
)

STREAMS: Final = {stream.name: stream for stream in (REVIEWS, FORUM, SOCIAL, NEWS, STORE, BLOG)}

TOPICS: Final[Mapping[Shape, Mapping[str, float]]] = {
    "rating": {"app": 0.8, "payment": 0.12, "support": 0.08},
    "review": {"delivery": 3, "courier": 1.5, "payment": 0.7, "returns": 1, "price": 2, "quality": 3.5, "support": 1.3},
}
"""Which topics a shape prefers; the others speak of everything alike."""
