"""The settings: brands, words, sources, alert rules and channels, to look at and, for administrators, to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from config.error import ConfigError
from config.i18n import Translator
from config.principal import NotAllowedError
from config.settings import Declaration, SourceSpec
from crawlers.registry import is_unconfirmed
from dashboard import errand, filters, notice
from dashboard.draft import Draft, forget
from dashboard.editors.brand import lists_of
from dashboard.editors.page import SAID, notice_playground, show_form
from dashboard.editors.section import EMPTY, KINDS, SECTIONS, stored
from dashboard.essentials import essentials
from dashboard.markup import element
from dashboard.page import ASSETS
from dashboard.table import empty
from dashboard.trial import TRIAL
from dashboard.visitor import Visitor, visitor
from storage import declared
from storage.declared import Catalogue, Declared, Kind


def show() -> None:
    """Show the page."""
    who = visitor()
    st.html(ASSETS / "desk.css")
    draft = _draft() if _may_change(who) else None
    if draft is None:
        forget()
        errand.drop(TRIAL)
        _show_list(who)
    else:
        show_form(who, draft)


def _may_change(who: Visitor) -> bool:
    return who.account.role == "administrator"


def _draft() -> Draft | None:
    """Return what the address says is being edited."""
    name, kind = st.query_params.get("edit"), KINDS.get(st.query_params.get("section", "brand"))
    if kind is None or (name is None and "add" not in st.query_params):
        return None
    return Draft(kind=kind, name=name)


# -- the lists ----------------------------------------------------------------------------------


def _show_list(who: Visitor) -> None:
    t = who.t
    st.html(element("h1", t("Settings")))
    notice_playground(who)
    notice.processes_running(who)
    _show_said()
    kind = _choose_section(t)
    catalogue = declared.catalogue(who.db)
    found = [one for one in stored(catalogue, kind) if _may_see(one.item, kind, who)]
    _, add, what = SECTIONS[kind]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(element("p", t(what), class_="gw-muted"), width="content")
        if _may_change(who):
            st.button(t(add), key=f"add-{kind}", icon=":material/add:", type="primary", on_click=_begin)
    if not found:
        head, why = EMPTY[kind]
        st.html(empty(t(head), t(why)))
        return
    with st.container(key=f"items-{kind}", gap=None):
        for one in found:
            _show_item(who, kind, one, catalogue)
    if not _may_change(who):
        st.html(element("p", t("Administrators can change this."), class_="gw-muted"))


def _choose_section(t: Translator) -> Kind:
    chosen = filters.switch(
        "section", t("Section"), tuple(KINDS), say=lambda kind: t(SECTIONS[KINDS[kind]][0]), default="brand"
    )
    return KINDS[chosen]


def _may_see(item: Any, kind: Kind, who: Visitor) -> bool:
    """Whether the brand that an item is about is open to this person; what is about none is open to all."""
    name = item.name if kind == "brand" else getattr(item, "brand", None)
    return name is None or who.by.may_see(name)


def _show_item(who: Visitor, kind: Kind, one: Declared[Any], catalogue: Catalogue) -> None:
    with st.container(key=f"item-{kind}-{one.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(essentials(one, catalogue, who), width="stretch")
            if _may_change(who):
                with st.container(horizontal=True, width="content", gap=None, key=f"does-{kind}-{one.id}"):
                    _show_actions(who, kind, one)
        if kind in ("source", "channel"):
            errand.show(who, f"{kind}.{one.item.name}")


def _show_actions(who: Visitor, kind: Kind, one: Declared[Any]) -> None:
    t, name, key = who.t, one.item.name, f"{kind}-{one.id}"
    waits = isinstance(one.item, SourceSpec) and is_unconfirmed(one.item)
    if one.enabled and kind == "source" and not waits:
        _action(t("Read now"), f"read-{key}", errand.read_source, name)
    if one.enabled and kind == "channel":
        _action(t("Send a test message"), f"test-{key}", errand.send_test, name)
    if one.managed_by == "file":
        _show_take_over(t, kind, name, key)
        return
    if waits and one.enabled:
        _show_confirm(t, name, key)
    _action(t("Edit"), f"edit-{key}", _begin, name)
    word = t("Switch off") if one.enabled else t("Switch on")
    _action(word, f"switch-{key}", _switch, kind, name, not one.enabled)


def _action(text: str, key: str, act: Callable[..., None], *args: object) -> None:
    st.button(text, key=key, type="tertiary", on_click=act, args=args)


def _show_take_over(t: Translator, kind: Kind, name: str, key: str) -> None:
    with st.popover(t("Take over…"), type="tertiary", key=f"over-{key}"):
        why = t(
            "From then on it is edited here, and the configuration file leaves it alone. This cannot be taken back."
        )
        st.html(element("p", why))
        st.button(t("Take over"), key=f"take-{key}", type="primary", on_click=_take_over, args=(kind, name))


def _show_confirm(t: Translator, name: str, key: str) -> None:
    with st.popover(t("We may read it…"), type="tertiary", key=f"may-{key}"):
        why = t(
            "Its terms limit automatic reading. Confirm that you may read it, by agreement or because it is your own."
        )
        st.html(element("p", why))
        st.button(t("We may read it"), key=f"confirm-{key}", type="primary", on_click=_confirm, args=(name,))


# -- what people do in the lists ------------------------------------------------------------------


def _begin(name: str | None = None) -> None:
    """Open the form, for an item or for a new one."""
    if name is None:
        st.query_params["add"] = "new"
    else:
        st.query_params["edit"] = name


def _switch(kind: Kind, name: str, enabled: bool) -> None:
    def act(who: Visitor) -> str:
        declared.set_enabled(who.db, kind, name, enabled, by=who.by, now=who.now)
        if enabled:
            return who.t("{name} is switched on.", name=name)
        return who.t("{name} is switched off; its history stays.", name=name)

    _act(act)


def _take_over(kind: Kind, name: str) -> None:
    def act(who: Visitor) -> str:
        declared.take_over(who.db, kind, name, by=who.by, now=who.now)
        if kind == "brand":  # with its words: the form edits both
            for one in lists_of(declared.catalogue(who.db), name):
                declared.take_over(who.db, "query", one.item.name, by=who.by, now=who.now)
        return who.t("{name} is yours now; the file leaves it alone.", name=name)

    _act(act)


def _confirm(name: str) -> None:
    def act(who: Visitor) -> str:
        found = next((one.item for one in declared.catalogue(who.db).sources if one.item.name == name), None)
        if found is None:
            return who.t("{name} is gone.", name=name)
        confirmed = found.model_copy(update={"confirmed": True})
        declared.save(who.db, Declaration(sources=(confirmed,)), by=who.by, now=who.now)
        return who.t("{name} is confirmed; it is read from now on.", name=name)

    _act(act)


def _act(act: Callable[[Visitor], str]) -> None:
    """Do what was asked and keep what is to be said about it for the page."""
    who = visitor()
    try:
        st.session_state[SAID] = ("done", act(who))
    except ConfigError as error:
        st.session_state[SAID] = ("failed", str(error))
    except NotAllowedError:
        st.session_state[SAID] = ("failed", who.t("Your role does not allow this. Ask an administrator."))


def _show_said() -> None:
    said = st.session_state.pop(SAID, None)
    if said:
        st.html(element("div", said[1], class_=f"gw-notice gw-{said[0]}", role="status"))
