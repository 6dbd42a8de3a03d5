"""The dates that machines write: ISO 8601 and the seconds or milliseconds of the epoch."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final

from crawlers.dates.span import FIRST_YEAR, LAST_YEAR, Calendar
from crawlers.when import When

EPOCH: Final = re.compile(r"([0-9]{10})(?:([0-9]{3})|\.[0-9]+)?")
ISO: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-[wW][0-9]{2}-[1-7])"
    r"(?:(?:[tT]|\ +)(?P<clock>[0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]+)?)?)?)"
    r"\ *(?P<zone>[zZ]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?(?:\[[\w/+-]+\])?)?"
)
ISO_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")


def read_machine(text: str, calendar: Calendar) -> When | None:
    """Return the span of a text that is one of the machine forms and nothing else.

    Without a zone a time is local to the calendar; a date is its local day. Other digits are no date.
    """
    if epoch := EPOCH.fullmatch(text):
        return _instant(datetime.fromtimestamp(int(epoch[1]) + int(epoch[2] or 0) / 1000, UTC))
    if month := ISO_MONTH.fullmatch(text):
        return calendar.month(int(month[1]), int(month[2]))
    found = ISO.fullmatch(text)
    return _iso(found, calendar) if found else None


def _iso(found: re.Match[str], calendar: Calendar) -> When | None:
    try:
        day = date.fromisoformat(found["day"].upper())
        clock = time.fromisoformat(found["clock"] + _offset(found["zone"])) if found["clock"] else None
    except ValueError:  # a 30 February, a 25 o'clock
        return None
    return calendar.day(day) if clock is None else calendar.at(day, clock)


def _offset(zone: str | None) -> str:
    return "+00:00" if zone in {"z", "Z", "UTC", "GMT"} else zone or ""


def _instant(moment: datetime) -> When | None:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    return When(since=moment, until=moment)
