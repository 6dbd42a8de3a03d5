"""Composition: from a genre and a voice to a title and a text, in the manner of a stream."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crawlers.sample.dice import Dice
from crawlers.sample.phrase import Phrasebook, Telling
from crawlers.sample.stream import TOPICS, Genre, Shape, Stream
from crawlers.sample.voice import Voice

_MOOD: Final[dict[Genre, str]] = {
    "praise": "praise",
    "complaint": "complaint",
    "sarcasm": "complaint",
    "crisis": "crisis",
}
_EXTRA: Final[dict[Shape, float]] = {"post": 0.22, "thread": 0.6, "review": 0.65, "rating": 0.5}
_EMOJI: Final[dict[Shape, float]] = {"post": 0.26, "thread": 0.08, "review": 0.08, "rating": 0.14}
_NAMED: Final = re.compile(r"kolvint|колв[иі]нт", re.IGNORECASE)
_WHOLE: Final = re.compile(r"kolvint|колв[иі]нт|example", re.IGNORECASE)
_WORD: Final = re.compile(r"\b[^\W\d_]{6,}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What was written: `product` is the English name of the product spoken of, where there is one."""

    title: str | None
    text: str
    product: str | None


def compose(stream: Stream, genre: Genre, book: Phrasebook, voice: Voice, dice: Dice, *, crisis: bool) -> Piece:
    """Return one text of `genre` as `voice` would write it on `stream`."""
    telling = Telling(book, dice, gender=voice.gender, city=voice.town)
    if stream.shape == "article":
        title, text = _split(telling.draw("news", "crisis" if genre == "crisis" else "ordinary"))
    elif stream.shape == "essay":
        title, text = _essay(telling, genre, book, dice)
    elif genre == "own":
        title, text = None, telling.draw("talk", "own_crisis" if crisis else "own")
    else:
        title, text = _note(stream, telling, genre, book, dice)
    return Piece(title=title, text=text, product=telling.product)


def _split(text: str) -> tuple[str, str]:
    title, _, body = text.partition(" || ")
    return title.strip(), body[:1].upper() + body[1:]


def _essay(telling: Telling, genre: Genre, book: Phrasebook, dice: Dice) -> tuple[str, str]:
    title, opening = _split(telling.draw("blog", "crisis" if genre == "crisis" else "open"))
    bodies = _crisis_bodies(telling, dice) if genre == "crisis" else _essay_bodies(telling, genre, book, dice)
    return title, "\n\n".join([opening, *dict.fromkeys(bodies), telling.draw("blog", "close")])


def _crisis_bodies(telling: Telling, dice: Dice) -> list[str]:
    return [telling.draw("talk", "crisis") for _ in range(2 + dice.below(2))]


def _essay_bodies(telling: Telling, genre: Genre, book: Phrasebook, dice: Dice) -> list[str]:
    """Two or three paragraphs on different topics; a neutral essay has good and bad."""
    moods = ("praise", "complaint", "praise") if genre == "neutral" else (genre,) * 3
    topics, first = book.topics("praise"), dice.below(8)
    return [
        telling.draw(mood, topics[(first + 3 * step) % len(topics)])
        for step, mood in enumerate(moods[: 2 + dice.below(2)])
    ]


def _note(stream: Stream, telling: Telling, genre: Genre, book: Phrasebook, dice: Dice) -> tuple[str | None, str]:
    mood, sentences = _MOOD.get(genre, "talk"), [_body(stream.shape, telling, genre, book, dice)]
    if stream.shape == "review" and genre in {"praise", "complaint"} and dice.chance(0.35):
        sentences.append(_body(stream.shape, telling, genre, book, dice))
    if genre not in {"advert", "relief", "sarcasm"} and dice.chance(_EXTRA[stream.shape]):
        sentences.append(telling.draw("more", mood))
    title = telling.draw("titles", mood) if _wants_title(stream.shape, mood, dice) else None
    text = _name_the_brand(stream, title, " ".join(dict.fromkeys(sentences)), telling, dice)
    return title, _roughen(text, stream.shape, mood, book, dice)


def _wants_title(shape: Shape, mood: str, dice: Dice) -> bool:
    return shape == "thread" or (shape == "review" and mood != "talk" and dice.chance(0.6))


def _body(shape: Shape, telling: Telling, genre: Genre, book: Phrasebook, dice: Dice) -> str:
    if genre in {"praise", "complaint"}:
        topics = TOPICS.get(shape) or dict.fromkeys(book.topics(genre), 1.0)
        return telling.draw(genre, dice.weighted(topics))
    return telling.draw("talk", genre)


def _name_the_brand(stream: Stream, title: str | None, text: str, telling: Telling, dice: Dice) -> str:
    """Where queries decide, a text without the brand would reach nobody: people name it before or after."""
    if stream.bound or _NAMED.search(f"{title} {text}"):
        return text
    if dice.chance(0.5):
        return telling.draw("need", "brand") + " " + text
    return f"{text} {telling.draw('need', 'tail')}"


def _roughen(text: str, shape: Shape, mood: str, book: Phrasebook, dice: Dice) -> str:
    """Write like a person: a slip of the finger, no capitals, no final stop, an emoji."""
    if dice.chance(0.06):
        text = _slip(text, dice)
    if dice.chance(0.16 if shape != "review" else 0.07):
        text = text.lower()
    if dice.chance(0.35 if shape == "post" else 0.15):
        text = text.removesuffix(".")
    if dice.chance(_EMOJI[shape]):
        text = f"{text} {dice.pick(book.texts['emoji', mood])}"
    return text


def _slip(text: str, dice: Dice) -> str:
    """Swap two neighbouring letters inside one longer word; the brand's name and its address stay whole."""
    words = [match for match in _WORD.finditer(text) if not _WHOLE.search(match[0])]
    if not words:
        return text
    at = dice.pick(words).start() + 2 + dice.below(3)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
