"""What was told about an incident, and what was done: parts of its page."""

from __future__ import annotations

from typing import Final

import streamlit as st

from alerts.incident import Incident
from config.i18n import mark
from config.principal import SYSTEM
from dashboard import answer
from dashboard.markup import Html, element, literal
from dashboard.table import Column, empty, panel, table
from dashboard.visitor import Visitor, visitor
from storage import incidents, outbox
from storage.outbox import DeliveryRow
from storage.workspace import sample_started

_ACTIONS: Final = {
    "opened": mark("Opened"),
    "escalated": mark("Grew worse"),
    "updated": mark("New evidence"),
    "acknowledged": mark("Acknowledged"),
    "resolved": mark("Resolved"),
    "retried": mark("Tried again"),
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


def deliveries(who: Visitor, incident: Incident) -> Html:
    """Return the log of notifications."""
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


def show_retries(who: Visitor, incident: Incident) -> None:
    """Show a button for each notification that was given up, to those who may act."""
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
    answer.keep("done", who.t("It is on its way again."))


def log(who: Visitor, incident: Incident) -> Html:
    """Return the log of what people and the system did."""
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
