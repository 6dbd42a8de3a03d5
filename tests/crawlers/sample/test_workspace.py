from __future__ import annotations

from datetime import datetime

import pytest

from alerts import registry as channels
from crawlers import registry as connectors
from crawlers.sample.workspace import BRAND, declare


def test_everything_it_declares_is_understood_by_its_plugins(started: datetime) -> None:
    declaration = declare(started)
    for spec in declaration.sources:
        connectors.check(spec)
    for channel in declaration.channels:
        channels.check(channel.type, channel.options)


def test_what_it_names_it_also_declares(started: datetime) -> None:
    declaration = declare(started)
    assert {query.brand for query in declaration.queries} == {BRAND.name}
    assert {rule.brand for rule in declaration.rules} == {BRAND.name}
    assert {name for rule in declaration.rules for name in rule.channels} == {c.name for c in declaration.channels}


def test_its_sources_are_of_different_kinds_and_visited_often(started: datetime) -> None:
    sources = declare(started).sources
    assert {source.kind for source in sources} == {"review", "forum", "social", "news", "store", "blog"}
    assert all(20 <= source.every.total_seconds() <= 60 for source in sources)


def test_the_start_must_be_in_utc(started: datetime) -> None:
    with pytest.raises(ValueError, match="started must be an aware datetime in UTC"):
        declare(started.replace(tzinfo=None))
