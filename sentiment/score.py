"""The score: how a text feels, and whether anybody could tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Label = Literal["negative", "neutral", "positive", "unscored"]
LABELS: Final[tuple[Label, ...]] = ("negative", "neutral", "positive", "unscored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Three probabilities that add up to 1, or `cannot_score` with none. `unsure` asks a person to look."""

    negative: float = 0.0
    neutral: float = 0.0
    positive: float = 0.0
    classifier: str
    unsure: bool = False
    cannot_score: bool = False

    def __post_init__(self) -> None:
        total = self.negative + self.neutral + self.positive
        if self.cannot_score and total:
            raise ValueError("a text that cannot be scored has no probabilities")
        if not self.cannot_score and abs(total - 1) > 1e-3:  # noqa: PLR2004 - rounding of three decimals
            raise ValueError(f"probabilities add up to {total}, not 1")

    @property
    def label(self) -> Label:
        """The likeliest of the three, or `unscored`; ties go to neutral."""
        if self.cannot_score:
            return "unscored"
        best = max(self.negative, self.neutral, self.positive)
        if best == self.neutral:
            return "neutral"
        return "negative" if best == self.negative else "positive"
