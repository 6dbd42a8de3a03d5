"""Countries and languages to choose from, by their codes and by their names in a person's language."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from babel import Locale

_COUNTRY: Final = re.compile("[A-Z]{2}")
_LANGUAGE: Final = re.compile("[a-z]{2}")
_UNREAL: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # codes that are no country


@cache
def countries(locale: str) -> dict[str, str]:
    """Return the names of countries by their ISO 3166 codes, in order of the names."""
    known = ((str(code), str(name)) for code, name in Locale.parse(locale).territories.items())
    found = ((code, name) for code, name in known if _COUNTRY.fullmatch(code) and code not in _UNREAL)
    return dict(sorted(found, key=lambda pair: pair[1].casefold()))


def country(code: str, locale: str) -> str:
    """Return the name of a country; an unknown code as it is."""
    return countries(locale).get(code, code)


@cache
def languages(locale: str) -> tuple[str, ...]:
    """Return the ISO 639 codes of languages, in order of their names."""
    names = {str(code): str(name) for code, name in Locale.parse(locale).languages.items()}
    return tuple(sorted((code for code in names if _LANGUAGE.fullmatch(code)), key=lambda code: names[code].casefold()))
