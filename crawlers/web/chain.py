"""The chain: one list read page by page, and what that says about the items that stood on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Final

from crawlers.memory import Key

Missing = tuple[tuple[str, str, int], ...]
MOST_MISSING: Final = 5_000
"""Items that one list remembers as missing; the oldest are forgotten first."""
MOST_KEYS: Final = 5_000
"""Items that one page is remembered with."""
ALL_AT_ONCE: Final = 5
"""A list of so many items that shows none at all tells of a site that changed, or of a page that was put in its way."""


@dataclass(slots=True, kw_only=True)
class Chain:
    """The reading of one list that began at `started`, at its page `root`.

    `full`: it is read to its end, whether or not there is news. `searching`: its stamp says that there is news, which
    was not found yet. `whole`: it was begun at the root, so that its end tells what is missing. `oldest_first`: new
    items stand at its end. `before` are the items that stood on its pages the last time, in their order; `seen` those
    that stand there now.
    """

    root: str
    started: datetime
    full: bool
    searching: bool = False
    whole: bool = True
    oldest_first: bool = False
    urls: set[str] = field(default_factory=set)
    before: dict[Key, None] = field(default_factory=dict)
    seen: dict[Key, None] = field(default_factory=dict)

    def note(self, *, before: Iterable[Key], now: Iterable[Key]) -> None:
        """Take in what stood on one of its pages the last time, and what stands there now."""
        for key in before:  # what stands on two pages counts where it comes last: it was handed down there
            self.before.pop(key, None)
            self.before[key] = None
        self.seen.update(dict.fromkeys(now))

    def lost(self, before: Sequence[Key]) -> tuple[list[Key], list[Key]]:
        """Return what is missing of the items that stood on a page `before`: what surely is, and what may stand on
        the next page now, as nothing that stood below it was met yet."""
        absent = [key for key in before if key not in self.seen]
        below = len(list(takewhile(lambda key: key not in self.seen, reversed(before))))
        return absent[: len(absent) - below], absent[len(absent) - below :]

    def absent(self, known: Missing, *, size: int | None) -> list[Key]:
        """Return what was not there in a reading of the whole list, which showed `size` items the last time.

        `known` is what was missing before. A list that did not grow may show only its newest items: what is absent
        from its end was then pushed off by as many newcomers, and is not named. Nor is anything where a whole list
        vanished at once.
        """
        if not self.seen and (size or 0) >= ALL_AT_ONCE:
            return []
        suspects = {(platform, item): None for platform, item, n in known if not n}
        everything = self.before.keys() | self.seen.keys() | suspects.keys()
        absent, below = self.lost(tuple(self.before))
        newcomers = len(everything) - (size or 0)
        pushed = not self.oldest_first and (size is None or (len(below) <= newcomers and len(self.seen) <= size))
        return absent if pushed else absent + below


def merged(above: Sequence[Key], page: Sequence[Key]) -> tuple[Key, ...]:
    """Return the items of a page with those that stood `above` it, in an order that fits both."""
    known = set(page)
    following: dict[Key | None, list[Key]] = {}
    last: Key | None = None
    for key in above:
        if key in known:
            last = key
        else:
            following.setdefault(last, []).append(key)
    lower = (each for key in page for each in (key, *following.get(key, ())))
    return tuple(dict.fromkeys((*following.get(None, ()), *lower)))[:MOST_KEYS]


def still_missing(known: Missing, seen: Iterable[Key]) -> Missing:
    """Return what of `known` was not `seen`."""
    here = set(seen)
    return tuple(item for item in known if item[:2] not in here) if here else known


def suspect(known: Missing, keys: Iterable[Key]) -> Missing:
    """Remember `keys` as not shown by a reading of a part of the list: readings of the whole will tell."""
    times = {(platform, item): n for platform, item, n in known}
    return _written(times | {key: 0 for key in keys if key not in times})


def count(known: Missing, absent: Iterable[Key], misses: int) -> tuple[Missing, tuple[Key, ...]]:
    """Return what to remember as missing after a reading of the whole list, and what was missing `misses` times."""
    times = {(platform, item): n for platform, item, n in known}
    counts = {key: times.get(key, 0) + 1 for key in (*times, *absent)}
    gone = tuple(key for key, n in counts.items() if n >= misses)
    return _written({key: n for key, n in counts.items() if n < misses}), gone


def _written(times: dict[Key, int]) -> Missing:
    return tuple((platform, item, n) for (platform, item), n in times.items())[-MOST_MISSING:]
