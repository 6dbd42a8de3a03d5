"""External ids: what a source calls its items, made safe to store and compare."""

from __future__ import annotations

import hashlib
from typing import Final

MAX_ID: Final = 300
_CAPITALS: Final = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def external_id(*candidates: str | None) -> str | None:
    """Return the first candidate that is not blank; a long or unprintable one as its hash; None without any."""
    for candidate in candidates:
        text = (candidate or "").strip()
        if text:
            return text if len(text) <= MAX_ID and text.isprintable() else content_id(text)
    return None


def content_id(*parts: str | None) -> str:
    """Return an id that stays the same as long as the parts do."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update((part or "").encode("utf-8", "surrogatepass") + b"\x1f")
    return f"sha256:{digest.hexdigest()[:40]}"


def handles_of(account: str) -> frozenset[str]:
    """Return how platforms write the account that people call `account`, in small letters: `@shop`, `u/shop`, ...

    SQLite's `lower` knows Latin letters only: other ones stand there as they are written, and in small letters.
    """
    name = account.strip().removeprefix("/").removeprefix("u/").removeprefix("@")
    spelt = {name.lower(), name.translate(_CAPITALS)} - {""}
    return frozenset(f"{sign}{each}" for each in spelt for sign in ("", "@", "u/", "/u/"))
