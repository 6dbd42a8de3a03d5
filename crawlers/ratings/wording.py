"""Ratings in words and figures: "4 из 5", "4,5", "85 %", "Rated 4.00 out of 5", "four stars"."""

from __future__ import annotations

import re
from typing import Final

from crawlers.normal import normalise
from crawlers.ratings.score import UNRATED, Score, figure

NUMBERS: Final = {
    normalise(word): float(value)
    for value, words in {
        1: "one один одна одну одне jeden jedna jedną",
        2: "two два две дві dwa dwie",
        3: "three три trzy",
        4: "four четыре чотири cztery",
        5: "five пять пяти п'ять п'яти pięć pięciu",
        6: "six шесть шість sześć",
        7: "seven семь сім siedem",
        8: "eight восемь вісім osiem",
        9: "nine девять дев'ять dziewięć",
        10: "ten десять десяти dziesięć dziesięciu",
    }.items()
    for word in words.split()
}
WORD: Final = rf"(?<![\w-])(?:{'|'.join(NUMBERS)})(?![\w-])"
FIGURE: Final = r"[0-9]{1,3}(?:\.[0-9]{1,12}|,[0-9]{1,2})?"
AMOUNT: Final = rf"(?:{FIGURE}|{WORD})"
STARS: Final = r"(?:stars?|зв[её]зд\w*|зір\w*|gwiazd\w*|stern\w*|балл?\w*|points?|punkt\w*|pkt\.?)"
OF: Final = r"(?:\ ?/\ ?|\ (?:out\ of|of|из|із|зі|з|z|na|von|sur|de|od)\ )"
FRACTION: Final = re.compile(
    rf"(?<![\w.,/-])(?P<value>{AMOUNT})(?:\ ?{STARS})?{OF}(?P<best>{AMOUNT})(?![\w/]|[.,][0-9])(?P<rest>\ ?\S*)"
)
# "4 of 5 people found this helpful", "page 1 of 5"
COUNTED: Final = re.compile(
    r"(?:people|users|customers|buyers|persons?|reviews|pages|людей|человек|покупател|пользовател|отзыв|людин|осіб|"
    r"покупц|користувач|відгук|osob|osoby|uzytkownik|klient|opini|stron)"
)
PAGE: Final = re.compile(r"\b(?:page|страниц\w*|стр|сторінк\w*|stron\w*)\.?:?\ ?$")
PERCENT: Final = re.compile(rf"(?<![\w.,-])({FIGURE})\ ?%")
WIDTH: Final = re.compile(rf"(?<![\w-])width\ ?:\ ?({FIGURE})\ ?%")
NUMBER: Final = re.compile(rf"(?<![\w.,/-])(?:(?<=^)|(?<=\ )|(?<=:))-?{FIGURE}(?![\w/%]|[.,][0-9])")
HALVES: Final = re.compile(r"\b(?:and a half|с половиной|з половиною|i pol)\b")
KNOWN: Final = re.compile(
    rf"{STARS}|rating|rated|rate|scored?|grade|mark|overall|average|avg|stelle|etoiles?|estrellas?|"
    r"оцен\w+|рейтинг\w*|общая|средняя|итог|оцін\w+|загальн\w+|середн\w+|ocen\w+|srednia|ogolna|ogolem|not[ae]"
)
NOTES: Final = re.compile(r"\([^()]*\)")
SIGNS: Final = " .,:;!|-–—[]\"'/"


def read_fraction(text: str) -> Score | None:
    """Return the first score of a normalised text that is written with its best: "4 из 5", "4 stars out of 5"."""
    for found in FRACTION.finditer(text):
        if not COUNTED.match(found["rest"].strip()) and not PAGE.search(text[: found.start()]):
            best = _amount(found["best"])
            return Score(value=_amount(found["value"]), best=best) if best else UNRATED
    return None


def read_percent(text: str) -> Score | None:
    """Return the per cent of a normalised text that is a width, or that has only words for ratings beside it.

    A width of 0 is an empty row of stars: not rated.
    """
    if width := WIDTH.search(text):
        value = figure(width[1])
        return Score(value=value, best=100.0) if value else UNRATED
    found = PERCENT.findall(text)
    if len(found) != 1 or not _is_known(PERCENT.sub(" ", text)):
        return None
    return Score(value=figure(found[0]), best=100.0)


def read_amount(text: str) -> Score | None:
    """Return the one number, in figures or as a word, of a normalised text that else has only words for ratings."""
    plain = NOTES.sub(" ", text).strip()
    numbers = NUMBER.findall(plain)
    if len(numbers) == 1 and _is_known(NUMBER.sub(" ", plain)):
        return Score(value=figure(numbers[0]))
    words = re.findall(WORD, plain)
    if numbers or len(words) != 1:
        return None
    rest, halves = HALVES.subn(" ", re.sub(WORD, " ", plain))
    return Score(value=NUMBERS[words[0]] + min(halves, 1) / 2) if _is_known(rest) else None


def _amount(text: str) -> float:
    return NUMBERS[text] if text in NUMBERS else figure(text)


def _is_known(rest: str) -> bool:
    """Whether only words for ratings are left, or a label with one in front."""
    label, colon, after = rest.rpartition(":")
    if colon and any(KNOWN.fullmatch(word.strip(SIGNS)) for word in label.split()):
        rest = after
    words = (word.strip(SIGNS) for word in NOTES.sub(" ", rest).split())
    return all(KNOWN.fullmatch(word) for word in words if word)
