"""The form of an alert rule: when negatives deserve a human, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, get_args

import streamlit as st

from config.settings import Declaration, Rule, Severity
from dashboard.editors.editor import Desk, Editor, build
from dashboard.fieldset import below, length_choice, name_field, required

_FIELDS: Final = ("name", "brand", "window", "min_negatives", "min_share", "severity", "channels")
_WINDOWS: Final = tuple(timedelta(hours=n) for n in (1, 2, 3, 6, 12, 24, 48))
_NEW: Final = Rule(name="new")  # brings the defaults


def _draw(desk: Desk) -> None:
    t, draft = desk.who.t, desk.draft
    item: Rule = desk.stored.item if desk.stored else _NEW
    name_field(draft, required(t("Name of the rule")), hint=t("It stands in every message."))
    _draw_brand(desk, item)
    left, middle, right = st.columns(3)
    with left:
        st.number_input(
            required(t("Negative voices")),
            min_value=1,
            value=item.min_negatives,
            step=1,
            key=draft.key("min_negatives"),
        )
        below(draft, "min_negatives", t("At least so many independent authors."))
    with middle:
        st.number_input(
            required(t("Share of negatives, %")),
            min_value=0,
            max_value=100,
            value=round(item.min_share * 100),
            step=5,
            key=draft.key("min_share"),
        )
        below(draft, "min_share", t("Among the mentions that could be scored."))
    with right:
        length_choice(
            draft,
            "window",
            required(t("Within")),
            _WINDOWS,
            item.window,
            desk.who.words,
            hint=t("How far back it looks."),
        )
    _draw_outcome(desk, item)


def _draw_brand(desk: Desk, item: Rule) -> None:
    t, draft = desk.who.t, desk.draft
    st.selectbox(
        t("Brand"),
        desk.brands,
        index=desk.brands.index(item.brand) if item.brand in desk.brands else None,
        key=draft.key("brand"),
        placeholder=t("Every brand"),
    )
    below(draft, "brand", t("Left empty, the rule holds for every brand, for each on its own."))


def _draw_outcome(desk: Desk, item: Rule) -> None:
    t, draft, words = desk.who.t, desk.draft, desk.who.words
    levels: tuple[Severity, ...] = get_args(Severity)
    st.selectbox(
        required(t("Severity")),
        levels,
        index=levels.index(item.severity),
        format_func=words.severity,
        key=draft.key("severity"),
    )
    below(draft, "severity", t("How urgent an incident of this rule is."))
    st.multiselect(
        t("Channels"),
        desk.channels,
        [name for name in item.channels if name in desk.channels],
        key=draft.key("channels"),
        placeholder=t("Every channel"),
        select_all=False,
    )
    below(draft, "channels", t("Left empty, every channel is told."))


def _read(desk: Desk) -> Declaration:
    draft = desk.draft
    share = draft.typed("min_share")
    values = {
        "name": draft.name or draft.text("name"),
        "brand": draft.typed("brand"),
        "window": draft.typed("window"),
        "min_negatives": draft.typed("min_negatives"),
        "min_share": None if share is None else share / 100,
        "severity": draft.typed("severity"),
        "channels": tuple(draft.typed("channels") or ()),
    }
    return Declaration(rules=(build(Rule, values),))


EDITOR: Final = Editor(fields=lambda _desk: _FIELDS, draw=_draw, read=_read)
