from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import duration
from config.settings import Rule, SourceSpec


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("1h30m", timedelta(minutes=90)),
        (" 2 H ", timedelta(hours=2)),
        ("PT15M", timedelta(minutes=15)),
        ("P1DT2H", timedelta(hours=26)),
        ("90", timedelta(seconds=90)),
        (90, timedelta(seconds=90)),
        (0.5, timedelta(seconds=0.5)),
    ],
)
def test_durations_are_read_as_people_write_them(written: object, meant: timedelta) -> None:
    assert duration.read(written) == meant


@pytest.mark.parametrize(
    "written", ["", "fifteen", "15x", "m15", "P15M", "P", "PT", True, None, [], "-5m", "9" * 30 + "d"]
)
def test_what_is_no_duration_is_refused_with_what_is_allowed(written: object) -> None:
    with pytest.raises(ValueError, match="allowed: 30s, 15m"):
        duration.read(written)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9999)))
def test_a_duration_that_was_written_reads_the_same(value: timedelta) -> None:
    whole = timedelta(seconds=int(value.total_seconds()))
    assert duration.read(duration.write(whole)) == whole


def test_a_declared_item_survives_a_journey_through_json() -> None:
    source = SourceSpec(name="feed", type="rss", every=timedelta(minutes=90))
    assert source.model_dump(mode="json")["every"] == "1h30m"
    assert SourceSpec.model_validate_json(source.model_dump_json()) == source


def test_bounds_hold_for_durations_too() -> None:
    with pytest.raises(ValueError, match="greater than or equal"):
        Rule(name="rule", window=timedelta(minutes=5))
