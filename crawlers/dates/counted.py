"""Dates counted from the moment of reading: "2 hours ago", "вчера в 14:05", "w poniedziałek", "5d"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta
from typing import Final, Literal

from crawlers.dates.clock import time_beside
from crawlers.dates.span import LENGTH, Calendar, Unit, aged
from crawlers.dates.vocabulary import (
    AGO,
    BEGIN,
    COUNTS,
    DAYS_BACK,
    END,
    NOW,
    PLURAL,
    SHORT,
    SINGLE,
    SOME,
    WEEKDAYS,
    any_of,
)
from crawlers.when import When

UNITS: Final[dict[str, Unit]] = {**SHORT, **PLURAL, **SINGLE}
COUNT: Final = rf"(?:(?P<figures>[0-9]{{1,4}}(?:[.,][0-9])?)|{BEGIN}(?P<word>{any_of({*COUNTS, *SOME})}))"
PAIR: Final = re.compile(rf"(?<![0-9.,])(?:{COUNT}\ ?\+?\ ?)?(?P<unit>{any_of(UNITS)}){END}\.?")
BACKWARDS: Final = re.compile(rf"{BEGIN}{any_of(AGO)}{END}")
BETWEEN: Final = re.compile(r"\ ?(?:,|and|и|і|та|i|oraz)?\ ?")
JUST: Final = re.compile(rf"{BEGIN}{any_of(NOW - {'now', 'teraz', 'сейчас', 'зараз'})}{END}")
DAY_BACK: Final = re.compile(rf"{BEGIN}(?P<word>{any_of(DAYS_BACK)}){END}")
LAST: Final = (
    r"last|previous|прошл(?:ый|ая|ое|ую|ой|ом)|минул(?:ий|а|у|ого|ої|ому)|"
    r"(?:zeszl|ubiegl|poprzedni|minion)(?:y|a|e|ego|ej|ym|im)?"
)
LAST_UNIT: Final = re.compile(
    rf"(?:{LAST})\ (?:(?P<week>week|недел[яюеи]|тиж(?:день|ня|ні)|tydzien|tygodni[ua])|"
    rf"(?P<month>month|месяц[еа]?|місяц[яі]|місяць|miesiac[ua]?)|(?P<year>year|год[уа]?|р[оі]к[уі]?|rok[u]?))|"
    r"(?P<lastyear>торік)"
)
WEEKDAY: Final = re.compile(rf"(?P<last>(?:{LAST})\ )?(?P<day>{any_of(WEEKDAYS)}){END}\.?")
SHORT_PAIR: Final = re.compile(rf"(?P<figures>[0-9]{{1,3}})\ ?(?P<unit>{any_of(SHORT)}){END}\.?\ ?")
MINUTE: Final = timedelta(minutes=1)
SOME_AT_LEAST: Final = 2
SOME_AT_MOST: Final = 10


def read_ago(text: str, calendar: Calendar, languages: Sequence[str]) -> When | None:
    """Return the span of an age ("1 hour, 5 minutes ago") or of a named day with its time, anywhere in the text."""
    if JUST.search(text):
        return calendar.ago(timedelta(), MINUTE)
    for ago in BACKWARDS.finditer(text):
        pairs = _pairs_before(text, ago.start())
        if pairs and (when := _age(pairs, calendar, hours=_means_hours(ago[0], languages))):
            return when
    for found in DAY_BACK.finditer(text):
        clock, _ = time_beside(text, found.start(), found.end())
        if clock:
            return _back(DAYS_BACK[found["word"]], clock, calendar)
    return None


def read_bare(text: str, calendar: Calendar) -> When | None:
    """Return the span of a text that is nothing but a day's name, with or without a time, "last week" or "5d"."""
    if text in NOW:
        return calendar.ago(timedelta(), MINUTE)
    if found := DAY_BACK.fullmatch(text):
        return _back(DAYS_BACK[found["word"]], None, calendar)
    if last := LAST_UNIT.fullmatch(text):
        return calendar.last(_last_unit(last))
    return _weekday(text, calendar) or _short(text, calendar)


def _pairs_before(text: str, end: int) -> list[re.Match[str]]:
    """Return the counts with their units that stand right before `end`, the longest unit first."""
    pairs: list[re.Match[str]] = []
    reached = 0
    for found in PAIR.finditer(text, 0, end):
        if pairs and not BETWEEN.fullmatch(text, reached, found.start()):
            pairs = []
        pairs.append(found)
        reached = found.end()
    return pairs if not text[reached:end].strip() else []


def _means_hours(ago: str, languages: Sequence[str]) -> bool:
    """Whether "год" is the Ukrainian hour, not the Russian year: by the languages, else by the word for "ago"."""
    bases = {language[:2].lower() for language in languages}
    if ("uk" in bases) != ("ru" in bases):
        return "uk" in bases
    return ago == "тому"


def _age(pairs: list[re.Match[str]], calendar: Calendar, *, hours: bool) -> When | None:
    *longer, final = pairs
    rest = timedelta()
    for pair in longer:
        if (count := _count(pair)) is None:
            return None
        rest += LENGTH[_unit(pair, hours=hours)] * count
    unit = _unit(final, hours=hours)
    if final["word"] in SOME:
        return calendar.ago(rest + LENGTH[unit] * SOME_AT_LEAST, rest + LENGTH[unit] * SOME_AT_MOST)
    count = _count(final)
    return None if count is None else aged(calendar, count, unit, rest)


def _unit(pair: re.Match[str], *, hours: bool) -> Unit:
    return "hour" if hours and pair["unit"] == "год" else UNITS[pair["unit"]]


def _count(pair: re.Match[str]) -> float | None:
    """Return the count; of a single unit without one ("месяц назад") 1; None for "days ago" and "some days"."""
    if pair["figures"]:
        return float(pair["figures"].replace(",", "."))
    if pair["word"]:
        return COUNTS.get(pair["word"])
    return 1.0 if pair["unit"] in SINGLE else None


def _back(days: int, clock: time | None, calendar: Calendar) -> When | None:
    day = calendar.today - timedelta(days=days)
    return calendar.at(day, clock, relative=True) if clock else calendar.day(day, relative=True)


def _last_unit(found: re.Match[str]) -> Literal["week", "month", "year"]:
    if found["week"]:
        return "week"
    return "month" if found["month"] else "year"


def _weekday(text: str, calendar: Calendar) -> When | None:
    """Return the last such day: today if it is one and its time is not ahead, unless "last" stands before it."""
    found = WEEKDAY.match(text)
    if found is None:
        return None
    clock, end = time_beside(text, 0, found.end())
    if text[end:].strip(" .,"):
        return None
    back = (calendar.today.weekday() - WEEKDAYS[found["day"]]) % 7
    if back == 0 and (found["last"] or (clock and _is_ahead(clock, calendar))):
        back = 7
    return _back(back, clock, calendar)


def _is_ahead(clock: time, calendar: Calendar) -> bool:
    moment = calendar.at(calendar.today, clock)
    return moment is not None and moment.since > calendar.now


def _short(text: str, calendar: Calendar) -> When | None:
    """Return the span of "5d", "1h 5m" or "3 дн.": figures and units cut short, nothing else."""
    pairs: list[re.Match[str]] = []
    reached = 0
    while found := SHORT_PAIR.match(text, reached):
        pairs.append(found)
        reached = found.end()
    if not pairs or reached < len(text):
        return None
    *longer, final = [(int(pair["figures"]), SHORT[pair["unit"]]) for pair in pairs]
    return aged(calendar, final[0], final[1], sum((LENGTH[unit] * count for count, unit in longer), timedelta()))
