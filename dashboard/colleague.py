"""What the pages of people have in common: how a person is told, what is said, a password that is shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from config.principal import NotAllowedError
from dashboard import badge
from dashboard.markup import Html, element
from dashboard.visitor import Visitor, visitor
from storage.account_error import AccountError
from storage.people import Person

WIDTH: Final = 640
_SAID: Final = "people.said"
_ONCE: Final = "people.once"  # a login and the password that was made for it, until it was passed on


def tags(who: Visitor, person: Person) -> tuple[Html | None, ...]:
    """Return the signs beside a person's name."""
    t, account = who.t, person.account
    return (
        badge.tag(who.words.role(account.role)),
        badge.tag(t("you")) if account.id == who.account.id else None,
        badge.tag(t("disabled")) if account.disabled else None,
    )


def facts(who: Visitor, person: Person) -> Html:
    """Return a person's login and brands, and when they were last seen."""
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


def show_once(who: Visitor) -> None:
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
        st.code(password, language=None, width=WIDTH // 2)
        st.button(t("I have passed it on"), on_click=_forget)


def keep_once(login: str, password: str) -> None:
    """Keep a password that was made, to show it once."""
    st.session_state[_ONCE] = (login, password)


def _forget() -> None:
    st.session_state.pop(_ONCE, None)


def go(person: str | None = None) -> None:
    """Go to a person, to the invitation, or back to the list."""
    if person is None:
        st.query_params.pop("person", None)
    else:
        st.query_params["person"] = person


def show_back(who: Visitor) -> None:
    """Show the way back to the list."""
    with st.container(key="back"):
        st.button(who.t("People"), icon=":material/arrow_back:", type="tertiary", on_click=go)


def do(act: Callable[[Visitor], str]) -> None:
    """Do what was asked and keep what is to be said about it for the page."""
    who = visitor()
    try:
        st.session_state[_SAID] = ("done", act(who))
    except AccountError as error:
        st.session_state[_SAID] = ("failed", error.say(who.t))
    except NotAllowedError:
        st.session_state[_SAID] = ("failed", who.t("Your role does not allow this. Ask an administrator."))


def show_said() -> None:
    """Say what came of the last click."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.html(element("div", said[1], class_=f"gw-notice gw-{said[0]}", role="status"))
