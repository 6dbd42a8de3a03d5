"""The answer to what a person just did: kept by the action, shown once by the page that follows it."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from dashboard.markup import element

_KEY: Final = "answer"


def keep(kind: Literal["done", "failed"], text: str) -> None:
    """Keep an answer for the page that is about to be shown."""
    st.session_state[_KEY] = (kind, text)


def show() -> None:
    """Show the answer that was kept, if any, once."""
    kept = st.session_state.pop(_KEY, None)
    if kept:
        kind, text = kept
        st.html(element("div", text, class_=f"gw-notice gw-{kind}", role="status"))
