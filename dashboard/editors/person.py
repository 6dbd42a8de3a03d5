"""Adding a colleague, and changing what one may do."""

from __future__ import annotations

from typing import Final, get_args

import streamlit as st

from config.i18n import LOCALES, mark
from config.principal import Role
from dashboard.colleague import WIDTH, do, facts, go, keep_once, show_back, show_once, show_said, tags
from dashboard.markup import element
from dashboard.table import empty
from dashboard.visitor import Visitor
from dashboard.wording import LOCALE_NAMES
from storage import overview, people
from storage.account_error import AccountError
from storage.people import Person

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_MEANINGS: Final[dict[Role, str]] = {
    "viewer": mark("Viewer: looks at everything, changes nothing."),
    "analyst": mark("Analyst: as a viewer, at present."),
    "support": mark("Support: also acknowledges and resolves incidents."),
    "administrator": mark("Administrator: also changes settings and people, and sees every brand."),
}


def show_invitation(who: Visitor) -> None:
    """Show the form that adds a colleague."""
    t = who.t
    show_back(who)
    st.html(element("h1", t("Add a colleague")))
    show_said()
    with st.container(width=WIDTH), st.form("invitation", enter_to_submit=False):
        st.text_input(f"{t('Name')} *", key="people.name", max_chars=200, autocomplete="off")
        st.text_input(f"{t('Login')} *", key="people.login", max_chars=200, autocomplete="off")
        st.html(element("p", t("Without spaces, such as the e-mail address."), class_="gw-hint"))
        _draw_scope(who, "new", role="support", brands=None)
        st.selectbox(
            t("Language"),
            LOCALES,
            index=LOCALES.index(who.account.locale) if who.account.locale in LOCALES else 0,
            format_func=lambda code: LOCALE_NAMES[code],
            key="people.locale",
        )
        st.html(element("p", t("A password is made for them and shown once."), class_="gw-hint"))
        with st.container(horizontal=True):
            st.form_submit_button(t("Add"), type="primary", on_click=_invite)
            st.form_submit_button(t("Cancel"), type="tertiary", on_click=go)


def _draw_scope(who: Visitor, key: str, *, role: Role, brands: frozenset[str] | None) -> None:
    """Show the fields of a role and of the brands that an account may see."""
    t = who.t
    st.selectbox(t("Role"), _ROLES, index=_ROLES.index(role), format_func=who.words.role, key=f"people.{key}.role")
    st.html(element("ul", *(element("li", t(text)) for text in _MEANINGS.values()), class_="gw-hint"))
    st.checkbox(t("Sees every brand"), brands is None, key=f"people.{key}.every")
    names = overview.brands(who.db, by=who.by)
    st.multiselect(
        t("Or only these brands"),
        sorted({*names, *(brands or ())}),
        sorted(brands or ()),
        key=f"people.{key}.brands",
        placeholder=t("Choose brands"),
        select_all=False,
    )


def _scope(key: str) -> tuple[Role, frozenset[str] | None]:
    """Return the role and brands that were chosen; raise AccountError for both every brand and some."""
    role: Role = st.session_state[f"people.{key}.role"]
    every: bool = st.session_state[f"people.{key}.every"]
    brands = frozenset(st.session_state[f"people.{key}.brands"])
    if every and brands:
        raise AccountError(mark("Choose either every brand or only some."))
    return role, None if every else brands


def _invite() -> None:
    def act(who: Visitor) -> str:
        role, brands = _scope("new")
        invited = people.invite(
            who.db,
            by=who.by,
            login=st.session_state["people.login"],
            name=st.session_state["people.name"],
            role=role,
            brands=brands,
            locale=st.session_state["people.locale"],
            timezone=who.account.timezone,
            now=who.now,
        )
        keep_once(invited.account.login, invited.password)
        go()
        return who.t("{name} may come in.", name=invited.account.name)

    do(act)


# -- one person ---------------------------------------------------------------------------------


def show_person(who: Visitor, chosen: str) -> None:
    """Show one person, by the number of the account, and what can be changed."""
    t = who.t
    show_back(who)
    found = people.people(who.db, by=who.by, now=who.now)
    person = next((one for one in found if str(one.account.id) == chosen), None)
    if person is None:
        st.html(empty(t("There is no such account"), t("The list shows who may come in.")))
        return
    st.html(element("h1", person.account.name))
    st.html(element("div", *tags(who, person), facts(who, person), class_="gw-item-head"))
    show_said()
    show_once(who)
    with st.container(width=WIDTH):
        _show_scope(who, person)
        _show_ways(who, person)


def _show_scope(who: Visitor, person: Person) -> None:
    t, account = who.t, person.account
    with st.form(f"scope-{account.id}", enter_to_submit=False):
        st.html(element("h2", t("Role and brands")))
        _draw_scope(who, str(account.id), role=account.role, brands=account.brands)
        st.form_submit_button(t("Save"), type="primary", on_click=_change, args=(account.id,))


def _show_ways(who: Visitor, person: Person) -> None:
    """Show what else can be done: a new password, keeping somebody out."""
    t, account = who.t, person.account
    with st.container(horizontal=True):
        with st.popover(t("New password…"), icon=":material/key:"):
            why = t("The present password stops working and open sessions are closed. The new one is shown once.")
            st.html(element("p", why))
            st.button(t("Make a new password"), type="primary", on_click=_reset, args=(account.id,))
        if account.disabled:
            st.button(t("Enable"), icon=":material/lock_open:", on_click=_disable, args=(account.id, False))
        elif account.id != who.account.id:
            with st.popover(t("Disable…"), icon=":material/block:"):
                st.html(element("p", t("Open sessions end at once. The account can be enabled again.")))
                st.button(t("Disable"), type="primary", on_click=_disable, args=(account.id, True))


def _change(account_id: int) -> None:
    def act(who: Visitor) -> str:
        role, brands = _scope(str(account_id))
        people.change(who.db, account_id, by=who.by, role=role, brands=brands, now=who.now)
        return who.t("Saved; it holds from the next click.")

    do(act)


def _reset(account_id: int) -> None:
    def act(who: Visitor) -> str:
        login = next(
            one.account.login for one in people.people(who.db, by=who.by, now=who.now) if one.account.id == account_id
        )
        keep_once(login, people.reset_password(who.db, account_id, by=who.by, now=who.now))
        return who.t("The password is changed; sessions are closed.")

    do(act)


def _disable(account_id: int, disabled: bool) -> None:
    def act(who: Visitor) -> str:
        account = people.set_disabled(who.db, account_id, disabled, by=who.by, now=who.now)
        if disabled:
            return who.t("{name} is kept out; open sessions are closed.", name=account.name)
        return who.t("{name} may come in again.", name=account.name)

    do(act)
