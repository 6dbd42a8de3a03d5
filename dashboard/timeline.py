"""What the chart of mentions over time shows: bars, gaps and incidents inside a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.incident import Incident
from dashboard.wording import Wording
from sentiment.score import LABELS, Label
from storage.overview import Bin, Gap
from storage.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of time and its counts by sentiment."""

    start: datetime
    end: datetime
    counts: Mapping[Label, int]
    exposure: float

    @property
    def total(self) -> int:
        """All mentions of the stretch."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What the chart shows."""

    period: Period
    bars: tuple[Bar, ...]
    gaps: tuple[Gap, ...]
    incidents: tuple[Incident, ...]

    @property
    def marked(self) -> tuple[Incident, ...]:
        """The incidents that were opened inside the period."""
        return tuple(item for item in self.incidents if self.period.since <= item.opened_at <= self.period.until)


def bars_of(bins: Sequence[Bin], words: Wording, *, until: datetime, hours: int) -> tuple[Bar, ...]:
    """Return bins put together to stretches of `hours` of the person's clock; 24 are a civil day."""
    groups: dict[datetime, list[Bin]] = {}
    for item in bins:
        local = item.start.astimezone(words.zone)
        # The hour that the clock repeats in autumn joins its twin: both have the same place on the wall.
        # An hour keeps its minutes: in some zones it begins at half past.
        start = (
            local.replace(fold=0)
            if hours == 1
            else local.replace(hour=local.hour - local.hour % hours, minute=0, fold=0)
        )
        groups.setdefault(start, []).append(item)
    starts = sorted(groups)
    ends = [*(start.astimezone(UTC) for start in starts[1:]), until]
    return tuple(_bar(start.astimezone(UTC), end, groups[start]) for start, end in zip(starts, ends, strict=True))


def _bar(start: datetime, end: datetime, bins: Sequence[Bin]) -> Bar:
    counts = {label: sum(getattr(item, label) for item in bins) for label in LABELS}
    return Bar(start=start, end=end, counts=counts, exposure=sum(item.exposure for item in bins) / len(bins))
