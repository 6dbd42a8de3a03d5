"""Doubles: one review that a page describes twice, in two syntaxes or in two blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Final, get_args

from crawlers.structured.node import Syntax
from crawlers.structured.review import plain_text
from crawlers.web.found import Found

_BEGINNING: Final = 30
_LONG_ENOUGH: Final = 30
_COMPARED: Final = 50  # reviews that begin alike: those of one page stand in the same order in both syntaxes
_LONGEST_GAP: Final = 86_400.0
_SYNTAXES: Final[frozenset[Syntax]] = frozenset(get_args(Syntax))


@dataclass(slots=True, kw_only=True)
class _Kept:
    """A review, with its plain text, and how that began when it was found."""

    found: Found
    text: str
    beginning: str


def without_doubles(read: Iterable[tuple[Syntax, Found]]) -> tuple[Found, ...]:
    """Return each review once, in the order of their first appearance.

    In one syntax the same id, or the same author, date, rating and text, is the same review. In two syntaxes it is the
    same text (or how it begins: some makers cut it), if author, date and rating do not deny it; what one of them
    leaves out is taken from the other.
    """
    every = list(read)
    # Only another syntax writes the same text another way; making texts plain is the dearest part of it.
    several = len({syntax for syntax, _ in every}) > 1
    sieve = _Sieve()
    for syntax, found in every:
        sieve.take(syntax, found, plain_text(found) if several else found.text)
    return tuple(each.found for each in sieve.kept)


class _Sieve:
    def __init__(self) -> None:
        self.kept: list[_Kept] = []
        self._by_key: dict[Hashable, _Kept] = {}
        # By what a syntax may still add to: those that it has described already are never looked through.
        self._open: dict[tuple[Syntax, str], dict[int, _Kept]] = defaultdict(dict)

    def take(self, syntax: Syntax, found: Found, text: str) -> None:
        same = self._same(syntax, found, text)
        if same is None:
            same = _Kept(found=found, text=text, beginning=text[:_BEGINNING])
            self.kept.append(same)
            for other in _SYNTAXES - {syntax}:
                self._open[other, same.beginning][id(same)] = same
        else:
            self._open[syntax, same.beginning].pop(id(same), None)
            _join(same, found, text)
        self._by_key[_key(syntax, found, text)] = same
        if found.id is not None:
            self._by_key[found.id] = same

    def _same(self, syntax: Syntax, found: Found, text: str) -> _Kept | None:
        known = self._by_key.get(found.id) if found.id is not None else None
        known = known or self._by_key.get(_key(syntax, found, text))
        if known is not None:
            return known
        others = islice(self._open[syntax, text[:_BEGINNING]].values(), _COMPARED)
        return next((each for each in others if _is_same(each, found, text)), None)


def _key(syntax: Syntax, found: Found, text: str) -> Hashable:
    return (syntax, found.id, found.author, found.published, found.rating, found.product, text)


def _is_same(kept: _Kept, found: Found, text: str) -> bool:
    one = kept.found
    ratings = {each.rating.value for each in (one, found) if each.rating is not None}
    return (
        len(ratings) < 2  # noqa: PLR2004 - two ratings are two opinions
        and _is_same_text(kept.text, text)
        and _is_same_author(one, found)
        and _is_same_day(one, found)
    )


def _is_same_text(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _LONG_ENOUGH and long.startswith(short))


def _is_same_author(one: Found, other: Found) -> bool:
    return not one.author or not other.author or one.author.casefold() == other.author.casefold()


def _is_same_day(one: Found, other: Found) -> bool:
    """Whether the dates may be the same: one syntax often gives the day alone, in another zone."""
    if one.published is None or other.published is None:
        return True
    gap = max(one.published.since, other.published.since) - min(one.published.until, other.published.until)
    return gap.total_seconds() < _LONGEST_GAP


def _join(kept: _Kept, found: Found, text: str) -> None:
    """Add what another reading of the same review says; the first is believed, and the longer text."""
    missing = {
        each.name: getattr(found, each.name)
        for each in fields(Found)
        if each.name not in {"text", "url", "own_url", "engagement"} and getattr(kept.found, each.name) is None
    }
    if found.own_url and not kept.found.own_url:
        missing |= {"url": found.url, "own_url": True}
    if len(text) > len(kept.text):
        missing["text"], kept.text = found.text, text
    kept.found = replace(kept.found, **missing)
