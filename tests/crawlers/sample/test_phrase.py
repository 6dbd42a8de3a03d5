from __future__ import annotations

import re
from itertools import combinations

import pytest

from crawlers.sample.dice import Dice
from crawlers.sample.phrase import FOLDER, LANGUAGES, Telling, phrasebook
from crawlers.sample.workspace import QUERIES

every_language = pytest.mark.parametrize("language", LANGUAGES)

# Not in the list although real: a name that is also an ordinary Polish word ("ago").
REAL_COMPANIES = """
    amazon ebay allegro rozetka zalando aliexpress shein wildberries ozon olx inpost dhl ups fedex dpd gls hermes
    evri "nova poshta" "нова пошта" укрпошта meest "poczta polska" pocztex orlen żabka paczkomat blik visa mastercard
    paypal klarna monobank приватбанк сбер яндекс google apple android samsung xiaomi sony philips bosch ikea facebook
    instagram twitter reddit tiktok telegram youtube whatsapp lego nike adidas tefal tesco lidl aldi argos currys makro
    комфи comfy эльдорадо mvideo rossmann empik morele ceneo prom.ua kasta answear decathlon
"""


def templates(language: str) -> list[tuple[str, str]]:
    book = phrasebook(language)
    return [(f"{section}.{key}", text) for (section, key), texts in book.texts.items() for text in texts]


@every_language
def test_a_language_has_at_least_forty_templates_of_every_sort(language: str) -> None:
    book = phrasebook(language)
    said = [text for where, text in templates(language) if where.partition(".")[0] in {"praise", "complaint", "talk"}]
    assert len(set(said)) >= 80
    assert len(book.texts["talk", "crisis"]) >= 18
    topics = {"delivery", "courier", "payment", "returns", "app", "price", "quality", "support"}
    assert set(book.topics("praise")) == set(book.topics("complaint")) == topics


@every_language
def test_every_template_can_be_told_with_every_product_by_anybody(language: str) -> None:
    book = phrasebook(language)
    for where, text in templates(language):
        for attempt in range(8):
            telling = Telling(book, Dice(where, text, attempt), gender="fm"[attempt % 2], city=next(iter(book.cities)))
            assert not re.search(r"[{}<>]", telling.tell(text)), f"{where}: {text}"


@every_language
def test_agreement_has_a_form_for_each_class(language: str) -> None:
    classes = 2 if language == "en" else 4
    for where, text in templates(language):
        for noun, forms in re.findall(r"\{(thing|me):([^{}]*)\}", text):
            assert forms.count("/") + 1 == (classes if noun == "thing" else 2), f"{language} {where}: {text}"


@every_language
def test_every_form_of_the_brand_is_a_word_of_the_queries(language: str) -> None:
    words = {word for query in QUERIES for word in query.any}
    assert set(phrasebook(language).brand.values()) <= words


def test_the_languages_speak_of_the_same_products() -> None:
    products = [[thing.product for thing in phrasebook(language).things] for language in LANGUAGES]
    assert all(one == products[0] for one in products)


def test_handles_of_two_languages_cannot_be_the_same() -> None:
    for one, other in combinations(LANGUAGES, 2):
        assert not set(phrasebook(one).words) & set(phrasebook(other).words)


@every_language
def test_no_real_company_is_named(language: str) -> None:
    text = (FOLDER / f"{language}.toml").read_text(encoding="utf-8").lower()
    names = [quoted or plain for quoted, plain in re.findall(r'"([^"]+)"|(\S+)', REAL_COMPANIES)]
    assert len(names) > 60
    whole = {name: rf"\b{re.escape(name)}" + ("" if len(name) > 4 else r"\b") for name in names}  # longer ones inflect
    assert [name for name, pattern in whole.items() if re.search(pattern, text)] == []


def test_an_agreement_with_something_else_is_named() -> None:
    book = phrasebook("en")
    telling = Telling(book, Dice(1), gender="f", city="London")
    with pytest.raises(KeyError, match="allowed are me and thing"):
        telling.tell("{you:are/is}")
