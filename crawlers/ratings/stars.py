"""Rows of stars: "★★★★☆", "⭐⭐⭐⭐", "★★★½"."""

from __future__ import annotations

import re
from typing import Final

from crawlers.ratings.score import UNRATED, Score

FULL: Final = "★⭐🌟✭✮✯✪🟊●"
HALF: Final = "⯨⯩⯪⯫½◐"
EMPTY: Final = "☆✩✰⚝○"
LOOKS: Final = dict.fromkeys(map(ord, "\ufe0e\ufe0f\u200d"))  # selectors of how a sign looks
RUN: Final = re.compile(rf"[{FULL}{EMPTY}](?:[{FULL}{HALF}{EMPTY}\s]*[{FULL}{HALF}{EMPTY}])?|[⯨⯪⯫]")
ROW: Final = re.compile(rf"(?P<full>[{FULL}]*)(?P<half>[{HALF}]?)(?P<empty>[{EMPTY}]*)")
GLYPHS: Final = re.compile(rf"[{FULL}{HALF}{EMPTY}]")


def read_stars(text: str) -> Score | None:
    """Return the score of the first row of stars; None where there is none.

    Beside a number a single star is an icon. Empty stars tell the scale. Empty ones before full ones are two rows laid
    over each other, or something else: no score.
    """
    plain = text.translate(LOOKS)
    run = RUN.search(plain)
    if run is None:
        return None
    glyphs = "".join(run[0].split())
    if len(glyphs) == 1 and (glyphs in "●○" or re.search(r"\w", plain)):
        return None
    row = ROW.fullmatch(glyphs)
    if row is None or not (row["full"] or row["half"]):
        return UNRATED
    return Score(value=len(row["full"]) + len(row["half"]) / 2, best=float(len(glyphs)) if row["empty"] else None)


def without_stars(text: str) -> str:
    """Return the text without its stars."""
    return GLYPHS.sub(" ", text.translate(LOOKS))
