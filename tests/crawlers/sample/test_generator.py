from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawlers.matching import compile_queries
from crawlers.mention import Mention
from crawlers.sample.generator import Generator
from crawlers.sample.rhythm import ZONE
from crawlers.sample.stream import STREAMS
from crawlers.sample.workspace import BRAND, QUERIES, SEED

ROOT = Path(__file__).parents[3]
DAY = timedelta(days=1)
PRINT = """
import hashlib, sys
from datetime import datetime, timedelta
from crawlers.sample.generator import Generator
started = datetime.fromisoformat(sys.argv[1])
generator = Generator(stream="social", seed=20, started=started)
found = generator.published(started - timedelta(days=2), started + timedelta(days=1), collected_at=started)
print(hashlib.sha256(repr(list(found)).encode()).hexdigest())
"""


def before(mentions: Sequence[Mention], moment: datetime) -> list[Mention]:
    return [mention for mention in mentions if mention.published_at < moment]


def calm(history: Sequence[Mention], started: datetime) -> list[Mention]:
    return before(history, started - DAY)


def own_words(mentions: Sequence[Mention]) -> list[Mention]:
    return [mention for mention in mentions if mention.parent is None]


def test_another_process_with_another_hash_seed_tells_the_same_story(started: datetime) -> None:
    generator = Generator(stream="social", seed=20, started=started)
    here = list(generator.published(started - 2 * DAY, started + DAY, collected_at=started))
    there = subprocess.run(
        [sys.executable, "-c", PRINT, started.isoformat()],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert there.stdout.strip() == hashlib.sha256(repr(here).encode()).hexdigest()


@pytest.mark.parametrize("stream", STREAMS)
def test_what_a_minute_holds_does_not_depend_on_who_asks_for_how_much(stream: str, started: datetime) -> None:
    since, until = started - timedelta(hours=11, minutes=13), started + timedelta(hours=4)
    whole = list(Generator(stream=stream, seed=3, started=started).published(since, until, collected_at=until))
    pieces: list[Mention] = []
    while since < until:
        generator = Generator(stream=stream, seed=3, started=started)
        step = min(since + timedelta(minutes=47), until)
        pieces.extend(generator.published(since, step, collected_at=until))
        since = step
    assert pieces == whole


def test_another_seed_tells_another_story(started: datetime) -> None:
    texts = [
        {m.text for m in Generator(stream="forum", seed=seed, started=started).published(
            started - DAY, started, collected_at=started
        )}
        for seed in (1, 2)
    ]  # fmt: skip
    assert not texts[0] & texts[1]


def test_it_is_about_six_thousand_mentions_in_sixty_days(history: Sequence[Mention], started: datetime) -> None:
    assert 5_500 <= len(history) <= 6_700
    assert started - 60 * DAY <= history[0].published_at < started - 59 * DAY
    assert len({mention.key for mention in history}) == len(history)


def test_each_language_and_each_place_has_its_share(history: Sequence[Mention]) -> None:
    languages = Counter(mention.language for mention in history)
    assert 0.32 <= languages["en"] / len(history) <= 0.39
    assert all(0.15 <= languages[language] / len(history) <= 0.28 for language in ("ru", "uk", "pl"))
    kinds = Counter(mention.kind for mention in history)
    assert set(kinds) == {"review", "forum", "social", "news", "store", "blog"}
    assert min(kinds.values()) >= 150


def test_nights_are_quiet_and_evenings_loud(history: Sequence[Mention], started: datetime) -> None:
    hours = Counter(m.published_at.astimezone(ZoneInfo(ZONE)).hour for m in calm(history, started))
    night, evening = sum(hours[hour] for hour in range(1, 6)), sum(hours[hour] for hour in range(18, 23))
    assert evening > 10 * night > 0
    assert max(hours, key=lambda hour: hours[hour]) in {19, 20, 21}


def test_saturdays_are_quieter_than_mondays(history: Sequence[Mention], started: datetime) -> None:
    days = Counter(m.published_at.astimezone(ZoneInfo(ZONE)).weekday() for m in calm(history, started))
    assert days[5] < 0.85 * days[0]


def test_hardly_any_text_is_repeated_but_by_reposting(history: Sequence[Mention]) -> None:
    texts = Counter(mention.text for mention in own_words(history))
    repeated = sum(count for count in texts.values() if count > 1)
    assert repeated / texts.total() < 0.05
    assert max(texts.values()) <= 6


def test_reposts_are_near_copies_by_others(history: Sequence[Mention]) -> None:
    known = {mention.key: mention for mention in history}
    copies = [mention for mention in history if mention.parent]
    assert 0.015 <= len(copies) / len(history) <= 0.06
    for copy in copies:
        assert copy.parent
        original = known.get((copy.platform, copy.parent))
        if original is None:  # published in the hours before the history begins
            continue
        assert copy.published_at > original.published_at
        assert original.text[:40] in copy.text
        assert copy.language == original.language


def test_where_queries_decide_every_text_names_the_brand(history: Sequence[Mention]) -> None:
    matcher = compile_queries(QUERIES)
    for mention in history:
        if not STREAMS[mention.platform.removeprefix("sample:")].bound:
            brands = {match.brand for match in matcher.match(mention.title, mention.text)}
            assert brands == {BRAND.name}, mention.whole_text


def test_ratings_agree_with_the_words(history: Sequence[Mention]) -> None:
    rated = [mention for mention in history if mention.rating is not None]
    assert {mention.kind for mention in rated} == {"review", "store"}
    love = [
        m.rating for m in rated if m.rating is not None and re.search(r"love|excellent|superb", m.text, re.IGNORECASE)
    ]
    hate = [
        m.rating
        for m in rated
        if m.rating is not None and re.search(r"awful|worst|useless|bad|terrible", m.text, re.IGNORECASE)
    ]
    assert len(love) > 50
    assert len(hate) > 50
    assert sum(love) / len(love) > 0.76
    assert sum(hate) / len(hate) < 0.4


def test_few_people_reach_many_and_some_come_back(history: Sequence[Mention]) -> None:
    authors = Counter(mention.author.handle for mention in history if mention.author)
    assert sum(1 for count in authors.values() if count >= 3) > 200
    assert sum(1 for count in authors.values() if count == 1) > 800
    reach = sorted(mention.reach for mention in history if mention.kind == "social" and mention.reach is not None)
    assert reach[-1] > 50 * reach[len(reach) // 2]


def test_one_handle_is_one_person(history: Sequence[Mention]) -> None:
    people: dict[tuple[str, str], set[object]] = {}
    for mention in history:
        assert mention.author
        people.setdefault((mention.platform, mention.author.handle), set()).add(mention.author)
    assert all(len(found) == 1 for found in people.values())


def test_places_products_and_regions_are_filled_in_often(history: Sequence[Mention]) -> None:
    assert sum(1 for mention in history if mention.product) > 0.5 * len(history)
    assert sum(1 for mention in history if mention.place) > 0.25 * len(history)
    assert all(bool(mention.place) == bool(mention.region) for mention in history)


def test_every_address_is_an_example(history: Sequence[Mention]) -> None:
    for mention in history:
        addresses = [mention.url, mention.author.url if mention.author else None]
        assert all(re.match(r"https://[a-z]+\.example/", address) for address in addresses if address)
        assert not re.search(r"https?://|www\.|\.(com|net|org|ru|ua|pl)\b", mention.whole_text)


def test_no_hole_of_a_template_is_left_open(history: Sequence[Mention]) -> None:
    for mention in history:
        assert mention.text
        assert not re.search(r"[{}<>|]|  | [.,!?](?:\s|$)", mention.whole_text), mention.whole_text


def test_after_the_start_a_trickle_goes_on_and_the_crisis_fades(started: datetime) -> None:
    later = started + 2 * DAY
    per_hour = Counter(
        int((mention.published_at - started) / timedelta(hours=1))
        for name in STREAMS
        for mention in Generator(stream=name, seed=SEED, started=started).published(started, later, collected_at=later)
    )
    first, second_day = [sum(per_hour[hour] for hour in hours) for hours in (range(3), range(24, 48))]
    assert first / 3 > 20
    assert 3 < second_day / 24 < 15
    assert all(per_hour[hour] for hour in range(12))


@pytest.mark.parametrize("offset", [0, 5, 11, 17, 23])
def test_the_crisis_comes_at_whatever_hour_the_start_is(started: datetime, offset: int) -> None:
    start = started + timedelta(hours=offset)
    counts = [
        sum(
            1
            for name in ("social", "reviews")
            for _ in Generator(stream=name, seed=SEED, started=start).published(
                start - timedelta(hours=end + 5), start - timedelta(hours=end), collected_at=start
            )
        )
        for end in (0, 10)
    ]
    assert counts[0] > 100
    assert counts[0] > 3 * counts[1]


def test_the_whole_history_takes_less_than_three_seconds_of_cpu(telling: Any) -> None:
    assert telling.cpu < 3
