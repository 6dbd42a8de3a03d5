"""Invented posts: as many distinct English texts as are asked for, the same from the same seed.

They are as long as posts are (60 to 600 characters, most of them short), a quarter holds signs beyond ASCII, and
each names at least one of 21 brands, so that every one has to be matched, scored and counted.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import islice
from pathlib import Path
from typing import Final

SEED: Final = 20
SPAN: Final = timedelta(days=30)
AUTHORS: Final = 2_500
SHORTEST, LONGEST = 60, 600
# The first is the brand that is watched; the others are its competitors, each with its own query.
BRANDS: Final = (
    "Kolvinta",
    "Bramleys",
    "Nordpost",
    "Quillmart",
    "Tavrio",
    "Ozelby",
    "Fernhaus",
    "Pixmora",
    "Velgrade",
    "Sunmarten",
    "Harrowgate Home",
    "Lumo",
    "Castellane",
    "Drogeria Plus",
    "Everline",
    "Mistral Air",
    "Bank Zarya",
    "Polna Mobile",
    "Kestrel & Co",
    "Umbra",
    "Wayfare",
)
OPENINGS: Final = (
    "Ordered a {thing} from {brand} {when}.",
    "Third time this year that I write about {brand}.",
    "Can anybody at {brand} tell me what is going on?",
    "So {brand} finally delivered my {thing} {when}.",
    "I have been a customer of {brand} for {n} years.",
    "Question for people who use {brand}:",
    "My sister swears by {brand}, so I bought a {thing} there {when}.",
    "Long story about {brand} and a {thing}.",
    "{brand} again...",
    "Just back from the {brand} store on Mill Road.",
    "Unpopular opinion: {brand} is better than people say.",
    "Dear {brand}, we need to talk about a {thing}.",
)
MIDDLES: Final = (
    "The {thing} is {good}, and it arrived {fast}.",
    "The {thing} was {bad} and nobody answers the phone.",
    "Support kept me waiting for {n} hours and then hung up.",
    "The courier was {good}, he even carried the box up {n} floors.",
    "They charged me twice, {price} each time, and the refund never came.",
    "It cost {price}, which is {good} for what you get.",
    "Delivery was promised for Tuesday; today is day {n}.",
    "The app crashed {n} times before I could pay.",
    "The box was {bad}, although the {thing} inside survived.",
    "I compared {n} shops and this one had the {good} price.",
    "The manual comes in {n} languages, none of which I can read.",
    "Returned it {when}, the money was back within {n} days.",
    "It isn't {good}, but it isn't {bad} either.",
    "The lid is loose, the colour is not the one in the pictures and it smells {bad}.",
    "My {thing} has worked every single day for {n} months now.",
    "They sent the wrong size, apologised and sent a {good} replacement {fast}.",
    "I asked for an invoice {n} times and got {n} different answers.",
    "The new checkout is {good}, I didn't even need my password.",
    "The chat bot is {bad}: it answers questions that nobody asked.",
    "We opened it together and the kids were VERY happy!!",
    "The warranty covers {n} years, but only if you keep the box (who keeps the box?).",
    "{other} had the same {thing} for less.",
)
ENDINGS: Final = (
    "Would buy again.",
    "Never again.",
    "Anyone else?",
    "Not sure what to think of it.",
    "Thanks for nothing.",
    "Well done!",
    "Still waiting :(",
    "Love it :)",
    "10/10 from me.",
    "I want my {price} back.",
    "Please fix this.",
    "Ask me again in {n} months.",
    "Next time I go to {other}.",
    "See you in court, I guess.",
)
SLOTS: Final = {
    "thing": (
        "kettle",
        "desk lamp",
        "backpack",
        "blender",
        "rain jacket",
        "phone case",
        "frying pan",
        "board game",
        "speaker",
        "watch",
        "tent",
        "vacuum cleaner",
    ),
    "when": (
        "yesterday",
        "last week",
        "on Monday",
        "two weeks ago",
        "this morning",
        "in March",
        "over the weekend",
        "the other day",
    ),
    "good": (
        "great",
        "lovely",
        "really good",
        "excellent",
        "surprisingly nice",
        "perfect",
        "quite decent",
        "brilliant",
    ),
    "bad": (
        "awful",
        "terrible",
        "badly scratched",
        "a disgrace",
        "rather poor",
        "broken",
        "a nightmare",
        "disappointing",
    ),
    "fast": (
        "within a day",
        "on time",
        "a day early",
        "in less than 48 hours",
        "before lunch",
        "exactly when they said",
    ),
}
SIGNS: Final = (
    (" - ", " — "),
    ("'", "’"),
    ("...", "…"),
    (":(", "😡"),
    (":)", "😊"),
    ("!!", " 🎉🎉"),
    ("a ", "a\u00a0"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One invented post."""

    id: str
    author: str
    text: str
    published_at: datetime
    url: str


