"""The score: what a page's rating says before it is set against a scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

SCALES: Final = (5.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`value` stars or points, None where an empty row of stars says "not rated"; of `best`, where that is written."""

    value: float | None
    best: float | None = None


UNRATED: Final = Score(value=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The best and the worst rating that a page names beside it; None where it names none."""

    best: float | None = None
    worst: float | None = None

    def share(self, score: Score) -> float | None:
        """Return the score as a share of the best there is; None where it is unrated or lies outside the scale.

        A best that is written with the score counts first ("8/10"), then the page's, then the least of 5, 10 and 100
        that holds the score. A bare 0 without any scale says "not rated".
        """
        if score.value is None or (score.value == 0 and score.best is None and self.best is None):
            return None
        if score.best is None and self.best is not None and self.worst is not None and self.worst > self.best:
            return _within((self.worst - score.value) / (self.worst - self.best))  # 1 is the best mark, 6 the worst
        best = score.best or self.best or next((scale for scale in SCALES if score.value <= scale), math.nan)
        worst = self.worst if self.worst is not None and best == self.best else 0.0
        if worst < 0:
            return _within((score.value - worst) / (best - worst))
        return _within(score.value / best) if score.value >= worst else None


def scale_of(best: object, worst: object) -> Scale:
    """Return the scale of what a page writes as its bounds; what is no finite number, or a best of 0, is left out."""
    top = _bound(best)
    return Scale(best=top if top is not None and top > 0 else None, worst=_bound(worst))


def figure(text: str) -> float:
    """Return the number of "4", "4.5" or "4,5"."""
    return float(text.replace(",", "."))


def _bound(value: object) -> float | None:
    try:
        bound = figure(str(value).strip())
    except ValueError:
        return None
    return bound if math.isfinite(bound) else None


def _within(share: float) -> float | None:
    return share if 0 <= share <= 1 else None
