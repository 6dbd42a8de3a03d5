"""One's own account: language, time zone, password."""

from __future__ import annotations

from typing import Final

import streamlit as st

from config.i18n import LOCALES, translator
from dashboard import answer
from dashboard.markup import element, literal
from dashboard.visitor import Visitor, visitor
from dashboard.wording import LOCALE_NAMES
from dashboard.zones import zones
from storage.account_error import AccountError, LoginError
from storage.accounts import change_password, set_preferences

_WIDTH: Final = 480


def show() -> None:
    """Show the page."""
    who = visitor()
    t = who.t
    st.html(element("h1", t("Account")))
    brands = t("all brands") if who.account.brands is None else ", ".join(sorted(who.account.brands)) or t("no brand")
    st.html(
        element(
            "p",
            f"{who.account.name} · {who.account.login} · {who.words.role(who.account.role)} · {brands}",
            class_="gw-muted",
        )
    )
    answer.show()
    with st.container(width=_WIDTH):
        _show_preferences(who)
        _show_password(who)


def _show_preferences(who: Visitor) -> None:
    t = who.t
    names = zones()
    with st.form("preferences"):
        st.html(element("h2", t("Language and time")))
        st.selectbox(
            t("Language"),
            LOCALES,
            index=LOCALES.index(who.account.locale) if who.account.locale in LOCALES else 0,
            format_func=lambda code: LOCALE_NAMES[code],
            key="account.locale",
        )
        st.selectbox(
            t("Time zone"),
            names,
            index=names.index(who.account.timezone) if who.account.timezone in names else 0,
            key="account.zone",
        )
        st.form_submit_button(literal(t("Save")), type="primary", on_click=_save_preferences)


def _show_password(who: Visitor) -> None:
    t = who.t
    with st.form("password", clear_on_submit=True):
        st.html(element("h2", t("Password")))
        st.text_input(t("Present password"), type="password", key="account.old", autocomplete="current-password")
        st.text_input(
            t("New password"),
            type="password",
            key="account.new",
            autocomplete="new-password",
            help=t("At least 12 characters; a few words in a row do well."),
        )
        st.text_input(t("New password, once more"), type="password", key="account.again", autocomplete="new-password")
        st.form_submit_button(literal(t("Change the password")), on_click=_change_password)


def _save_preferences() -> None:
    who = visitor()
    try:
        account = set_preferences(
            who.db,
            who.account.id,
            locale=st.session_state["account.locale"],
            timezone=st.session_state["account.zone"],
            now=who.now,
        )
    except AccountError as error:
        answer.keep("failed", error.say(who.t))
        return
    t = translator(account.locale)
    answer.keep("done", t("Saved."))


def _change_password() -> None:
    who = visitor()
    t = who.t
    old, new, again = (st.session_state[f"account.{name}"] for name in ("old", "new", "again"))
    if new != again:
        answer.keep("failed", t("The two passwords differ; nothing was changed."))
        return
    try:
        change_password(who.db, who.account.id, old=old, new=new, remote=who.remote, now=who.now, keep=who.token)
    except (AccountError, LoginError) as error:
        answer.keep("failed", error.say(t))
        return
    answer.keep("done", t("The password is changed; sessions elsewhere are closed."))
