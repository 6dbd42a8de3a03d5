"""Time zones by their IANA names."""

from __future__ import annotations

import difflib
from zoneinfo import ZoneInfo, available_timezones

from pydantic_core import PydanticCustomError


def is_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, absolute or empty, a folder such as "Europe"
        return False
    return True


def require_zone(name: str) -> str:
    """Return `name` if it is a time zone; else raise pydantic's error, naming one that may have been meant."""
    if is_zone(name):
        return name
    raise PydanticCustomError(
        "timezone", "{value} is no IANA time zone", {"value": repr(name), "allowed": allowed(name)}
    )


def allowed(name: str) -> str:
    """Return what is allowed instead of `name`: names such as the one that may have been meant."""
    wanted = name.replace(" ", "_").casefold()
    zones = {zone.casefold(): zone for zone in sorted(available_timezones())}
    close = [zone for folded, zone in zones.items() if wanted and folded.split("/")[-1] == wanted]
    close = close or [zones[folded] for folded in difflib.get_close_matches(wanted, zones, n=1)]
    return f"names such as {close[0] if close else 'Europe/Kyiv'}"
