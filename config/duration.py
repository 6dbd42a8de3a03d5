"""Durations as people write them: `30s`, `15m`, `2h`, `1d`, `1h30m`, or a number of seconds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

ALLOWED: Final = "30s, 15m, 2h, 1d, 1h30m, or a number of seconds"
_WRITTEN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
# ISO 8601, as JSON Schemas give defaults: PT15M, P1DT2H.
_ISO: Final = re.compile(r"p(?:\d+d)?(?:t(?:\d+[hms])+)?")
_SECONDS: Final = re.compile(r"\d+(?:\.\d+)?")


def read(value: object) -> timedelta:
    """Return the duration that `value` means; raise ValueError for anything but `ALLOWED` or a timedelta."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_seconds(float(value), value)
    if isinstance(value, str):
        return _read_text(value)
    raise ValueError(f"{value!r} is no duration; allowed: {ALLOWED}")


def _read_text(text: str) -> timedelta:
    compact = text.strip().lower().replace(" ", "")
    if _SECONDS.fullmatch(compact):
        return _of_seconds(float(compact), text)
    if _ISO.fullmatch(compact):
        compact = compact.translate({ord("p"): None, ord("t"): None})
    match = _WRITTEN.fullmatch(compact)
    if not compact or match is None:
        raise ValueError(f"{text!r} is no duration; allowed: {ALLOWED}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return _of_seconds(((days * 24 + hours) * 60 + minutes) * 60 + seconds, text)


def _of_seconds(seconds: float, written: object) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{written!r} is too long for a duration; allowed: {ALLOWED}") from error


def write(value: timedelta) -> str:
    """Return `value` as `read` takes it: `15m`, `1h30m`; fractions of a second as a number of seconds."""
    if value.microseconds or value < timedelta(0):
        return f"{value.total_seconds():g}"
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((value.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def _validate(value: Any) -> timedelta:
    try:
        return read(value)
    except ValueError as error:
        raise PydanticCustomError(
            "duration", "{value} is no duration", {"value": repr(value), "allowed": ALLOWED}
        ) from error


Duration = Annotated[
    timedelta,
    BeforeValidator(_validate),
    PlainSerializer(write, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["15m"]}),
]
