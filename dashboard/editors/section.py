"""The five kinds of declared items: what they are called, and which editor is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.i18n import mark
from config.settings import Declaration
from dashboard.editors import brand, plugged, rule, words
from dashboard.editors.editor import Editor
from storage.declared import Catalogue, Declared, Kind

SECTIONS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "brand": (mark("Brands"), mark("Add a brand"), mark("Whom you listen for.")),
    "query": (mark("Words"), mark("Add a list of words"), mark("Which words make a text concern a brand.")),
    "source": (mark("Sources"), mark("Add a source"), mark("Places that are read on a schedule.")),
    "rule": (mark("Alert rules"), mark("Add a rule"), mark("When negatives deserve a human.")),
    "channel": (mark("Channels"), mark("Add a channel"), mark("How people are told.")),
}
EDITORS: Final[Mapping[Kind, Editor]] = {
    "brand": brand.EDITOR,
    "query": words.EDITOR,
    "source": plugged.SOURCE,
    "rule": rule.EDITOR,
    "channel": plugged.CHANNEL,
}
KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in SECTIONS}
EMPTY: Final[Mapping[Kind, tuple[str, str]]] = {
    "brand": (mark("No brand yet"), mark("Add one with the words people use for it; then add sources.")),
    "query": (mark("No words yet"), mark("Without words, only sources bound to a brand concern it.")),
    "source": (mark("No source yet"), mark("Add a feed of news or a search; it is read within a minute.")),
    "rule": (mark("No rule yet"), mark("Without a rule nobody is told, however bad it gets.")),
    "channel": (mark("No channel yet"), mark("Without a channel, incidents show on the pages only.")),
}


def stored(catalogue: Catalogue, kind: Kind) -> tuple[Declared[Any], ...]:
    """Return what is declared of one kind."""
    lists: Mapping[Kind, tuple[Declared[Any], ...]] = {
        "brand": catalogue.brands,
        "query": catalogue.queries,
        "source": catalogue.sources,
        "rule": catalogue.rules,
        "channel": catalogue.channels,
    }
    return lists[kind]


def typed(declaration: Declaration, kind: Kind) -> tuple[Any, ...]:
    """Return the items of one kind in what an editor has read."""
    lists: Mapping[Kind, tuple[Any, ...]] = {
        "brand": declaration.brands,
        "query": declaration.queries,
        "source": declaration.sources,
        "rule": declaration.rules,
        "channel": declaration.channels,
    }
    return lists[kind]
