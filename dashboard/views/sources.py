"""The sources: how collecting goes, what was turned away and why, and what nobody read."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from config.i18n import mark
from dashboard import notice
from dashboard.markup import Html, element
from dashboard.table import Column, empty, panel, table
from dashboard.visitor import Visitor, visitor
from storage import overview, status
from storage.period import Period
from storage.status import SourceStatus

_REFRESH: Final = timedelta(seconds=15)
_GAPS_BACK: Final = timedelta(days=14)
_EXAMPLES: Final = 5
_MOST_GAPS: Final = 20
# The reasons that connectors and the cleaning give; others are shown as they are.
_REASONS: Final = frozenset(
    (
        mark("empty text"),
        mark("duplicate id"),
        mark("broken XML"),
        mark("broken item"),
        mark("bad rating"),
        mark("wrong encoding"),
        mark("wrong number of columns"),
        mark("over the limit of one visit"),
    )
)


def show() -> None:
    """Show the page."""
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
    st.html(_table(rows, who))
    for row in rows:
        if row.rejects:
            st.html(_rejects(row, who))
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


def _table(rows: tuple[SourceStatus, ...], who: Visitor) -> Html:
    t, words = who.t, who.words
    columns = (
        Column(head=t("Source")),
        Column(head=t("State")),
        Column(head=t("Kind"), minor=True),
        Column(head=t("Brand"), minor=True),
        Column(head=t("Collected"), side="right", minor=True),
        Column(head=t("Rejected"), side="right", minor=True),
        Column(head=t("Every"), side="right", minor=True),
        Column(head=t("Last success"), side="right"),
    )
    body = (
        (
            _name(row, who),
            _state(row, who),
            words.kind(row.kind),
            element("bdi", row.brand) if row.brand else element("span", t("by its words"), class_="gw-muted"),
            words.number(row.collected),
            words.number(sum(row.rejects.values())),
            words.lasting(row.every),
            words.when(row.last_success, who.now)
            if row.last_success
            else element("span", t("never"), class_="gw-muted"),
        )
        for row in rows
    )
    return panel(t("How collecting goes"), table(columns, body, caption=t("Sources")))


def _name(row: SourceStatus, who: Visitor) -> Html:
    by_file = element("small", who.t("managed by file"), class_="gw-muted") if row.managed_by == "file" else None
    return element(
        "span", element("bdi", row.name), element("small", row.type, class_="gw-muted"), by_file, class_="gw-two-lines"
    )


def _state(row: SourceStatus, who: Visitor) -> Html:
    t = who.t
    if not row.enabled:
        return element("span", t("switched off"), class_="gw-tag")
    if row.last_error_permanent:
        return _trouble(t("refused"), row)
    if row.failures:
        return _trouble(t.plural("{n} visit failed", "{n} visits failed", row.failures), row)
    return _rhythm(row, who)


def _rhythm(row: SourceStatus, who: Visitor) -> Html:
    """Return how a source without failures keeps its rhythm."""
    t, words = who.t, who.words
    if row.not_before and row.not_before > who.now:
        return element("span", t("waits until {when}", when=words.hour(row.not_before)), class_="gw-tag")
    if row.lag is None:
        return element("span", t("not read yet"), class_="gw-tag")
    if row.lag > 2 * row.every:
        return element("span", t("late by {lag}", lag=words.lasting(row.lag)), class_="gw-tag gw-failing")
    return element("span", t("fine"), class_="gw-tag gw-fine")


def _trouble(word: str, row: SourceStatus) -> Html:
    error = element("small", row.last_error[:300], class_="gw-muted") if row.last_error else None
    return element("span", element("span", word, class_="gw-tag gw-failing"), error, class_="gw-two-lines")


def _rejects(row: SourceStatus, who: Visitor) -> Html:
    """Return why items of a source were turned away, with the newest examples."""
    t, words = who.t, who.words
    reasons = sorted(row.rejects.items(), key=lambda item: -item[1])
    totals = element(
        "p",
        *(element("span", _reason(reason, who), " ", element("b", words.number(n))) for reason, n in reasons),
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
            _reason(item.reason, who),
            element(
                "span",
                item.detail[:300],
                element("small", item.external_id[:120] if item.external_id else None, class_="gw-muted"),
                class_="gw-two-lines",
            ),
            str(item.line) if item.line is not None else "",
        )
        for item in status.rejects(who.db, by=who.by, source=row.name, limit=_EXAMPLES)
    )
    title = t("Turned away: {source}", source=row.name)
    return panel(title, totals, table(columns, examples, caption=title), note=t("their neighbours were kept"))


def _reason(reason: str, who: Visitor) -> str:
    return who.t(reason) if reason in _REASONS else reason


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
