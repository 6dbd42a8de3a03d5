"""What a country suggests: its languages, its working day's time zone, the edition of a news search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.explanation import did_you_mean

_MAIN_ZONES: Final[Mapping[str, str]] = {
    # Countries with several zones: the one where most people, or the capital's offices, are.
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}
_SPOKEN_BY: Final = 10  # percent of the population
_OFFICIAL: Final = {"official", "de_facto_official"}
_CODE_LENGTH: Final = 2


def find_country(text: str) -> str:
    """Return the ISO 3166 code that `text`, a code or an English name, means; raise ValueError if none."""
    from babel import Locale

    names: dict[str, str] = {code: name for code, name in Locale("en").territories.items() if code.isalpha()}
    wanted = text.strip()
    if wanted.upper() in names and len(wanted) == _CODE_LENGTH:
        return wanted.upper()
    for code, name in sorted(names.items()):
        if name.casefold() == wanted.casefold() and len(code) == _CODE_LENGTH:
            return code
    meant = did_you_mean(wanted, names.values())
    raise ValueError(f"{text!r} is no country{meant}; allowed: an ISO 3166 code such as UA, or an English name")


def languages_of(country: str) -> tuple[str, ...]:
    """Return the ISO 639-1 codes of the official languages that a tenth of `country` speaks, widest first."""
    from babel.languages import get_territory_language_info

    spoken: dict[str, float] = {}
    for code, info in get_territory_language_info(country).items():
        percent = info["population_percent"]
        official = info["official_status"] in _OFFICIAL
        if len(code) == _CODE_LENGTH and official and isinstance(percent, float) and percent >= _SPOKEN_BY:
            spoken[code] = percent
    return tuple(sorted(spoken, key=lambda code: -spoken[code]))


def timezone_of(country: str) -> str:
    """Return the IANA zone of most working days in `country`; UTC where none is known."""
    from babel.core import get_global

    zones = get_global("territory_zones").get(country, [])
    return _MAIN_ZONES.get(country) or (zones[0] if zones else "UTC")


def edition(language: str, country: str | None) -> str:
    """Return the country whose edition of a search to read for `language`: `country` where it is spoken
    there, else the one where most of its speakers are.
    """
    from babel.core import get_global

    if country and language in languages_of(country):
        return country
    likely = str(get_global("likely_subtags").get(language, "")).split("_")[-1]
    return likely if len(likely) == _CODE_LENGTH else country or "US"
