"""The incidents: those on the desk, and those that were resolved."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import notice
from dashboard.desk import incident_rows
from dashboard.markup import element
from dashboard.table import empty
from dashboard.views.incident import show_one
from dashboard.visitor import visitor
from storage import incidents

_REFRESH: Final = timedelta(seconds=15)


def show() -> None:
    """Show the page: one incident where the address names it, else all."""
    asked = st.query_params.get("incident")
    # Said back to the browser: a link from this page to itself leaves its address bar as it was.
    st.query_params.from_dict({"incident": asked} if asked else {})
    if asked:
        show_one(asked)
    else:
        _show_list()


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
