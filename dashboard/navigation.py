"""The frame around every page: style, sidebar, account menu; and what is shown when a page fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import streamlit as st

from config.i18n import LOCALES, Translator, mark
from config.principal import NotAllowedError
from dashboard.entrance import leave_token
from dashboard.link import page, remember
from dashboard.markup import element, literal
from dashboard.page import ASSETS, NAME
from dashboard.views import account, incidents, mentions, overview, people, settings, sources
from dashboard.visitor import Visitor, visitor
from dashboard.wording import LOCALE_NAMES
from dashboard.zones import zones
from storage.accounts import set_preferences

_log = logging.getLogger(__name__)

_PAGES: Final[tuple[tuple[str, str, str, Callable[[], None]], ...]] = (
    ("", mark("Overview"), ":material/monitoring:", overview.show),
    ("mentions", mark("Mentions"), ":material/forum:", mentions.show),
    ("incidents", mark("Incidents"), ":material/notifications_active:", incidents.show),
    ("sources", mark("Sources"), ":material/rss_feed:", sources.show),
    ("settings", mark("Settings"), ":material/tune:", settings.show),
    ("people", mark("People"), ":material/group:", people.show),
    ("account", mark("Account"), ":material/person:", account.show),
)
PATHS: Final = tuple(f"/{path}" for path, *_ in _PAGES)


def show() -> None:
    """Show the page that the address asks for."""
    st.set_page_config(page_title=NAME, layout="wide", initial_sidebar_state="auto")
    st.html(ASSETS / "house.css")
    who = visitor()
    pages = _pages(who.t)
    chosen = st.navigation(list(pages.values()), position="sidebar")
    st.set_page_config(page_title=f"{chosen.title} · {NAME}")
    remember(pages)
    with st.sidebar:
        _show_account_menu(who)
    try:
        chosen.run()
    except NotAllowedError as error:
        _log.info("refused: %s", error)
        st.html(element("p", who.t("Your role does not allow this. Ask an administrator."), class_="gw-empty"))


def _pages(t: Translator) -> dict[str, st.Page]:
    return {
        path: st.Page(
            run,
            title=t(title),
            icon=icon,
            url_path=path or None,
            default=not path,
            visibility="hidden" if path == "account" else "visible",
        )
        for path, title, icon, run in _PAGES
    }


def _show_account_menu(who: Visitor) -> None:
    t = who.t
    with (
        st.container(key="account-menu"),
        st.popover(literal(who.account.name), icon=":material/account_circle:", width="stretch"),
    ):
        st.html(element("p", f"{who.account.login} · {who.words.role(who.account.role)}", class_="gw-muted"))
        st.selectbox(
            t("Language"),
            LOCALES,
            index=LOCALES.index(who.account.locale) if who.account.locale in LOCALES else 0,
            format_func=lambda code: LOCALE_NAMES[code],
            key=f"menu-locale-{who.account.locale}",
            on_change=_save,
            args=("locale",),
        )
        names = zones()
        st.selectbox(
            t("Time zone"),
            names,
            index=names.index(who.account.timezone) if who.account.timezone in names else 0,
            key=f"menu-zone-{who.account.timezone}",
            on_change=_save,
            args=("zone",),
        )
        st.page_link(page("account"), label=t("Password and more"), icon=":material/key:")
        st.html(
            element(
                "form",
                element("input", type="hidden", name="leave", value=leave_token(who.token)),
                element("button", t("Log out"), type="submit", class_="gw-button"),
                method="post",
                action="/logout",
            )
        )


def _save(what: str) -> None:
    """Store the language or the zone that was just chosen in the account menu."""
    who = visitor()
    locale, zone = who.account.locale, who.account.timezone
    if what == "locale":
        locale = st.session_state[f"menu-locale-{locale}"]
    else:
        zone = st.session_state[f"menu-zone-{zone}"]
    set_preferences(who.db, who.account.id, locale=locale, timezone=zone, now=who.now)


def report_failure(error: Exception) -> bool:
    """Log what went wrong in a page and tell the person so, without a word about the inside."""
    _log.error("a page failed", exc_info=error)
    t = visitor().t
    st.html(
        element(
            "div",
            element("strong", t("This page could not be shown.")),
            element(
                "p", t("The reason is in the server's log. Reload the page; if it stays so, tell your administrator.")
            ),
            class_="gw-empty",
            role="alert",
        )
    )
    return True
