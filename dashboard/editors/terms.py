"""The part of a source's form that says on what terms it is read, and whether a restricted one may be read."""

from __future__ import annotations

from typing import Any, Final, get_args

import streamlit as st

from config.settings import SourceSpec, Terms
from crawlers.registry import is_unconfirmed, terms_of
from dashboard.editors.editor import Desk
from dashboard.fieldset import below

TERMS: Final = "terms"
CONFIRMED: Final = "confirmed"
FIELDS: Final = (TERMS, CONFIRMED)


def draw(desk: Desk, plugin: str) -> None:
    """Show the fields, folded away unless they need a person."""
    t, draft = desk.who.t, desk.draft
    item: SourceSpec | None = desk.stored.item if desk.stored else None
    waits = item is not None and is_unconfirmed(item)
    is_wrong = any(draft.problems_of(field) for field in FIELDS)
    with st.expander(t("On what terms it is read"), expanded=waits or is_wrong):
        _draw_terms(desk, plugin, item)
        st.checkbox(t("We may read it"), bool(item and item.confirmed), key=draft.key(CONFIRMED))
        hint = t(
            "Only for a restricted source: it stays off until you confirm here that you may read it, by agreement or "
            "because it is your own."
        )
        below(draft, CONFIRMED, hint)


def _draw_terms(desk: Desk, plugin: str, item: SourceSpec | None) -> None:
    t, draft, words = desk.who.t, desk.draft, desk.who.words
    choices: tuple[Terms, ...] = get_args(Terms)
    own = terms_of(SourceSpec(name=plugin, type=plugin))
    st.selectbox(
        t("Terms"),
        choices,
        index=choices.index(item.terms) if item and item.terms else None,
        format_func=words.terms,
        key=draft.key(TERMS),
        placeholder=t("As usual for it: {terms}", terms=words.terms(own)) if own else t("As usual for it"),
    )
    below(draft, TERMS, t("Choose Restricted where the site's terms forbid or limit reading by machines."))


def read(desk: Desk, plugin: str) -> dict[str, Any]:
    """Return what was typed. Only what is restricted can be confirmed: else it would be for terms of later days."""
    chosen = desk.draft.typed(TERMS)
    own = terms_of(SourceSpec(name=plugin, type=plugin, terms=chosen))
    return {TERMS: chosen, CONFIRMED: own == "restricted" and bool(desk.draft.typed(CONFIRMED))}
