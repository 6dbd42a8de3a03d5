"""The date of an item: whatever a page writes for it, as the span of time that this is true to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.dates.counted import read_ago, read_bare
from crawlers.dates.foreign import read_foreign
from crawlers.dates.machine import read_machine
from crawlers.dates.span import Calendar
from crawlers.dates.vocabulary import BEGIN, END
from crawlers.dates.written import Order, Wording, read_written, read_yearless
from crawlers.normal import normalise
from crawlers.when import When

LONGEST: Final = 300  # what is longer holds more than a date
BREAKS: Final = re.compile(r"[\n\r|·•●—]+")
# What may stand before a day that has no year, a day's name or "5d"; a label may hold any words.
LABEL: Final = re.compile(r"[^:0-9]{1,40}:\ *")
LEAD: Final = re.compile(
    rf"(?:{BEGIN}(?:reviewed|review|posted|published|written|wrote|added|created|submitted|commented|replied|dated|date|"
    r"on|at|from|last|опубликовано|опубликован|опубликована|добавлено|добавлен|добавила|добавил|написано|написал|"
    r"написала|размещено|создано|дата|отзыв|от|комментарий|опубліковано|додано|додав|додала|написано|написав|"
    r"створено|розміщено|відгук|від|коментар|opublikowano|opublikowana|dodano|dodana|dodal|dodala|napisano|"
    r"napisal|napisala|wystawiono|wystawiona|utworzono|data|opinia|komentarz|z|od|dnia|dn|в|во|у|на|o|w|we)"
    rf"{END}[\ .,-]*)"
)
ENDING: Final = re.compile(r"[\ .,;]*(?:\((?:edited|изменено|змінено|edytowano)\))?[\ .,;]*$")


def read_date(
    text: str,
    *,
    now: datetime,
    zone: str = "UTC",
    languages: Sequence[str] = (),
    order: Order | None = None,
) -> When | None:
    """Return when something was published, from what a page writes of it; None where that is no date. Never raises.

    `now` is the moment of reading, in UTC; times without a zone are local to `zone`, an IANA name. Read are ISO 8601,
    RFC 5322, seconds and milliseconds of the epoch, and dates in words in English, Russian, Ukrainian and Polish,
    alone or in a sentence ("Reviewed on 12 March 2026"). `languages` (ISO 639 codes, with or without a region) open
    others, and tell the Ukrainian hour "год" from the Russian year.

    Of 03/12/2026 the day comes first; the month where the first of the languages is "en-US". Where that is no date or
    lies ahead of now the other way is tried, unless `order` names the only one there is.

    The span is an instant where a time is given, else the local day, or the month. Counted ones are `relative` and
    never ahead of now: "2 hours ago" is an hour wide, "3 days ago" a day, "a month ago" a month, around it. A weekday
    is the last one. A day without a year is the nearest past one; one that has begun farther east counts as today.
    A year, a time or a month's name alone is no date.
    """
    plain = " ".join(text.split()) if len(text) <= LONGEST * 4 else ""
    if not plain or len(plain) > LONGEST:
        return None
    calendar = Calendar(now=now, zone=_zone(zone))
    return read_machine(plain, calendar) or _read_human(text, plain, calendar, languages, order)


def _read_human(
    text: str, plain: str, calendar: Calendar, languages: Sequence[str], order: Order | None
) -> When | None:
    folded = normalise(plain)
    wording = Wording(order=order, usual="mdy" if _is_american(languages) else "dmy")
    found = read_written(folded, calendar, wording) or read_ago(folded, calendar, languages)
    if found:
        return found
    for part in _parts(text, folded):
        if found := read_yearless(part, calendar, wording) or read_bare(part, calendar):
            return found
    return read_foreign(plain, calendar, languages)


def _parts(text: str, folded: str) -> Iterator[str]:
    """Yield the texts that may be nothing but a date: the whole, its lines and its parts, each without its lead."""
    pieces = [normalise(piece) for piece in BREAKS.split(text)]
    for piece in dict.fromkeys((folded, *pieces)):
        if piece:
            yield from dict.fromkeys(_bared(piece))


def _bared(piece: str) -> Iterator[str]:
    """Yield the piece, and without its label, its lead of known words and its ending."""
    yield piece
    trimmed = ENDING.sub("", piece)
    yield trimmed
    if label := LABEL.match(trimmed):
        trimmed = trimmed[label.end() :]
        yield trimmed
    while lead := LEAD.match(trimmed):
        trimmed = trimmed[lead.end() :]
        yield trimmed


def _is_american(languages: Sequence[str]) -> bool:
    return bool(languages) and languages[0].replace("_", "-").lower() == "en-us"


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
