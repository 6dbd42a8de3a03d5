from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channel import DeliveryError
from alerts.delivery import MAX_AGE, Delivery, backoff, fail, is_too_old, revive, succeed

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)


def delivery(attempts: int = 1) -> Delivery:
    return Delivery(
        id="e",
        incident_id="i",
        channel="c",
        revision=1,
        state="sending",
        attempts=attempts,
        created_at=NOW,
        next_at=NOW,
    )


@given(attempts=st.integers(0, 10_000), seed=st.integers())
def test_law_the_wait_stays_between_half_and_all_of_the_doubled_ceiling(attempts: int, seed: int) -> None:
    wait = backoff(attempts, retry_after=None, chance=chance(seed))
    ceiling = min(900.0, 5 * 2.0 ** (min(max(attempts, 1), 20) - 1))
    assert ceiling / 2 <= wait.total_seconds() <= ceiling


@given(attempts=st.integers(1, 50), asked=st.integers(0, 100_000), seed=st.integers())
def test_law_the_wait_is_never_shorter_than_the_service_asked(attempts: int, asked: int, seed: int) -> None:
    wish = timedelta(seconds=asked)
    assert backoff(attempts, retry_after=wish, chance=chance(seed)) >= wish


def test_a_temporary_failure_waits_and_keeps_its_event_id() -> None:
    failed = fail(delivery(3), DeliveryError("busy", permanent=False), now=NOW, chance=chance())
    assert (failed.state, failed.last_error, failed.id) == ("pending", "busy", "e")
    assert timedelta(seconds=10) <= failed.next_at - NOW <= timedelta(seconds=20)


def test_a_permanent_failure_is_a_dead_letter() -> None:
    failed = fail(delivery(), DeliveryError("no_service", permanent=True), now=NOW, chance=chance())
    assert (failed.state, failed.last_error) == ("dead", "no_service")


@pytest.mark.parametrize(("asked", "state"), [(timedelta(hours=5), "pending"), (timedelta(hours=7), "dead")])
def test_a_wish_beyond_the_maximum_age_is_a_dead_letter_at_once(asked: timedelta, state: str) -> None:
    error = DeliveryError("busy", permanent=False, retry_after=asked)
    assert fail(delivery(), error, now=NOW, chance=chance()).state == state


def test_age_is_counted_from_the_first_day() -> None:
    assert not is_too_old(delivery(), now=NOW + MAX_AGE)
    assert is_too_old(delivery(), now=NOW + MAX_AGE + timedelta(seconds=1))


def test_success_forgets_the_last_error() -> None:
    failed = fail(delivery(), DeliveryError("busy", permanent=False), now=NOW, chance=chance())
    sent = succeed(failed, now=NOW)
    assert (sent.state, sent.sent_at, sent.last_error) == ("sent", NOW, None)


def test_only_a_dead_letter_can_be_revived() -> None:
    dead = fail(delivery(9), DeliveryError("gone", permanent=True), now=NOW, chance=chance())
    later = NOW + timedelta(days=2)
    again = revive(dead, now=later)
    assert (again.state, again.attempts, again.next_at, again.id) == ("pending", 9, later, "e")
    assert not is_too_old(again, now=later)
    assert revive(again, now=later) is again
