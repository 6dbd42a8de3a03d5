"""Values of rows: dates, numbers and ratings as people write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?")
MILLISECONDS: Final = 10**11  # as seconds this would be the year 5138
LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)


def text_of(value: object) -> str:
    """Return a text or number as stripped text; "" for None; raise ValueError for lists, objects and booleans."""
    if value is None:
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip()
    raise ValueError(f"{str(value)[:60]} is no text")


def instant_of(value: object) -> datetime | None:
    """Return an ISO 8601 or RFC 5322 date, or seconds or milliseconds of the epoch, in UTC; None for an empty one.

    A date without a zone counts as UTC. Raises ValueError for anything else.
    """
    text = text_of(value)
    if not text:
        return None
    try:
        return _zoned(_parse(text))
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{text[:60]!r} is no date such as 2026-03-10T12:00:00Z") from error


def _parse(text: str) -> datetime:
    if NUMBER.fullmatch(text) and len(text) > len("20260310"):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= MILLISECONDS else seconds, UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def _zoned(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def whole_of(value: object) -> int | None:
    """Return a whole number; None for an empty value; raise ValueError for anything else."""
    text = text_of(value)
    if not text:
        return None
    if not NUMBER.fullmatch(text) or not float(text).is_integer():
        raise ValueError(f"{text[:60]!r} is no whole number")
    return int(float(text))


def rating_of(value: object, best: object) -> float | None:
    """Return a rating as a share of the `best` there is, from 0 to 1; None for an empty one; raise ValueError."""
    text = text_of(value).replace(",", ".")
    if not text:
        return None
    top = float(text_of(best).replace(",", "."))
    share = float(text) / top if top > 0 else math.nan
    if not 0 <= share <= 1:
        raise ValueError(f"{text[:60]} does not lie between 0 and {top:g}")
    return share


def language_of(value: object) -> str | None:
    """Return the ISO 639 code of "uk" or "uk-UA"; None for an empty value; raise ValueError."""
    text = text_of(value)
    if not text:
        return None
    found = LANGUAGE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:60]!r} is no language code such as en or uk")
    return found[1].lower()
