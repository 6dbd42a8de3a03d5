"""The axes of a chart: round places of the person's clock and round counts, with our own words beside them.

Everything is drawn on the wall clock of the person: instants are shifted to it and counted as if it were UTC,
because a browser knows only its own zone. Every label is made here, in the person's language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, log10
from typing import Any, Final

import altair as alt

from dashboard.theme import Palette
from dashboard.wording import Wording
from storage.period import Period

_TICKS: Final = 8
_DAY: Final = 24
_TICK_HOURS: Final = (1, 3, 6, 12, _DAY, 2 * _DAY, 4 * _DAY, 7 * _DAY, 14 * _DAY)
_STEPS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What every layer of a chart shares: the period from edge to edge, the counts from zero to `top`."""

    period: Period
    top: int
    words: Wording
    palette: Palette

    def x(self, field: str) -> alt.X:
        """Return the axis of time; `field` holds what `wall` gives."""
        ticks = {wall(tick, self.words): _say_tick(tick, self.words) for tick in _ticks(self.period, self.words)}
        domain = [wall(self.period.since, self.words), wall(self.period.until, self.words)]
        line = {"domainColor": self.palette.line, "tickColor": self.palette.line}
        axis = self._axis(ticks, grid=False, labelPadding=6, labelFlush=True, labelOverlap=True, **line)
        return alt.X(field, title=None, axis=axis, scale=alt.Scale(domain=domain, nice=False, zero=False))

    def y(self) -> alt.Y:
        """Return the axis of counts, the field `y`."""
        ticks = {n: self.words.number(n) for n in range(0, self.top + 1, self.top // _STEPS)}
        line = {"gridColor": self.palette.line, "gridWidth": 1}
        axis = self._axis(ticks, domain=False, ticks=False, labelPadding=8, **line)
        return alt.Y("y:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, self.top], nice=False))

    def _axis(self, names: Mapping[int, str], **more: Any) -> alt.Axis:
        return alt.Axis(
            values=list(names), labelExpr=_lookup(names), labelColor=self.palette.muted, labelFontSize=12, **more
        )


def _lookup(names: Mapping[int, str]) -> str:
    """Return an expression that says each tick by our word for it: a chain that ends in nothing."""
    chain = "''"
    for value, name in reversed(list(names.items())):
        chain = f"+datum.value === {value} ? {json.dumps(name)} : {chain}"
    return chain


def _ticks(period: Period, words: Wording) -> list[datetime]:
    """Return round places of the person's clock: every so many hours, or midnights every so many days."""
    hours = (period.until - period.since) / timedelta(hours=1)
    every = next((step for step in _TICK_HOURS if hours / step <= _TICKS), _TICK_HOURS[-1])
    here = period.since.astimezone(words.zone).replace(minute=0, second=0, microsecond=0)
    here = here.replace(hour=0) if every >= _DAY else here.replace(hour=here.hour - here.hour % every)
    ticks = []
    while here.astimezone(UTC) <= period.until:
        if here.astimezone(UTC) >= period.since:
            ticks.append(here)
        here += timedelta(hours=every)  # of the wall clock, so that midnights stay midnights
    return ticks


def _say_tick(tick: datetime, words: Wording) -> str:
    return words.day(tick) if tick.hour == 0 else words.hour(tick)


def nice_top(highest: int) -> int:
    """Return a round number, divisible by the steps of the grid, at or above the highest bar and a bit of air."""
    wanted = max(highest * 1.08, _STEPS)
    unit = 10 ** floor(log10(wanted / _STEPS)) if wanted > _STEPS else 1
    factor = next(f for f in (1, 2, 2.5, 5, 10) if f * unit * _STEPS >= wanted and f * unit == int(f * unit))
    return int(factor * unit) * _STEPS


def wall(instant: datetime, words: Wording) -> int:
    """Return the person's wall clock as milliseconds, as if it were UTC."""
    return int(instant.astimezone(words.zone).replace(tzinfo=UTC).timestamp() * 1000)
