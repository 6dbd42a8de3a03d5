"""Rhythm: how many mentions an hour is worth, in ordinary times, in the crisis and after the start."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.sample.dice import Dice
from crawlers.sample.stream import Stream

ZONE: Final = "Europe/Warsaw"
HISTORY: Final = timedelta(days=60)

# Share of a day's mentions in each local hour, before scaling: quiet nights, a lunch bump, an evening peak.
_NIGHT: Final = (0.35, 0.18, 0.1, 0.06, 0.06, 0.12)
_MORNING: Final = (0.35, 0.7, 1.0, 1.15, 1.2, 1.25)
_AFTERNOON: Final = (1.4, 1.35, 1.2, 1.15, 1.2, 1.35)
_EVENING: Final = (1.6, 1.85, 2.0, 1.9, 1.4, 0.8)
_DAY: Final = (*_NIGHT, *_MORNING, *_AFTERNOON, *_EVENING)
_DAY_TOTAL: Final = sum(_DAY)
_WEEK: Final = (1.12, 1.06, 1.02, 1.03, 1.05, 0.8, 0.92)
_WOBBLE: Final = 0.24

_ONSET, _HEIGHT = -9.5, -5.0
_FIRST, _PEAK = 4.0, 52.0
_FADING_HOURS: Final = 2.0
_OVER: Final = 24.0
_LIVELY, _STEADY, _CALMING_HOURS = 11.0, 2.5, 30.0


def ordinary(stream: Stream, hour: datetime, *, seed: int) -> float:
    """Return how many mentions `stream` is expected to have in the hour that begins at `hour` (UTC)."""
    local = hour.astimezone(ZoneInfo(ZONE))
    wobble = 1 + _WOBBLE * (2 * Dice(seed, "wobble", stream.name, local.date()).fraction() - 1)
    return stream.per_day * _WEEK[local.weekday()] * wobble * _DAY[local.hour] / _DAY_TOTAL


def crisis(offset: timedelta) -> float:
    """Return the crisis' mentions an hour over all streams, `offset` after the start (negative before it)."""
    hours = offset / timedelta(hours=1)
    if not _ONSET <= hours < _OVER:
        return 0.0
    if hours < _HEIGHT:
        return _FIRST + (_PEAK - _FIRST) * ((hours - _ONSET) / (_HEIGHT - _ONSET)) ** 2
    return _PEAK * math.exp(-max(hours, 0.0) / _FADING_HOURS)


def trickle(offset: timedelta) -> float:
    """Return the extra mentions an hour over all streams after the start, so that a newcomer sees life."""
    hours = offset / timedelta(hours=1)
    return _STEADY + _LIVELY * math.exp(-hours / _CALMING_HOURS) if hours >= 0 else 0.0


PEAK: Final = _PEAK
LIVELY: Final = _LIVELY + _STEADY


def gap(stream: Stream, started: datetime) -> tuple[datetime, datetime] | None:
    """Return the day three weeks before the start on which the forum could not be read; None elsewhere."""
    if stream.name != "forum":
        return None
    begin = (started - timedelta(days=21)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return begin, begin + timedelta(days=1)
