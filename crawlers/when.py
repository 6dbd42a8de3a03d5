"""The when of an item: pages say "2 hours ago", "12 March" or a full instant, and each is true to a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.instant import require_utc

LONGEST_DAY: Final = timedelta(hours=25)  # when clocks are set back
RECENT: Final = timedelta(hours=6)
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The span [since, until) in which something was published, as exactly as the page says.

    An instant has `until == since`. `relative` says that it was counted from the moment of reading ("2 hours ago"),
    so that the next reading may come to another value.
    """

    since: datetime
    until: datetime
    relative: bool = False

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        if self.until < self.since:
            raise ValueError("a span ends before it begins")

    def instant(self, now: datetime) -> datetime:
        """Return the instant that series use.

        Of today it is `now`: what carries today's date and was not there an hour ago was written in the last hour, not
        at midnight. Of a day that has just ended it is the end, of earlier ones the middle. Of a span longer than a day
        it is the beginning.
        """
        if self.until - self.since > LONGEST_DAY:
            return self.since
        if now < self.until:
            return max(self.since, now)
        return self.until - SECOND if self.until > self.since and now - self.until < RECENT else self._middle

    @property
    def _middle(self) -> datetime:
        return self.since + (self.until - self.since) / 2
