"""The settings: brands, words, sources, alert rules and channels, to look at and, for administrators, to change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from config.error import ConfigError, Problem
from config.i18n import Translator, mark
from config.principal import NotAllowedError
from config.secret_key import SecretKeyError
from dashboard import errand, filters, notice
from dashboard.draft import Draft
from dashboard.editors import brand, plugged, rule, words
from dashboard.editors.brand import lists_of
from dashboard.editors.editor import Desk, Editor
from dashboard.essentials import essentials
from dashboard.fieldset import above
from dashboard.markup import element
from dashboard.page import ASSETS
from dashboard.table import empty
from dashboard.visitor import Visitor, visitor
from storage import declared
from storage.declared import Catalogue, Declared, Kind
from storage.workspace import sample_started

_SECTIONS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "brand": (mark("Brands"), mark("Add a brand"), mark("Whom you listen for.")),
    "query": (mark("Words"), mark("Add a list of words"), mark("Which words make a text concern a brand.")),
    "source": (mark("Sources"), mark("Add a source"), mark("Places that are read on a schedule.")),
    "rule": (mark("Alert rules"), mark("Add a rule"), mark("When negatives deserve a human.")),
    "channel": (mark("Channels"), mark("Add a channel"), mark("How people are told.")),
}
_EDITORS: Final[Mapping[Kind, Editor]] = {
    "brand": brand.EDITOR,
    "query": words.EDITOR,
    "source": plugged.EDITOR,
    "rule": rule.EDITOR,
    "channel": plugged.EDITOR,
}
_KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in _SECTIONS}
_EMPTY: Final[Mapping[Kind, tuple[str, str]]] = {
    "brand": (mark("No brand yet"), mark("Add one with the words people use for it; then add sources.")),
    "query": (mark("No words yet"), mark("Without words, only sources bound to a brand concern it.")),
    "source": (mark("No source yet"), mark("Add a feed of news or a search; it is read within a minute.")),
    "rule": (mark("No rule yet"), mark("Without a rule nobody is told, however bad it gets.")),
    "channel": (mark("No channel yet"), mark("Without a channel, incidents show on the pages only.")),
}
_SAID: Final = "settings.said"
_WIDTH: Final = 640


def show() -> None:
    """Show the page."""
    who = visitor()
    st.html(ASSETS / "desk.css")
    draft = _draft() if _may_change(who) else None
    if draft is None:
        _show_list(who)
    else:
        _show_form(who, draft)


def _may_change(who: Visitor) -> bool:
    return who.account.role == "administrator"


def _draft() -> Draft | None:
    """Return what the address says is being edited."""
    name, kind = st.query_params.get("edit"), _KINDS.get(st.query_params.get("section", "brand"))
    if kind is None or (name is None and "add" not in st.query_params):
        return None
    return Draft(kind=kind, name=name)


# -- the lists ----------------------------------------------------------------------------------


def _show_list(who: Visitor) -> None:
    t = who.t
    st.html(element("h1", t("Settings")))
    _playground(who)
    notice.processes_running(who)
    _show_said()
    kind = _choose_section(t)
    catalogue = declared.catalogue(who.db)
    found = [one for one in _of(catalogue, kind) if _may_see(one.item, kind, who)]
    _, add, what = _SECTIONS[kind]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(element("p", t(what), class_="gw-muted"), width="content")
        if _may_change(who):
            st.button(t(add), key=f"add-{kind}", icon=":material/add:", type="primary", on_click=_begin)
    if not found:
        head, why = _EMPTY[kind]
        st.html(empty(t(head), t(why)))
        return
    with st.container(key=f"items-{kind}", gap=None):
        for one in found:
            _show_item(who, kind, one, catalogue)
    if not _may_change(who):
        st.html(element("p", t("Administrators can change this."), class_="gw-muted"))


def _playground(who: Visitor) -> None:
    if sample_started(who.db) is None:
        return
    t = who.t
    st.html(
        element(
            "div",
            element("strong", t("A playground.")),
            " ",
            t("Change what you like: everything collected here is invented. A channel that you add really sends."),
            class_="gw-notice gw-invented",
            role="note",
        )
    )


def _choose_section(t: Translator) -> Kind:
    chosen = filters.switch(
        "section", t("Section"), tuple(_KINDS), say=lambda kind: t(_SECTIONS[_KINDS[kind]][0]), default="brand"
    )
    return _KINDS[chosen]


def _of(catalogue: Catalogue, kind: Kind) -> tuple[Declared[Any], ...]:
    lists: Mapping[Kind, tuple[Declared[Any], ...]] = {
        "brand": catalogue.brands,
        "query": catalogue.queries,
        "source": catalogue.sources,
        "rule": catalogue.rules,
        "channel": catalogue.channels,
    }
    return lists[kind]


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
    if one.enabled and kind == "source":
        _action(t("Read now"), f"read-{key}", errand.read_source, name)
    if one.enabled and kind == "channel":
        _action(t("Send a test message"), f"test-{key}", errand.send_test, name)
    if one.managed_by == "file":
        _show_take_over(t, kind, name, key)
        return
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


# -- what people do in the lists ------------------------------------------------------------------


def _begin(name: str | None = None) -> None:
    """Open the form, for an item or for a new one."""
    if name is None:
        st.query_params["add"] = "new"
    else:
        st.query_params["edit"] = name


def _leave() -> None:
    for name in ("add", "edit"):
        st.query_params.pop(name, None)


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


def _act(act: Callable[[Visitor], str]) -> None:
    """Do what was asked and keep what is to be said about it for the page."""
    who = visitor()
    try:
        st.session_state[_SAID] = ("done", act(who))
    except ConfigError as error:
        st.session_state[_SAID] = ("failed", str(error))
    except NotAllowedError:
        st.session_state[_SAID] = ("failed", who.t("Your role does not allow this. Ask an administrator."))


def _show_said() -> None:
    said = st.session_state.pop(_SAID, None)
    if said:
        st.html(element("div", said[1], class_=f"gw-notice gw-{said[0]}", role="status"))


# -- the form -------------------------------------------------------------------------------------


def _desk(who: Visitor, draft: Draft) -> Desk | None:
    """Return what the editor works with; None when there is no such item any more."""
    catalogue = declared.catalogue(who.db)
    stored = next((one for one in _of(catalogue, draft.kind) if one.item.name == draft.name), None)
    if draft.name is not None and stored is None:
        return None
    return Desk(who=who, draft=draft, catalogue=catalogue, stored=stored)


def _show_form(who: Visitor, draft: Draft) -> None:
    t = who.t
    desk, editor = _desk(who, draft), _EDITORS[draft.kind]
    section, add, _ = _SECTIONS[draft.kind]
    with st.container(key="back"):
        st.button(t(section), icon=":material/arrow_back:", type="tertiary", on_click=_leave)
    if desk is None or (desk.stored is not None and desk.stored.managed_by == "file"):
        st.html(empty(t("There is nothing to edit"), t("It is gone, or it belongs to the configuration file.")))
        return
    st.html(element("h1", draft.name or t(add)))
    _playground(who)
    with st.container(width=_WIDTH):
        if editor.prepare(desk):
            _show_fields(desk, editor)


def _show_fields(desk: Desk, editor: Editor) -> None:
    t = desk.who.t
    with st.form("item", enter_to_submit=False):
        above(desk.draft, editor.fields(desk), desk.who)
        editor.draw(desk)
        st.html(element("p", t("* must be filled in"), class_="gw-hint gw-foot"))
        with st.container(horizontal=True):
            st.form_submit_button(t("Save"), type="primary", on_click=_save, args=(desk.draft,))
            st.form_submit_button(t("Cancel"), type="tertiary", on_click=_cancel, args=(desk.draft,))


def _cancel(draft: Draft) -> None:
    draft.accept()
    _leave()


def _save(draft: Draft) -> None:
    """Store what was typed, or keep what is wrong with it for the form to show."""
    who = visitor()
    desk = _desk(who, draft)
    if desk is None:
        return
    try:
        name = _store(desk)
    except ConfigError as error:
        draft.refuse(error.problems)
    except SecretKeyError as error:
        draft.refuse([Problem(message=str(error))])
    except NotAllowedError:
        draft.refuse([Problem(message=who.t("Your role does not allow this. Ask an administrator."))])
    else:
        draft.accept()
        _leave()
        st.session_state[_SAID] = ("done", who.t("{name} is saved; it holds within seconds.", name=name))


def _store(desk: Desk) -> str:
    """Store what was typed and return the item's name; raise ConfigError."""
    who, draft = desk.who, desk.draft
    declaration = _EDITORS[draft.kind].read(desk)
    items: Mapping[Kind, tuple[Any, ...]] = {
        "brand": declaration.brands,
        "query": declaration.queries,
        "source": declaration.sources,
        "rule": declaration.rules,
        "channel": declaration.channels,
    }
    name: str = items[draft.kind][0].name
    if draft.name is None and any(one.item.name == name for one in _of(desk.catalogue, draft.kind)):
        raise ConfigError([Problem(key="name", message=who.t("this name is taken"), allowed=who.t("another name"))])
    declared.save(who.db, declaration, by=who.by, now=who.now, key=who.house.secret_key)
    return name
