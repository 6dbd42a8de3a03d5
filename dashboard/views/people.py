"""The people: who may come in, what they may do and see; for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, get_args

import streamlit as st

from config.i18n import LOCALES, mark
from config.principal import NotAllowedError, Role
from dashboard import badge
from dashboard.markup import Html, element
from dashboard.page import ASSETS
from dashboard.table import empty
from dashboard.visitor import Visitor, visitor
from dashboard.wording import LOCALE_NAMES
from storage import overview, people
from storage.account_error import AccountError
from storage.people import Person

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_MEANINGS: Final[dict[Role, str]] = {
    "viewer": mark("Viewer: looks at everything, changes nothing."),
    "analyst": mark("Analyst: looks at everything; will correct labels and export."),
    "support": mark("Support: also acknowledges and resolves incidents."),
    "administrator": mark("Administrator: also changes settings and people, and sees every brand."),
}
_SAID: Final = "people.said"
_ONCE: Final = "people.once"  # a name and the password that was made for it, until it was passed on
_WIDTH: Final = 640


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
        _show_invitation(who)
    elif chosen is not None:
        _show_person(who, chosen)
    else:
        _show_list(who)


# -- the list -----------------------------------------------------------------------------------


def _show_list(who: Visitor) -> None:
    t = who.t
    st.html(element("h1", t("People")))
    _show_said()
    _show_once(who)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(element("p", t("Who may come in, and what they may do."), class_="gw-muted"), width="content")
        st.button(t("Add a colleague"), icon=":material/person_add:", type="primary", on_click=_go, args=("new",))
    with st.container(key="items-people", gap=None):
        for person in people.people(who.db, by=who.by, now=who.now):
            _show_row(who, person)


def _show_row(who: Visitor, person: Person) -> None:
    t, key = who.t, person.account.id
    with st.container(key=f"item-person-{key}"), st.container(horizontal=True, vertical_alignment="center"):
        st.html(_row(who, person), width="stretch")
        with st.container(horizontal=True, width="content", gap=None, key=f"does-person-{key}"):
            st.button(t("Change"), key=f"change-{key}", type="tertiary", on_click=_go, args=(str(key),))


def _row(who: Visitor, person: Person) -> Html:
    style = "gw-item gw-off" if person.account.disabled else "gw-item"
    name = element("strong", element("bdi", person.account.name))
    return element(
        "div", element("div", name, *_tags(who, person), class_="gw-item-head"), _facts(who, person), class_=style
    )


def _tags(who: Visitor, person: Person) -> tuple[Html | None, ...]:
    t, account = who.t, person.account
    return (
        badge.tag(who.words.role(account.role)),
        badge.tag(t("you")) if account.id == who.account.id else None,
        badge.tag(t("disabled")) if account.disabled else None,
    )


def _facts(who: Visitor, person: Person) -> Html:
    t = who.t
    seen = element("span", t("not logged in"))
    if person.seen_at:
        seen = element("span", t("seen"), " ", who.words.when(person.seen_at, who.now))
    return element(
        "p", element("bdi", person.account.login), " · ", _brands(who, person), " · ", seen, class_="gw-muted"
    )


def _brands(who: Visitor, person: Person) -> Html:
    if person.account.brands is None:
        return element("span", who.t("all brands"))
    return element("bdi", ", ".join(sorted(person.account.brands)) or who.t("no brand"))


# -- what is shown once ---------------------------------------------------------------------------


def _show_once(who: Visitor) -> None:
    """Show a password that was made, until the administrator says that it was passed on."""
    t = who.t
    if _ONCE not in st.session_state:
        return
    login, password = st.session_state[_ONCE]
    with st.container(border=True, key="once"):
        st.html(
            element(
                "p",
                element("strong", t("Pass this on to {login} in a safe way.", login=login)),
                " ",
                t("It is shown this once; after the first login, Account is the place to change it."),
                class_="gw-once",
            )
        )
        st.code(password, language=None, width=_WIDTH // 2)
        st.button(t("I have passed it on"), on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_ONCE, None)


# -- inviting -----------------------------------------------------------------------------------


def _show_invitation(who: Visitor) -> None:
    t = who.t
    _show_back(who)
    st.html(element("h1", t("Add a colleague")))
    _show_said()
    with st.container(width=_WIDTH), st.form("invitation", enter_to_submit=False):
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
            st.form_submit_button(t("Cancel"), type="tertiary", on_click=_go)


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
        st.session_state[_ONCE] = (invited.account.login, invited.password)
        _go()
        return who.t("{name} may come in.", name=invited.account.name)

    _act(act)


# -- one person ---------------------------------------------------------------------------------


def _show_person(who: Visitor, chosen: str) -> None:
    t = who.t
    _show_back(who)
    found = people.people(who.db, by=who.by, now=who.now)
    person = next((one for one in found if str(one.account.id) == chosen), None)
    if person is None:
        st.html(empty(t("There is no such account"), t("The list shows who may come in.")))
        return
    st.html(element("h1", person.account.name))
    st.html(element("div", *_tags(who, person), _facts(who, person), class_="gw-item-head"))
    _show_said()
    _show_once(who)
    with st.container(width=_WIDTH):
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

    _act(act)


def _reset(account_id: int) -> None:
    def act(who: Visitor) -> str:
        login = next(
            one.account.login for one in people.people(who.db, by=who.by, now=who.now) if one.account.id == account_id
        )
        st.session_state[_ONCE] = (login, people.reset_password(who.db, account_id, by=who.by, now=who.now))
        return who.t("The password is changed; sessions are closed.")

    _act(act)


def _disable(account_id: int, disabled: bool) -> None:
    def act(who: Visitor) -> str:
        account = people.set_disabled(who.db, account_id, disabled, by=who.by, now=who.now)
        if disabled:
            return who.t("{name} is kept out; open sessions are closed.", name=account.name)
        return who.t("{name} may come in again.", name=account.name)

    _act(act)


# -- around -------------------------------------------------------------------------------------


def _go(person: str | None = None) -> None:
    """Go to a person, to the invitation, or back to the list."""
    if person is None:
        st.query_params.pop("person", None)
    else:
        st.query_params["person"] = person


def _show_back(who: Visitor) -> None:
    with st.container(key="back"):
        st.button(who.t("People"), icon=":material/arrow_back:", type="tertiary", on_click=_go)


def _act(act: Callable[[Visitor], str]) -> None:
    """Do what was asked and keep what is to be said about it for the page."""
    who = visitor()
    try:
        st.session_state[_SAID] = ("done", act(who))
    except AccountError as error:
        st.session_state[_SAID] = ("failed", error.say(who.t))
    except NotAllowedError:
        st.session_state[_SAID] = ("failed", who.t("Your role does not allow this. Ask an administrator."))


def _show_said() -> None:
    said = st.session_state.pop(_SAID, None)
    if said:
        st.html(element("div", said[1], class_=f"gw-notice gw-{said[0]}", role="status"))
