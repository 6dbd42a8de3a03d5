"""Stamps: what the lists that link to a page say of its state, each for itself.

A feed and a sitemap date the same article differently, and both are right: only where one of them says something else
than the last time has the page changed.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

MOST: Final = 8
"""Lists whose stamps of one page are remembered, the latest."""


def differs(known: str | None, *, by: str, stamp: str) -> bool:
    """Whether the list `by` (its URL) says something else than before, or is the first to say anything."""
    return known is None or _read(known).get(_name(by), _plain(stamp)) != _plain(stamp)


def noted(known: str | None, *, by: str, stamp: str) -> str:
    """Return what is `known` with the stamp that the list `by` gives now."""
    stamps = _read(known or "")
    stamps.pop(_name(by), None)
    stamps[_name(by)] = _plain(stamp)
    return "\n".join(f"{name} {said}" for name, said in list(stamps.items())[-MOST:])


def _read(known: str) -> dict[str, str]:
    return {name: said for name, _, said in (line.partition(" ") for line in known.splitlines())}


def _name(url: str) -> str:
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _plain(stamp: str) -> str:
    return " ".join(stamp.split())
