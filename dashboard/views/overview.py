"""The overview: what matters first, and nothing that does not answer a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import streamlit as st

from dashboard import card, chart, figure, filters, notice
from dashboard.desk import incident_rows
from dashboard.link import page
from dashboard.markup import Html, element
from dashboard.table import Column, bar, empty, panel, table
from dashboard.timeline import Timeline, bars_of
from dashboard.visitor import Visitor, visitor
from storage import overview
from storage.incidents import list_incidents
from storage.overview import LanguageRow, SourceRow
from storage.period import Period

_REFRESH: Final = timedelta(seconds=15)
_HOURS_PER_BAR: Final = {"24h": 1, "7d": 6, "30d": 24, "60d": 24}
_FULL_DAY: Final = 24
_ENOUGH: Final = 0.75
_LATEST: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is looked at: which brands, over which period."""

    brands: tuple[str, ...]
    span: str
    period: Period


def show() -> None:
    """Show the page."""
    who = visitor()
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.html(element("h1", who.t("Overview")), width="stretch")
        brands = filters.choose_brand(who)
        span = filters.choose_period(who)
    if not brands:
        notice.no_brand(who)
        return
    _show_live(brands, span)


@st.fragment(run_every=_REFRESH)
def _show_live(brands: tuple[str, ...], span: str) -> None:
    """Show everything that changes while one looks."""
    who = visitor()
    look = Look(brands=brands, span=span, period=filters.period_of(span, who.words, who.now))
    notice.sample(who)
    notice.processes_running(who)
    _show_incidents(who, look)
    _show_figures(who, look)
    _show_timeline(who, look)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(_sources(who, look))
    with right:
        st.html(_languages(who, look))
    _show_latest(who, look)


def _show_incidents(who: Visitor, look: Look) -> None:
    standing = list_incidents(who.db, by=who.by, states=("open", "acknowledged"), brands=look.brands, limit=5)
    if standing:
        incident_rows(standing, who, key="overview")


def _show_figures(who: Visitor, look: Look) -> None:
    t = who.t
    numbers = overview.figures(who.db, by=who.by, brands=look.brands, period=look.period)
    before = filters.say_period(look.span, t) if _was_read(who, look) else None
    count = partial(figure.count, words=who.words, before=before)
    share = partial(figure.share, words=who.words, before=before)
    st.html(
        figure.row(
            (
                count(t("Mentions"), t("Everything published in the period"), numbers.mentions),
                share(t("Negative"), t("Share of the mentions that could be scored"), numbers.negative_share),
                count(t("Negative voices"), t("Different authors of negative mentions"), numbers.authors),
                share(t("Positive"), t("Share of the mentions that could be scored"), numbers.positive_share),
                share(t("Not scored"), t("In a language that no classifier here reads yet"), numbers.unscored_share),
                figure.Key(
                    name=t("Open incidents"),
                    value=who.words.number(numbers.open_incidents),
                    note=t("Incidents that nobody has resolved"),
                    than=t("now") if numbers.open_incidents else t("all quiet"),
                ),
            )
        )
    )


def _was_read(who: Visitor, look: Look) -> bool:
    """Whether enough of the period before was collected to compare anything with it."""
    bins = overview.timeline(
        who.db, by=who.by, brands=look.brands, period=look.period.previous, step="day", zone=who.account.timezone
    )
    return sum(item.exposure for item in bins) >= _ENOUGH * len(bins)


# -- over time --------------------------------------------------------------------------------------


