"""What a declared item is, in two lines: enough to know it again, with its options to unfold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from config.settings import Brand, ChannelSpec, Query, Rule, SourceSpec
from crawlers.registry import is_unconfirmed
from dashboard import badge, label
from dashboard.form import reference_in
from dashboard.markup import Html, element, join
from dashboard.territory import country
from dashboard.visitor import Visitor
from storage.declared import Catalogue, Declared

_MOST_WORDS: Final = 8
_LONGEST: Final = 300


def essentials(one: Declared[Any], catalogue: Catalogue, who: Visitor) -> Html:
    """Return an item's name, whose it is, what it is, and what can be unfolded."""
    t = who.t
    head = element(
        "div",
        element("strong", element("bdi", one.item.name)),
        badge.tag(t("managed by file"), title=t("It follows the configuration file on the server."))
        if one.managed_by == "file"
        else None,
        badge.tag(t("switched off")) if not one.enabled else _waiting(one.item, who),
        class_="gw-item-head",
    )
    return element(
        "div", head, *_lines(one.item, catalogue, who), class_="gw-item" if one.enabled else "gw-item gw-off"
    )


def _waiting(item: Any, who: Visitor) -> Html | None:
    """Return the tag of a source that is off although it is switched on."""
    return badge.unconfirmed(who.words) if isinstance(item, SourceSpec) and is_unconfirmed(item) else None


def _lines(item: Any, catalogue: Catalogue, who: Visitor) -> tuple[Html | None, ...]:
    if isinstance(item, Brand):
        return _brand(item, catalogue, who)
    if isinstance(item, Query):
        return _query(item, who)
    if isinstance(item, SourceSpec):
        return _source(item, who)
    if isinstance(item, Rule):
        return (_rule(item, who),)
    return _channel(item, who)


def _facts(*facts: str | None) -> Html:
    """Return facts in one muted line, with dots between them."""
    shown = [fact for fact in facts if fact]
    parts = [part for fact in shown for part in (" · ", fact)][1:]
    return element("p", *parts, class_="gw-muted")


# -- brands and words -----------------------------------------------------------------------------


def _brand(item: Brand, catalogue: Catalogue, who: Visitor) -> tuple[Html | None, ...]:
    words = who.words
    own = [one.item for one in catalogue.queries if one.item.brand == item.name and one.enabled]
    listed = tuple(word for query in own for word in query.any)
    facts = _facts(
        country(item.country, words.locale) if item.country else None,
        ", ".join(words.language(code) for code in item.languages),
        item.timezone,
    )
    no_words = element("p", who.t("No words yet: only sources bound to it concern it."), class_="gw-muted")
    return (_words(listed, who) if listed else no_words, facts)


def _query(item: Query, who: Visitor) -> tuple[Html | None, ...]:
    without = ", ".join(item.none)
    return (
        _words(item.any, who),
        _facts(
            element("span", who.t("for"), " ", element("bdi", item.brand)),
            element("span", who.t("not with:"), " ", element("bdi", without[:_LONGEST])) if without else None,
        ),
    )


def _words(listed: tuple[str, ...], who: Visitor) -> Html:
    n = len(listed) - _MOST_WORDS
    more = who.t.plural("and {n} more", "and {n} more", n) if n > 0 else None
    shown = (element("bdi", word[:60], class_="gw-word") for word in listed[:_MOST_WORDS])
    return element("p", join(shown), element("span", more, class_="gw-muted") if more else None, class_="gw-words")


# -- rules ------------------------------------------------------------------------------------------


def _rule(item: Rule, who: Visitor) -> Html:
    t, words = who.t, who.words
    bound = t.plural(
        "{count} negative voice or more in {window}, and {share} of what was scored",
        "{count} negative voices or more in {window}, and {share} of what was scored",
        item.min_negatives,
        count=words.number(item.min_negatives),
        window=words.lasting(item.window),
        share=words.share(item.min_share),
    )
    told = ", ".join(item.channels) if item.channels else t("every channel")
    return element(
        "div",
        element("p", badge.severity(item.severity, words), " ", bound, class_="gw-words"),
        _facts(
            element("bdi", item.brand) if item.brand else t("every brand"),
            element("span", t("tells"), " ", element("bdi", told)),
        ),
    )


# -- sources and channels ---------------------------------------------------------------------------


def _source(item: SourceSpec, who: Visitor) -> tuple[Html | None, ...]:
    t, words = who.t, who.words
    every = t("every {length}", length=words.lasting(item.every))
    brand = element("bdi", item.brand) if item.brand else t("found by its words")
    kind = words.kind(item.kind) if item.kind else None
    terms = words.terms(item.terms) if item.terms else None
    facts = _facts(label.plugin(item.type, t), kind, every, brand, terms)
    return (facts, _options(item.options, who))


def _channel(item: ChannelSpec, who: Visitor) -> tuple[Html | None, ...]:
    return (_facts(label.plugin(item.type, who.t)), _options(item.options, who))


def _options(options: Mapping[str, Any], who: Visitor) -> Html | None:
    """Return the options to unfold. Of a secret is shown where it comes from, never what it is."""
    if not options:
        return None
    entries = (
        part
        for key, value in options.items()
        for part in (element("dt", label.option(key, who.t)), element("dd", element("bdi", _said(value, who))))
    )
    summary = element("summary", who.t("Options"), class_="gw-more")
    return element("details", summary, element("dl", *entries), class_="gw-options")


def _said(value: Any, who: Visitor) -> str:
    t = who.t
    reference = reference_in(value)
    if reference is not None:
        kind, name = reference
        if kind == "secret":
            return t("stored encrypted")
        return t("from the variable {name}", name=name) if kind == "env" else t("from the file {name}", name=name)
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, Mapping):
        return _listed(f"{name} = {_said(inner, who)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return _listed(_said(inner, who) for inner in value)
    return str(value)[:_LONGEST]


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)[:_LONGEST]
