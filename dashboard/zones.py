"""The time zones that people choose from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final
from zoneinfo import available_timezones

_REGIONS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
# Names that browsers still report, and what they are called now.
RENAMED: Final[Mapping[str, str]] = {
    "Europe/Kiev": "Europe/Kyiv",
    "Europe/Uzhgorod": "Europe/Kyiv",
    "Europe/Zaporozhye": "Europe/Kyiv",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
}


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones to choose from, by region; renamed ones and aliases without a region are left out."""
    known = (zone for zone in available_timezones() if zone.split("/")[0] in _REGIONS and "/" in zone)
    return ("UTC", *sorted(zone for zone in known if zone not in RENAMED))
