"""The rhythm: when a page is read again, and when a list is read to its end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crawlers.memory import Page
from crawlers.web.failure import Failure
from crawlers.web.link import Role

FRESH: Final = timedelta(days=7)
"""How long a page with one item is looked at again: edits and comments come early."""
RAREST: Final = timedelta(days=30)
FIRST_PAUSE: Final = timedelta(minutes=2)
MOST_DOUBLINGS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often pages are read by a visit that began at `now`; `recheck` and `misses` are the source's options."""

    now: datetime
    recheck: timedelta
    misses: int

    def is_overdue(self, page: Page) -> bool:
        """Whether a list is to be read to its end; a page with one item always is."""
        return page.role == "item" or page.full_at is None or self.now - page.full_at >= self.interval(page)

    def interval(self, page: Page) -> timedelta:
        """How long a list need not be read in full: ever longer for threads that nobody answers any more."""
        if page.stamp is None or page.read_at is None or page.full_at is None:
            return self.recheck
        return min(max(self.recheck, self.now - page.read_at), RAREST)

    def due(self, page: Page, role: Role) -> datetime | None:
        """When a page that is read now is read again by itself; None for never."""
        if role == "item":
            known_since = page.full_at or self.now
            return self.now + self.recheck if self.now - known_since < FRESH else None
        if page.stamp is None:
            return self.now
        quiet = self.now - page.read_at if page.read_at else timedelta(0)
        return self.now + min(max(self.recheck, 2 * quiet), RAREST)

    def pause(self, failure: Failure, fails: int) -> timedelta:
        """How long a page that failed so often in a row is not tried again."""
        if failure.temporary:
            return failure.retry_after or min(FIRST_PAUSE * 2 ** min(fails, MOST_DOUBLINGS), self.recheck)
        more: int = 2 ** min(max(fails - self.misses, 0), MOST_DOUBLINGS)
        return min(self.recheck * more, max(RAREST, self.recheck))
