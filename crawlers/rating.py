"""The rating of a review: on any scale, as a share of the best there is, with what the page wrote kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crawlers.normal import normalise
from crawlers.ratings.naming import read_names
from crawlers.ratings.score import Score, scale_of
from crawlers.ratings.stars import read_stars, without_stars
from crawlers.ratings.wording import read_amount, read_fraction, read_percent

LONGEST: Final = 200  # what is longer holds more than a rating
KEPT: Final = 60
_HALF: Final = re.compile(r"(?<![\d.,])(\d{1,2})\ ?½")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """`value` runs from 0 to 1 and is the share of the best rating (4 of 5 is 0.8); `given` is what stood there."""

    value: float
    given: str

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError(f"a rating runs from 0 to 1, not {self.value}")


def read_rating(given: str, *, best: float | str | None = None, worst: float | str | None = None) -> Rating | None:
    """Return the rating that a page writes, in any of the ways known; None where that is none. Never raises.

    Read are figures and words in English, Russian, Ukrainian and Polish ("4,5", "4 из 5", "8/10", "85%", "5 gwiazdek",
    "Four"), rows of stars, names of classes ("star-rating Four", "stars_45", "s80") and widths ("width:80%").

    A scale in the text counts first, then `best`, which a page may name beside it; without either up to 5 is of 5, up
    to 10 of 10, up to 100 of 100. What lies outside its scale, `worst` included, is None. Where the worst is greater
    than the best (1 to 6) or below zero, the share is measured from worst to best; else it is the share of the best.

    An empty row of stars, in signs, as a width or as a class, says "not rated": None. So does a 0 without any scale;
    "0/10", and 0 where `best` is named, are 0.0. The text is kept with its spaces tidied, up to 60 characters.
    """
    plain = " ".join(given.split()) if len(given) <= LONGEST * 4 else ""
    if not plain or len(plain) > LONGEST:
        return None
    scale = scale_of(best, worst)
    score = _read(plain, scale.best)
    share = scale.share(score) if score else None
    return None if share is None else Rating(value=share, given=plain[:KEPT].rstrip())


def _read(plain: str, best: float | None) -> Score | None:
    plain = _HALF.sub(r"\1.5", plain)  # a figure and a half, not a star
    bare = normalise(without_stars(plain))
    return (
        read_fraction(bare)
        or read_percent(bare)
        or read_stars(plain)
        or read_amount(bare)
        or read_names(normalise(plain), best)
    )