def posts(number: int, *, until: datetime) -> list[Post]:
    """Return `number` posts with distinct texts, published in the 30 days before `until`, oldest first."""
    chance = random.Random(SEED)  # noqa: S311 - invented texts need no secrecy
    step = SPAN / number
    return [
        Post(
            id=f"post-{place}",
            author=f"user_{chance.randrange(AUTHORS)}",
            text=text,
            published_at=until - SPAN + place * step,
            url=f"https://forum.example/t/{place // 20}#{place}",
        )
        for place, text in enumerate(islice(_distinct(chance), number))
    ]


def _distinct(chance: random.Random) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        text = _text(chance)
        if text not in seen and SHORTEST <= len(text) <= LONGEST:
            seen.add(text)
            yield text


def _text(chance: random.Random) -> str:
    brand = BRANDS[0] if chance.random() < 0.6 else chance.choice(BRANDS)
    middles = chance.sample(MIDDLES, min(1 + int(chance.expovariate(0.6)), 9))
    sentences = [chance.choice(OPENINGS), *middles, chance.choice(ENDINGS)]
    text = " ".join(_filled(chance, sentence, brand) for sentence in sentences)
    if chance.random() < 0.25:
        for plain, sign in SIGNS:
            text = text.replace(plain, sign)
    return text


def _filled(chance: random.Random, sentence: str, brand: str) -> str:
    words = {name: chance.choice(values) for name, values in SLOTS.items()}
    price = f"{chance.choice('£€$')}{chance.randrange(5, 400)}.{chance.randrange(100):02}"
    return sentence.format(**words, brand=brand, other=chance.choice(BRANDS), n=chance.randrange(2, 30), price=price)


def write_jsonl(path: Path, items: Sequence[Post]) -> None:
    """Write one JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in map(_row, items):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_csv(path: Path, items: Sequence[Post]) -> None:
    """Write a CSV file with a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(_row(items[0])))
        writer.writeheader()
        writer.writerows(map(_row, items))


def write_feeds(folder: Path, items: Sequence[Post], entries: int) -> int:
    """Write RSS feeds of `entries` entries each, newest first; return how many there are."""
    parts = [items[start : start + entries] for start in range(0, len(items), entries)]
    for number, part in enumerate(parts):
        (folder / f"{number}.xml").write_text(_feed(number, part), encoding="utf-8")
    return len(parts)


def _row(post: Post) -> dict[str, str]:
    moment = post.published_at.astimezone(UTC).isoformat()
    return {"id": post.id, "author": post.author, "text": post.text, "published_at": moment, "url": post.url}


def _feed(number: int, items: Sequence[Post]) -> str:
    entries = "".join(map(_entry, reversed(items)))
    head = f"<title>Forum {number}</title><link>https://forum.example/</link><description>Newest posts</description>"
    return f"<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0'><channel>{head}{entries}</channel></rss>\n"


def _entry(post: Post) -> str:
    # As feeds do it: the text is HTML, escaped once more for XML.
    return (
        f"<item><title>{escape(post.text[:50])}</title><description>{escape(f'<p>{escape(post.text)}</p>')}</description>"
        f"<author>{post.author}</author><link>{escape(post.url)}</link><guid isPermaLink='false'>{post.id}</guid>"
        f"<pubDate>{format_datetime(post.published_at)}</pubDate></item>\n"
    )
