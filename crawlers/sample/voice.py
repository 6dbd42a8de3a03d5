"""Voices: invented people (and outlets) with a name, a town and a following."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from crawlers.mention import Author
from crawlers.sample.dice import Dice
from crawlers.sample.phrase import Gender, Phrasebook
from crawlers.sample.stream import Stream

_SINGLE: Final = dict(zip("абвгдезийклмнопрстуфыіэґ", "abvgdeziyklmnoprstufyieg", strict=True))
_SOUNDS: Final = ("io", "zh", "kh", "ts", "ch", "sh", "shch", "iu", "ia", "", "", "ie", "yi", "l")
_OTHERS: Final = dict(zip("ёжхцчшщюяьъєїł", _SOUNDS, strict=True))
_LATIN: Final = str.maketrans(_SINGLE | _OTHERS)
OUTLETS: Final = {
    "en": ("The Checkout Ledger", "Parcel & Street", "Basket Weekly"),
    "ru": ("Вестник прилавка", "Корзина и чек"),
    "uk": ("Крамничний вісник", "Кошик і чек"),
    "pl": ("Kurier Półkowy", "Koszyk i Paragon"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who writes: the author as their platform shows them, and what the texts need to know of them.
    `shows_town`: whether the profile names the town."""

    author: Author
    gender: Gender
    town: str
    shows_town: bool


def draw(stream: Stream, book: Phrasebook, dice: Dice, *, seed: int, everybody: bool) -> Voice:
    """Return the writer of one text. Some write often, most once; `everybody` draws them all alike."""
    share = dice.fraction()
    return _person(stream, book, int(stream.authors * (share if everybody else share**1.8)), seed)


def shop(stream: Stream, dice: Dice, book: Phrasebook) -> Voice:
    """Return the invented shop's own account."""
    handle = dice.pick(("kolvinta", "kolvinta_help"))
    name = "Kolvinta" if handle == "kolvinta" else "Kolvinta help"
    followers = 48_200 if handle == "kolvinta" else 9_400
    author = Author(handle=handle, name=name, url=f"https://{stream.host}/@{handle}", followers=followers)
    return Voice(author=author, gender="f", town=dice.pick(list(book.cities)), shows_town=False)


def _person(stream: Stream, book: Phrasebook, index: int, seed: int) -> Voice:
    dice = Dice(seed, "voice", stream.name, book.language, index)
    gender: Gender = dice.pick(("m", "f"))
    name = dice.pick(book.names[gender])
    town = dice.pick(list(book.cities))
    author = _author(stream, book, dice, index, name)
    return Voice(author=author, gender=gender, town=town, shows_town=dice.chance(0.45))


def _author(stream: Stream, book: Phrasebook, dice: Dice, index: int, name: str) -> Author:
    if stream.shape == "article":
        handle = f"{_plain(name)}.{book.language}{index + 1}"
        return Author(handle=handle, name=f"{name}, {dice.pick(OUTLETS[book.language])}")
    handle = _handle(name, book, dice, index)
    followers = dice.long_tail(35, 0.95, 900_000) if stream.shape in {"post", "essay"} else None
    shown = f"{name} {dice.pick('ABCDEGHKLMNPRSTVZ')}." if dice.chance(0.4) else name
    return Author(handle=handle, name=shown, url=f"https://{stream.host}/@{handle}", followers=followers)


def _handle(name: str, book: Phrasebook, dice: Dice, index: int) -> str:
    """A word and a number that give the index back, so that two people never share a handle."""
    rounds, word = divmod(index, len(book.words))
    tail = book.words[word] if rounds == 0 else f"{book.words[word]}{rounds}"
    return f"{_plain(name)}{dice.pick(('', '_', '.'))}{tail}".replace("__", "_").replace("._", "_")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().translate(_LATIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
