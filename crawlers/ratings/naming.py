"""Ratings in the names of classes: "star-rating Four", "stars_45", "icon-star-4-5", "s80"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from crawlers.ratings.score import UNRATED, Score
from crawlers.ratings.wording import NUMBERS

NAME: Final = re.compile(r"[a-z_][\w.:-]*")
PARTS: Final = re.compile(r"[a-z]+|[0-9]+")
STEMS: Final = frozenset(
    ["star", "stars", "rating", "rate", "rated", "score", "bubble", "bubbles", "ocena", "gwiazdki", "grade", "note"]
)
# Rows of stars and bubbles count in tenths ("bubble_45"); other names in per cent ("rating-80").
TENTHS: Final = frozenset(["star", "stars", "bubble", "bubbles"])
ELSE: Final = frozenset(["size", "col", "id", "fa", "px", "icon", "x", "xl", "lg", "md", "sm", "h", "w", "p", "m"])
SHARE: Final = re.compile(r"(?:s|w|width[-_]?|percent[-_]?|pct[-_]?)([0-9]{2,3})")
STARS: Final = re.compile(r"s([0-5])")
TOP: Final = 5.0
LONGEST: Final = 3  # digits; what has more is the number of something


def read_names(text: str, best: float | None) -> Score | None:
    """Return the score that a normalised text of class names tells; None where it is no such text, or tells none.

    A zero is an empty row of stars: not rated. `best` settles whether 45 are 45 points, or 4.5.
    """
    names = text.split()
    if not all(NAME.fullmatch(name) for name in names):
        return None
    split = [PARTS.findall(name) for name in names]
    named = any(STEMS.intersection(parts) for parts in split)
    scores = [_score(parts, best, named=named) for parts in split]
    scores += [_share(name) for name in names]
    found = next((score for score in scores if score), None)
    return UNRATED if found and not found.value else found


def _score(parts: Sequence[str], best: float | None, *, named: bool) -> Score | None:
    """Return what one name says: of words alone where another names the rating ("star-rating Four")."""
    if not STEMS.intersection(parts):
        alone = len(parts) == 1 and named and parts[0] in NUMBERS
        return Score(value=NUMBERS[parts[0]]) if alone else None
    place = next((place for place, part in enumerate(parts) if part.isdigit()), None)
    if place is None:
        words = [part for part in parts if part in NUMBERS]
        return Score(value=NUMBERS[words[0]] + ("half" in parts) / 2) if len(words) == 1 else None
    if ELSE.intersection((parts[place - 1], *parts[place + 1 : place + 2])):
        return None
    tenths = bool(TENTHS.intersection(parts))
    return _pair(parts[place], parts[place + 1 :], best) or _single(parts[place], best, tenths=tenths)


def _pair(whole: str, after: Sequence[str], best: float | None) -> Score | None:
    """Return the score of a number with its fraction or its best: "4-half", "4-5", "4-of-5", "8-10".

    UNRATED where the fraction leads out of the scale ("5-5"), for then it means something else.
    """
    match after:
        case ["of" | "out", *_, top] if top.isdigit() and int(top):
            return Score(value=float(whole), best=float(top))
        case ["10", *_] if int(whole) <= 10:  # noqa: PLR2004 - "8-10"
            return Score(value=float(whole), best=10.0)
        case ["half", *_]:
            return _decimal(float(whole) + 0.5, best)
        case [tenth, *_] if tenth.isdigit() and len(whole) == len(tenth) == 1:
            return _decimal(float(f"{whole}.{tenth}"), best)
    return None


def _decimal(value: float, best: float | None) -> Score:
    return Score(value=value, best=best) if value <= (best or TOP) else UNRATED


def _single(digits: str, best: float | None, *, tenths: bool) -> Score | None:
    """Return the score of one number: as it stands up to `best`, else 5 or 10; steps of 5 as tenths or per cent."""
    value = float(digits)
    if value <= (best or (TOP if tenths else 2 * TOP)):
        return Score(value=value, best=best)
    if value % 5 or len(digits) > LONGEST:
        return None
    if best is not None:
        return Score(value=value / 10, best=best) if value / 10 <= best else None
    if tenths and value <= 10 * TOP:
        return Score(value=value / 10, best=TOP)
    return Score(value=value, best=100.0)


def _share(name: str) -> Score | None:
    if (share := SHARE.fullmatch(name)) and int(share[1]) <= 100:  # noqa: PLR2004 - per cent
        return Score(value=float(share[1]), best=100.0)
    stars = STARS.fullmatch(name)
    return Score(value=float(stars[1]), best=TOP) if stars else None
