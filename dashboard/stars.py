"""Ratings as people read them: what the platform wrote, or stars out of five."""

from __future__ import annotations

import re
from typing import Final

from dashboard.markup import Html, element
from dashboard.wording import Wording

_STARS: Final = 5
# What a page's code calls a rating ("star-rating Four", "stars_45", "width:80%") tells nobody anything.
_CODE: Final = re.compile(r"[_:;=<>{}]|[a-z]-[a-z]|\b[a-z]+\d", re.IGNORECASE)


def stars(rating: float, words: Wording) -> str:
    """Return a rating from 0 to 1, which is a share of the best there is, as stars: 4 of 5 stars."""
    return words.t("{n} of {most} stars", n=words.number(round(rating * _STARS, 1)), most=_STARS)


def said(rating: float | None, given: str | None, words: Wording) -> str | None:
    """Return a rating as it was given, in stars where that tells nobody anything; None where there is none."""
    if given and not _CODE.search(given):
        return given
    return stars(rating, words) if rating is not None else given


def fact(rating: float | None, given: str | None, words: Wording) -> Html | None:
    """Return a rating for a card, in stars on hover; None where there is none."""
    shown = said(rating, given, words)
    if shown is None:
        return None
    meaning = stars(rating, words) if rating is not None else words.t("Nobody could read this rating.")
    if shown == meaning:
        return element("span", shown)
    return element("span", words.t("rated"), " ", element("bdi", shown), title=meaning)
