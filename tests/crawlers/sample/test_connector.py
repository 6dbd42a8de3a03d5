from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config.error import ConfigError
from config.settings import SourceSpec
from crawlers import registry
from crawlers.connector import Batch, Cursor, Limits, PermanentError, Tools, Window
from crawlers.connectors.sample import Sample, SampleSettings
from crawlers.mention import Mention

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MakeTools = Callable[..., Tools]


@pytest.fixture
def visit(make_tools: MakeTools, started: datetime) -> Callable[..., list[Batch]]:
    """Visit a stream once; the cursor travels through JSON as it does in the database."""

    def go(
        stream: str, at: datetime, cursor: Cursor | None = None, *, limits: Limits | None = None, **window: Any
    ) -> list[Batch]:
        options = SampleSettings(stream=stream, seed=20, started=started)
        connector = Sample(options, make_tools(now=at, kind="social"))
        known = None if cursor is None else json.loads(json.dumps(cursor))
        return list(connector.fetch(known, Window(since=window.get("since"), until=at), limits or Limits()))

    return go


def items(batches: Sequence[Batch]) -> list[Mention]:
    return [item for batch in batches for item in batch.items]


def identities(batches: Sequence[Batch]) -> list[str]:
    return [item.external_id for item in items(batches)]


def test_the_first_visit_brings_history_as_backfill_and_then_the_last_day(
    visit: Callable[..., list[Batch]], started: datetime
) -> None:
    batches = visit("social", started)
    flags = [batch.backfill for batch in batches]
    assert flags == sorted(flags, reverse=True)
    for batch in batches:
        for item in batch.items:
            assert (item.published_at < started - DAY) is batch.backfill
    assert len(items(batches)) > 2_000
    assert all(len(batch.items) <= 500 for batch in batches)


def test_coverage_has_no_seam_and_holds_every_item(visit: Callable[..., list[Batch]], started: datetime) -> None:
    batches = visit("reviews", started)
    assert batches[0].covered_from == started - 60 * DAY
    assert batches[-1].covered_to == started
    for batch, following in pairwise(batches):
        assert batch.covered_to == following.covered_from
    for batch in batches:
        assert batch.covered_from is not None
        assert batch.covered_to is not None
        assert all(batch.covered_from <= item.published_at < batch.covered_to for item in batch.items)


def test_the_forum_was_not_read_for_a_day_three_weeks_ago(visit: Callable[..., list[Batch]], started: datetime) -> None:
    batches = visit("forum", started)
    seams = [
        (one.covered_to, other.covered_from) for one, other in pairwise(batches) if one.covered_to != other.covered_from
    ]
    ((begin, end),) = seams
    assert begin is not None
    assert end is not None
    assert end - begin == DAY
    assert 20 * DAY < started - begin < 22 * DAY
    assert not [item for item in items(batches) if begin <= item.published_at < end]


def test_later_visits_bring_what_is_new_and_read_the_overlap_unchanged(
    visit: Callable[..., list[Batch]], started: datetime
) -> None:
    first = visit("social", started, since=started - DAY)
    known = {item.key: item.text for item in items(first)}
    second = visit("social", started + 20 * MINUTE, first[-1].cursor)
    again = [item for item in items(second) if item.key in known]
    new = [item for item in items(second) if item.key not in known]
    assert again
    assert new
    assert all(item.text == known[item.key] for item in again)
    assert all(item.published_at >= started for item in new)
    assert not any(batch.backfill for batch in second)


def test_frequent_visits_bring_the_same_as_a_single_one(visit: Callable[..., list[Batch]], started: datetime) -> None:
    cursor = visit("social", started, since=started - DAY)[-1].cursor
    begun, found = cursor, set()
    for step in range(1, 61):
        batches = visit("social", started + step * MINUTE, cursor)
        cursor = batches[-1].cursor
        found.update(identities(batches))
    assert found == set(identities(visit("social", started + 60 * MINUTE, begun)))


