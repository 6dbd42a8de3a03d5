"""Bands on a chart where nothing was collected: missing is not zero, and one can see whose fault it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import altair as alt

from dashboard.axis import Canvas, wall
from dashboard.timeline import Timeline
from dashboard.wording import Wording
from storage.overview import Gap

Stretch = tuple[datetime, datetime, tuple[str, ...]]
_LETTER: Final = 6.2  # pixels
# The longest name of a band that fits into its part of the chart, whose width only the browser knows.
_FITTING: Final = (
    f"length(datum.label) * {_LETTER} < datum.share * width ? datum.label :"
    f" length(datum.short) * {_LETTER} < datum.share * width ? datum.short : ''"
)


def bands(timeline: Timeline, canvas: Canvas) -> list[alt.Chart]:
    """Return the bands, the fainter the more was read all the same, each with its name where there is room."""
    rows = [_band(gap, timeline, canvas) for gap in _merged(timeline.gaps)]
    if not rows:
        return []
    t, x = canvas.words.t, canvas.x("from:Q")
    tooltip = [alt.Tooltip("name:N", title=t("Not collected")), alt.Tooltip("when:N", title=t("When"))]
    data = alt.Chart(alt.InlineData(values=rows))
    shade = alt.Opacity("missing:Q", scale=alt.Scale(domain=[0, 1], range=[0.06, 0.3]), legend=None)
    band = data.mark_rect(color=canvas.palette.muted).encode(x=x, x2="to:Q", opacity=shade, tooltip=tooltip)
    head = data.mark_rule(color=canvas.palette.muted, strokeWidth=3).encode(
        x=x, x2="to:Q", y=canvas.y(), tooltip=tooltip
    )
    text = data.mark_text(
        align="left", baseline="top", dx=4, dy=5, fontSize=11, color=canvas.palette.muted, text=alt.ExprRef(_FITTING)
    )
    return [band, head, text.encode(x=x, y=canvas.y(), tooltip=tooltip)]


def _merged(gaps: Sequence[Gap]) -> list[Stretch]:
    """Return stretches without overlap, each with all the sources that were not read then."""
    edges = sorted({gap.since for gap in gaps} | {gap.until for gap in gaps})
    found: list[Stretch] = []
    for since, until in pairwise(edges):
        names = tuple(sorted({gap.source for gap in gaps if gap.since < until and gap.until > since}))
        if not names:
            continue
        touches = bool(found) and found[-1][1] == since and found[-1][2] == names
        found.append((found.pop()[0] if touches else since, until, names))
    return found


def _band(gap: Stretch, timeline: Timeline, canvas: Canvas) -> dict[str, Any]:
    period, words = timeline.period, canvas.words
    since, until, names = gap
    since, until = max(since, period.since), min(until, period.until)
    touched = [bar.exposure for bar in timeline.bars if bar.start < until and bar.end > since]
    return {
        "from": wall(since, words),
        "to": wall(until, words),
        "name": ", ".join(names),
        "label": words.t("no data: {name}", name=_named(names, words)),
        "short": words.t("no data"),
        "share": (until - since) / (period.until - period.since),
        "when": f"{words.moment(since)} – {words.moment(until)}",
        "missing": 1 - min(touched, default=0.0),
        "y": canvas.top,
    }


def _named(names: tuple[str, ...], words: Wording) -> str:
    return names[0] if len(names) == 1 else words.t.plural("{n} source", "{n} sources", len(names))
