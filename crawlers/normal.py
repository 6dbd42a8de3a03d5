"""The one normaliser: matching, stories and search all see a text in this form.

What it folds, so that both spellings find each other:
case; compatibility forms (full width, ligatures, bold letters); ё to е, ґ to г, ї to і, ł to l, đ to d, ø to o;
diacritics of Latin, Greek, Cyrillic, Hebrew and Arabic; apostrophes to ', dashes to -; Cyrillic and Latin
look-alikes inside one word, to the script most of its letters are in; whitespace to single spaces.
Controls, zero-width and direction marks, soft hyphens and private-use characters are removed.

What it keeps apart: й and и ("мой" is not "мои"), і and и, є and е, and the marks of scripts in which they are
letters of their own (か and が, the vowel signs of Indic scripts).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from crawlers.words import words_of

# Letters that have no decomposition, and signs that NFKC would turn into letters or a space.
SPECIAL: Final = {
    **dict.fromkeys("'`´‘’‚‛ʹʻʼʽˈˊˋ′‵＇՚׳", "'"),
    **dict.fromkeys("™℠", " "),
    "ё": "е",
    "ґ": "г",
    "ї": "і",
    "й": "й",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ø": "o",
    "ħ": "h",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
}
# Marks that only decorate; in the ranges' scripts a word without them is still the same word.
MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
TO_LATIN: Final = dict(zip("авекмнорстухіјѕһӏԛԝ", "abekmhopctyxijshlqw", strict=True))
TO_CYRILLIC: Final = dict(zip("abekmhopctyxij", "авекмнорстухіј", strict=True))
LATIN_TABLE: Final = str.maketrans(TO_LATIN)
CYRILLIC_TABLE: Final = str.maketrans(TO_CYRILLIC)
LATIN: Final = re.compile("[a-z]")
CYRILLIC: Final = re.compile("[\u0400-\u052f]")
SCRIPTS_MEET: Final = re.compile("[a-z][\u0400-\u052f]|[\u0400-\u052f][a-z]")
LETTERS: Final = re.compile(r"[^\W\d_]+")
KEPT_FOLDS: Final = 50_000


class _Folds(dict[int, str]):
    """What each character becomes; worked out when first met, and kept."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < KEPT_FOLDS:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    if char in SPECIAL:
        return SPECIAL[char]
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    if category == "Pd":
        return "-"
    if category[0] == "C" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return ""  # controls, formats, surrogates, private use, unassigned; variation selectors
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    if folded != char:
        return "".join(map(_fold, folded))
    parts = unicodedata.normalize("NFD", char)
    bare = MARKS.sub("", parts)
    return char if bare == parts else "".join(map(_fold, unicodedata.normalize("NFC", bare)))


FOLDS: Final = _Folds()
ASCII_FOLDS: Final = {code: _fold(chr(code)) for code in range(128)}


def normalise(text: str) -> str:
    """Return the folded form of `text`; folding twice changes nothing."""
    if text.isascii():
        return " ".join(text.translate(ASCII_FOLDS).split())
    folded = _composed(text).translate(FOLDS)
    return " ".join(_unmix(_composed(folded)).split())


def search_text(title: str | None, text: str) -> str:
    """Return what the search index holds for a mention: the words of title and text, folded, between single spaces."""
    return searchable(normalise(f"{title}\n{text}" if title else text))


def searchable(folded: str) -> str:
    """Return what the search index holds for a text that went through `normalise`: its words, no other signs."""
    return " ".join(words_of(folded))


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _unmix(text: str) -> str:
    """Resolve look-alikes in words that mix Latin and Cyrillic letters."""
    return LETTERS.sub(_resolve, text) if SCRIPTS_MEET.search(text) else text


def _resolve(word: re.Match[str]) -> str:
    letters = word[0]
    latin, cyrillic = len(LATIN.findall(letters)), len(CYRILLIC.findall(letters))
    if not latin or not cyrillic:
        return letters
    if latin == cyrillic:  # a draw goes to the script that has letters of its own in the word
        latin -= sum(letter in TO_CYRILLIC for letter in letters)
        cyrillic -= sum(letter in TO_LATIN for letter in letters)
    return letters.translate(LATIN_TABLE if latin >= cyrillic else CYRILLIC_TABLE)


@dataclass(frozen=True, slots=True)
class Alignment:
    """A folded text, and for each of its characters where it began and ended in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that the folded characters `start…end` (not empty) came from."""
        return self.starts[start], self.ends[end - 1]


def align(text: str, folded: str | None = None) -> Alignment:
    """Return `normalise(text)` with its way back; slower than folding alone, so used where something matched.

    `folded` spares folding again where `normalise(text)` is at hand.
    """
    folded = normalise(text) if folded is None else folded
    if _is_letter_for_letter(text, folded):
        return Alignment(folded, range(len(text)), range(1, len(text) + 1))
    cells = [(char, place, place + 1) for place, char in enumerate(text)]
    cells = [(folded, start, end) for char, start, end in _compose_cells(cells) for folded in FOLDS[ord(char)]]
    cells = _collapse_cells(_compose_cells(cells))
    return Alignment(
        _unmix("".join(char for char, _, _ in cells)), [cell[1] for cell in cells], [cell[2] for cell in cells]
    )


Cell = tuple[str, int, int]


def _is_letter_for_letter(text: str, folded: str) -> bool:
    """Whether each character became exactly one, in its place: nothing removed, expanded, composed or collapsed."""
    if len(text) != len(folded):
        return False
    return text.isascii() or (
        unicodedata.is_normalized("NFC", text) and all(len(FOLDS[code]) == 1 for code in set(map(ord, text)))
    )


def _compose_cells(cells: list[Cell]) -> list[Cell]:
    """Compose as NFC does, each composed character spanning all that went into it."""
    text = "".join(char for char, _, _ in cells)
    if unicodedata.is_normalized("NFC", text):
        return cells
    borders = [place for place, char in enumerate(text) if not place or not _joins(char)]
    return [
        (char, cells[start][1], cells[end - 1][2])
        for start, end in pairwise([*borders, len(text)])
        for char in unicodedata.normalize("NFC", text[start:end])
    ]


def _joins(char: str) -> bool:
    return unicodedata.combining(char) != 0 or char in _joining_starters()


@cache
def _joining_starters() -> frozenset[str]:
    """Return the characters that are no marks and yet compose with the one before: some vowel signs, Hangul."""
    seconds = {
        chr(int(parts[1], 16))
        for code in range(0x900, 0x12000)
        if len(parts := unicodedata.decomposition(chr(code)).split()) == 2 and not parts[0].startswith("<")  # noqa: PLR2004 - a pair
    }
    hangul = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    return frozenset(char for char in seconds | hangul if unicodedata.combining(char) == 0)


def _collapse_cells(cells: list[Cell]) -> list[Cell]:
    kept: list[Cell] = []
    for cell in cells:
        if cell[0] != " " or (kept and kept[-1][0] != " "):
            kept.append(cell)
    if kept and kept[-1][0] == " ":
        kept.pop()
    return kept
