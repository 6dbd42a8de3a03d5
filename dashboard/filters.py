"""Filters that live in the address: what is chosen can be kept as a bookmark and sent to a colleague.

The address is the truth: every run sets each widget from it, and a change writes it. Brand and period go
along from page to page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import streamlit as st

from config.i18n import Translator, mark
from dashboard.visitor import Visitor
from dashboard.wording import Wording
from storage.overview import brands
from storage.period import Period

Span = Literal["24h", "7d", "30d", "60d"]
SPANS: Final[dict[str, tuple[str, timedelta]]] = {
    "24h": (mark("24 h"), timedelta(hours=24)),
    "7d": (mark("7 d"), timedelta(days=7)),
    "30d": (mark("30 d"), timedelta(days=30)),
    "60d": (mark("60 d"), timedelta(days=60)),
}
_KEPT: Final = ("brand", "period")
_RESET_WITH: Final = "after"  # a place in a list means nothing under another filter


def select(
    name: str, label: str, options: Sequence[str], *, say: Callable[[str], str], nothing: str, width: int = 150
) -> str | None:
    """Show a box to choose one of `options` or nothing; return what the address says."""
    current = _current(name, options)
    key = _set(name, current)
    st.selectbox(
        label,
        options,
        index=None,
        key=key,
        format_func=say,
        placeholder=nothing,
        label_visibility="collapsed",
        on_change=_write,
        args=(name, key),
        width=width,
    )
    return current


def switch(name: str, label: str, options: Sequence[str], *, say: Callable[[str], str], default: str) -> str:
    """Show a row of options of which exactly one holds; return what the address says, else `default`."""
    current = _current(name, options) or default
    key = _set(name, current)
    st.segmented_control(
        label,
        options,
        key=key,
        format_func=say,
        required=True,
        label_visibility="collapsed",
        on_change=_write,
        args=(name, key),
    )
    return current


def search(name: str, label: str, *, placeholder: str) -> str:
    """Show a search box; return what the address says."""
    current = st.query_params.get(name, "")
    key = _set(name, current)
    st.text_input(
        label,
        key=key,
        max_chars=200,
        placeholder=placeholder,
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=_write,
        args=(name, key),
    )
    return current


def choose_brand(who: Visitor) -> tuple[str, ...]:
    """Let the person choose a brand where there are several; return the brands to show."""
    names = brands(who.db, by=who.by)
    if len(names) < 2:  # noqa: PLR2004 - nothing to choose between
        return names
    chosen = select("brand", who.t("Brand"), names, say=str, nothing=who.t("All brands"), width=180)
    return (chosen,) if chosen else names


def choose_period(who: Visitor, *, default: Span = "7d") -> str:
    """Let the person choose how far back to look; return a key of SPANS."""
    return switch("period", who.t("Period"), tuple(SPANS), say=lambda span: who.t(SPANS[span][0]), default=default)


def period_of(span: str, words: Wording, now: datetime) -> Period:
    """Return the period that ends now: the last 24 whole hours and this one's beginning, or whole days and today."""
    length = SPANS[span][1]
    if length <= timedelta(days=1):
        since = now.replace(minute=0, second=0, microsecond=0) - length + timedelta(hours=1)
    else:
        day = now.astimezone(words.zone).date() - length + timedelta(days=1)
        since = datetime(day.year, day.month, day.day, tzinfo=words.zone).astimezone(now.tzinfo)
    return Period(since=since, until=now)


def say_period(span: str, t: Translator) -> str:
    """Return the period in words, as in "the 7 days before"."""
    days = SPANS[span][1].days
    return t("24 hours") if days <= 1 else t.plural("{n} day", "{n} days", days)


def clear(*names: str) -> None:
    """Take filters out of the address."""
    for name in names:
        _store(name, None)


def _current(name: str, options: Sequence[str]) -> str | None:
    """Return what the address says, else what was kept from the last page, if it is an option."""
    if name not in st.query_params and name in _KEPT:
        kept = st.session_state.get(f"kept.{name}")
        if kept is not None and kept in options:
            st.query_params[name] = kept
    value = st.query_params.get(name)
    if value not in options:
        return None
    if name in _KEPT:
        st.session_state[f"kept.{name}"] = value
    return value


def _set(name: str, value: str | None) -> str:
    key = f"filter.{name}"
    st.session_state[key] = value
    return key


def _write(name: str, key: str) -> None:
    _store(name, st.session_state[key])
    _store(_RESET_WITH, None)


def _store(name: str, value: str | None) -> None:
    if name in _KEPT:
        st.session_state[f"kept.{name}"] = value
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
