"""Why something was decided: a code and its numbers, so that it can be stored, counted and said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from config.i18n import Translator

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
    "by_person",
    "rule_off",
    "trial",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was decided.

    `numbers` belong to the code: counts as they are, shares from 0 to 1, durations in seconds.
    `note` is text from outside, such as a source's last error: hostile, to be shown as plain text only.
    """

    code: Code
    numbers: Mapping[str, float] = field(default_factory=dict, hash=False)
    note: str = ""

    def say(self, t: Translator) -> str:
        """Return the reason as one sentence in the translator's language."""
        sentence = _say_plain(self, t) or (
            _say_source(self, t) if self.code.startswith("source_") else _say_negatives(self, t)
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
