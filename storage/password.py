"""Passwords: hashed with argon2, checked in the same time whether or not there is anything to check against."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST: Final = 12
LONGEST: Final = 1_000  # hashing megabytes of password would be a way to keep the server busy

_HASHER: Final = PasswordHasher()


def hash_password(password: str) -> str:
    """Return a salted argon2id hash, with its costs inside."""
    return _HASHER.hash(_composed(password))


def is_right(hashed: str, password: str) -> bool:
    """Whether `password` is the one that `hashed` was made of."""
    try:
        return _HASHER.verify(hashed, _composed(password[: LONGEST + 1]))
    except VerificationError:
        return False


def is_stale(hashed: str) -> bool:
    """Whether the hash was made at another cost than today's and should be made anew."""
    return _HASHER.check_needs_rehash(hashed)


@cache
def decoy() -> str:
    """Return a hash that no password fits: an unknown login must cost as much time as a known one."""
    return hash_password(secrets.token_urlsafe(32))


def _composed(password: str) -> str:
    """One password, however the keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)
