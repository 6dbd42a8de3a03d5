from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from config.principal import SYSTEM
from storage.listing import Filter, count_mentions, list_mentions
from storage.schema import mention_brand
from storage.search import Terms, read_terms, search_clause

TEXTS = {
    "ru": "Доставка опоздала, ёлка приехала сломанной",
    "uk": "П'ять днів чекаю на їжу, ґудзики загубили",
    "pl": "Łódź: żółta paczka nie dotarła",
    "en": "Don't buy the Lumo-Box, support@lumo.example never answers",
    "code": "error foo_bar 5g v2 1e5 24x7 https://lumo.example/a/b?c=1",
    "other": "Rien à voir",
}
FOUND = [
    ("достав", {"ru"}),
    ("ДОСТАВКА", {"ru"}),
    ("елка", {"ru"}),
    ("ёлк", {"ru"}),
    ("пʼять", {"uk"}),
    ("пять їжу", {"uk"}),
    ("гудз", {"uk"}),
    ("lodz", {"pl"}),
    ("Łódź żół", {"pl"}),
    ("zolta paczka", {"pl"}),
    ("don't", {"en"}),
    ("dont", {"en"}),
    ("lumo", {"en", "code"}),
    ("lumo-box", {"en"}),
    ("support@lumo.example", {"en"}),
    ("example answers", {"en"}),
    ("foo", {"code"}),
    ("foo_bar", {"code"}),
    ("5g", {"code"}),
    ("1e5", {"code"}),
    ("24x", {"code"}),
    ('"доставка опоздала"', {"ru"}),
    ('"опоздала доставка"', set()),
    ('"доставка опозд"', set()),
    ("«елка приехала» слом", {"ru"}),
    ('"елка приехала" box', set()),
    ('"foo_bar 5g"', {"code"}),
    ('"fooxbar 5g"', set()),
    ('"достав"', set()),
    ('"доставка', {"ru"}),
    ("доставки", set()),
    ("voir a", {"other"}),
]
HOSTILE = [
    '" OR 1=1',
    '"',
    '"""',
    "*",
    "NEAR(",
    "NEAR(a b, 2)",
    "'; DROP TABLE mention; --",
    "search_text:доставка",
    "^доставка",
    "доставка NOT ёлка",
    "доставка AND",
    "OR",
    "( )",
    "a & !b | c",
    "доставка:*",
    "a <-> b",
    "\\",
    "\x00",
    "%",
    "доставка\x00",
    "{a}",
    "-доставка",
    "+",
    "\ud800",
    "x" * 10_000,
    "a " * 1_000,
]


@pytest.fixture
def texts(shelf):
    shelf.put(*(shelf.reading(text, external_id=name) for name, text in TEXTS.items()))
    return shelf


def find(db, typed):
    rows = list_mentions(db, by=SYSTEM, filter=Filter(search=typed)).rows
    return {name for row in rows for name, text in TEXTS.items() if row.text == text}


@pytest.mark.usefixtures("texts")
def test_a_search_finds_beginnings_of_words_and_whole_phrases(db):
    assert {typed: find(db, typed) for typed, _ in FOUND} == dict(FOUND)


@pytest.mark.usefixtures("texts")
def test_signs_are_never_syntax(db):
    for typed in HOSTILE:
        assert find(db, typed) <= TEXTS.keys()
    assert find(db, "доставка") == {"ru"}


@pytest.mark.usefixtures("texts")
def test_operators_are_words_like_any_other(db):
    assert find(db, "доставка NOT ёлка") == set()
    assert find(db, "доставка OR paczka") == set()
    assert find(db, "search_text:доставка") == set()
    assert find(db, "^ёлка") == {"ru"}
    assert find(db, "-ёлка") == {"ru"}


@pytest.mark.usefixtures("texts")
def test_a_search_without_a_word_finds_nothing(db):
    for typed in ("***", '"" ""', "«»", "'"):
        assert find(db, typed) == set()
        assert count_mentions(db, by=SYSTEM, filter=Filter(search=typed)).n == 0


@pytest.mark.usefixtures("texts")
def test_an_empty_search_leaves_nothing_out(db):
    assert find(db, "  ") == TEXTS.keys()


def test_an_edited_text_is_found_by_its_new_words_only(db, shelf):
    shelf.say("Old words", external_id="one")
    shelf.say("New sentence", external_id="one")
    rows = list_mentions(db, by=SYSTEM, filter=Filter(search="sentence")).rows
    assert [row.text for row in rows] == ["New sentence"]
    assert not list_mentions(db, by=SYSTEM, filter=Filter(search="old")).rows


def test_quotes_make_phrases_and_the_rest_are_beginnings():
    assert read_terms('Lumo "nie działa" box „Żółta”') == Terms(
        prefixes=("lumo", "box"), phrases=(("nie", "dziala"), ("zolta",))
    )
    assert read_terms('a "b') == Terms(prefixes=("a", "b"))


@pytest.mark.parametrize("database", ["sqlite_db", pytest.param("postgres_db", marks=pytest.mark.postgres)])
def test_whatever_is_typed_nothing_breaks(database, request):
    db = request.getfixturevalue(database)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(st.sampled_from("aбґ\"'*^():-+&|!<>\\\x00 %_{}é\ud800") | st.characters(), max_size=30))
    def check(typed):
        assert not list_mentions(db, by=SYSTEM, filter=Filter(search=typed)).rows
        with db.read() as conn:
            assert not conn.execute(_hits(conn, typed)).all()

    check()


def _hits(conn, typed):
    return select(mention_brand.c.mention_id).where(search_clause(conn, typed))


@pytest.mark.postgres
def test_postgres_searches_by_its_index(postgres_db):
    with postgres_db.read() as conn:
        conn.execute(text("SET enable_seqscan = off"))
        compiled = _hits(conn, 'lumo "nie dziala"').compile(
            dialect=conn.dialect, compile_kwargs={"literal_binds": True}
        )
        plan = "\n".join(conn.execute(text(f"EXPLAIN {compiled}".replace(":", "\\:"))).scalars())
    assert "ix_mention_search" in plan
