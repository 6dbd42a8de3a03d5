"""The words of a folded text: what the search index holds, and what a search is made of."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_WORD: Final = 64
"""Characters of a word that count; PostgreSQL refuses words of more than 2,046 bytes."""
LONGEST_TEXT: Final = 200_000
"""Characters of a text that are searched: an index entry has an upper limit of a megabyte in PostgreSQL."""
_INNER_APOSTROPHE: Final = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


class _Cuts(dict[int, str]):
    """What each character is to a word: itself, or a gap; worked out when first met, and kept."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = kept = char if char == "_" or unicodedata.category(char)[0] in "LNM" else " "
        return kept


_CUTS: Final = _Cuts()


def words_of(folded: str) -> list[str]:
    """Return the words of a text that went through `crawlers.normal.normalise`, in order.

    A word is a run of letters, digits, marks and underscores. An apostrophe inside a word is left out:
    "п'ять" and "don't" are one word each, however they are typed.
    """
    text = folded[:LONGEST_TEXT]
    if "'" in text:
        text = _INNER_APOSTROPHE.sub("", text)
    return [word[:LONGEST_WORD] for word in text.translate(_CUTS).split()]
