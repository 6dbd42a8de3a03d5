"""The way of a batch: collect → clean → prefilter → language → match → sentiment → store, each step on many items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from config.settings import SourceKind
from crawlers.cleaning import clean
from crawlers.connector import Batch, Reject
from crawlers.matching import Matcher
from crawlers.mention import Mention
from crawlers.normal import normalise, searchable
from sentiment.classifier import Classifier
from sentiment.language import detect
from sentiment.score import Score
from storage.database import Database
from storage.intake import Arrival, Key, Known, Reading, Spans, Stored, digest, known, store

MAX_HISTORY: Final = 24 * 3600
"""Seconds: a batch whose newest item is older than this is history, whatever the connector says."""

_NEW: Final = Known(mention_id=0, digest="", brands=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reading texts needs. Made anew when brands or queries change."""

    matcher: Matcher
    classifier: Classifier
    brand_ids: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The source of a batch: its id, what is written there, and the brand it is bound to, if any."""

    source_id: int
    kind: SourceKind
    brand_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch: the counts, and every reason for which an item was refused."""

    stored: Stored
    rejects: tuple[Reject, ...]


def take_in(db: Database, reader: Reader, origin: Origin, batch: Batch, *, now: datetime) -> Taken:
    """Take one batch all the way in and return what it came to."""
    items, rejects = clean_all(batch.items, now)
    found = known(db, [item.key for item in items])
    fresh = [item for item in items if is_news(item, origin, found)]
    read = read_all(reader, origin, fresh, found)
    same = tuple(item.key for item in items if not is_news(item, origin, found))
    arrival = Arrival(
        source_id=origin.source_id,
        batch=replace(batch, backfill=is_history(batch, now)),
        readings=read,
        same=same,
        rejects=(*batch.rejects, *rejects),
    )
    return Taken(stored=store(db, arrival, now=now), rejects=arrival.rejects)


def clean_all(items: Iterable[Mention], now: datetime) -> tuple[list[Mention], list[Reject]]:
    """Clean every item; return those that can be taken in, each identity once, and the reasons for the rest."""
    kept: dict[Key, Mention] = {}
    rejects: list[Reject] = []
    for item in items:
        result = clean(item, now)
        if isinstance(result, Reject):
            rejects.append(result)
        elif item.key in kept:
            rejects.append(Reject(reason="duplicate id", external_id=item.external_id))
        else:
            kept[item.key] = result
    return list(kept.values()), rejects


def is_news(item: Mention, origin: Origin, found: Mapping[Key, Known]) -> bool:
    """Prefilter: whether there is anything to read, because the item is new, was edited, or came to another brand."""
    before = found.get(item.key)
    if before is None or before.digest != digest(item):
        return True
    return origin.brand_id is not None and origin.brand_id not in before.brands


def read_all(
    reader: Reader, origin: Origin, items: Sequence[Mention], found: Mapping[Key, Known]
) -> tuple[Reading, ...]:
    """Language, match and sentiment of every item, in order.

    Only what concerns a brand is scored, be it a brand that came with another source earlier.
    """
    languages = detect([item.whole_text for item in items], [item.language for item in items])
    folded = [normalise(item.whole_text) for item in items]
    brands = [match(reader, origin, item, text) for item, text in zip(items, folded, strict=True)]
    wanted = [bool(own or found.get(item.key, _NEW).brands) for item, own in zip(items, brands, strict=True)]
    scores = score(reader.classifier, items, languages, wanted)
    return tuple(
        Reading(
            mention=item,
            language=language,
            search_text=searchable(text),
            brands=concerned,
            score=scored,
        )
        for item, language, text, concerned, scored in zip(items, languages, folded, brands, scores, strict=True)
    )


def match(reader: Reader, origin: Origin, item: Mention, folded: str) -> dict[int, Spans]:
    """Return the brands an item concerns, by id, with the matched spans; a bound source's brand needs no match.

    `folded` is the item's whole text, normalised: its signs are needed ("@shop", "at&t").
    """
    brands: dict[int, Spans] = {origin.brand_id: ()} if origin.brand_id is not None else {}
    for found in reader.matcher.match(item.title, item.text, folded=folded):
        if found.brand in reader.brand_ids:
            brands[reader.brand_ids[found.brand]] = found.spans
    return brands


def score(
    classifier: Classifier, items: Sequence[Mention], languages: Sequence[str], wanted: Sequence[bool]
) -> list[Score | None]:
    """Score the wanted items, in one call; None for the rest."""
    chosen = [index for index, want in enumerate(wanted) if want]
    scores = classifier.score([items[i].whole_text for i in chosen], [languages[i] for i in chosen])
    by_index = dict(zip(chosen, scores, strict=True))
    return [by_index.get(index) for index in range(len(items))]


def is_history(batch: Batch, now: datetime) -> bool:
    """Whether a batch only fills the series: the connector says so, or nothing in it is younger than a day."""
    if batch.backfill or not batch.items:
        return batch.backfill
    newest = max(item.published_at for item in batch.items)
    return (now - newest).total_seconds() > MAX_HISTORY
