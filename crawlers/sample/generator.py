"""The generator: what each stream of the sample workspace publishes, and when.

Everything follows from the seed, the stream and the start: an hour's mentions are the same whoever asks for them,
in whatever process, before or after. An hour is made of three layers: ordinary life, the crisis around the start,
and a trickle after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from config.instant import hour_of
from config.settings import SourceKind
from crawlers.mention import Author, Engagement, Mention
from crawlers.sample import rhythm
from crawlers.sample.composition import Piece, compose
from crawlers.sample.dice import Dice
from crawlers.sample.phrase import Phrasebook, phrasebook
from crawlers.sample.stream import STREAMS, Genre, Stream
from crawlers.sample.voice import Voice, draw, shop

Layer = Literal["ordinary", "crisis", "trickle"]

_NUMBERS: Final[dict[Layer, int]] = {"ordinary": 0, "crisis": 200, "trickle": 500}
_HOUR: Final = timedelta(hours=1)
_CRISIS_ENGLISH: Final = 1.3
_STARS: Final[dict[Genre, dict[int, float]]] = {
    "praise": {5: 0.7, 4: 0.3},
    "neutral": {3: 0.6, 4: 0.4},
    "relief": {4: 0.3, 3: 0.5, 2: 0.2},
    "complaint": {1: 0.5, 2: 0.5},
    "sarcasm": {1: 0.7, 2: 0.3},
    "crisis": {1: 0.92, 2: 0.08},
}
_CRISIS_GENRES: Final[dict[Genre, float]] = {"crisis": 0.87, "repost": 0.1, "own": 0.03}
_SHORTEST_COPY, _LONGEST_COPY = 60, 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One mention to be: when it is published, in which layer, and its number (the external id)."""

    at: datetime
    layer: Layer
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mention's content before anybody collects it."""

    language: str
    genre: Genre
    voice: Voice
    piece: Piece
    parent: str | None = None


class Generator:
    """What one stream publishes. `started` is when the sample workspace was first opened."""

    def __init__(self, *, stream: str, seed: int, started: datetime) -> None:
        self.stream: Stream = STREAMS[stream]
        self.begin = started - rhythm.HISTORY
        self.gap = rhythm.gap(self.stream, started)
        self._seed = seed
        self._started = started
        self._slots = lru_cache(maxsize=16)(self._count_slots)

    def published(
        self, since: datetime, until: datetime, *, collected_at: datetime, kind: SourceKind | None = None
    ) -> Iterator[Mention]:
        """Yield what was published in [since, until), oldest first; nothing is older than `begin`."""
        since = max(since, self.begin)
        hour = hour_of(since)
        while hour < until:
            for slot in self._slots(hour):
                if since <= slot.at < until and not self._in_gap(slot.at):
                    yield self._mention(slot, collected_at, kind or self.stream.kind)
            hour += _HOUR

    def _in_gap(self, at: datetime) -> bool:
        return self.gap is not None and self.gap[0] <= at < self.gap[1]

    def _count_slots(self, hour: datetime) -> tuple[Slot, ...]:
        slots = [*self._ordinary_slots(hour), *self._thinned_slots(hour, "crisis")]
        slots.extend(self._thinned_slots(hour, "trickle"))
        return tuple(sorted(slots, key=lambda slot: (slot.at, slot.number)))

    def _ordinary_slots(self, hour: datetime) -> Iterator[Slot]:
        dice = self._dice("ordinary", hour)
        for count in range(dice.poisson(rhythm.ordinary(self.stream, hour, seed=self._seed))):
            yield self._slot(hour, dice, "ordinary", count)

    def _thinned_slots(self, hour: datetime, layer: Literal["crisis", "trickle"]) -> Iterator[Slot]:
        """Draw at the layer's highest rate, then keep each slot as often as its own minute deserves."""
        rate = rhythm.crisis if layer == "crisis" else rhythm.trickle
        highest = rhythm.PEAK if layer == "crisis" else rhythm.LIVELY
        share = self.stream.surge if layer == "crisis" else self.stream.trickle
        if not rate(hour - self._started) and not rate(hour + _HOUR - self._started):
            return
        dice = self._dice(layer, hour)
        for count in range(dice.poisson(highest * share)):
            slot = self._slot(hour, dice, layer, count)
            if dice.chance(rate(slot.at - self._started) / highest):
                yield slot

    def _slot(self, hour: datetime, dice: Dice, layer: Layer, count: int) -> Slot:
        number = int(hour.timestamp()) // 3600 * 1000 + _NUMBERS[layer] + count
        return Slot(at=hour + timedelta(microseconds=dice.below(3_600_000_000)), layer=layer, number=number)

    def _dice(self, *parts: object) -> Dice:
        return Dice(self._seed, self.stream.name, *parts)

    def _draft(self, slot: Slot) -> Draft:
        dice = self._dice("mention", slot.number)
        language, genre = self._language(slot, dice), self._genre(slot, dice)
        book = phrasebook(language)
        if genre == "repost":
            copy = self._copy(slot, dice)
            if copy is not None:
                return copy
            genre = "crisis" if slot.layer == "crisis" else "neutral"
        voice = self._voice(slot, genre, book, dice)
        crisis = slot.layer == "crisis"
        piece = compose(self.stream, genre, book, voice, dice, crisis=crisis)
        return Draft(language=language, genre=genre, voice=voice, piece=piece)

    def _voice(self, slot: Slot, genre: Genre, book: Phrasebook, dice: Dice) -> Voice:
        if genre == "own":
            return shop(self.stream, dice, book)
        return draw(self.stream, book, dice, seed=self._seed, everybody=slot.layer == "crisis")

    def _language(self, slot: Slot, dice: Dice) -> str:
        weights = dict(self.stream.languages)
        if slot.layer == "crisis":
            weights["en"] *= _CRISIS_ENGLISH
        return dice.weighted(weights)

    def _genre(self, slot: Slot, dice: Dice) -> Genre:
        since_start = (slot.at - self._started) / _HOUR
        if slot.layer == "crisis":
            relieved = since_start > 0 and dice.chance(min(0.75, since_start * 0.2))
            if relieved and self.stream.shape not in {"article", "essay"}:
                return "relief"
            return dice.weighted(_CRISIS_GENRES) if "repost" in self.stream.genres else "crisis"
        return dice.weighted(self.stream.genres)

    def _copy(self, slot: Slot, dice: Dice) -> Draft | None:
        """Take up a post of the hours before; None where there is none worth it."""
        recent = [one for back in range(1, 6) for one in self._slots(hour_of(slot.at) - back * _HOUR)]
        if not recent:
            return None
        original_slot = dice.pick(recent)
        if self._genre_of(original_slot) in {"repost", "own"}:
            return None
        original = self._draft(original_slot)
        if len(original.piece.text) < _SHORTEST_COPY:
            return None
        voice = self._voice(slot, "repost", phrasebook(original.language), dice)
        piece = _copied(original, self.stream, dice)
        parent = str(original_slot.number)
        return Draft(language=original.language, genre=original.genre, voice=voice, piece=piece, parent=parent)

    def _genre_of(self, slot: Slot) -> Genre:
        dice = self._dice("mention", slot.number)
        self._language(slot, dice)
        return self._genre(slot, dice)

    def _mention(self, slot: Slot, collected_at: datetime, kind: SourceKind) -> Mention:
        draft, dice = self._draft(slot), self._dice("reception", slot.number)
        reach = _reach(self.stream, draft.voice.author, dice)
        town = draft.voice.town if draft.voice.shows_town and draft.voice.author.url else None
        return Mention(
            platform=f"sample:{self.stream.name}",
            external_id=str(slot.number),
            kind=kind,
            text=draft.piece.text,
            title=draft.piece.title,
            published_at=slot.at,
            collected_at=collected_at,
            url=f"https://{self.stream.host}/kolvinta/{slot.number}",
            author=draft.voice.author,
            language=draft.language,
            rating=_rating(self.stream, draft.genre, dice),
            reach=reach,
            engagement=_engagement(self.stream, reach, dice, loud=draft.genre == "crisis"),
            parent=draft.parent,
            product=draft.piece.product,
            place=town,
            region=phrasebook(draft.language).cities[town].region if town else None,
        )


