"""The people: who may come in, what they may do and see; for administrators."""

from __future__ import annotations

import streamlit as st

from dashboard.colleague import facts, go, show_once, show_said, tags
from dashboard.editors.person import show_invitation, show_person
from dashboard.markup import Html, element
from dashboard.page import ASSETS
from dashboard.table import empty
from dashboard.visitor import Visitor, visitor
from storage import people
from storage.people import Person


def show() -> None:
    """Show the page."""
    who = visitor()
    t = who.t
    st.html(ASSETS / "desk.css")
    if who.account.role != "administrator":
        st.html(element("h1", t("People")))
        st.html(empty(t("For administrators"), t("Administrators see here who may come in, and invite colleagues.")))
        return
    chosen = st.query_params.get("person")
    if chosen == "new":
        show_invitation(who)
    elif chosen is not None:
        show_person(who, chosen)
    else:
        _show_list(who)


# -- the list -----------------------------------------------------------------------------------


def _show_list(who: Visitor) -> None:
    t = who.t
    st.html(element("h1", t("People")))
    show_said()
    show_once(who)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(element("p", t("Who may come in, and what they may do."), class_="gw-muted"), width="content")
        st.button(t("Add a colleague"), icon=":material/person_add:", type="primary", on_click=go, args=("new",))
    with st.container(key="items-people", gap=None):
        for person in people.people(who.db, by=who.by, now=who.now):
            _show_row(who, person)


def _show_row(who: Visitor, person: Person) -> None:
    t, key = who.t, person.account.id
    with st.container(key=f"item-person-{key}"), st.container(horizontal=True, vertical_alignment="center"):
        st.html(_row(who, person), width="stretch")
        with st.container(horizontal=True, width="content", gap=None, key=f"does-person-{key}"):
            st.button(t("Change"), key=f"change-{key}", type="tertiary", on_click=go, args=(str(key),))


def _row(who: Visitor, person: Person) -> Html:
    style = "gw-item gw-off" if person.account.disabled else "gw-item"
    name = element("strong", element("bdi", person.account.name))
    return element(
        "div", element("div", name, *tags(who, person), class_="gw-item-head"), facts(who, person), class_=style
    )
