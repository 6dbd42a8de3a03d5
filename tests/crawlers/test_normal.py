import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlers.normal import align, normalise, search_text

# Letters of the four languages, look-alikes, marks that compose, signs that fold, spaces and invisible signs.
TRICKY = st.text(
    st.sampled_from(
        "aeopcxyiABEHKMOPCTX аеорсхуіАВЕНКМОРСТХ йиёґїєњјѕ łØßæİıŉﬁ½№™®…\u0306\u0308\u0301\u0327\u093c\u3099がか"
        "가각각\u200b\u200d\u00ad\u202e\ufeff\ufe0f'’ʼ`´–—\u00a0\t\n\r\x00\x1c \U0001d400𝐑👩‍💻\ud800"
    )
    | st.characters(),
    max_size=40,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ROZETKA", "rozetka"),
        ("ёлка", "Елка"),
        ("ґанок", "ганок"),
        ("Київ", "Киів"),
        ("Łódź", "lodz"),
        ("żółć", "zolc"),
        ("Straße", "STRASSE"),
        ("п’ять", "п'ять"),
        ("пʼять", "п`ять"),
        ("Nova\u00a0Poshta\n", "nova poshta"),
        ("Roz\u200bet\u00adka", "rozetka"),
        ("\u202eRozetka\u202c", "rozetka"),
        ("Ｒｏｚｅｔｋａ", "rozetka"),
        ("𝐑𝐨𝐳𝐞𝐭𝐤𝐚", "rozetka"),
        ("Rozetka™ shop", "rozetka shop"),
        ("Rоzеtkа", "rozetka"),  # Cyrillic о, е, а
        ("рaypal", "paypal"),  # Cyrillic р
        ("Пpивaт", "приват"),  # Latin p, a
        ("И\u0306од", "йод"),
        ("nova–poshta", "nova-poshta"),
        ("за\u0301мок", "замок"),
        ("İstanbul", "istanbul"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_both_spellings_find_each_other(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("мой", "мои"), ("мій", "мии"), ("є", "е"), ("か", "が"), ("c", "с")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_words_of_one_script_are_left_in_it() -> None:
    assert normalise("Coca-Cola и сок") == "coca-cola и сок"


def test_the_search_text_holds_title_and_text() -> None:
    assert search_text("Ёлка", " и  ЇЖА") == "елка и іжа"
    assert search_text(None, "Text") == "text"


@given(TRICKY)
@example("か\u200b\u3099")
@example("и\u200b\u0306")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_composed_and_decomposed_texts_fold_alike(text: str) -> None:
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(unicodedata.normalize("NFC", text))


@given(TRICKY)
@example("ß\u200b")
@example("  a\u0306 \n b ")
def test_alignment_gives_the_same_text_and_spans_inside_the_original(text: str) -> None:
    aligned = align(text)
    assert aligned.text == normalise(text)
    assert len(aligned.text) == len(aligned.starts) == len(aligned.ends)
    for place in range(len(aligned.text)):
        start, end = aligned.span(place, place + 1)
        assert 0 <= start < end <= len(text)
    assert list(aligned.starts) == sorted(aligned.starts)


def test_a_span_leads_back_to_the_original_spelling() -> None:
    text = "  Покупаю  в  Ро\u200bze\u0301тке – Łódź"
    aligned = align(text)
    start = aligned.text.index("lodz")
    assert text[slice(*aligned.span(start, start + 4))] == "Łódź"


def test_folding_is_fast() -> None:
    texts = ["Замовлення з Rozetka їхало два тижні, а потім його загубили. " * 2, "plain English text, " * 6] * 2000
    normalise(texts[0])
    start = time.process_time()
    for text in texts:
        normalise(text)
    assert len(texts) / (time.process_time() - start) > 10_000  # about 70,000 on an idle core