def _copied(original: Draft, stream: Stream, dice: Dice) -> Piece:
    """A near-copy: quoted with its author, shortened, or with a word of one's own at the end."""
    text, handle = original.piece.text, original.voice.author.handle
    if stream.shape == "article":
        return Piece(title=original.piece.title, text=f"{text} ({original.voice.author.name})", product=None)
    if dice.chance(0.7):
        text = f"RT @{handle}: {text}"
        text = text if len(text) <= _LONGEST_COPY else text[: _LONGEST_COPY - 1].rstrip() + "…"
    else:
        text = f"{text} {dice.pick(('👆', '!!', '↑↑', '+1', '🔁'))}"
    return Piece(title=original.piece.title, text=text, product=original.piece.product)


def _rating(stream: Stream, genre: Genre, dice: Dice) -> float | None:
    if not stream.bound:
        return None
    return dice.weighted(_STARS[genre]) / 5  # a share of the best, as everywhere


def _reach(stream: Stream, author: Author, dice: Dice) -> int | None:
    if stream.shape == "post":
        return int((author.followers or 0) * (0.15 + 0.6 * dice.fraction())) + dice.below(20)
    if stream.shape in {"review", "rating"}:
        return None
    least, most = {"thread": (40, 20_000), "article": (1_800, 400_000), "essay": (150, 30_000)}[stream.shape]
    return dice.long_tail(least, 0.8, most)


def _engagement(stream: Stream, reach: int | None, dice: Dice, *, loud: bool) -> Engagement:
    if stream.shape == "rating":
        return Engagement()
    audience = math.sqrt(reach or 25) * (2.2 if loud else 1.0)
    likes = int(audience * 0.35 * dice.long_tail(1, 0.6, 40) * dice.fraction())
    if stream.shape == "review":
        return Engagement(likes=likes)
    shares = int(likes * dice.fraction() * (0.5 if loud else 0.2))
    return Engagement(likes=likes, shares=shares, replies=int(audience * 0.2 * dice.fraction()))
