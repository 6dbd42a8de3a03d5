from __future__ import annotations

import pytest

from sentiment.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The parcel has been in Strykow since Monday, nobody answers the phone", "en"),
        ("Посылка лежит на складе с понедельника, никто не берёт трубку", "ru"),
        ("Посилка лежить на складі з понеділка, ніхто не бере слухавку", "uk"),
        ("Paczka leży w Strykowie od poniedziałku, nikt nie odbiera telefonu", "pl"),
    ],
)
def test_plain_sentences_are_told_apart(text, language):
    assert detect([text], [None]) == [language]


def test_where_there_are_no_letters_the_source_is_believed_and_without_it_nobody_knows():
    assert detect(["👍👍👍 10/10", "", "5!"], ["pl", None, None]) == ["pl", "und", "und"]


def test_a_text_of_many_lines_and_a_very_long_one_are_read():
    lines = "The courier\nnever came\r\nand nobody\tanswers the phone"
    assert detect([lines, lines * 5000], [None, None]) == ["en", "en"]


def test_capitals_are_read_as_the_words_they_are():
    shouted = ["WHERE IS MY PARCEL, NOBODY ANSWERS THE PHONE", "МОЯ ПОСЫЛКА ПОТЕРЯНА И НИКТО НЕ ОТВЕЧАЕТ"]
    mostly = ["WHERE IS MY PARCEL? NOBODY ANSWERS THE PHONE at Shopsy"]
    assert detect([*shouted, *mostly], [None] * 3) == ["en", "ru", "en"]
