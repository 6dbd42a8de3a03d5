"""The time of day beside a date: "14:05", "o 14:05", "2:05 p.m. EST", "14:05:00 +0200"."""

from __future__ import annotations

import re
from datetime import time, timedelta, timezone
from typing import Final

from crawlers.dates.vocabulary import BEGIN, END, ZONES, any_of

CLOCK: Final = (
    r"(?:(?P<hour>[01]?[0-9]|2[0-3])(?::|h|(?<=[0-9]{2})\.)(?P<minute>[0-5][0-9])(?![0-9])"
    r"(?:[:.](?P<second>[0-5][0-9])(?![0-9])(?:[.,][0-9]{1,9})?)?(?:\ ?(?P<half>[ap])\.?\ ?m"
    + END
    + r"\.?)?"
    + r"|(?P<full>0?[1-9]|1[0-2])\ ?(?P<fullhalf>[ap])\.?\ ?m"
    + END
    + rf"\.?|{BEGIN}(?P<word>noon|midnight){END})"
)
OFFSET: Final = r"(?P<offset>[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])(?![0-9])"
ZONE: Final = rf"(?:\ ?\(?(?:(?P<zone>{any_of(ZONES)}){END}(?P<shift>[+-][0-9]{{1,2}}(?![0-9:]))?)?\ ?(?:{OFFSET})?\)?)"
JOINT: Final = rf"(?:[\ ,;.@|/·-]|t(?=[0-9])|{BEGIN}(?:at|в|во|о|об|у|o|w|um|godz|godzina|time){END}|г\.|р\.){{0,8}}"
AFTER: Final = re.compile(rf"{JOINT}(?<![0-9]){CLOCK}{ZONE}")
BEFORE: Final = re.compile(rf"(?<![0-9.:,-]){CLOCK}{ZONE}(?:[\ ,;|-]|{BEGIN}(?:on|в|w|of){END}){{0,4}}$")
NOON: Final = 12


def time_beside(text: str, start: int, end: int) -> tuple[time | None, int]:
    """Return the time of day right after `end`, or right before `start`, and where the date with its time ends.

    None where there is no time. The time is aware where a zone stands beside it.
    """
    if after := AFTER.match(text, end):
        return time_of(after), after.end()
    if before := BEFORE.search(text[max(0, start - 40) : start]):
        return time_of(before), end
    return None, end


def time_of(found: re.Match[str]) -> time | None:
    """Return the time of day that a match of CLOCK with ZONE tells; None for "13:05 pm"."""
    if found["word"]:
        return time(NOON if found["word"] == "noon" else 0, tzinfo=_zone(found))
    hour, half = int(found["hour"] or found["full"]), found["half"] or found["fullhalf"]
    if half and hour > NOON:
        return None
    if half:
        hour = hour % NOON + (NOON if half == "p" else 0)
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0), tzinfo=_zone(found))


def _zone(found: re.Match[str]) -> timezone | None:
    if offset := found["offset"]:
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    if found["zone"] is None:
        return None
    shift = int(found["shift"] or 0)
    if abs(shift) > 14:  # noqa: PLR2004 - hours; no zone is farther from UTC
        return None
    return timezone(timedelta(minutes=ZONES[found["zone"]] + 60 * shift))
