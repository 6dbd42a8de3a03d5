"""What a database can hold: PostgreSQL knows no NUL character, and neither database knows half a character."""

from __future__ import annotations

from collections.abc import Iterable


def is_storable(text: str) -> bool:
    """Whether `text` can be stored or compared; if not, nothing stored can be equal to it."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))


def storable(texts: Iterable[str]) -> list[str]:
    """Return those of `texts` that something stored could be equal to."""
    return [text for text in texts if is_storable(text)]


def as_storable(text: str) -> str:
    """Return `text` without the characters that no database can hold."""
    return text if is_storable(text) else "".join(char for char in text if is_storable(char))
