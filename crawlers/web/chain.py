"""The chain: one list read page by page, and what that says about the items that stood on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from crawlers.memory import Key

Missing = tuple[tuple[str, str, int], ...]


@dataclass(slots=True, kw_only=True)
class Chain:
    """The reading of one list that began at `started`, at its page `root`.

    `full`: it is read to its end, whether or not there is news. `searching`: its stamp says that there is news, which
    was not found yet. `whole`: it was begun at the root, so that an end
    without a `broken` page tells what is missing. `before` are the items that stood on its pages the last time, in
    their order; `seen` those that stand there now.
    """

    root: str
    started: datetime
    full: bool
    searching: bool = False
    whole: bool = True
    broken: bool = False
    urls: set[str] = field(default_factory=set)
    before: dict[Key, None] = field(default_factory=dict)
    seen: dict[Key, None] = field(default_factory=dict)

    @property
    def tells_missing(self) -> bool:
        """Whether its end says which items are there no more."""
        return self.full and self.whole and not self.broken

    def note(self, *, before: Iterable[Key], now: Iterable[Key]) -> None:
        """Take in what stood on one of its pages the last time, and what stands there now."""
        self.before.update(dict.fromkeys(before))
        self.seen.update(dict.fromkeys(now))

    def missing(self, known: Missing, misses: int) -> tuple[Missing, tuple[Key, ...]]:
        """Return what to remember as missing, and what was missing often enough to be gone.

        What was pushed off the end of a list that shows only its newest items is neither.
        """
        times = {(platform, item): n for platform, item, n in known}
        absent = [key for key in (*times, *self._vanished()) if key not in self.seen]
        counts = {key: times.get(key, 0) + 1 for key in absent}
        gone = tuple(key for key, n in counts.items() if n >= misses)
        kept = tuple((platform, item, n) for (platform, item), n in counts.items() if n < misses)
        return kept, gone

    def _vanished(self) -> list[Key]:
        return vanished(tuple(self.before), self.seen)


def vanished(before: Sequence[Key], now: Collection[Key], *, goes_on: bool = False) -> list[Key]:
    """Return what stood in a list `before` and does not stand there `now`.

    A list that did not grow may show only its newest items: what is absent from its end was then pushed off by as many
    newcomers, and is not named. `goes_on` says that the list has further pages, where such items may stand.
    """
    known = set(before)
    absent = [key for key in before if key not in now]
    trailing = len(list(takewhile(lambda key: key not in now, reversed(before))))
    newcomers = sum(key not in known for key in now)
    pushed = not goes_on and 0 < trailing <= newcomers and len(now) <= len(before)
    return absent[: len(absent) - trailing] if pushed else absent
