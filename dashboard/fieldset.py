"""The fields of a form as widgets, each with its hint below and, after a refusal, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import streamlit as st

from config import duration
from config.error import Problem
from config.i18n import Translator
from dashboard import label
from dashboard.draft import Draft
from dashboard.entry import FORGET, initial
from dashboard.form import Field, reference_in, value_at
from dashboard.markup import element
from dashboard.visitor import Visitor, visitor
from dashboard.wording import Wording

OPTIONS: Final = "options"
_LINES_HEIGHT: Final = 110
_SHORT: Final = 240
_CHOICE: Final = 320
MISSING: Final = "this key is missing"
"""What `config.explanation` says of a value that is not there."""


def required(text: str) -> str:
    """Return the label of a field that must be filled in."""
    return f"{text} *"


def below(draft: Draft, field: str, hint: str | None) -> None:
    """Show what belongs below a field: what is wrong with it, else its hint."""
    wrong = draft.problems_of(field)
    if wrong:
        t = visitor().t
        st.html(
            element("div", *(element("p", _said(problem, t)) for problem in wrong), class_="gw-wrong", role="alert")
        )
    elif hint:
        st.html(element("p", hint, class_="gw-hint"))


def above(draft: Draft, fields: Iterable[str], who: Visitor) -> None:
    """Show at the head of a form what was refused, and what belongs to none of its fields."""
    if not draft.problems:
        return
    others = draft.problems_elsewhere(fields)
    not_saved = who.t("Not saved: something does not fit. Nothing was changed.")
    head = who.t("Not tried: something does not fit.") if draft.was_tried else not_saved
    said = (element("p", _place(problem), _said(problem, who.t)) for problem in others)
    st.html(element("div", element("strong", head), *said, class_="gw-notice gw-failed", role="alert"))


def _place(problem: Problem) -> str | None:
    """Return what a problem is said of; None for one of a plugin's options as a whole: its text names them."""
    is_of_all = problem.key.startswith(f"{OPTIONS}.") and problem.key.count(".") == 1
    return f"{problem.key}: " if problem.key and not is_of_all else None


def _said(problem: Problem, t: Translator) -> str:
    if problem.message == MISSING:  # a form has fields, not keys
        return t("Fill this in.")
    text = f"{problem.message}; {problem.allowed}" if problem.allowed else problem.message
    return f"{text[:1].upper()}{text[1:]}"


# -- widgets of the house -------------------------------------------------------------------------


def text_lines(
    draft: Draft, field: str, name: str, values: Iterable[str], *, hint: str, height: int = _LINES_HEIGHT
) -> None:
    """Show a field of texts, one a line."""
    st.text_area(name, "\n".join(values), key=draft.key(field), height=height)
    below(draft, field, hint)


def name_field(draft: Draft, name: str, *, hint: str) -> None:
    """Show the field of a new item's name; once it is given it stays: the history hangs on it."""
    if draft.name is None:
        st.text_input(name, key=draft.key("name"), max_chars=80, autocomplete="off")
    below(draft, "name", hint if draft.name is None else None)


def length_choice(
    draft: Draft, field: str, name: str, lengths: Sequence[timedelta], value: timedelta, words: Wording, *, hint: str
) -> None:
    """Show a field of a duration, to choose from usual ones."""
    choices = sorted({*lengths, value})
    st.selectbox(
        name,
        [duration.write(length) for length in choices],
        index=choices.index(value),
        format_func=lambda text: words.lasting(duration.read(text)),
        key=draft.key(field),
    )
    below(draft, field, hint)


# -- widgets from a plugin's schema ----------------------------------------------------------------


def key_of(field: Field, plugin: str) -> str:
    """Return the name of a plugin's option among the fields of its draft."""
    return f"{OPTIONS}.{plugin}.{field.key}"


def typed(draft: Draft, fields: Sequence[Field], plugin: str) -> dict[str, Any]:
    """Return what is typed into a plugin's fields, as `form.collect` takes it."""
    found = {field.key: draft.typed(key_of(field, plugin)) for field in fields}
    return found | {f"{field.key}.{FORGET}": draft.typed(f"{key_of(field, plugin)}.{FORGET}") for field in fields}


