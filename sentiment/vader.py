"""VADER: a lexicon and rules for English short texts. It reads English and nothing else, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sentiment.score import Score

_BOUND: Final = 0.05
"""Compound scores beyond ±0.05 are positive or negative: Hutto & Gilbert, ICWSM 2014."""
_UNSURE: Final = 0.2
_READ: Final = 10_000  # characters; VADER's work grows with the square of a text's length


class Vader:
    """Scores English; every other language is `cannot_score`.

    VADER gives one compound figure c from -1 to 1, not probabilities. Ours grow in a straight line with |c|: at the
    published bound the side and neutral are even, at |c| = 1 the side has everything.
    """

    name = "vader"
    version = "3.3.2"

    def __init__(self) -> None:
        from sentiment.lexicon import Analyser

        self._analyser = Analyser()

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> list[Score]:
        """Return one score a text, in the same order."""
        return [self._one(text, language) for text, language in zip(texts, languages, strict=True)]

    def _one(self, text: str, language: str) -> Score:
        if language != "en":
            return Score(classifier=self._id, cannot_score=True)
        compound = self._analyser.compound(text[:_READ])
        size = abs(compound)
        side = 0.5 + 0.5 * (size - _BOUND) / (1 - _BOUND) if size >= _BOUND else 0.5 * size / _BOUND
        side = max(side, 0.5005) if size >= _BOUND else side  # on the bound itself the side wins
        negative, positive = (side, 0.0) if compound < 0 else (0.0, side)
        return Score(
            negative=negative,
            neutral=1 - side,
            positive=positive,
            classifier=self._id,
            unsure=0 < size < _UNSURE,
        )

    @property
    def _id(self) -> str:
        return f"{self.name} {self.version}"
