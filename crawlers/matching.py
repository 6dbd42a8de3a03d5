r"""Matching: which brands a text concerns, by literal words and phrases.

Both sides are folded (crawlers.normal), then compared as whole words: "rozetka" is found in "@Rozetka",
"#rozetka" and "www.rozetka.com.ua", not in "rozetka_ua" or "rozetkas". Signs in a word are literal:
"@rozetka" needs its @, "rozetka.com.ua" its dots, "at&t" its &. The words of a phrase must follow one another,
with up to three signs or spaces between them. Texts in scripts that set no spaces between words are matched
where something else sets a word apart.

A thousand queries cost little, because each phrase is looked at only when its longest word is in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from config.error import ConfigError, Problem
from config.settings import Query
from crawlers.normal import Alignment, align, normalise

WORD: Final = re.compile(r"\w+")
MAX_SPANS: Final = 100

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A brand that a text concerns.

    `query` is the first of its queries that matched; `spans` are the (start, end) offsets of the words found in
    the mention's `whole_text`, in order, without overlap, at most 100.
    """

    brand: str
    query: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A word or phrase to look for: its folded text and the words that any text with it must contain."""

    text: str
    words: frozenset[str]

    @property
    def key(self) -> str | None:
        """The word by which it is looked up: the longest, being the rarest as a rule; None for signs alone."""
        return max(sorted(self.words), key=len, default=None)

    def occurs(self, folded: str, words: set[str]) -> bool:
        """Whether it stands in `folded`, whose words are `words`."""
        if not self.words <= words:
            return False
        return self.text in words or _pattern(self.text).search(folded) is not None

    def places(self, folded: str) -> list[Span]:
        """Return where it stands in `folded`."""
        return [found.span() for found in _pattern(self.text).finditer(folded)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledQuery:
    """A query with its phrases folded."""

    name: str
    brand: str
    wanted: tuple[Phrase, ...]
    vetoes: tuple[Phrase, ...]


class Matcher:
    """Many queries, asked about one text at a time. Build it by `compile_queries`."""

    def __init__(self, queries: Sequence[CompiledQuery]) -> None:
        self._queries = tuple(queries)
        self._by_key: dict[str | None, list[tuple[int, Phrase]]] = defaultdict(list)
        for number, query in enumerate(self._queries):
            for phrase in query.wanted:
                self._by_key[phrase.key].append((number, phrase))
        self._keys = frozenset(key for key in self._by_key if key is not None)
        self._signs = tuple(self._by_key[None])

    def match(self, title: str | None, text: str, *, folded: str | None = None) -> tuple[Match, ...]:
        """Return one Match per brand concerned, in the order of the queries.

        `folded` spares folding again where `normalise` has been given the mention's whole text already.
        """
        whole = f"{title}\n{text}" if title else text
        folded = normalise(whole) if folded is None else folded
        found = self._find(folded)
        return _merge(found, align(whole, folded)) if found else ()

    def _find(self, folded: str) -> list[tuple[CompiledQuery, list[Phrase]]]:
        """Return the queries that hold, each with the phrases that occur."""
        words = set(WORD.findall(folded))
        hits: dict[int, list[Phrase]] = defaultdict(list)
        for number, phrase in self._candidates(words):
            if phrase.occurs(folded, words):
                hits[number].append(phrase)
        found = [(self._queries[number], hits[number]) for number in sorted(hits)]
        return [
            (query, phrases) for query, phrases in found if not any(veto.occurs(folded, words) for veto in query.vetoes)
        ]

    def _candidates(self, words: set[str]) -> Iterable[tuple[int, Phrase]]:
        for key in self._keys & words:
            yield from self._by_key[key]
        yield from self._signs


def compile_queries(queries: Iterable[Query]) -> Matcher:
    """Return the matcher of `queries`; raise ConfigError naming every word that folds to nothing."""
    problems: list[Problem] = []
    compiled = [
        CompiledQuery(
            name=query.name,
            brand=query.brand,
            wanted=_phrases(query.name, "any", query.any, problems),
            vetoes=_phrases(query.name, "none", query.none, problems),
        )
        for query in queries
    ]
    if problems:
        raise ConfigError(problems)
    return Matcher(compiled)


def _phrases(query: str, key: str, texts: Iterable[str], problems: list[Problem]) -> tuple[Phrase, ...]:
    phrases: dict[str, Phrase] = {}
    for text in texts:
        folded = normalise(text)
        if folded:
            phrases[folded] = Phrase(text=folded, words=frozenset(WORD.findall(folded)))
        else:
            problems.append(
                Problem(
                    key=f"queries.{query}.{key}",
                    message=f"{text!r} holds nothing that could be found in a text",
                    allowed="a word or phrase with at least one visible character",
                )
            )
    return tuple(phrases.values())


@lru_cache(maxsize=50_000)
def _pattern(text: str) -> re.Pattern[str]:
    """Return what finds a folded phrase as whole words; made when first needed, as most never are."""
    body = r"\W{1,3}".join(re.escape(part) for part in text.split(" "))
    return re.compile(rf"(?<!\w){body}(?!\w)" if WORD.search(text) else body)


def _merge(found: Sequence[tuple[CompiledQuery, list[Phrase]]], aligned: Alignment) -> tuple[Match, ...]:
    """Return one Match per brand, with all that its queries found."""
    by_brand: dict[str, tuple[str, set[Span]]] = {}
    for query, phrases in found:
        _, spans = by_brand.setdefault(query.brand, (query.name, set()))
        for phrase in phrases:
            spans.update(aligned.span(start, end) for start, end in phrase.places(aligned.text)[:MAX_SPANS])
    return tuple(
        Match(brand=brand, query=query, spans=_union(spans)[:MAX_SPANS]) for brand, (query, spans) in by_brand.items()
    )


def _union(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
