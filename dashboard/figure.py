"""Key figures: a value, how it changed, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.markup import Html, element
from dashboard.wording import Wording
from storage.overview import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key figure in words; `note` says what it counts, `change` and `than` how and against what it changed."""

    name: str
    value: str
    note: str
    change: str | None = None
    than: str | None = None


def row(keys: tuple[Key, ...]) -> Html:
    """Return key figures side by side."""
    return element("div", *(_card(key) for key in keys), class_="gw-figures")


def count(name: str, note: str, figure: Figure, words: Wording, *, before: str | None) -> Key:
    """Return a count and its change in percent; `before` names the period before, None where nobody read it."""
    t = words.t
    if figure.value is None:
        return _nothing(name, note, words)
    if before is None:
        return _alone(name, words.number(figure.value), note, words)
    change = than = None
    if figure.before:
        change = t("{n}%", n=words.signed(round((figure.value - figure.before) / figure.before * 100)))
        than = t("{value} in the {period} before", value=words.number(figure.before), period=before)
    elif figure.before == 0:
        than = t("none in the {period} before", period=before)
    return Key(name=name, value=words.number(figure.value), note=note, change=change, than=than)


def share(name: str, note: str, figure: Figure, words: Wording, *, before: str | None) -> Key:
    """Return a share and its change in percentage points; `before` as for `count`."""
    t = words.t
    if figure.value is None:
        return _nothing(name, note, words)
    if before is None:
        return _alone(name, words.share(figure.value), note, words)
    change = than = None
    if figure.before is not None:
        change = words.points(figure.value - figure.before)
        than = t("{value} in the {period} before", value=words.share(figure.before), period=before)
    return Key(name=name, value=words.share(figure.value), note=note, change=change, than=than)


def _alone(name: str, value: str, note: str, words: Wording) -> Key:
    """A figure without comparison: what was not collected is not zero."""
    return Key(name=name, value=value, note=note, than=words.t("not collected before"))


def _nothing(name: str, note: str, words: Wording) -> Key:
    return Key(name=name, value="–", note=note, than=words.t("nothing to count yet"))


def _card(key: Key) -> Html:
    return element(
        "div",
        element("div", key.name, class_="gw-figure-name", title=key.note),
        element(
            "div",
            element("span", key.value, class_="gw-figure-value"),
            element("span", key.change, class_="gw-change") if key.change else None,
            class_="gw-figure-line",
        ),
        element("div", key.than, class_="gw-figure-than") if key.than else None,
        class_="gw-figure",
        title=key.note,
    )
