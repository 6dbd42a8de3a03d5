import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.error import ConfigError
from config.settings import Query
from crawlers.matching import MAX_SPANS, compile_queries
from crawlers.normal import normalise


def query(*words: str, none: tuple[str, ...] = (), brand: str = "Brand", name: str = "q") -> Query:
    return Query(name=name, brand=brand, any=words, none=none)


def found(words: str, text: str, title: str | None = None) -> list[str]:
    whole = f"{title}\n{text}" if title else text
    return [
        whole[start:end] for match in compile_queries([query(words)]).match(title, text) for start, end in match.spans
    ]


@pytest.mark.parametrize(
    ("words", "text", "spans"),
    [
        ("rozetka", "ROZETKA is late, Rozetka!", ["ROZETKA", "Rozetka"]),
        ("rozetka", "@Rozetka #rozetka www.rozetka.com.ua rozetka's", ["Rozetka", "rozetka", "rozetka", "rozetka"]),
        ("rozetka", "rozetkas rozetka_ua prorozetka", []),
        ("Розетка", "Rоzetka or Розётка", ["Розётка"]),
        ("rozetka.com.ua", "see https://rozetka.com.ua/en rozetka com ua", ["rozetka.com.ua"]),
        ("@rozetka", "@rozetka rozetka info@rozetka.ua @rozetka_ua", ["@rozetka"]),
        ("#rozetka", "#Rozetka rozetka", ["#Rozetka"]),
        ("AT&T", "AT&T, at t-shirt, AT&TX", ["AT&T"]),
        ("O'Reilly", "O’Reilly and OʼReilly, OReilly", ["O’Reilly", "OʼReilly"]),
        ("C++", "I write C++, not C", ["C++"]),
        ("nova poshta", "Nova Poshta, nova-poshta, nova — poshta", ["Nova Poshta", "nova-poshta", "nova — poshta"]),
        ("nova poshta", "nova the poshta; novaposhta; poshta nova", []),
        ("нова пошта", "НОВА\u00a0 ПОШТА", ["НОВА\u00a0 ПОШТА"]),
        ("Łódź", "w Lodz i w ŁODZI i w łódź", ["Lodz", "łódź"]),
        ("🍎", "an 🍎pie", ["🍎"]),
        ("rozetka", "Roz\u200bet\u00adka", ["Roz\u200bet\u00adka"]),
    ],
)
def test_words_and_phrases_are_found_as_whole_words(words: str, text: str, spans: list[str]) -> None:
    assert found(words, text) == spans


def test_spans_count_from_the_beginning_of_the_title() -> None:
    assert found("brand", "The BRAND again", title="A  Brand") == ["Brand", "BRAND"]


def test_a_veto_silences_its_own_query_only() -> None:
    matcher = compile_queries(
        [
            query("jaguar", none=("animal", "big cat"), name="car"),
            query("jaguar", brand="Zoo", name="zoo"),
        ]
    )
    assert [match.brand for match in matcher.match(None, "A jaguar is a big cat")] == ["Zoo"]
    assert [match.brand for match in matcher.match(None, "A jaguar is a big car")] == ["Brand", "Zoo"]


def test_the_queries_of_a_brand_make_one_match_with_all_spans() -> None:
    matcher = compile_queries([query("nova poshta", name="one"), query("poshta", "delivery", name="two")])
    (match,) = matcher.match(None, "Nova Poshta: slow delivery")
    assert match.query == "one"
    assert match.spans == ((0, 11), (18, 26))


def test_a_text_that_concerns_nobody_matches_nothing() -> None:
    assert compile_queries([query("brand")]).match("Title", "text") == ()
    assert compile_queries([]).match(None, "text") == ()


def test_a_folded_text_at_hand_is_used() -> None:
    matcher = compile_queries([query("brand", "at&t", "п'ять")])
    for text in ("Brand", "AT&T", "П’ять"):
        (match,) = matcher.match("A", text)
        assert matcher.match("A", text, folded=normalise(f"A\n{text}")) == (match,)


def test_spans_are_bounded() -> None:
    (match,) = compile_queries([query("a")]).match(None, "a " * 1000)
    assert len(match.spans) == MAX_SPANS


def test_words_that_fold_to_nothing_are_named() -> None:
    with pytest.raises(ConfigError, match=r"queries\.empty\.none.*holds nothing") as caught:
        compile_queries([query("fine", none=(" ",), name="empty"), query("\u200b", name="other")])
    assert len(caught.value.problems) == 2


@given(
    st.text(st.sampled_from("aoв бї\u200b'.&@ \n"), max_size=30),
    st.text(st.sampled_from("aoв бї\u200b'.&@ \n"), min_size=1, max_size=5),
)
def test_a_phrase_set_apart_by_commas_is_always_found(text: str, words: str) -> None:
    try:
        matcher = compile_queries([query(words)])
    except ConfigError:
        return
    whole = f"{text} , {words.strip()} , {text}"
    (match,) = matcher.match(None, whole)
    assert all(0 <= start < end <= len(whole) for start, end in match.spans)


def test_a_thousand_queries_stay_fast() -> None:
    matcher = compile_queries(
        query(f"brand{n}", f"shop number {n}", f"@shop{n}", none=(f"not {n}",), brand=f"B{n}", name=f"q{n}")
        for n in range(1000)
    )
    texts = [f"Замовлення з магазину brand{n % 2000}, їхало два тижні, number {n}" for n in range(2000)]
    start = time.thread_time()  # of this thread alone: other tests leave the crawl loop's behind
    hits = sum(len(matcher.match(None, text)) for text in texts)
    assert hits == 1000
    assert len(texts) / (time.thread_time() - start) > 3_000
