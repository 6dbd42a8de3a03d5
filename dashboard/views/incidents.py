"""The incidents: the list, and one of them with its evidence, its actions and its log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from alerts.incident import Incident, Quote, WrongStateError
from config.i18n import mark
from config.instant import hour_of
from config.principal import SYSTEM, NotAllowedError
from dashboard import badge, chart, notice
from dashboard.desk import headline, incident_rows
from dashboard.link import page
from dashboard.markup import Html, element, link, literal, outside
from dashboard.table import Column, empty, panel, table
from dashboard.theme import mode
from dashboard.timeline import Timeline, bars_of
from dashboard.visitor import Visitor, visitor
from storage import incidents, outbox, overview
from storage.incidents import ConflictError, UnknownIncidentError
from storage.outbox import DeliveryRow
from storage.period import Period
from storage.workspace import sample_started

_REFRESH: Final = timedelta(seconds=15)
_ACTIONS: Final = {
    "opened": mark("Opened"),
    "escalated": mark("Grew worse"),
    "updated": mark("New evidence"),
    "acknowledged": mark("Acknowledged"),
    "resolved": mark("Resolved"),
}
_DELIVERY_STATES: Final = {
    "pending": mark("Waiting"),
    "sending": mark("Being sent"),
    "sent": mark("Sent"),
    "dead": mark("Given up"),
}
_KINDS: Final = {
    "opened": mark("New incident"),
    "escalated": mark("Grew worse"),
    "resolved": mark("Resolved"),
    "test": mark("Test"),
}
_SAID: Final = "incident.said"


def show() -> None:
    """Show the page."""
    if "incident" in st.query_params:
        _show_one(st.query_params["incident"])
    else:
        _show_list()


# -- the list ---------------------------------------------------------------------------------------


@st.fragment(run_every=_REFRESH)
def _show_list() -> None:
    who = visitor()
    t = who.t
    st.html(element("h1", t("Incidents")))
    notice.sample(who)
    notice.processes_running(who)
    found = incidents.list_incidents(who.db, by=who.by)
    standing = [incident for incident in found if incident.is_standing]
    past = [incident for incident in found if not incident.is_standing]
    st.html(element("h2", t("On the desk")))
    if standing:
        incident_rows(standing, who, key="standing")
    else:
        st.html(empty(t("Nothing waits for you"), t("When a rule's bound is reached, the incident stands here.")))
    if past:
        st.html(element("h2", t("Resolved")))
        incident_rows(past, who, key="past")


# -- one of them ------------------------------------------------------------------------------------


@st.fragment(run_every=_REFRESH)
def _show_one(incident_id: str) -> None:
    who = visitor()
    t = who.t
    with st.container(key="back"):
        st.page_link(page("incidents"), label=t("All incidents"), icon=":material/arrow_back:")
    try:
        incident = incidents.get(who.db, incident_id, by=who.by)
    except UnknownIncidentError:
        st.html(empty(t("There is no such incident"), t("It may concern a brand that your account may not see.")))
        return
    _show_head(who, incident)
    _show_said()
    _show_actions(who, incident)
    if incident.cause == "negatives":
        _show_chart(who, incident)
    if incident.evidence.quotes:
        st.html(_quotes(who, incident))
    st.html(_deliveries(who, incident))
    _show_retries(who, incident)
    st.html(_log(who, incident))


def _show_head(who: Visitor, incident: Incident) -> None:
    words = who.words
    st.html(
        element(
            "div",
            element(
                "div",
                badge.severity(incident.severity, words),
                badge.state(incident, words),
                badge.invented(words) if incident.invented else None,
                element("span", who.t("opened"), " ", words.when(incident.opened_at, who.now), class_="gw-muted"),
                class_="gw-row-side",
            ),
            element("h1", headline(incident, words)),
            element("p", incident.reason.say(words.t), class_="gw-lead"),
            _holder(who, incident),
            class_="gw-incident-head",
        )
    )


def _holder(who: Visitor, incident: Incident) -> Html | None:
    t, words = who.t, who.words
    if incident.resolved_at is not None:
        name = t("the system") if incident.resolved_by == SYSTEM.name else incident.resolved_by or ""
        return element(
            "p", t("Resolved by {name}", name=name), " ", words.when(incident.resolved_at, who.now), class_="gw-muted"
        )
    if incident.acknowledged_at is not None:
        text = t("{name} is on it", name=incident.acknowledged_by or "")
        return element("p", text, ", ", words.when(incident.acknowledged_at, who.now), class_="gw-muted")
    return None


# -- what a person can do ----------------------------------------------------------------------------


def _show_actions(who: Visitor, incident: Incident) -> None:
    t = who.t
    if not incident.is_standing:
        return
    if not who.may_act:
        st.html(element("p", t("Your role may look at incidents, not act on them."), class_="gw-muted"))
        return
    with st.container(horizontal=True, key="actions"):
        if incident.state == "open":
            st.button(
                t("Acknowledge"),
                type="primary",
                help=t("Tell everybody that you are on it"),
                on_click=_act,
                args=(_acknowledge, incident),
            )
        with st.popover(t("Resolve…")):
            st.text_area(t("What helped? (optional)"), key=f"note-{incident.id}", max_chars=2_000, height=90)
            st.button(t("Resolve"), type="primary", on_click=_act, args=(_resolve, incident))


def _act(action: Callable[[Visitor, Incident], str], incident: Incident) -> None:
    """Do what was asked and keep what is to be said about it for the page."""
    who = visitor()
    t = who.t
    try:
        st.session_state[_SAID] = ("done", action(who, incident))
    except ConflictError:
        st.session_state[_SAID] = (
            "failed",
            t("Somebody changed this incident just before you; here is how it stands now."),
        )
    except WrongStateError:
        st.session_state[_SAID] = ("failed", t("The incident was resolved in the meantime; nothing was changed."))
    except NotAllowedError:
        st.session_state[_SAID] = ("failed", t("Your role does not allow this. Ask an administrator."))


def _acknowledge(who: Visitor, incident: Incident) -> str:
    incidents.acknowledge(who.db, incident.id, by=who.by, now=who.now, version=incident.version)
    return who.t("You are on it. Everybody can see so.")


def _resolve(who: Visitor, incident: Incident) -> str:
    note = str(st.session_state.get(f"note-{incident.id}") or "").strip()
    incidents.resolve(who.db, incident.id, by=who.by, now=who.now, note=note, version=incident.version)
    return who.t("Resolved. Only what is published from now on can open the next one.")


def _show_said() -> None:
    said = st.session_state.pop(_SAID, None)
    if said:
        kind, text = said
        st.html(element("div", text, class_=f"gw-notice gw-{kind}", role="status"))


# -- evidence ----------------------------------------------------------------------------------------


def _show_chart(who: Visitor, incident: Incident) -> None:
    if incident.brand is None:
        return
    brands, period = (incident.brand,), _around(incident, who.now)
    bins = overview.timeline(who.db, by=who.by, brands=brands, period=period, step="hour", zone=who.account.timezone)
    timeline = Timeline(
        period=period,
        bars=bars_of(bins, who.words, until=period.until, hours=1),
        gaps=overview.gaps(who.db, by=who.by, brands=brands, period=period),
        incidents=(incident,),
    )
    with st.container(key="panel-series"):
        st.html(
            element(
                "header",
                element("h2", who.t("Mentions by the hour")),
                chart.legend(bins, who.words),
                class_="gw-chart-head",
            )
        )
        st.altair_chart(chart.draw(timeline, who.words, mode()), theme=None, key="series")


def _around(incident: Incident, now: datetime) -> Period:
    """Return the two days before the incident was last alive, and what came after, as far as there is any."""
    until = min(now, incident.evidence.until + timedelta(hours=12))
    return Period(since=hour_of(until) - timedelta(hours=48), until=until)


def _quotes(who: Visitor, incident: Incident) -> Html:
    t = who.t
    note = t("{n} of the negative mentions in the window", n=who.words.number(len(incident.evidence.quotes)))
    return panel(
        t("What people say"),
        element("div", *(_quote(quote, who) for quote in incident.evidence.quotes), class_="gw-mentions"),
        note=note,
    )


def _quote(quote: Quote, who: Visitor) -> Html:
    t = who.t
    return element(
        "article",
        element(
            "header",
            badge.sentiment("negative", who.words),
            element("span", element("bdi", quote.author or t("Unknown author")), class_="gw-author"),
            element("span", element("bdi", quote.source), class_="gw-source") if quote.source else None,
            who.words.when(quote.published_at, who.now),
        ),
        element("p", quote.text, class_="gw-text", dir="auto"),
        element("footer", link(quote.url, t("Open the original"), class_="gw-original"))
        if outside(quote.url)
        else None,
        class_="gw-mention",
    )


# -- what was told, and what was done ------------------------------------------------------------------


def _deliveries(who: Visitor, incident: Incident) -> Html:
    t, words = who.t, who.words
    rows = outbox.deliveries(who.db, incident.id, by=who.by)
    note = None
    if sample_started(who.db) is not None:
        note = t("In the sample workspace nothing leaves this machine: notifications go to a log.")
    if not rows:
        return panel(
            t("Notifications"), empty(t("Nobody was told"), t("No channel is declared for this rule.")), note=note
        )
    columns = (
        Column(head=t("Channel")),
        Column(head=t("What")),
        Column(head=t("State")),
        Column(head=t("Attempts"), side="right", minor=True),
        Column(head=t("When"), side="right"),
    )
    body = (
        (
            element("bdi", row.channel),
            t(_KINDS[row.kind]),
            _delivery_state(row, who),
            words.number(row.attempts),
            words.when(row.sent_at or row.created_at, who.now),
        )
        for row in rows
    )
    return panel(t("Notifications"), table(columns, body, caption=t("Notifications")), note=note)


def _delivery_state(row: DeliveryRow, who: Visitor) -> Html:
    state = element("span", who.t(_DELIVERY_STATES[row.state]), class_=f"gw-delivery gw-{row.state}")
    if row.last_error and row.state != "sent":
        return element("span", state, element("small", row.last_error[:300], class_="gw-muted"), class_="gw-two-lines")
    return state


def _show_retries(who: Visitor, incident: Incident) -> None:
    dead = [row for row in outbox.deliveries(who.db, incident.id, by=who.by) if row.state == "dead"]
    if not dead or not who.may_act:
        return
    with st.container(horizontal=True):
        for row in dead:
            st.button(
                who.t("Try {channel} again", channel=literal(row.channel)),
                key=f"retry-{row.id}",
                icon=":material/refresh:",
                on_click=_retry,
                args=(row.id,),
            )


def _retry(delivery_id: str) -> None:
    who = visitor()
    outbox.retry(who.db, delivery_id, by=who.by, now=who.now)
    st.session_state[_SAID] = ("done", who.t("It is on its way again."))


def _log(who: Visitor, incident: Incident) -> Html:
    t, words = who.t, who.words
    entries = incidents.log(who.db, incident.id, by=who.by)
    items = (
        element(
            "li",
            words.when(entry.at, who.now),
            element("strong", t(_ACTIONS[entry.action]) if entry.action in _ACTIONS else entry.action),
            element("span", "Groundswell" if entry.actor == SYSTEM.name else entry.actor, class_="gw-muted"),
            element("p", entry.note) if entry.note else None,
        )
        for entry in entries
    )
    return panel(t("What was done"), element("ol", *items, class_="gw-log"))
