"""The period: the publication time that a page looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.instant import require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Publication time from `since` up to, not including, `until`; both aware and UTC."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        if self.since >= self.until:
            raise ValueError(f"a period must begin before it ends, not {self.since} … {self.until}")

    @property
    def previous(self) -> Period:
        """The period of equal length just before: what figures are compared with."""
        return Period(since=self.since - (self.until - self.since), until=self.since)
