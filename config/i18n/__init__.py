"""Languages of the interface: gettext catalogues, read from their `.po` files when first used."""

from __future__ import annotations

import gettext
import io
from functools import cache
from pathlib import Path
from typing import Final

LOCALES: Final = ("en", "ru", "uk", "pl")
DOMAIN: Final = "groundswell"
FOLDER: Final = Path(__file__).parent


class Translator:
    """Says things in one language. Placeholders are `{name}`; extraction knows `t(…)`, `t.plural(…)`, `mark(…)`."""

    def __init__(self, locale: str, catalogue: gettext.NullTranslations) -> None:
        self.locale = locale
        self._catalogue = catalogue

    def __call__(self, message: str, /, **values: object) -> str:
        """Return `message` in this language with its placeholders filled."""
        text = self._catalogue.gettext(message)
        return text.format(**values) if values else text

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the form of `one`/`many` that goes with `n`, with `{n}` and the other placeholders filled."""
        return self._catalogue.ngettext(one, many, n).format(n=n, **values)


def mark(message: str) -> str:
    """Mark a constant for translation; whoever shows it calls the translator."""
    return message


@cache
def translator(locale: str) -> Translator:
    """Return the translator of `locale`; an unknown locale speaks English."""
    path = FOLDER / f"{locale}.po"
    if locale not in LOCALES or not path.exists():
        return Translator("en", gettext.NullTranslations())
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translator(locale, gettext.GNUTranslations(compiled))
