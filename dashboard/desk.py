"""Incidents as rows on somebody's desk; the whole row leads to the incident."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from alerts.incident import Incident
from dashboard import badge
from dashboard.link import page
from dashboard.markup import Html, element, literal
from dashboard.visitor import Visitor
from dashboard.wording import Wording


def headline(incident: Incident, words: Wording) -> str:
    """Return in one line what an incident is about."""
    t = words.t
    if incident.cause == "source":
        return t("The source {name} is not being read", name=incident.subject)
    if incident.cause == "yield":
        return t("The site of the source {name} has changed", name=incident.subject)
    n = incident.evidence.voices
    return t.plural(
        "{count} negative voice about {name}",
        "{count} negative voices about {name}",
        n,
        count=words.number(n),
        name=incident.subject,
    )


def incident_rows(incidents: Iterable[Incident], who: Visitor, *, key: str) -> None:
    """Show incidents, one row each."""
    with st.container(key=f"desk-{key}", gap=None):
        for incident in incidents:
            with st.container(key=f"cover-{key}-{incident.id}", gap=None):
                st.html(_row(incident, who))
                st.page_link(
                    page("incidents"),
                    label=who.t("Open the incident: {headline}", headline=literal(headline(incident, who.words))),
                    query_params={"incident": incident.id},
                )


def _row(incident: Incident, who: Visitor) -> Html:
    words = who.words
    return element(
        "div",
        badge.severity(incident.severity, words),
        element(
            "div",
            element("strong", headline(incident, words)),
            element("span", incident.reason.say(words.t), class_="gw-muted"),
            class_="gw-row-text",
        ),
        element(
            "div",
            badge.state(incident, words),
            badge.invented(words) if incident.invented else None,
            words.when(incident.opened_at, who.now),
            class_="gw-row-side",
        ),
        class_="gw-row",
    )
