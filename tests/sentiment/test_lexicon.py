from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from sentiment.lexicon import Analyser

ORIGINAL = SentimentIntensityAnalyzer()
OURS = Analyser()
# Every word that a rule of its own knows, often enough beside the lexicon's thousands to meet them.
RULED = [word for phrase in (*SPECIAL_CASES, *BOOSTER_DICT, *NEGATE) for word in phrase.split()]
WORDS = [
    *ORIGINAL.lexicon,
    *ORIGINAL.emojis,
    *(RULED + ["but", "least", "at", "so", "this", "doubt", "or", "nor", "of", "parcel"] * 5) * 20,
]
SEPARATORS = [" ", " ", " ", "  ", "! ", "?? ", "\n", "", ", ", "...", "\u00a0"]


def sentences(seed: int, number: int) -> list[str]:
    chance = random.Random(seed)
    return [
        "".join(
            (word.upper() if chance.random() < 0.15 else word) + chance.choice(SEPARATORS)
            for word in chance.choices(WORDS, k=chance.randrange(15))
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_those_of_the_original(seed):
    for text in sentences(seed, 2000):
        assert OURS.compound(text) == ORIGINAL.polarity_scores(text)["compound"], text


@given(st.text(max_size=120))
def test_whatever_is_written_is_read_as_the_original_reads_it(text):
    assert OURS.compound(text) == ORIGINAL.polarity_scores(text)["compound"]
