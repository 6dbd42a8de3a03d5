"""Dates in other languages and rarer wordings, by dateparser: slow and over-eager, so asked last and checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final, cast

from crawlers.dates.span import LENGTH, Calendar, Unit, aged
from crawlers.when import When

if TYPE_CHECKING:
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]  # it ships no types

OWN: Final = ("en", "ru", "uk", "pl")
NEARBY: Final = ("de", "fr", "es", "it", "nl", "pt", "cs", "sk", "ro", "hu", "lt")  # tried where no language is named
BASE: Final = datetime(2024, 6, 15, 12)  # noqa: DTZ001 - dateparser wants local; of a leap year, for 29 February
YEAR: Final = re.compile(r"(?<![0-9])(?:19[7-9]|20[0-9])[0-9](?![0-9])")
NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{1,2}(?![0-9])")
WORD: Final = re.compile(r"[^\W\d_]{3}")
CORE: Final = re.compile(
    r"(?<!\d)\d{1,2}\.?º?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}(?!\d)|[^\W\d_]{3,12}\.?\s\d{1,2}\.?,?\s\d{4}(?!\d)"
)
LONGEST: Final = 60
KEPT: Final = 4096
ONE_AT_A_TIME: Final = Lock()  # a parser of theirs remembers the locale of the text before


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What dateparser made of a text as of BASE, and how exact it says that is ("time", "day", "week", …)."""

    moment: datetime
    period: str


def read_foreign(text: str, calendar: Calendar, languages: Sequence[str]) -> When | None:
    """Return the span of a text as written, in one of the named languages; without any, of a full date in a nearby one.

    A day without a year and an age ("vor 3 Tagen") are read only in named languages that Groundswell has no words of
    its own for.
    """
    if len(text) > 2 * LONGEST or not WORD.search(text):
        return None
    named = _known(tuple(languages)) if languages else ()
    year = YEAR.search(text)
    if year:
        return _dated(text, int(year[0]), calendar, named or (*OWN, *NEARBY))
    others = tuple(language for language in named if language not in OWN)
    if not others or len(text) > LONGEST:
        return None
    return _yearless(text, calendar, others) or _counted(text, calendar, others)


def _dated(text: str, year: int, calendar: Calendar, languages: tuple[str, ...]) -> When | None:
    if not NUMBER.search(text):
        return None
    core = CORE.search(text)
    for part in (text, core[0] if core else text):
        parsed = _parse(part, languages, "absolute-time") if len(part) <= LONGEST else None
        if parsed and parsed.moment.year == year and _names_day(part, parsed.moment):
            return _placed(parsed, parsed.moment.date(), calendar)
    return None


def _yearless(text: str, calendar: Calendar, languages: tuple[str, ...]) -> When | None:
    parsed = _parse(text, languages, "absolute-time") if NUMBER.search(text) else None
    if parsed is None or not _names_day(text, parsed.moment):
        return None
    clock = parsed.moment.timetz() if parsed.period == "time" else None
    return calendar.yearless(parsed.moment.month, parsed.moment.day, clock)


def _counted(text: str, calendar: Calendar, languages: tuple[str, ...]) -> When | None:
    parsed = _parse(text, languages, "relative-time")
    if parsed is None:
        return None
    age = BASE - parsed.moment.replace(tzinfo=None)
    if age < timedelta():
        return None
    if parsed.period == "day" and not NUMBER.search(text):  # yesterday, not "3 days ago"
        return calendar.day(calendar.today - age, relative=True)
    unit = _unit(parsed.period, age)
    return aged(calendar, round(age / LENGTH[unit]), unit)


def _unit(period: str, age: timedelta) -> Unit:
    if period in {"day", "week", "month", "year"}:
        return cast("Unit", period)
    return next(unit for unit in ("hour", "minute", "second") if unit == "second" or not age % LENGTH[unit])


def _placed(parsed: Parsed, day: date, calendar: Calendar) -> When | None:
    if parsed.period == "time":
        return calendar.at(day, parsed.moment.timetz())
    return calendar.day(day) if parsed.period == "day" else None


def _names_day(text: str, moment: datetime) -> bool:
    """Whether the day stands in the text; dateparser likes to take it from elsewhere."""
    return moment.day in {int(number[0]) for number in NUMBER.finditer(text)}


@lru_cache(maxsize=KEPT)
def _parse(text: str, languages: tuple[str, ...], parser: str) -> Parsed | None:
    with ONE_AT_A_TIME:
        data = _parser(languages, parser).get_date_data(text)
    moment = data.date_obj
    return None if moment is None else Parsed(moment=_tidied(moment), period=data.period or "day")


def _tidied(moment: datetime) -> datetime:
    """Return the moment with a plain zone of ours instead of dateparser's own."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


@cache
def _parser(languages: tuple[str, ...], parser: str) -> DateDataParser:
    from dateparser.date import DateDataParser

    settings = {
        "PARSERS": [parser],
        "REQUIRE_PARTS": ["day", "month"] if parser == "absolute-time" else [],
        "RELATIVE_BASE": BASE,
        "PREFER_DATES_FROM": "past",
        "RETURN_TIME_AS_PERIOD": True,
        "DATE_ORDER": "DMY",
    }
    return DateDataParser(languages=list(languages), settings=settings)


@cache
def _known(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages without their regions, as far as dateparser knows them."""
    from dateparser.data.languages_info import language_order  # type: ignore[import-untyped]  # it ships no types

    bases = dict.fromkeys(language.replace("_", "-").split("-")[0].lower() for language in languages)
    return tuple(base for base in bases if base in language_order)
