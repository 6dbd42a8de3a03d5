"""Written dates: a day, month and year in words or figures, in any of the orders people use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from crawlers.dates.clock import CLOCK, ZONE, time_beside, time_of
from crawlers.dates.span import Calendar
from crawlers.dates.vocabulary import BEGIN, END, MONTHS, WEEKDAYS, any_of
from crawlers.when import When

Order = Literal["dmy", "mdy", "ymd"]

ALONE: Final = BEGIN + r"(?<![0-9][.,:/-])"
DAY: Final = r"(?P<day>0?[1-9]|[12][0-9]|3[01])(?![0-9])(?:(?:st|nd|rd|th|-?(?:го|ого|е|ое))(?![^\W_]))?"
MONTH: Final = rf"(?P<month>{any_of(MONTHS)}){END}\.?"
YEAR: Final = rf"(?P<year>[12][0-9]{{3}}|'[0-9]{{2}}){END}(?!-[0-9]{{2}})"
GAP: Final = r"[\ .,/-]{0,3}"
NAMED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{ALONE}{DAY}{GAP}(?:of\ )?{MONTH}{GAP}{YEAR}",
        rf"{BEGIN}{MONTH}[\ -]?{DAY}{GAP}{YEAR}",
        rf"{ALONE}(?P<year>[12][0-9]{{3}}){GAP}{MONTH}{GAP}{DAY}{END}",
        rf"{ALONE}{DAY}[/.-]{MONTH}[/.-](?P<year>[0-9]{{2}}){END}",
    )
)
CTIME: Final = re.compile(rf"{BEGIN}{MONTH}\ {DAY}\ {CLOCK}{ZONE}\ {YEAR}")
FIGURES: Final = re.compile(
    r"(?<![\w])(?<![0-9][.,:/-])(?P<a>[12][0-9]{3}|[0-9]{1,2})(?P<s>[./-])\ ?(?P<b>[0-9]{1,2})(?P=s)\ ?"
    r"(?P<c>[12][0-9]{3}|[0-9]{1,2})(?![0-9])(?!(?P=s)[0-9])"
)
MONTH_YEAR: Final = re.compile(rf"{BEGIN}(?<![0-9][\ .,-]){MONTH}{GAP}{YEAR}")
FIGURES_MONTH: Final = re.compile(r"(?<![\w.,:/-])(?P<month>0[1-9]|1[0-2])[./-](?P<year>(?:19|20)[0-9]{2})(?![\w./-])")
NUMERALS: Final = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
NAMES: Final = any_of(MONTHS.keys() - NUMERALS)
WEEKDAY: Final = rf"(?:{BEGIN}{any_of(WEEKDAYS)}{END}[.,]*\ )?(?:the\ )?"
YEARLESS: Final = (
    re.compile(rf"{WEEKDAY}{DAY}{GAP}(?:of\ )?(?P<month>{NAMES}){END}\.?"),
    re.compile(rf"{WEEKDAY}(?P<month>{NAMES}){END}\.?\ ?{DAY}"),
)
SHORT_YEAR: Final = re.compile(rf"{WEEKDAY}{DAY}\ (?P<month>{NAMES}){END}\.?,?\ (?P<year>[0-9]{{2}})(?![0-9:.])")
FIGURES_YEARLESS: Final = re.compile(r"(?P<a>[0-9]{1,2})(?P<s>[./-])(?P<b>[0-9]{1,2})\.?(?![0-9])")
CHANGED: Final = re.compile(
    rf"{BEGIN}(?:updated|edited|modified|обновлено|изменено|отредактировано|оновлено|змінено|відредаговано|"
    rf"zaktualizowano|edytowano|aktualizacja|zmieniono){END}"
)
PUBLISHED: Final = re.compile(
    rf"{BEGIN}(?:published|posted|created|опубликовано|создано|добавлено|опубліковано|створено|додано|"
    rf"opublikowano|utworzono|dodano){END}"
)
YEAR_AFTER: Final = re.compile(rf"\ ?(?:г|р|r|года|год|року|рік|roku){END}\.?")
AHEAD: Final = timedelta(days=1)  # a date as far ahead as this may be today's where the site is


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How a source writes: the `order` that its operator names, and the one that its language suggests."""

    order: Order | None
    usual: Order

    def readings(self, first: int, second: int, third: int) -> Iterator[tuple[int, int, int]]:
        """Yield (year, month, day) readings of three figures without a four-digit year in front, likeliest first."""
        for order in (self.order,) if self.order else (self.usual, "mdy" if self.usual == "dmy" else "dmy"):
            if order == "dmy":
                yield third, second, first
            elif order == "mdy":
                yield third, first, second
            else:
                yield first, second, third