def draw(draft: Draft, field: Field, plugin: str, options: Mapping[str, Any], t: Translator) -> None:
    """Show one option of a plugin."""
    name = label.option(field.key, t)
    stored = value_at(options, field.path)
    if field.kind == "path":
        _show_path(name, stored, t)
        return
    key = draft.key(key_of(field, plugin))
    _DRAWN.get(field.kind, _text)(field, required(name) if field.required else name, key, options, t)
    below(draft, key_of(field, plugin), _hint(field, t))
    if field.kind == "secret" and stored is not None and not field.required:
        st.checkbox(t("Remove the stored value"), key=f"{key}.{FORGET}")


def _show_path(name: str, stored: Any, t: Translator) -> None:
    if stored is None:
        return
    note = t("A place on the server; only the configuration file can change it.")
    shown = element("code", str(stored)) if isinstance(stored, str) else None
    st.html(element("div", element("span", name), shown, element("p", note, class_="gw-hint"), class_="gw-fixed"))


def _hint(field: Field, t: Translator) -> str | None:
    text = label.hint(field.key, t) or (t(field.description) if field.description else "")
    if field.kind == "lines":
        text = f"{text}; {t('one a line')}"
    elif field.kind == "pairs":
        text = f"{text}; {t('name = value, one a line')}"
    elif field.kind == "duration":
        text = f"{text}; {duration.ALLOWED}"
    return f"{text[:1].upper()}{text[1:]}" if text else None


def _placeholder(field: Field, options: Mapping[str, Any], t: Translator) -> str:
    """Return what an empty field stands for."""
    stored = value_at(options, field.path)
    reference = reference_in(stored)
    if reference is not None and reference[0] == "env":
        return t("from the variable {name}; leave empty to keep it", name=reference[1])
    if reference is not None and reference[0] == "file":
        return t("from the file {name}; leave empty to keep it", name=reference[1])
    if field.kind == "secret" and stored is not None:
        return t("stored; leave empty to keep it")
    if field.default in (None, "", [], {}):
        return label.nothing(field.key, t) or ""
    return str(field.default)


def _text(field: Field, name: str, key: str, options: Mapping[str, Any], t: Translator) -> None:
    st.text_input(
        name, initial(field, options), key=key, placeholder=_placeholder(field, options, t), autocomplete="off"
    )


def _secret(field: Field, name: str, key: str, options: Mapping[str, Any], t: Translator) -> None:
    placeholder = _placeholder(field, options, t)
    st.text_input(name, "", key=key, type="password", placeholder=placeholder, autocomplete="new-password")


def _area(field: Field, name: str, key: str, options: Mapping[str, Any], t: Translator) -> None:
    placeholder = _placeholder(field, options, t)
    st.text_area(name, initial(field, options), key=key, placeholder=placeholder, height=_LINES_HEIGHT)


def _number(field: Field, name: str, key: str, options: Mapping[str, Any], t: Translator) -> None:
    as_type: type[int | float] = int if field.kind == "whole" else float
    st.number_input(
        name,
        min_value=None if field.lowest is None else as_type(field.lowest),
        max_value=None if field.highest is None else as_type(field.highest),
        value=initial(field, options),
        step=as_type(1),
        format="%d" if as_type is int else "%g",
        key=key,
        placeholder=_placeholder(field, options, t),
        width=_SHORT,
    )


def _switch(field: Field, name: str, key: str, options: Mapping[str, Any], _t: Translator) -> None:
    st.checkbox(name, bool(initial(field, options)), key=key)


def _choice(field: Field, name: str, key: str, options: Mapping[str, Any], t: Translator) -> None:
    value = initial(field, options)
    st.selectbox(
        name,
        field.choices,
        index=field.choices.index(value) if value in field.choices else None,
        format_func=lambda value: label.choice(field.key, value, t),
        key=key,
        placeholder=_placeholder(field, options, t) or t("by itself"),
        width=_CHOICE,
    )


_DRAWN: Final = {
    "text": _text,
    "duration": _text,
    "secret": _secret,
    "lines": _area,
    "pairs": _area,
    "json": _area,
    "whole": _number,
    "number": _number,
    "switch": _switch,
    "choice": _choice,
}
