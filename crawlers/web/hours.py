"""The hours in which a site may be read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)


def closed_for(window: tuple[time, time] | None, zone: str, now: datetime) -> timedelta | None:
    """Return how long it is until the site may be read; None where that is now.

    `window` are local times of `zone`; an end before the beginning lies on the next day.
    """
    if window is None:
        return None
    start, end = window
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time()
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if inside:
        return None
    opens = datetime.combine(local.date(), start, tzinfo=local.tzinfo)
    if opens <= local:
        opens = datetime.combine(local.date() + DAY, start, tzinfo=local.tzinfo)
    return opens.astimezone(now.tzinfo) - now
