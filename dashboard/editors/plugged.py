"""The forms of sources and channels, whose options are drawn from the schema of their plugin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, Final, get_args

import streamlit as st

from config.error import ConfigError, Problem
from config.settings import ChannelSpec, Declaration, SourceKind, SourceSpec
from crawlers.registry import is_unconfirmed
from dashboard import errand, label
from dashboard.draft import forget, under
from dashboard.editors import terms
from dashboard.editors.editor import Desk, Editor, build
from dashboard.entry import collect
from dashboard.fieldset import OPTIONS, below, draw, key_of, length_choice, name_field, required, typed
from dashboard.form import Field, can_be_made, fields_of, grouped, value_at
from dashboard.markup import element
from dashboard.proof import Registry, prove
from dashboard.table import empty
from dashboard.trial import TRIAL
from storage.health import schemas

_RHYTHMS: Final = tuple(timedelta(minutes=n) for n in (1, 5, 15, 30, 60, 180, 720, 1440))
_DEFAULT_RHYTHM: Final = timedelta(minutes=15)
_NOT_OFFERED: Final = frozenset({"sample"})  # invented mentions never stand beside real ones
_COMMON: Final = ("name", "brand", "every", "kind", *terms.FIELDS)


def _registry(desk: Desk) -> Registry:
    return "connector" if desk.draft.kind == "source" else "channel"


def _plugin(desk: Desk) -> str | None:
    """Return the connector or channel that is edited; None before one is chosen."""
    plugin: str | None = desk.stored.item.type if desk.stored else desk.draft.typed("type")
    return plugin


def _schema(desk: Desk) -> Mapping[str, Any] | None:
    return schemas(desk.who.db, _registry(desk)).get(_plugin(desk) or "")


def _options(desk: Desk) -> Mapping[str, Any]:
    return desk.stored.item.options if desk.stored else {}


def _fields(desk: Desk) -> tuple[str, ...]:
    plugin, schema = _plugin(desk), _schema(desk)
    own = (key_of(field, plugin) for field in fields_of(schema)) if plugin and schema is not None else ()
    return (*_COMMON, *own)


# -- showing ------------------------------------------------------------------------------------


def _prepare(desk: Desk) -> bool:
    """Let the person choose a connector or channel; say what is missing where there is no schema to draw from."""
    t = desk.who.t
    found = schemas(desk.who.db, _registry(desk))
    if not found:
        why = t("The monitor publishes them when it starts. Start it on the server:")
        st.html(empty(t("No forms yet"), why, element("code", "groundswell run")))
        return False
    if desk.stored is None:
        return _choose_type(desk, found) is not None
    if _schema(desk) is None:
        why = t("The monitor does not know the type {type}; it may belong to another version.", type=_plugin(desk))
        st.html(empty(t("This cannot be edited here"), why))
        return False
    return True


def _choose_type(desk: Desk, found: Mapping[str, Mapping[str, Any]]) -> str | None:
    t = desk.who.t
    offered = [name for name, schema in found.items() if name not in _NOT_OFFERED and can_be_made(schema)]
    text = t("What is read?") if desk.draft.kind == "source" else t("How are people reached?")
    return st.selectbox(
        text,
        sorted(offered, key=lambda name: label.plugin(name, t)),
        index=None,
        format_func=lambda name: label.plugin(name, t),
        key=desk.draft.key("type"),
        placeholder=t("Choose one"),
        on_change=_forget,
    )


def _forget() -> None:
    """Forget what was found wrong with another plugin's options, and what they would have collected."""
    forget()
    errand.drop(TRIAL)


def _draw(desk: Desk) -> None:
    plugin, schema = _plugin(desk), _schema(desk)
    if plugin is None or schema is None:
        return
    t = desk.who.t
    is_source = desk.draft.kind == "source"
    name = t("Name of the source") if is_source else t("Name of the channel")
    name_field(desk.draft, required(name), hint=t("As people should read it on the pages."))
    fields = fields_of(schema)
    for group, members in grouped(fields, label.GROUPS).items():
        with _place(desk, plugin, group, members):
            for field in members:
                draw(desk.draft, field, plugin, _options(desk), t)
    if not fields:
        st.html(element("p", t("Nothing else is needed."), class_="gw-hint"))
    if is_source:
        _draw_rhythm(desk)
        terms.draw(desk, plugin)


