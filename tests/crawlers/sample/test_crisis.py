"""What the real VADER makes of the invented texts: the rule is reached in the crisis, and never before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from crawlers.mention import Mention
from crawlers.sample.generator import Generator
from crawlers.sample.stream import STREAMS
from crawlers.sample.workspace import BRAND, RULES, SEED
from sentiment.vader import Vader

HOUR = timedelta(hours=1)
HUB = "zarzecze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    at: datetime
    author: str
    negative: bool
    text: str


def score(mentions: Sequence[Mention]) -> list[Scored]:
    english = [mention for mention in mentions if mention.language == "en"]
    labels = [one.label for one in Vader().score([m.whole_text for m in english], ["en"] * len(english))]
    return [
        Scored(
            at=mention.published_at,
            author=mention.author.handle if mention.author else "",
            negative=label == "negative",
            text=mention.text,
        )
        for mention, label in zip(english, labels, strict=True)
    ]


def windows(scored: Sequence[Scored], since: datetime, until: datetime) -> list[tuple[datetime, int, float]]:
    """(end, distinct negative voices, share of negatives) of the rule's window, ending at every hour."""
    (rule,) = RULES
    found = []
    while since <= until:
        inside = [one for one in scored if since - rule.window <= one.at < since]
        negative = [one for one in inside if one.negative]
        voices = {one.author for one in negative if one.author not in BRAND.accounts}
        found.append((since, len(voices), len(negative) / len(inside) if inside else 0.0))
        since += HOUR
    return found


@pytest.fixture(scope="module")
def scored(history: Sequence[Mention]) -> list[Scored]:
    return score(history)


def test_four_in_five_english_voices_of_the_crisis_read_as_negative(
    scored: Sequence[Scored], started: datetime
) -> None:
    crisis = [one for one in scored if one.at > started - timedelta(hours=9.5) and "kolvinta_help" not in one.author]
    assert len(crisis) > 90
    assert sum(one.negative for one in crisis) / len(crisis) >= 0.8


def test_ordinary_english_texts_are_of_all_moods(scored: Sequence[Scored], started: datetime) -> None:
    ordinary = [one for one in scored if one.at < started - timedelta(hours=10)]
    assert 0.15 <= sum(one.negative for one in ordinary) / len(ordinary) <= 0.32


def test_the_rule_is_reached_in_the_crisis_and_at_no_earlier_hour(scored: Sequence[Scored], started: datetime) -> None:
    (rule,) = RULES
    onset = started - timedelta(hours=9)
    quiet = windows(scored, started - timedelta(days=60), onset)
    assert len(quiet) > 1_400
    assert max(voices for _, voices, _ in quiet) < 0.85 * rule.min_negatives
    assert not [one for one in quiet if one[1] >= rule.min_negatives]
    _, voices, share = windows(scored, started, started)[0]
    assert voices >= 2 * rule.min_negatives
    assert share >= 0.7 > rule.min_share


@pytest.mark.parametrize("shift", [7, 31, 1003])
def test_whatever_hour_one_starts_at_the_crisis_is_one_episode_and_the_only_one(started: datetime, shift: int) -> None:
    (rule,) = RULES
    start = started + timedelta(hours=shift)
    mentions = [
        mention
        for name in STREAMS
        for mention in Generator(stream=name, seed=SEED, started=start).published(
            start - timedelta(days=12), start + timedelta(hours=30), collected_at=start
        )
    ]
    scored = score(mentions)
    reached = [
        end
        for end, voices, share in windows(scored, start - timedelta(days=11), start + timedelta(hours=30))
        if voices >= rule.min_negatives and share >= rule.min_share
    ]
    assert start - timedelta(hours=9) < reached[0] < start
    assert start in reached
    assert all(later - earlier <= rule.window for earlier, later in pairwise(reached))  # one episode, not two
    assert reached[-1] < start + timedelta(hours=16)


def test_the_crisis_speaks_all_four_languages(history: Sequence[Mention], started: datetime) -> None:
    hub = ("zarzecz", "зажеч")
    recent = [mention for mention in history if mention.published_at > started - timedelta(hours=6)]
    told = {m.language for m in recent if any(word in m.whole_text.lower() for word in hub)}
    assert told == {"en", "ru", "uk", "pl"}
    assert not [m for m in history if m.published_at < started - 10 * HOUR and HUB in m.whole_text.lower()]