def test_a_visit_with_nothing_new_still_says_what_it_covered(
    visit: Callable[..., list[Batch]], started: datetime
) -> None:
    late = started + 3 * DAY
    cursor = visit("news", late)[-1].cursor
    (batch,) = visit("news", late + timedelta(seconds=30), cursor)
    assert batch.items == ()
    assert batch.covered_to == late + timedelta(seconds=30)
    assert batch.cursor is not None


def test_a_long_silence_is_caught_up_as_backfill_but_for_its_last_day(
    visit: Callable[..., list[Batch]], started: datetime
) -> None:
    cursor = visit("social", started, since=started - DAY)[-1].cursor
    batches = visit("social", started + 4 * DAY, cursor)
    assert next(batch.backfill for batch in batches if batch.items)
    assert not batches[-1].backfill
    assert batches[-1].covered_from == started + 3 * DAY


@pytest.mark.parametrize("limit", [1, 7, 400])
def test_small_limits_are_obeyed_and_in_the_end_everything_arrives(
    visit: Callable[..., list[Batch]], started: datetime, limit: int
) -> None:
    limits = Limits(max_items=limit, batch_size=300)
    since = started - timedelta(hours=5)
    wanted = identities(visit("social", started, since=since))
    cursor, found = None, []
    for _ in range(len(wanted) // limit + 2):
        batches = visit("social", started, cursor, limits=limits, since=since)
        assert len(items(batches)) <= limit
        found.extend(identities(batches))
        cursor = batches[-1].cursor if batches else cursor
    assert list(dict.fromkeys(found)) == wanted
    assert cursor is not None
    assert cursor["until"] == started.isoformat()


def test_the_cursor_never_goes_back(visit: Callable[..., list[Batch]], started: datetime) -> None:
    cursor = visit("social", started, since=started - DAY)[-1].cursor
    assert cursor is not None
    for batch in visit("social", started + MINUTE, cursor, limits=Limits(max_items=2, batch_size=1)):
        assert batch.cursor is not None
        assert batch.cursor["until"] >= cursor["until"]


def test_a_clock_that_went_back_brings_nothing(visit: Callable[..., list[Batch]], started: datetime) -> None:
    cursor = visit("social", started, since=started - DAY)[-1].cursor
    assert visit("social", started - DAY, cursor) == []


def test_nothing_is_published_ahead_of_the_clock(make_tools: MakeTools, started: datetime) -> None:
    connector = Sample(SampleSettings(stream="social", started=started), make_tools(now=started))
    batches = list(connector.fetch(None, Window(since=started - DAY, until=started + DAY), Limits()))
    assert max(item.published_at for item in items(batches)) < started
    assert {item.collected_at for item in items(batches)} == {started}


@pytest.mark.parametrize("cursor", [{}, {"version": 2, "until": "2026-03-10T12:00:00+00:00", "unfinished": False}])
def test_a_foreign_cursor_is_refused_with_the_sources_name(
    visit: Callable[..., list[Batch]], started: datetime, cursor: Cursor
) -> None:
    with pytest.raises(PermanentError, match="a source: its cursor"):
        visit("social", started, cursor)


def test_the_kind_is_the_sources_own(visit: Callable[..., list[Batch]], started: datetime) -> None:
    assert {item.kind for item in items(visit("reviews", started, since=started - DAY))} == {"social"}


def test_its_options_are_checked(make_tools: MakeTools, fixtures: Path) -> None:
    fixture = json.loads((fixtures / "sample.json").read_text(encoding="utf-8"))
    spec = SourceSpec(name="a", type="sample", options=fixture["options"])
    assert isinstance(registry.build(spec, make_tools()), Sample)
    for case in fixture["refused"]:
        with pytest.raises(ConfigError) as caught:
            registry.check(SourceSpec(name="a", type="sample", options=case["options"]))
        assert [problem.key for problem in caught.value.problems] == [f"sources.a.options.{case['key']}"]
