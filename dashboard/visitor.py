"""Who looks at this page: looked up anew in every run, so that a closed session ends at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from config.i18n import Translator, translator
from config.principal import RANK, Principal
from dashboard.context import House, house
from dashboard.markup import element
from dashboard.wording import Wording
from storage.accounts import Account, session_account
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """An account in one run of a page, the instant of that run, and how to speak to it."""

    account: Account
    words: Wording
    house: House
    now: datetime
    token: str

    @property
    def t(self) -> Translator:
        """The translator of the person's language."""
        return self.words.t

    @property
    def by(self) -> Principal:
        """Who acts when this person acts."""
        return self.account.principal

    @property
    def db(self) -> Database:
        """The database."""
        return self.house.db

    @property
    def may_act(self) -> bool:
        """Whether this person may do more than look."""
        return RANK[self.account.role] >= RANK["support"]

    @property
    def remote(self) -> str:
        """The address this person comes from."""
        return st.context.ip_address or "127.0.0.1"


def visitor() -> Visitor:
    """Return who is looking; a run without a session shows the way to the login and ends."""
    place = house()
    token = st.context.cookies.get(place.cookie, "")
    now = place.clock()
    account = session_account(place.db, token, now=now) if token else None
    if account is None:
        _show_way_in()
        st.stop()
    words = Wording(account.locale, account.timezone)
    return Visitor(account=account, words=words, house=place, now=now, token=token)


def _show_way_in() -> None:
    # Whose session is over has no language of their own any more; their browser has one.
    t = translator((st.context.locale or "en").split("-")[0])
    st.html(
        element(
            "div",
            element("strong", t("You are logged out.")),
            element("p", t("Your session is over: it was closed elsewhere, or its time ran out.")),
            element("a", t("Log in"), href="/login", target="_self"),
            class_="gw-empty",
        )
    )
