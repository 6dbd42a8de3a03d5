"""The calendar of one reading: local days, times and months as spans of UTC, and what "ago" means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crawlers.when import When

Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]

LENGTH: Final[dict[Unit, timedelta]] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30.436875),
    "year": timedelta(days=365.2425),
}
FIRST_YEAR: Final = 1971  # 1 January 1970 is what machines write for "unknown"
LAST_YEAR: Final = 2199
AHEAD: Final = timedelta(hours=14)  # how far the clocks of the earth run ahead of UTC: a site's day may have begun
LEAP_CYCLE: Final = 8  # the longest wait for a 29 February


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days of `zone` as they are at `now` (aware, UTC). Every span it gives is in UTC; None for impossible dates.

    In the gap of a clock change a time that never was is read as if the clocks had not changed; a time that was
    twice is the first of the two; a day without midnight begins when the clocks changed.
    """

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()

    def day(self, day: date, *, relative: bool = False) -> When | None:
        """Return the whole local day; of a relative one only what is not ahead of now."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None
        return self._between(day, day + timedelta(days=1), relative=relative)

    def at(self, day: date, clock: time, *, relative: bool = False) -> When | None:
        """Return the instant of a local day and time; the time's own zone wins. A relative one is never ahead of now.

        A few hours ahead only mean that the site's clock runs ahead of `zone`.
        """
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None
        moment = datetime.combine(day, clock, clock.tzinfo or self.zone).astimezone(UTC)
        moment = min(moment, self.now) if relative else moment
        return When(since=moment, until=moment, relative=relative)

    def month(self, year: int, month: int, *, relative: bool = False) -> When | None:
        """Return the whole local month."""
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):  # noqa: PLR2004 - months
            return None
        following = date(year + month // 12, month % 12 + 1, 1)
        return self._between(date(year, month, 1), following, relative=relative)

    def yearless(self, month: int, day: int, clock: time | None = None) -> When | None:
        """Return the nearest such day that is not ahead of now, or the instant on it. 29 February may be years ago."""
        newest = self.today.year + 1  # on 31 December it may be 1 January where the site is
        for year in range(newest, newest - LEAP_CYCLE - 2, -1):
            found = self._dated(year, month, day, clock)
            if found is not None and found.since - AHEAD <= self.now:
                since = min(found.since, self.now)
                return When(since=since, until=since if clock else found.until)
        return None

    def last(self, unit: Literal["week", "month", "year"]) -> When | None:
        """Return the local week (from Monday), month or year before the present one; relative."""
        today = self.today
        if unit == "week":
            monday = today - timedelta(days=today.weekday())
            return self._between(monday - timedelta(weeks=1), monday, relative=True)
        if unit == "month":
            before = today.replace(day=1) - timedelta(days=1)
            return self.month(before.year, before.month, relative=True)
        return self._between(date(today.year - 1, 1, 1), date(today.year, 1, 1), relative=True)

    def ago(self, least: timedelta, most: timedelta) -> When | None:
        """Return the relative span of what is at least `least` and at most `most` old; never ahead of now."""
        if most > self.now - datetime(FIRST_YEAR, 1, 1, tzinfo=UTC):
            return None
        return When(since=self.now - most, until=self.now - max(least, timedelta()), relative=True)

    def _dated(self, year: int, month: int, day: int, clock: time | None) -> When | None:
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        return self.at(found, clock) if clock else self.day(found)

    def _between(self, first: date, end: date, *, relative: bool) -> When:
        since, until = self._midnight(first), self._midnight(end)
        if relative:
            since, until = min(since, self.now), min(until, self.now)
        return When(since=since, until=max(since, until), relative=relative)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def aged(calendar: Calendar, count: float, unit: Unit, rest: timedelta = timedelta()) -> When | None:
    """Return what `count` units (and a `rest` of longer ones) ago means.

    Sites count minutes, hours and days in full, so that "2 hours ago" is between two and three hours old. Weeks,
    months and years they round, so that "a month ago" lies around a month ago. Of halves half as wide.
    """
    length, width = LENGTH[unit], 1.0 if float(count).is_integer() else 0.5
    if unit in {"week", "month", "year"}:
        least, most = count - width / 2, count + width / 2
    else:
        least, most = count, count + width
    return calendar.ago(rest + length * least, rest + length * most)