def _show_timeline(who: Visitor, look: Look) -> None:
    t = who.t
    hours = _HOURS_PER_BAR[look.span]
    bins = overview.timeline(
        who.db,
        by=who.by,
        brands=look.brands,
        period=look.period,
        step="day" if hours == _FULL_DAY else "hour",
        zone=who.account.timezone,
    )
    timeline = Timeline(
        period=look.period,
        bars=bars_of(bins, who.words, until=look.period.until, hours=hours),
        gaps=overview.gaps(who.db, by=who.by, brands=look.brands, period=look.period),
        incidents=list_incidents(who.db, by=who.by, brands=look.brands, limit=50),
    )
    with st.container(key="panel-timeline"):
        st.html(
            element(
                "header", element("h2", t("Mentions over time")), chart.legend(bins, who.words), class_="gw-chart-head"
            )
        )
        if not any(bar.total for bar in timeline.bars):
            st.html(empty(t("No mentions in this period"), t("Choose a longer period, or look at the sources below.")))
            return
        clicked = chart.show(
            timeline, who.words, key=f"timeline-{look.span}", alt_text=_in_words(timeline, who), clickable=True
        )
    if clicked:
        st.switch_page(page("incidents"), query_params={"incident": clicked})


def _in_words(timeline: Timeline, who: Visitor) -> str:
    total = sum(bar.total for bar in timeline.bars)
    return who.t("Mentions over time by sentiment: {n} in all.", n=who.words.number(total))


# -- where and in which language --------------------------------------------------------------------


def _sources(who: Visitor, look: Look) -> Html:
    t, words = who.t, who.words
    rows = overview.by_source(who.db, by=who.by, brands=look.brands, period=look.period)
    if not rows:
        return panel(t("Sources"), empty(t("No source yet"), t("Run `groundswell init` to let it propose some.")))
    columns = (
        Column(head=t("Source")),
        Column(head=t("Kind"), minor=True),
        Column(head=t("Mentions"), side="right"),
        Column(head=t("Negative"), side="right"),
        Column(head=t("Last read"), side="right"),
    )
    body = (
        (
            element("bdi", row.source),
            words.kind(row.kind),
            words.number(row.mentions),
            _negative(row, who),
            _last_read(row, who),
        )
        for row in rows
    )
    return panel(t("Sources"), table(columns, body, caption=t("Sources")))


def _last_read(row: SourceRow, who: Visitor) -> Html:
    t = who.t
    if row.failing:
        return element(
            "span", t("failing"), class_="gw-tag gw-failing", title=t("The last visits failed; see Sources.")
        )
    if row.last_success is None:
        return element("span", t("never"), class_="gw-muted")
    return who.words.when(row.last_success, who.now)


def _languages(who: Visitor, look: Look) -> Html:
    t, words = who.t, who.words
    rows = overview.by_language(who.db, by=who.by, brands=look.brands, period=look.period)
    if not rows:
        return panel(t("Languages"), empty(t("No mentions in this period"), t("Choose a longer period.")))
    columns = (
        Column(head=t("Language")),
        Column(head=t("Mentions"), side="right"),
        Column(head=t("Negative"), side="right"),
        Column(head=t("Not scored"), side="right"),
    )
    body = (
        (
            words.language(row.language),
            words.number(row.mentions),
            _negative(row, who),
            words.number(row.unscored) if row.unscored else element("span", "–", class_="gw-muted"),
        )
        for row in rows
    )
    return panel(t("Languages"), table(columns, body, caption=t("Languages")))


def _negative(row: SourceRow | LanguageRow, who: Visitor) -> Html:
    """Return the share of negatives among what could be scored."""
    scored = row.negative + row.neutral + row.positive
    if not scored:
        return element("span", "–", class_="gw-muted", title=who.t("Nothing here could be scored."))
    return bar(row.negative / scored, who.words.share(row.negative / scored), style="gw-fill-negative")


# -- what was said ----------------------------------------------------------------------------------


def _show_latest(who: Visitor, look: Look) -> None:
    t = who.t
    rows = overview.latest(who.db, by=who.by, brands=look.brands, limit=_LATEST)
    with st.container(key="panel-latest"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.html(element("h2", t("Latest negative mentions")), width="content")
            st.page_link(
                page("mentions"),
                label=t("All of them"),
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params={"sentiment": "negative"},
            )
        if rows:
            st.html(card.mention_list(rows, who.words, who.now, with_brand=len(look.brands) > 1))
        else:
            st.html(empty(t("No negative mentions"), t("Nobody complained, as far as the sources tell.")))
