"""Notices at the head of a page: invented data, nobody collecting, nothing declared yet."""

from __future__ import annotations

from typing import Final

import streamlit as st

from config.i18n import mark
from dashboard.markup import element
from dashboard.table import empty
from dashboard.visitor import Visitor
from storage.status import processes
from storage.workspace import sample_started

MONITOR: Final = "monitor"
_INIT: Final = "groundswell init"
_RUN: Final = "groundswell run"
NO_WORKER: Final = mark("The monitor is not running: nothing is collected, judged or sent until it runs again.")


def sample(who: Visitor) -> None:
    """Say that everything here is invented, and what to do for one's own brand."""
    if sample_started(who.db) is None:
        return
    t = who.t
    st.html(
        element(
            "div",
            element("strong", t("Invented sample data.")),
            " ",
            t("Nobody wrote any of this. To listen for your own brand, stop the server and run"),
            " ",
            element("code", _INIT),
            class_="gw-notice gw-invented",
            role="note",
        )
    )


def processes_running(who: Visitor) -> None:
    """Say so when nobody collects."""
    if any(row.process == MONITOR and row.alive for row in processes(who.db, now=who.now)):
        return
    st.html(
        element(
            "div",
            element("strong", who.t(NO_WORKER)),
            " ",
            who.t("Start it on the server:"),
            " ",
            element("code", _RUN),
            class_="gw-notice gw-warning",
            role="status",
        )
    )


def no_brand(who: Visitor) -> None:
    """Say what to do where there is no brand that this person may see."""
    t = who.t
    st.html(
        empty(
            t("There is no brand to listen for yet"),
            t("Either none is declared, or your account may see none. On the server, this command asks what it needs:"),
            element("code", _INIT),
        )
    )
