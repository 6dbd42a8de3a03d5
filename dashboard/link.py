"""Ways between the pages, without loading anything anew."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit import Page

_PAGES = "pages"


def remember(pages: Mapping[str, Page]) -> None:
    """Keep this run's pages, by their paths."""
    st.session_state[_PAGES] = dict(pages)


def page(path: str) -> Page:
    """Return the page under `path` of this run, to link to or to go to."""
    found: Page = st.session_state[_PAGES][path]
    return found
