"""The form around an editor: its head, its buttons, and what happens when it is saved."""

from __future__ import annotations

from typing import Final

import streamlit as st

from config.error import ConfigError, Problem
from config.principal import NotAllowedError
from config.secret_key import SecretKeyError
from dashboard import errand
from dashboard.draft import Draft, forget
from dashboard.editors.editor import Desk, Editor
from dashboard.editors.section import EDITORS, SECTIONS, stored, typed
from dashboard.fieldset import above
from dashboard.markup import element
from dashboard.table import empty
from dashboard.trial import TRIAL
from dashboard.visitor import Visitor, visitor
from storage import declared
from storage.request import TrySource
from storage.workspace import sample_started

SAID: Final = "settings.said"
"""Where the session keeps what is to be said on the next page: its style and its text."""
_WIDTH: Final = 640


def notice_playground(who: Visitor) -> None:
    """Say in the sample workspace that one may change what one likes."""
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


def leave() -> None:
    """Go back from the form to the list."""
    errand.drop(TRIAL)
    for name in ("add", "edit"):
        st.query_params.pop(name, None)


def trial_of(draft: Draft) -> str:
    """Return the name of the errand that tries what is typed."""
    return f"{TRIAL}.{draft.id}"


def _desk(who: Visitor, draft: Draft) -> Desk | None:
    """Return what the editor works with; None when there is no such item any more."""
    catalogue = declared.catalogue(who.db)
    found = next((one for one in stored(catalogue, draft.kind) if one.item.name == draft.name), None)
    if draft.name is not None and found is None:
        return None
    return Desk(who=who, draft=draft, catalogue=catalogue, stored=found)


def show_form(who: Visitor, draft: Draft) -> None:
    """Show the form of an item, or say that there is nothing to edit."""
    t = who.t
    desk, editor = _desk(who, draft), EDITORS[draft.kind]
    section, add, _ = SECTIONS[draft.kind]
    with st.container(key="back"):
        st.button(t(section), icon=":material/arrow_back:", type="tertiary", on_click=leave)
    if desk is None or (desk.stored is not None and desk.stored.managed_by == "file"):
        st.html(empty(t("There is nothing to edit"), t("It is gone, or it belongs to the configuration file.")))
        return
    st.html(element("h1", draft.name or t(add)))
    notice_playground(who)
    with st.container(width=_WIDTH):
        is_ready = editor.prepare(desk)
        if is_ready:
            _show_fields(desk, editor)
    if is_ready and editor.trial:
        errand.show(who, trial_of(draft))


def _show_fields(desk: Desk, editor: Editor) -> None:
    t = desk.who.t
    with st.form("item", enter_to_submit=False):
        above(desk.draft, editor.fields(desk), desk.who)
        editor.draw(desk)
        st.html(element("p", t("* must be filled in"), class_="gw-hint gw-foot"))
        with st.container(horizontal=True):
            st.form_submit_button(t("Save"), type="primary", on_click=_save, args=(desk.draft,))
            if editor.trial:
                st.form_submit_button(t("Try it"), on_click=_try, args=(desk.draft,))
            st.form_submit_button(t("Cancel"), type="tertiary", on_click=_cancel)


def _cancel() -> None:
    forget()
    leave()


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
        forget()
        leave()
        st.session_state[SAID] = ("done", who.t("{name} is saved; it holds within seconds.", name=name))


def _try(draft: Draft) -> None:
    """Ask the monitor what the source that was typed would collect, or keep what is wrong with it."""
    who = visitor()
    desk, read = _desk(who, draft), EDITORS[draft.kind].trial
    if desk is None or read is None:
        return
    try:
        spec = read(desk)
    except ConfigError as error:
        errand.drop(TRIAL)
        draft.refuse(error.problems, tried=True)
    else:
        forget()
        errand.ask(who, "try_source", TrySource(source=spec), trial_of(draft))


def _store(desk: Desk) -> str:
    """Store what was typed and return the item's name; raise ConfigError."""
    who, draft = desk.who, desk.draft
    declaration = EDITORS[draft.kind].read(desk)
    name: str = typed(declaration, draft.kind)[0].name
    if draft.name is None and any(one.item.name == name for one in stored(desk.catalogue, draft.kind)):
        raise ConfigError([Problem(key="name", message=who.t("this name is taken"), allowed=who.t("another name"))])
    declared.save(who.db, declaration, by=who.by, now=who.now, key=who.house.secret_key)
    return name