def read_written(text: str, calendar: Calendar, wording: Wording) -> When | None:
    """Return the first full date anywhere in a normalised text, with the time beside it; else a month with its year.

    Where a text tells both when it was changed and when it was published, the latter counts.
    """
    if CHANGED.search(text) and (published := PUBLISHED.search(text)):
        text = text[published.end() :] or text
    found = sorted(_days(text, calendar, wording), key=lambda dated: dated[0])
    if found:
        return found[0][1]
    for pattern in (MONTH_YEAR, FIGURES_MONTH):
        if (month := pattern.search(text)) and (when := _month(month, calendar)):
            return when
    return None


def read_yearless(text: str, calendar: Calendar, wording: Wording) -> When | None:
    """Return the nearest past day, or instant, of a normalised text that is a day and month and nothing else.

    In figures ("12.03") only with a time after them, else they may be a price.
    """
    if (short := SHORT_YEAR.match(text)) and (when := _day(text, short, calendar, whole=True)):
        return when
    for pattern in YEARLESS:
        if found := pattern.match(text):
            clock, end = time_beside(text, 0, found.end())
            if not text[end:].strip(" .,"):
                return calendar.yearless(MONTHS[found["month"]], int(found["day"]), clock)
    return _yearless_figures(text, calendar, wording)


def _yearless_figures(text: str, calendar: Calendar, wording: Wording) -> When | None:
    found = FIGURES_YEARLESS.match(text)
    if found is None:
        return None
    clock, end = time_beside(text, 0, found.end())
    if clock is None or text[end:].strip(" .,"):
        return None
    day, month = int(found["a"]), int(found["b"])
    if (wording.order or wording.usual) != "dmy":
        day, month = month, day
    return calendar.yearless(month, day, clock) if month else None


def _days(text: str, calendar: Calendar, wording: Wording) -> Iterator[tuple[int, When]]:
    """Yield where a full date begins, and what it is."""
    for pattern in NAMED:
        for found in pattern.finditer(text):
            if when := _day(text, found, calendar):
                yield found.start(), when
    for found in CTIME.finditer(text):
        day, clock = _date(_year(found["year"], calendar), MONTHS[found["month"]], int(found["day"])), time_of(found)
        if day and clock and (when := calendar.at(day, clock)):
            yield found.start(), when
    for found in FIGURES.finditer(text):
        if (day := _figures(found, calendar, wording)) and (when := _with_time(text, found, day, calendar)):
            yield found.start(), when


def _day(text: str, found: re.Match[str], calendar: Calendar, *, whole: bool = False) -> When | None:
    day = _date(_year(found["year"], calendar), MONTHS[found["month"]], int(found["day"]))
    return _with_time(text, found, day, calendar, whole=whole) if day else None


def _with_time(text: str, found: re.Match[str], day: date, calendar: Calendar, *, whole: bool = False) -> When | None:
    mark = YEAR_AFTER.match(text, found.end())
    clock, end = time_beside(text, found.start(), mark.end() if mark else found.end())
    if whole and text[end:].strip(" .,"):
        return None
    return calendar.at(day, clock) if clock else calendar.day(day)


def _month(found: re.Match[str], calendar: Calendar) -> When | None:
    month = found["month"]
    return calendar.month(_year(found["year"], calendar), MONTHS.get(month) or int(month))


def _figures(found: re.Match[str], calendar: Calendar, wording: Wording) -> date | None:
    """Return the likeliest date of three figures.

    A year in front settles the order. Else the order that the operator names is the only one. Without it the usual
    one is tried, and the other where the first is no date or lies ahead: nobody publishes tomorrow.
    """
    first, third = found["a"], found["c"]
    if len(first) == len(third) == 4:  # noqa: PLR2004 - two years make no date
        return None
    middle = int(found["b"])
    if len(first) == 4:  # noqa: PLR2004 - a year
        return _date(int(first), middle, int(third))
    if len(third) != 4 and (len(third), len(found["b"])) != (2, 2) and found["s"] != "/":  # noqa: PLR2004 - versions
        return None
    dates = [
        day
        for year, month, number in wording.readings(int(first), middle, int(third))
        if (day := _date(_full(year, calendar), month, number))
    ]
    past = [day for day in dates if day <= calendar.today + AHEAD]
    return next(iter(past or dates), None)


def _year(text: str, calendar: Calendar) -> int:
    return _full(int(text.removeprefix("'")), calendar)


def _full(year: int, calendar: Calendar) -> int:
    """Return the four-digit year of two digits: not later than next year."""
    if year > 99:  # noqa: PLR2004 - full already
        return year
    return 2000 + year if 2000 + year <= calendar.today.year + 1 else 1900 + year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
