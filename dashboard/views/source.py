"""One source: how reading it goes beside what is normal for it, what is found there, what was turned away."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import badge, figure, label, refusal, standing
from dashboard.figure import Key
from dashboard.link import page
from dashboard.markup import Html, element
from dashboard.table import Column, bar, empty, panel, table
from dashboard.visitor import Visitor, visitor
from storage import status
from storage.source_health import Normal, SourceHealthRow, source_health
from storage.status import SourceStatus

_REFRESH: Final = timedelta(seconds=15)
_EXAMPLES: Final = 5


@st.fragment(run_every=_REFRESH)
def show_one(name: str) -> None:
    """Show the page of one source."""
    who = visitor()
    t = who.t
    with st.container(key="back"):
        st.page_link(page("sources"), label=t("All sources"), icon=":material/arrow_back:")
    row = next((one for one in status.source_status(who.db, by=who.by, now=who.now) if one.name == name), None)
    health = next(iter(source_health(who.db, by=who.by, now=who.now, name=name)), None)
    if row is None or health is None:
        st.html(empty(t("There is no such source"), t("It may concern a brand that your account may not see.")))
        return
    st.html(_head(row, health, who))
    concerns = tuple(standing.concerns(row, health, who))
    if concerns:
        st.html(_notice(concerns))
    st.html(figure.row(_figures(row, health, who)))
    if health.fields:
        st.html(_fields(health, who))
    st.html(_rejects(row, who))
    if who.account.role == "administrator" and row.managed_by == "person":
        st.page_link(
            page("settings"),
            label=t("Change it in the settings"),
            icon=":material/tune:",
            query_params={"section": "source", "edit": name},
        )


def _head(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> Html:
    t, words = who.t, who.words
    facts = (
        label.plugin(row.type, t),
        words.kind(row.kind),
        row.brand or t("by its words"),
        t("every {length}", length=words.lasting(row.every)),
        words.terms(row.terms) if row.terms else "",
        t.plural("{count} collected", "{count} collected", row.collected, count=words.number(row.collected)),
    )
    return element(
        "div",
        element(
            "div",
            standing.state(row, health, who),
            badge.tag(t("managed by file")) if row.managed_by == "file" else None,
            class_="gw-row-side",
        ),
        element("h1", element("bdi", row.name)),
        element("p", " · ".join(fact for fact in facts if fact), class_="gw-muted"),
        class_="gw-incident-head",
    )


def _notice(concerns: tuple[str, ...]) -> Html:
    lines = (element("p", element("bdi", line)) for line in concerns)
    return element("div", *lines, class_="gw-notice gw-warning", role="status")


# -- beside what is normal ------------------------------------------------------------------------


def _figures(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> tuple[Key, ...]:
    t, words = who.t, who.words
    rate, today = health.fortnight.rate, health.day.rate
    n, good = words.number(health.fortnight.n), words.number(health.fortnight.good)
    return (
        Key(
            name=t("Good visits"),
            value=_share(rate, who),
            note=t("Share of the visits of the last 14 days that went well."),
            than=t("{good} of {n}; today {share}", good=good, n=n, share=_share(today, who)),
        ),
        _normal(t("Items a visit"), t("Items that the last good visit showed, new or known."), health.items, who),
        _normal(t("New a visit"), t("Mentions that the last good visit brought."), health.new, who),
        Key(
            name=t("Time to collect"),
            value=words.lasting(health.lag) if health.lag is not None else "–",
            note=t("From publication to collection: the median of the last 14 days."),
            than=t("after publication") if health.lag is not None else t("nothing to count yet"),
        ),
        Key(
            name=t("Read, 7 days"),
            value=_share(health.coverage, who),
            note=t("Share of the last 7 days, in time of publication, that was read."),
            than=t("in time of publication") if health.coverage is not None else t("this source does not say"),
        ),
        _last(row, health, who),
    )


def _share(share: float | None, who: Visitor) -> str:
    return who.words.share(share) if share is not None else "–"


def _normal(name: str, note: str, figures: Normal | None, who: Visitor) -> Key:
    t, words = who.t, who.words
    if figures is None:
        return Key(name=name, value="–", note=note, than=t("nothing to count yet"))
    than = t("the first so far")
    if figures.usual is not None and figures.low is not None and figures.high is not None:
        low, high = words.number(round(figures.low)), words.number(round(figures.high))
        span = low if low == high else f"{low}–{high}"
        than = t("usually {n}, mostly {span}", n=words.number(round(figures.usual)), span=span)
    return Key(name=name, value=words.number(figures.last), note=note, than=than)


def _last(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> Key:
    """Return how many pages are remembered to be read, for what is read page by page; else the last success."""
    t, words = who.t, who.words
    if health.waiting or health.gone:
        note = t("Pages that were found and are not read yet, and those that are no more.")
        gone = t.plural("{count} gone", "{count} gone", health.gone, count=words.number(health.gone))
        return Key(name=t("Pages waiting"), value=words.number(health.waiting), note=note, than=gone)
    since = words.lasting(row.lag) if row.lag is not None else "–"
    than = t("ago") if row.lag is not None else t("never")
    return Key(name=t("Last success"), value=since, note=t("The last visit that went well."), than=than)


def _fields(health: SourceHealthRow, who: Visitor) -> Html:
    """Return in what share of the items each field is found."""
    t, words = who.t, who.words
    fell = {one.field for one in standing.dropped(health)}
    columns = (Column(head=t("Field")), Column(head=t("Now"), side="right"), Column(head=t("Usually"), side="right"))
    rows = (
        (
            element(
                "span",
                standing.field(one.field, t),
                element("small", t("fell"), class_="gw-tag gw-failing") if one.field in fell else None,
                class_="gw-row-side gw-plain",
            ),
            bar(one.now, words.share(one.now), style="gw-fill-negative" if one.field in fell else "gw-fill-found"),
            words.share(one.usual) if one.usual is not None else "–",
        )
        for one in health.fields
    )
    title = t("What is found in its items")
    return panel(title, table(columns, rows, caption=title), note=t("share of the items that have it"))


# -- what was turned away -------------------------------------------------------------------------


def _rejects(row: SourceStatus, who: Visitor) -> Html:
    """Return why items and pages of a source were turned away, with the newest examples."""
    t, words = who.t, who.words
    title = t("Turned away")
    if not row.rejects:
        return panel(title, empty(t("Nothing was turned away"), t("Every item and page so far could be used.")))
    reasons = sorted(row.rejects.items(), key=lambda item: -item[1])
    totals = element(
        "p",
        *(element("span", refusal.say(reason, t), " ", element("b", words.number(n))) for reason, n in reasons),
        class_="gw-facts",
    )
    columns = (
        Column(head=t("When")),
        Column(head=t("Reason")),
        Column(head=t("Detail")),
        Column(head=t("Line"), side="right", minor=True),
    )
    examples = (
        (
            words.when(item.at, who.now),
            refusal.say(item.reason, t),
            element(
                "span",
                item.detail[:300],
                element("small", item.external_id[:120] if item.external_id else None, class_="gw-muted"),
                class_="gw-two-lines gw-anywhere",
            ),
            str(item.line) if item.line is not None else "",
        )
        for item in status.rejects(who.db, by=who.by, source=row.name, limit=_EXAMPLES)
    )
    return panel(title, totals, table(columns, examples, caption=title), note=t("their neighbours were kept"))
