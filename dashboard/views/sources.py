"""The sources: how collecting goes in one row each, and what nobody read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import label, notice, standing
from dashboard.link import page
from dashboard.markup import Html, element, literal
from dashboard.table import Column, empty, panel, table
from dashboard.views.source import show_one
from dashboard.visitor import Visitor, visitor
from storage import overview, status
from storage.period import Period
from storage.source_health import Normal, SourceHealthRow, source_health
from storage.status import SourceStatus

_REFRESH: Final = timedelta(seconds=15)
_GAPS_BACK: Final = timedelta(days=14)
_MOST_GAPS: Final = 20


def show() -> None:
    """Show the page: one source where the address names it, else all."""
    asked = st.query_params.get("source")
    # Said back to the browser: a link from this page to itself leaves its address bar as it was.
    st.query_params.from_dict({"source": asked} if asked else {})
    if asked:
        show_one(asked)
    else:
        _show_live()


@st.fragment(run_every=_REFRESH)
def _show_live() -> None:
    who = visitor()
    t = who.t
    st.html(element("h1", t("Sources")))
    notice.sample(who)
    notice.processes_running(who)
    rows = status.source_status(who.db, by=who.by, now=who.now)
    if not rows:
        st.html(
            empty(
                t("No source yet"),
                t("Run this on the server to let it propose some:"),
                element("code", "groundswell init"),
            )
        )
        return
    st.html(_work(who))
    _show_rows(rows, who)
    st.html(_gaps(who))


def _work(who: Visitor) -> Html:
    """Return in one line what still waits to be done."""
    t, words = who.t, who.words
    backlog = status.backlog(who.db, now=who.now)
    oldest = t("oldest: {age}", age=words.lasting(backlog.outbox_oldest)) if backlog.outbox_oldest else None
    facts = (
        (t("Hours to judge"), words.number(backlog.to_judge), None),
        (t("Notifications waiting"), words.number(backlog.outbox_pending), oldest),
        (t("Notifications given up"), words.number(backlog.dead_letters), None),
        (t("Jobs waiting"), words.number(backlog.jobs_waiting), None),
        (t("Jobs failed"), words.number(backlog.jobs_failed), None),
    )
    entries = (
        element("span", name, " ", element("b", value), element("small", note) if note else None)
        for name, value, note in facts
    )
    return element("p", *entries, class_="gw-facts")


# -- one row a source -----------------------------------------------------------------------------


def _show_rows(rows: Sequence[SourceStatus], who: Visitor) -> None:
    """Show the sources; the whole row leads to the source."""
    health = {one.name: one for one in source_health(who.db, by=who.by, now=who.now)}
    known = [row for row in rows if row.name in health]  # one may have come in between the two looks
    with st.container(key="desk-sources", gap=None):
        st.html(_head(who))
        for number, row in enumerate(known):
            with st.container(key=f"cover-source-{number}", gap=None):
                st.html(_row(row, health[row.name], who))
                st.page_link(
                    page("sources"),
                    label=who.t("Open the source: {name}", name=literal(row.name)),
                    query_params={"source": row.name},
                )


def _head(who: Visitor) -> Html:
    t = who.t
    return element(
        "div",
        element("span", t("Source")),
        element("span", t("State")),
        element("span", t("Good visits"), title=t("Share of the visits of the last 14 days that went well.")),
        element("span", t("Items a visit"), title=t("Items that the last good visit showed.")),
        element("span", t("Read, 7 days"), title=t("Share of the last 7 days, in time of publication, that was read.")),
        element("span", t("Last success")),
        class_="gw-row gw-source-row gw-source-head",
    )


def _row(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> Html:
    t, words = who.t, who.words
    concern = next(standing.concerns(row, health, who), None)
    rate = health.fortnight.rate
    return element(
        "div",
        _name(row, who),
        element(
            "span",
            standing.state(row, health, who),
            element("small", concern[:160], class_="gw-muted") if concern else None,
            class_="gw-two-lines",
        ),
        _cell(words.share(rate) if rate is not None else None, t("Good visits")),
        _items(health.items, who),
        _cell(words.share(health.coverage) if health.coverage is not None else None, t("Read, 7 days")),
        element(
            "span",
            element("small", t("Last success"), " ", class_="gw-cell-head"),
            words.when(row.last_success, who.now)
            if row.last_success
            else element("span", t("never"), class_="gw-muted"),
            class_="gw-cell-last",
        ),
        class_="gw-row gw-source-row" if row.is_on else "gw-row gw-source-row gw-off",
    )


def _name(row: SourceStatus, who: Visitor) -> Html:
    t = who.t
    facts = [label.plugin(row.type, t), *([row.brand] if row.brand else [])]
    if row.managed_by == "file":
        facts.append(t("managed by file"))
    return element(
        "span",
        element("strong", element("bdi", row.name)),
        element("small", " · ".join(facts), class_="gw-muted"),
        class_="gw-two-lines",
    )


def _items(items: Normal | None, who: Visitor) -> Html:
    """Return how many items the last visit showed, with what is usual where that is something else."""
    t, words = who.t, who.words
    if items is None:
        return _cell(None, t("Items a visit"))
    odd = items.low is not None and items.high is not None and not items.low <= items.last <= items.high
    usual = t("usually {n}", n=words.number(round(items.usual))) if odd and items.usual is not None else None
    return _cell(words.number(items.last), t("Items a visit"), usual)


def _cell(value: str | None, head: str, note: str | None = None) -> Html:
    """Return a figure; its head is shown beside it where there is no room for heads."""
    return element(
        "span",
        element("small", head, class_="gw-cell-head"),
        element("span", value if value is not None else "–"),
        element("small", note, class_="gw-muted") if note else None,
        class_="gw-cell",
    )


# -- what nobody read -----------------------------------------------------------------------------


def _gaps(who: Visitor) -> Html:
    """Return what was never read in the last days."""
    t, words = who.t, who.words
    title = t("What nobody read")
    found = overview.gaps(who.db, by=who.by, brands=(), period=Period(since=who.now - _GAPS_BACK, until=who.now))
    if not found:
        return panel(title, empty(t("No gaps"), t("Every source was read without a hole in the last 14 days.")))
    columns = (
        Column(head=t("Source")),
        Column(head=t("From")),
        Column(head=t("Until")),
        Column(head=t("Length"), side="right"),
    )
    body = (
        (
            element("bdi", gap.source),
            words.moment(gap.since),
            words.moment(gap.until),
            words.lasting(gap.until - gap.since),
        )
        for gap in sorted(found, key=lambda gap: gap.since, reverse=True)[:_MOST_GAPS]
    )
    note = t("in the last 14 days, newest first")
    return panel(title, table(columns, body, caption=title), note=note)
