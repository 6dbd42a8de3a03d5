"""The form of a brand together with its words: all that somebody needs to begin listening."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from config.error import ConfigError, Problem
from config.settings import Brand, Declaration, Query
from dashboard.editors.editor import Desk, Editor, build
from dashboard.entry import lines
from dashboard.fieldset import below, name_field, required, text_lines
from dashboard.markup import Html, element
from dashboard.territory import countries, country, languages
from dashboard.zones import zones
from storage.declared import Catalogue, Declared

_FIRST: Final = ("en", "ru", "uk", "pl")
_LONGEST: Final = 80


def lists_of(catalogue: Catalogue, brand: str | None) -> tuple[Declared[Query], ...]:
    """Return the lists of words of a brand."""
    return tuple(one for one in catalogue.queries if one.item.brand == brand)


def _own_list(desk: Desk) -> Query | None:
    """Return the one list of words that this form edits; None where there is none yet."""
    found = lists_of(desk.catalogue, desk.draft.name)
    return found[0].item if len(found) == 1 and found[0].managed_by == "person" else None


def _has_words_here(desk: Desk) -> bool:
    """Whether this form edits the brand's words: not where they stand in several lists, or belong to the file."""
    return _own_list(desk) is not None or not lists_of(desk.catalogue, desk.draft.name)


def _fields(desk: Desk) -> tuple[str, ...]:
    words = ("any", "none") if _has_words_here(desk) else ()
    return ("name", "country", "languages", "timezone", "accounts", "domains", *words)


# -- showing ------------------------------------------------------------------------------------


def _draw(desk: Desk) -> None:
    t, draft = desk.who.t, desk.draft
    item: Brand | None = desk.stored.item if desk.stored else None
    name_field(draft, required(t("Name of the brand")), hint=t("As people should read it on the pages."))
    _draw_words(desk)
    left, right = st.columns(2)
    with left:
        _draw_country(desk, item)
    with right:
        _draw_zone(desk, item)
    _draw_languages(desk, item)
    text_lines(
        draft,
        "accounts",
        t("Own accounts"),
        item.accounts if item else (),
        hint=t("One a line. What they write is no complaint."),
        height=80,
    )
    text_lines(
        draft,
        "domains",
        t("Own web domains"),
        item.domains if item else (),
        hint=t("One a line, such as shop.example."),
        height=80,
    )


def _draw_words(desk: Desk) -> None:
    t, draft = desk.who.t, desk.draft
    if not _has_words_here(desk):
        st.html(_elsewhere(desk))
        return
    own = _own_list(desk)
    text_lines(
        draft,
        "any",
        t("Words people use for it"),
        own.any if own else (),
        hint=" ".join(
            (
                t(
                    "One word or phrase a line, in every spelling and ending people use. A text that holds one of them "
                    "concerns this brand."
                ),
                t("They hold for what is collected from now on."),
            )
        ),
        height=130,
    )
    text_lines(
        draft,
        "none",
        t("Not when these words occur"),
        own.none if own else (),
        hint=t("One a line; for words that mean something else too."),
        height=80,
    )


def _elsewhere(desk: Desk) -> Html:
    t = desk.who.t
    found = lists_of(desk.catalogue, desk.draft.name)
    entries = (
        element("li", element("bdi", one.item.name), element("span", ", ".join(one.item.any[:6]), class_="gw-muted"))
        for one in found
    )
    n = len(found)
    head = t.plural("Its words stand in {n} list", "Its words stand in {n} lists", n)
    why = t("Edit them under Words.")
    return element("div", element("strong", head), element("ul", *entries), element("p", why), class_="gw-aside")


def _draw_country(desk: Desk, item: Brand | None) -> None:
    t, locale = desk.who.t, desk.who.words.locale
    codes = tuple(countries(locale))
    value = item.country if item else None
    st.selectbox(
        t("Country"),
        codes,
        index=codes.index(value) if value in codes else None,
        format_func=lambda code: country(code, locale),
        key=desk.draft.key("country"),
        placeholder=t("Home market"),
    )
    below(desk.draft, "country", None)


def _draw_zone(desk: Desk, item: Brand | None) -> None:
    t = desk.who.t
    value = item.timezone if item else desk.who.account.timezone
    names = list(dict.fromkeys((*zones(), value)))
    st.selectbox(t("Time zone"), names, index=names.index(value), key=desk.draft.key("timezone"))
    below(desk.draft, "timezone", None)


def _draw_languages(desk: Desk, item: Brand | None) -> None:
    t, words = desk.who.t, desk.who.words
    chosen = item.languages if item else ()
    st.multiselect(
        t("Languages its customers write in"),
        list(dict.fromkeys((*_FIRST, *languages(words.locale), *chosen))),
        list(chosen),
        format_func=words.language,
        key=desk.draft.key("languages"),
        placeholder=t("Choose languages"),
        select_all=False,
    )
    below(desk.draft, "languages", None)


# -- reading ------------------------------------------------------------------------------------


def _read(desk: Desk) -> Declaration:
    draft = desk.draft
    found: list[Problem] = []
    brand = _tried(found, Brand, _brand_values(desk))
    wanted = _has_words_here(desk) and (draft.typed("any") or "").strip()
    query = _tried(found, Query, _query_values(desk)) if wanted else None
    if not wanted and _own_list(desk) is not None:
        t = desk.who.t
        found.append(
            Problem(key="any", message=t("give at least one word"), allowed=t("or switch the list off under Words"))
        )
    if not wanted and _has_words_here(desk) and lines(draft.typed("none")):
        found.append(Problem(key="any", message=desk.who.t("give at least one word")))
    if found or brand is None:
        raise ConfigError(dict.fromkeys(found))
    return Declaration(brands=(brand,), queries=(query,) if query else ())


def _tried(found: list[Problem], model: type[Any], values: dict[str, Any]) -> Any:
    try:
        return build(model, values)
    except ConfigError as error:
        found.extend(error.problems)
        return None


def _brand_values(desk: Desk) -> dict[str, Any]:
    draft = desk.draft
    return {
        "name": draft.name or draft.text("name"),
        "country": draft.typed("country"),
        "languages": tuple(draft.typed("languages") or ()),
        "timezone": draft.typed("timezone"),
        "accounts": lines(draft.typed("accounts")),
        "domains": lines(draft.typed("domains")),
    }


def _query_values(desk: Desk) -> dict[str, Any]:
    draft, own = desk.draft, _own_list(desk)
    brand = draft.name or draft.text("name")
    return {
        "name": own.name if own else _free(brand, (one.item.name for one in desk.catalogue.queries)),
        "brand": brand,
        "any": lines(draft.typed("any")),
        "none": lines(draft.typed("none")),
    }


def _free(wanted: str, taken: Iterable[str]) -> str:
    """Return `wanted`, with a number behind it where that name is taken."""
    names, n, name = set(taken), 1, wanted
    while name in names:
        n += 1
        name = f"{wanted[: _LONGEST - 5]} {n}"
    return name


EDITOR: Final = Editor(fields=_fields, draw=_draw, read=_read)
