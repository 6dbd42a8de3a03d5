"""One incident: what happened, what it rests on, what a person can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from alerts.incident import Incident, Quote, WrongStateError
from config.instant import hour_of
from config.principal import SYSTEM, NotAllowedError
from dashboard import answer, badge, chart
from dashboard.desk import headline
from dashboard.link import page
from dashboard.markup import Html, element, link, outside
from dashboard.table import empty, panel
from dashboard.timeline import Timeline, bars_of
from dashboard.views import notifications
from dashboard.visitor import Visitor, visitor
from storage import incidents, overview
from storage.incidents import ConflictError, UnknownIncidentError
from storage.period import Period

_REFRESH: Final = timedelta(seconds=15)


@st.fragment(run_every=_REFRESH)
def show_one(incident_id: str) -> None:
    """Show the page of one incident."""
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
    answer.show()
    _show_actions(who, incident)
    if incident.cause == "negatives":
        _show_chart(who, incident)
    if incident.evidence.quotes:
        st.html(_quotes(who, incident))
    st.html(notifications.deliveries(who, incident))
    notifications.show_retries(who, incident)
    st.html(notifications.log(who, incident))


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
        answer.keep("done", action(who, incident))
    except ConflictError:
        answer.keep(
            "failed",
            t("Somebody changed this incident just before you; here is how it stands now."),
        )
    except WrongStateError:
        answer.keep("failed", t("The incident was resolved in the meantime; nothing was changed."))
    except NotAllowedError:
        answer.keep("failed", t("Your role does not allow this. Ask an administrator."))


def _acknowledge(who: Visitor, incident: Incident) -> str:
    incidents.acknowledge(who.db, incident.id, by=who.by, now=who.now, version=incident.version)
    return who.t("You are on it. Everybody can see so.")


def _resolve(who: Visitor, incident: Incident) -> str:
    note = str(st.session_state.get(f"note-{incident.id}") or "").strip()
    incidents.resolve(who.db, incident.id, by=who.by, now=who.now, note=note, version=incident.version)
    return who.t("Resolved. Only what is published from now on can open the next one.")


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
        chart.show(timeline, who.words, key="series", alt_text=headline(incident, who.words))


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
