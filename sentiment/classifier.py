"""The contract of a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sentiment.score import Score


class Classifier(Protocol):
    """Scores texts in batches. `name` and `version` go with every score it gives."""

    name: str
    version: str

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> list[Score]:
        """Return one score a text, in the same order; `cannot_score` where the language is not its own."""
        ...
