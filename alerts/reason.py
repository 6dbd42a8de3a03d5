"""Why something was decided: a code and its numbers, so that it can be stored, counted and said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from config.i18n import Translator, mark

Code = Literal[
    "bound_reached",
    "grew",
    "still_above",
    "below_bound",
    "calm",
    "not_collected",
    "source_silent",
    "source_refused",
    "source_fine",
    "source_back",
    "source_disabled",
    "yield_drop",
    "items_drop",
    "yield_back",
    "by_person",
    "rule_off",
    "trial",
]

_FIELDS: Final = {
    "text": mark("text"),
    "title": mark("title"),
    "author": mark("author"),
    "date": mark("date"),
    "rating": mark("rating"),
    "product": mark("product"),
    "id": mark("id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was decided.

    `numbers` belong to the code: counts as they are, shares from 0 to 1, durations in seconds.
    `note` is text from outside, such as a source's last error: hostile, to be shown as plain text only. `about` names
    what it is about where the code does not: the field of items that is not found any more.
    """

    code: Code
    numbers: Mapping[str, float] = field(default_factory=dict, hash=False)
    note: str = ""
    about: str = ""

    def say(self, t: Translator) -> str:
        """Return the reason as one sentence in the translator's language."""
        sentence = (
            _say_plain(self, t)
            or _say_yield(self, t)
            or (_say_source(self, t) if self.code.startswith("source_") else _say_negatives(self, t))
        )
        return f"{sentence} {self.note}".rstrip() if self.note else sentence


def span(t: Translator, seconds: float) -> str:
    """Return a duration in words, in the largest unit that is exact or at least 2 of it: `90 minutes`, `3 hours`."""
    length = timedelta(seconds=seconds)
    for unit in (timedelta(days=1), timedelta(hours=1)):
        if length >= 2 * unit or length == unit:
            return _count(t, unit, round(length / unit))
    return _count(t, timedelta(minutes=1), round(length / timedelta(minutes=1)))


def _count(t: Translator, unit: timedelta, n: int) -> str:
    if unit >= timedelta(days=1):
        return t.plural("{n} day", "{n} days", n)
    if unit >= timedelta(hours=1):
        return t.plural("{n} hour", "{n} hours", n)
    return t.plural("{n} minute", "{n} minutes", n)


def percent(t: Translator, share: float) -> str:
    """Return a share from 0 to 1 as whole percent, written as in the translator's language."""
    from babel.numbers import format_percent

    return str(format_percent(share, locale=t.locale))


def _say_plain(reason: Reason, t: Translator) -> str | None:
    """Return what needs no numbers."""
    match reason.code:
        case "by_person":
            return t("A person decided so.")
        case "rule_off":
            return t("Its rule or its brand was switched off.")
        case "trial":
            return t("Somebody asked for a test message.")
        case _:
            return None


def _say_yield(reason: Reason, t: Translator) -> str | None:
    """Return what is said of what a source's pages show."""
    numbers = reason.numbers
    match reason.code:
        case "yield_drop":
            return t(
                "The site changed: {field} found in {share} of items, usually {usual}.",
                field=t(_FIELDS[reason.about]) if reason.about in _FIELDS else reason.about,
                share=percent(t, numbers.get("share", 0)),
                usual=percent(t, numbers.get("usual", 0)),
            )
        case "items_drop":
            usual = round(numbers.get("usual", 0))
            return t(
                "The site changed: its pages are read, but no items were found on them in {visits}; usual: {usual}.",
                visits=t.plural("{n} visit", "{n} visits", int(numbers.get("visits", 0))),
                usual=t.plural("{n} item a visit", "{n} items a visit", usual),
            )
        case "yield_back":
            return t("The pages of the source show again what they used to.")
        case _:
            return None


def _say_negatives(reason: Reason, t: Translator) -> str:
    numbers = reason.numbers
    voices = t.plural(
        "{n} independent negative voice", "{n} independent negative voices", int(numbers.get("voices", 0))
    )
    bound = int(numbers.get("min_voices", 0))
    share = percent(t, numbers.get("share", 0))
    share_bound = percent(t, numbers.get("min_share", 0))
    window = span(t, numbers.get("window", 0))
    match reason.code:
        case "bound_reached" | "still_above":
            return t(
                "{voices} (bound: {bound}), {share} of the scored mentions are negative (bound: {share_bound});"
                " window: {window}.",
                voices=voices,
                bound=bound,
                share=share,
                share_bound=share_bound,
                window=window,
            )
        case "grew":
            return t("{voices}; last told: {told}.", voices=voices, told=int(numbers.get("told", 0)))
        case "below_bound" | "calm":
            return t(
                "Below the bound: {voices} (bound: {bound}), {share} negative (bound: {share_bound});"
                " window: {window}.",
                voices=voices,
                bound=bound,
                share=share,
                share_bound=share_bound,
                window=window,
            )
        case _:
            return t("Nothing was collected for this window, so nothing can be said about it.")


def _say_source(reason: Reason, t: Translator) -> str:
    silent = span(t, reason.numbers.get("silent", 0))
    match reason.code:
        case "source_refused":
            return t("The source refuses to be read, and trying again does not help until a person changes something.")
        case "source_back":
            return t("The source was read again.")
        case "source_disabled":
            return t("The source was switched off.")
        case "source_fine":
            return t("The source is read as planned.")
        case _:
            return t(
                "Time without a successful read: {silent} (bound: {bound}).",
                silent=silent,
                bound=span(t, reason.numbers.get("bound", 0)),
            )
