"""The chart of mentions over time: stacked bars from zero, bands where nothing was collected, incidents as marks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

import altair as alt
import streamlit as st

from alerts.incident import Incident
from dashboard import badge
from dashboard.axis import Canvas, nice_top, wall
from dashboard.band import bands
from dashboard.markup import Html, element
from dashboard.theme import PALETTES, SENTIMENT, SEVERITY, Mode, mode
from dashboard.timeline import Bar, Timeline
from dashboard.wording import Wording
from sentiment.score import LABELS, Label
from storage.overview import Bin

HEIGHT: Final = 260
INCIDENT: Final = "incident"
# What is worth looking at stands on the zero line.
_STACK: Final[tuple[Label, ...]] = ("negative", "neutral", "positive", "unscored")


def show(timeline: Timeline, words: Wording, *, key: str, alt_text: str, clickable: bool = False) -> str | None:
    """Show the chart; return the id of the incident whose mark was clicked, if `clickable`.

    The chart is not checked against Vega-Lite's schema here: that takes longer than all the queries of a page
    together. The tests do it (see `dashboard.serving`).
    """
    spec = draw(timeline, words, mode()).to_dict(validate=False)
    if not clickable or not timeline.marked:
        st.vega_lite_chart(spec, theme=None, key=key, alt=alt_text)
        return None
    state = st.vega_lite_chart(spec, theme=None, key=key, alt=alt_text, on_select="rerun", selection_mode=INCIDENT)
    chosen = state["selection"].get(INCIDENT)
    return str(chosen[0]["id"]) if chosen else None


def draw(timeline: Timeline, words: Wording, shade: Mode) -> alt.LayerChart:
    """Return the chart; a click on an incident's mark selects it under the name `incident`."""
    top = nice_top(max((bar.total for bar in timeline.bars), default=0))
    canvas = Canvas(period=timeline.period, words=words, palette=PALETTES[shade], top=top)
    layers = [
        *bands(timeline, canvas),
        *_stack(timeline, canvas),
        *_marks(timeline, canvas),
    ]
    chart = alt.LayerChart(layer=layers)
    chart.height, chart.width, chart.config = HEIGHT, "container", _config()
    return chart


def _config() -> alt.Config:
    return alt.Config(
        view=alt.ViewConfig(strokeWidth=0),
        background="transparent",
        font="Source Sans, sans-serif",
        padding={"left": 2, "right": 12, "top": 6, "bottom": 2},
    )


def _stack(timeline: Timeline, canvas: Canvas) -> list[alt.Chart]:
    rows = [row for bar in timeline.bars for row in _pieces(bar, canvas.words)]
    solid = [row for row in rows if row["label"] != "unscored"]
    hollow = [row for row in rows if row["label"] == "unscored"]
    shades = alt.Scale(domain=list(_STACK[:3]), range=[SENTIMENT[label] for label in _STACK[:3]])
    layers = []
    if solid:
        bars = _bars(solid, canvas).mark_bar()
        layers.append(bars.encode(fill=alt.Fill("label:N", scale=shades, legend=None)))
    if hollow:
        layers.append(
            _bars(hollow, canvas).mark_bar(
                fill=canvas.palette.surface, stroke=SENTIMENT["unscored"], strokeDash=[2, 2], strokeWidth=0.9
            )
        )
    return layers


def _bars(rows: list[dict[str, Any]], canvas: Canvas) -> alt.Chart:
    t = canvas.words.t
    return alt.Chart(alt.InlineData(values=rows)).encode(
        x=canvas.x("from:Q"),
        x2=alt.X2("to:Q"),
        y=canvas.y(),
        y2=alt.Y2("y2:Q"),
        tooltip=[
            alt.Tooltip("when:N", title=t("When")),
            *(alt.Tooltip(f"{label}:N", title=canvas.words.label(label)) for label in LABELS),
            alt.Tooltip("read:N", title=t("Collected")),
        ],
    )


def _pieces(bar: Bar, words: Wording) -> Iterable[dict[str, Any]]:
    length = bar.end - bar.start
    margin = length * 0.08
    shared: dict[str, Any] = {
        "from": wall(bar.start + margin, words),
        "to": wall(bar.end - margin, words),
        "when": _stretch(bar, words),
        "read": words.share(bar.exposure),
        **{label: words.number(bar.counts[label]) for label in LABELS},
    }
    base = 0
    for label in _STACK:
        n = bar.counts[label]
        if n:
            yield {**shared, "label": label, "y": base + n, "y2": base}
        base += n


def _stretch(bar: Bar, words: Wording) -> str:
    if bar.end - bar.start > timedelta(hours=20):
        return words.day(bar.start)
    return f"{words.day(bar.start)}, {words.hour(bar.start)}–{words.hour(bar.end)}"


def legend(bins: Iterable[Bin], words: Wording) -> Html:
    """Return the sentiments with their totals: a legend that answers a question itself."""
    totals = dict.fromkeys(LABELS, 0)
    for item in bins:
        for label in LABELS:
            totals[label] += getattr(item, label)
    entries = (
        element("span", badge.sentiment(label, words), element("b", words.number(n))) for label, n in totals.items()
    )
    return element("span", *entries, class_="gw-legend")


# -- incidents -------------------------------------------------------------------------------------


def _marks(timeline: Timeline, canvas: Canvas) -> list[alt.Chart]:
    rows = [_mark(incident, canvas) for incident in timeline.marked]
    if not rows:
        return []
    data = alt.InlineData(values=rows)
    x = canvas.x("at:Q")
    tooltip = [
        alt.Tooltip("name:N", title=canvas.words.t("Incident")),
        alt.Tooltip("when:N", title=canvas.words.t("Opened")),
    ]
    colour = alt.Color("severity:N", scale=alt.Scale(domain=list(SEVERITY), range=list(SEVERITY.values())), legend=None)
    rule = alt.Chart(data).mark_rule(strokeDash=[3, 3], strokeWidth=1).encode(x=x, color=colour)
    point = (
        alt.Chart(data)
        .mark_point(
            shape="diamond",
            size=150,
            filled=True,
            opacity=1,
            stroke=canvas.palette.surface,
            strokeWidth=1.5,
            cursor="pointer",
        )
        .encode(x=x, y=canvas.y(), color=colour, tooltip=tooltip)
        .add_params(alt.selection_point(name=INCIDENT, fields=["id"], on="click", empty=False))
    )
    return [rule, point]


def _mark(incident: Incident, canvas: Canvas) -> dict[str, Any]:
    words = canvas.words
    severity = words.severity(incident.severity)
    return {
        "id": incident.id,
        "at": wall(incident.opened_at, words),
        "severity": incident.severity,
        "name": f"{severity}: {incident.subject}",
        "when": words.moment(incident.opened_at),
        "y": canvas.top,
    }
