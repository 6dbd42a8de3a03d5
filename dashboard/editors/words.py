"""The form of a list of words: which words make a text concern a brand."""

from __future__ import annotations

from typing import Final

import streamlit as st

from config.settings import Declaration, Query
from dashboard.editors.editor import Desk, Editor, build
from dashboard.entry import lines
from dashboard.fieldset import below, name_field, required, text_lines

_FIELDS: Final = ("name", "brand", "any", "none")


def _draw(desk: Desk) -> None:
    t, draft = desk.who.t, desk.draft
    item: Query | None = desk.stored.item if desk.stored else None
    name_field(draft, required(t("Name of the list")), hint=t("Such as the brand and the language of its words."))
    st.selectbox(
        required(t("Brand")),
        desk.brands,
        index=desk.brands.index(item.brand) if item else 0 if len(desk.brands) == 1 else None,
        key=draft.key("brand"),
        placeholder=t("Choose a brand"),
    )
    below(draft, "brand", t("Whom a text with these words concerns."))
    text_lines(
        draft,
        "any",
        required(t("Words people use for it")),
        item.any if item else (),
        hint=" ".join(
            (
                t("One word or phrase a line. One of them must occur."),
                t("They hold for what is collected from now on."),
            )
        ),
        height=160,
    )
    text_lines(
        draft,
        "none",
        t("Not when these words occur"),
        item.none if item else (),
        hint=t("One a line; for words that mean something else too."),
        height=80,
    )


def _read(desk: Desk) -> Declaration:
    draft = desk.draft
    values = {
        "name": draft.name or draft.text("name"),
        "brand": draft.typed("brand"),
        "any": lines(draft.typed("any")),
        "none": lines(draft.typed("none")),
    }
    return Declaration(queries=(build(Query, values),))


EDITOR: Final = Editor(fields=lambda _desk: _FIELDS, draw=_draw, read=_read)