def _place(desk: Desk, plugin: str, group: str | None, members: Sequence[Field]) -> AbstractContextManager[Any]:
    """Return where the fields of a group stand: folded away, unless something is wrong with one of them."""
    if group is None:
        return nullcontext()
    t = desk.who.t
    head, why = label.group(group, t)
    n = sum(value_at(_options(desk), field.path) is not None for field in members)
    note = t.plural("{n} set", "{n} set", n) if n else None
    is_wrong = any(desk.draft.problems_of(key_of(field, plugin)) for field in members)
    folded = st.expander(f"{head} · {note}" if note else head, expanded=is_wrong)
    if why:
        folded.html(element("p", why, class_="gw-hint gw-foot"))
    return folded


def _draw_rhythm(desk: Desk) -> None:
    t, draft, words = desk.who.t, desk.draft, desk.who.words
    item: SourceSpec | None = desk.stored.item if desk.stored else None
    st.selectbox(
        t("Brand"),
        desk.brands,
        index=desk.brands.index(item.brand) if item and item.brand in desk.brands else None,
        key=draft.key("brand"),
        placeholder=t("Found by its words"),
    )
    below(draft, "brand", t("Choose one when everything there concerns this brand; left empty, the words decide."))
    left, right = st.columns(2)
    with left:
        length_choice(
            draft,
            "every",
            t("Read every"),
            _RHYTHMS,
            item.every if item else _DEFAULT_RHYTHM,
            words,
            hint=t("Time between two visits."),
        )
    with right:
        kinds = get_args(SourceKind)
        st.selectbox(
            t("Kind"),
            kinds,
            index=kinds.index(item.kind) if item and item.kind else None,
            format_func=words.kind,
            key=draft.key("kind"),
            placeholder=t("As usual for it"),
        )
        below(draft, "kind", t("What is written there."))


# -- reading ------------------------------------------------------------------------------------


def _read(desk: Desk) -> Declaration:
    return _read_as(desk, desk.draft.name or desk.draft.text("name"))


def _read_as(desk: Desk, name: str) -> Declaration:
    plugin, schema = _plugin(desk), _schema(desk)
    if plugin is None or schema is None:
        raise ConfigError([])
    wrong: list[Problem] = []
    options = _typed_options(desk, plugin, schema, wrong)
    values = {"name": name, "type": plugin, "options": options}
    if desk.draft.kind == "source":
        values |= {name: desk.draft.typed(name) for name in ("brand", "every", "kind")} | terms.read(desk, plugin)
    try:
        found = _declared(desk, values)
    except ConfigError as error:
        wrong[:0] = error.problems
    if wrong:
        raise ConfigError(wrong)
    return found


def _declared(desk: Desk, values: Mapping[str, Any]) -> Declaration:
    if desk.draft.kind == "source":
        return Declaration(sources=(build(SourceSpec, values),))
    return Declaration(channels=(build(ChannelSpec, values),))


def _typed_options(desk: Desk, plugin: str, schema: Mapping[str, Any], wrong: list[Problem]) -> dict[str, Any]:
    """Return the options that were typed; what is wrong with them is added to `wrong`."""
    fields = fields_of(schema)
    try:
        options = collect(fields, typed(desk.draft, fields, plugin), _options(desk))
        prove(_registry(desk), plugin, options)
    except ConfigError as error:
        wrong.extend(under(f"{OPTIONS}.{plugin}", error.problems))
        return {}
    return options


def _read_trial(desk: Desk) -> SourceSpec:
    """Return the source as it is typed, whether it has a name yet or not; raise ConfigError for what cannot be tried.

    What is asked of the monitor is kept for a while as it is, so a secret that was just typed does not go along.
    """
    t = desk.who.t
    (spec,) = _read_as(desk, desk.draft.name or desk.draft.text("name") or t("A new source")).sources
    if is_unconfirmed(spec):
        why = t("a restricted source is read only when this is confirmed")
        raise ConfigError([Problem(key=terms.CONFIRMED, message=why)])
    written = [
        Problem(key=key_of(field, spec.type), message=t("a secret is tried once it is saved"), allowed=t("save first"))
        for field in fields_of(_schema(desk) or {})
        if field.kind == "secret" and isinstance(value_at(spec.options, field.path), str)
    ]
    if written:
        raise ConfigError(written)
    return spec


SOURCE: Final = Editor(fields=_fields, draw=_draw, read=_read, prepare=_prepare, trial=_read_trial)
CHANNEL: Final = Editor(fields=_fields, draw=_draw, read=_read, prepare=_prepare)
