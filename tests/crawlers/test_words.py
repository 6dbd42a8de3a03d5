from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.normal import normalise, search_text
from crawlers.words import LONGEST_TEXT, LONGEST_WORD, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("«Lumo» — п'ять зірок!", ["lumo", "пять", "зірок"]),
        ("don’t 'quote' me", ["dont", "quote", "me"]),
        ("https://lumo.example/a?b=1", ["https", "lumo", "example", "a", "b", "1"]),
        ("C++ 5G 1.5 foo_bar 😀", ["c", "5g", "1", "5", "foo_bar"]),
        ("Żółta łódź", ["zolta", "lodz"]),
        ("क्या है", ["क्या", "है"]),
        ("*** \" '' ( )", []),
    ],
)
def test_a_folded_text_falls_into_words(text, words):
    assert words_of(normalise(text)) == words


def test_very_long_words_and_texts_are_cut():
    assert words_of("x" * 100) == ["x" * LONGEST_WORD]
    assert len(words_of("ab " * LONGEST_TEXT)) == -(-LONGEST_TEXT // 3)


@given(st.text())
def test_the_index_holds_words_between_single_spaces_and_nothing_else(text):
    folded = search_text(None, text)
    assert folded == " ".join(folded.split())
    assert not re.search(r"[\"'*()^:{}+.,-]", folded)
    assert words_of(folded) == folded.split()
