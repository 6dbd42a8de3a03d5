"""VADER's own scoring without its waste: the same figures with less work.

vaderSentiment passes the whole text to each of its rules for each word. But words outside its lexicon count nothing,
its rules look at three words before a word and two after it, and most of them have nothing to say about most words.
So only words of the lexicon are scored, each with those around it, by the rules that may apply. The rules stay
vaderSentiment's own, and a test compares the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    SentiText,
)

_BEFORE: Final = 3
_AFTER: Final = 2
# The words without which the rule of negation, and that of idioms, changes nothing. Contractions with "n't" negate too.
_NEGATIONS: Final = frozenset({*NEGATE, "so", "this", "doubt"})
_IDIOMS: Final = frozenset(max(idiom.split(), key=len) for idiom in (*SPECIAL_CASES, *BOOSTER_DICT) if " " in idiom)


@dataclass(slots=True)
class _Window:
    """A part of a text, as vaderSentiment's rules want it."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


class Analyser(SentimentIntensityAnalyzer):  # type: ignore[misc]  # the library has no types
    """VADER's lexicon and rules."""

    def __init__(self) -> None:
        super().__init__()
        self._emoji = frozenset(self.emojis)
        # Boosters count for their neighbours, not for themselves.
        self._scored = frozenset(self.lexicon).difference(BOOSTER_DICT)

    def compound(self, text: str) -> float:
        """Return how a text feels, from -1 to 1: `polarity_scores(text)["compound"]`."""
        text = self._spelt(text).strip()
        whole = SentiText(text)
        words: list[str] = whole.words_and_emoticons
        lowered = [word.lower() for word in words]
        sentiments: list[float] = [0] * len(words)
        for place, word in enumerate(lowered):
            if word in self._scored and not (word == "kind" and lowered[place + 1 : place + 2] == ["of"]):
                start = max(0, place - _BEFORE)
                window = _Window(words[start : place + _AFTER + 1], whole.is_cap_diff)
                (sentiments[place],) = self.sentiment_valence(0, window, words[place], place - start, [])
        if "but" in lowered:
            sentiments = self._but_check(words, sentiments)
        return float(self.score_valence(sentiments, text)["compound"])

    def _spelt(self, text: str) -> str:
        """Return `text` with emoji as words, set apart from what stands before them."""
        if text.isascii() or self._emoji.isdisjoint(text):
            return text
        pieces: list[str] = []
        apart = True
        for sign in text:
            words = self.emojis.get(sign)
            pieces.append(sign if words is None else words if apart else f" {words}")
            apart = sign == " "
        return "".join(pieces)

    @staticmethod
    def _negation_check(valence: float, words: list[str], start_i: int, i: int) -> float:
        before = [word.lower() for word in words[max(0, i - _BEFORE) : i]]
        if _NEGATIONS.isdisjoint(before) and not any("n't" in word for word in before):
            return valence
        return float(SentimentIntensityAnalyzer._negation_check(valence, words, start_i, i))  # noqa: SLF001 - extended

    @staticmethod
    def _special_idioms_check(valence: float, words: list[str], i: int) -> float:
        if _IDIOMS.isdisjoint([word.lower() for word in words]):
            return valence
        return float(SentimentIntensityAnalyzer._special_idioms_check(valence, words, i))  # noqa: SLF001 - extended
