"""Phrases: the invented texts of one language, and how one of them is told.

The notation of the data files is explained at the top of `texts/en.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from crawlers.sample.dice import Dice

Gender = Literal["m", "f"]
Forms = Mapping[str, str]

FOLDER: Final = Path(__file__).parent / "texts"
LANGUAGES: Final = ("en", "ru", "uk", "pl")
LATIN: Final = "Kolvinta"

# A text that names a price twice means the same price.
_STEADY: Final = frozenset({"price", "pct", "version", "late", "hub", "since", "stuck_for"})
_HOLE: Final = re.compile(r"<([^<>{}]*)>|\{([^<>{}]+)\}")
_START: Final = re.compile(r"(?:^|(?<=[.!?]\s))[^\W\d_]")
_SPACES: Final = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A product: its English name for the product column, its agreement class, its forms by case."""

    product: str
    form_class: int
    forms: Forms


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A town: the name and the "in …" phrase of the language, the region in English."""

    name: str
    inside: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """Everything that can be said in one language. `texts` maps (section, key) to templates."""

    language: str
    brand: Forms
    latin_share: float
    things: tuple[Thing, ...]
    cities: Mapping[str, City]
    names: Mapping[Gender, tuple[str, ...]]
    words: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    texts: Mapping[tuple[str, str], tuple[str, ...]]

    def topics(self, section: str) -> tuple[str, ...]:
        """Return the keys that `section` has, in the order of the file."""
        return tuple(key for name, key in self.texts if name == section)


def _things(data: Mapping[str, Any], products: Sequence[str]) -> tuple[Thing, ...]:
    cases, classes = data["cases"], data["classes"]
    return tuple(
        Thing(product=product, form_class=classes.index(kind), forms=dict(zip(cases, forms, strict=True)))
        for product, (kind, *forms) in zip(products, data["things"].values(), strict=True)
    )


def _texts(data: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    sections = ("praise", "complaint", "talk", "more", "titles", "news", "blog", "need", "emoji")
    return {(section, key): tuple(texts) for section in sections for key, texts in data[section].items()}


@cache
def _load(language: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def phrasebook(language: str) -> Phrasebook:
    """Return the phrasebook of one of LANGUAGES, read once from its data file."""
    data = _load(language)
    products = [forms[1].capitalize() for forms in _load("en")["things"].values()]
    return Phrasebook(
        language=language,
        brand=data["brand"]["local"],
        latin_share=data["brand"]["latin_share"],
        things=_things(data, products),
        cities={
            key: City(name=name, inside=inside, region=region) for key, (name, inside, region) in data["cities"].items()
        },
        names={"f": tuple(data["names"]["f"]), "m": tuple(data["names"]["m"])},
        words=tuple(data["names"]["words"]),
        slots={key: tuple(values) for key, values in data["slots"].items()},
        texts=_texts(data),
    )


class Telling:
    """One text in the making: the product, the town and the speaker stay the same from sentence to sentence.

    `product` is the English name of the product spoken of, once a sentence has named it.
    """

    def __init__(self, book: Phrasebook, dice: Dice, *, gender: Gender, city: str) -> None:
        self._book = book
        self._dice = dice
        self._gender_index = 0 if gender == "m" else 1
        self._city = book.cities[city]
        self._thing = dice.pick(book.things)
        self._latin = dice.chance(book.latin_share)
        self._steady: dict[str, str] = {}
        self.product: str | None = None

    def draw(self, section: str, key: str) -> str:
        """Return one filled-in text of a section."""
        return self.tell(self._dice.pick(self._book.texts[section, key]))

    def tell(self, template: str) -> str:
        """Return `template` with every hole filled, sentences beginning with capitals."""
        holes = 1
        while holes:
            template, holes = _HOLE.subn(self._fill, template)
        return _START.sub(lambda match: match[0].upper(), _SPACES.sub(" ", template).strip())

    def _fill(self, match: re.Match[str]) -> str:
        alternatives: str | None = match[1]
        if alternatives is not None:
            return self._dice.pick(alternatives.split("|"))
        name, colon, forms = match[2].partition(":")
        if colon:
            return self._agree(name, forms.split("/"))
        noun, _, case = name.partition(".")
        if noun in {"thing", "brand", "city"}:
            return self._decline(noun, case)
        return self._steady.get(name) or self._slot(name)

    def _slot(self, name: str) -> str:
        value = self._dice.pick(self._book.slots[name])
        if name in _STEADY:
            self._steady[name] = value
        return value

    def _agree(self, name: str, forms: list[str]) -> str:
        if name == "me":
            return forms[self._gender_index]
        if name == "thing":
            return forms[self._thing.form_class]
        raise KeyError(f"texts/{self._book.language}.toml: {name!r} has no agreement; allowed are me and thing")

    def _decline(self, noun: str, case: str) -> str:
        if noun == "city":
            return self._city.inside if case == "in" else self._city.name
        if noun == "brand":
            return LATIN if self._latin else self._book.brand[case or "nom"]
        self.product = self._thing.product
        return self._thing.forms[case or "nom"]
