from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.channel import DeliveryError
from alerts.decision import Decision, start
from alerts.delivery import LEASE, MAX_AGE
from alerts.incident import Evidence
from alerts.reason import Reason
from config.principal import NotAllowedError, Principal
from storage import incidents, outbox, sources
from storage.incidents import UnknownIncidentError
from storage.schema import delivery_attempt

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OLENA = Principal(name="olena", role="support")
BUSY = DeliveryError("503", permanent=False)
CHANCE = random.Random(1)


@pytest.fixture
def told(db, shelf, now):
    """An incident that two channels are told of."""
    new = start(
        Decision(kind="open", severity="high", reason=Reason(code="bound_reached")),
        id="id-1",
        group_key="g",
        cause="negatives",
        brand="Lumo",
        subject="Lumo",
        evidence=Evidence(since=now - 60 * MINUTE, until=now, voices=12),
        now=now,
    )
    with db.write() as conn:
        incidents.add(conn, new, brand_id=shelf.brands["Lumo"])
        incidents.notify(conn, new, "opened", ["slack"], now=now)
    return new


def tell_more(db, told, kind, *, revision, now, channels=("slack",)):
    with db.write() as conn:
        incidents.notify(conn, replace(told, revision=revision), kind, channels, now=now)


def claim(db, now, *, owner="o", **more):
    return outbox.claim(db, owner=owner, now=now, **more)


def log(db, told):
    return outbox.deliveries(db, told.id, by=OLENA)


def attempts(db):
    with db.read() as conn:
        rows = conn.execute(select(delivery_attempt).order_by(delivery_attempt.c.attempt))
        return [(row.attempt, row.outcome, row.error) for row in rows]


def test_a_notification_is_claimed_sent_and_done(db, told, now):
    (claimed,) = claim(db, now)
    assert (claimed.kind, claimed.incident) == ("opened", told)
    assert (claimed.delivery.channel, claimed.delivery.state, claimed.delivery.attempts) == ("slack", "sending", 1)
    assert claim(db, now + SECOND) == ()
    outbox.record_sent(db, claimed, now=now + SECOND)
    (row,) = log(db, told)
    assert (row.state, row.attempts, row.sent_at, row.last_error) == ("sent", 1, now + SECOND, None)
    assert attempts(db) == [(1, "sent", None)]
    assert claim(db, now + 10 * LEASE) == ()


def test_a_refused_notification_waits_longer_each_time(db, told, now):
    waits = []
    for _ in range(4):
        (claimed,) = claim(db, now)
        after = outbox.record_failure(db, claimed, BUSY, now=now, chance=CHANCE)
        waits.append(after.next_at - now)
        assert claim(db, after.next_at - SECOND / 10) == ()
        now = after.next_at
    (row,) = log(db, told)
    assert (row.state, row.attempts, row.last_error) == ("pending", 4, "503")
    for wait, ceiling in zip(waits, (5, 10, 20, 40), strict=True):
        assert ceiling / 2 * SECOND <= wait <= ceiling * SECOND
    assert [outcome for _, outcome, _ in attempts(db)] == ["failed"] * 4


@pytest.mark.usefixtures("told")
def test_the_wish_of_the_service_is_obeyed(db, now):
    (claimed,) = claim(db, now)
    slow = DeliveryError("429", permanent=False, retry_after=7 * MINUTE)
    outbox.record_failure(db, claimed, slow, now=now, chance=CHANCE)
    assert claim(db, now + 7 * MINUTE - SECOND) == ()
    assert len(claim(db, now + 7 * MINUTE)) == 1


def test_a_lease_that_ended_sends_again_with_the_same_event_id(db, told, now):
    (first,) = claim(db, now)
    assert claim(db, now + LEASE - SECOND) == ()
    (second,) = claim(db, now + LEASE, owner="p")
    assert second.delivery.id == first.delivery.id
    assert (second.delivery.attempts, second.incident) == (2, told)


@pytest.mark.usefixtures("told")
def test_the_leases_of_a_dead_worker_are_taken_over_at_once(db, now):
    (first,) = claim(db, now, owner="dead")
    assert sources.release_leases(db, is_alive=lambda owner: owner != "dead") == 1
    (second,) = claim(db, now + SECOND)
    assert (second.delivery.id, second.delivery.attempts) == (first.delivery.id, 2)


def test_a_late_refusal_leaves_a_delivery_to_who_took_it_over(db, told, now):
    (first,) = claim(db, now)
    (second,) = claim(db, now + LEASE, owner="p")
    outbox.record_failure(db, first, DeliveryError("404", permanent=True), now=now + LEASE, chance=CHANCE)
    assert [row.state for row in log(db, told)] == ["sending"]
    assert claim(db, now + LEASE + SECOND) == ()
    outbox.record_sent(db, second, now=now + LEASE)
    assert attempts(db) == [(1, "dead", "404"), (2, "sent", None)]


def test_what_arrived_has_arrived_whoever_else_failed_with_it(db, told, now):
    (first,) = claim(db, now)
    (second,) = claim(db, now + LEASE, owner="p")
    outbox.record_sent(db, first, now=now + LEASE)
    outbox.record_failure(db, second, BUSY, now=now + LEASE, chance=CHANCE)
    (row,) = log(db, told)
    assert (row.state, row.attempts) == ("sent", 2)
    assert claim(db, now + 10 * LEASE) == ()


def test_a_channel_hears_of_an_incident_in_order(db, told, now):
    tell_more(db, told, "escalated", revision=2, now=now, channels=("slack", "email"))
    slack, email = sorted(claim(db, now), key=lambda one: one.delivery.channel, reverse=True)
    assert (slack.kind, email.kind) == ("opened", "escalated")
    after = outbox.record_failure(db, slack, BUSY, now=now, chance=CHANCE)
    outbox.record_sent(db, email, now=now)
    assert claim(db, after.next_at - SECOND / 10) == ()
    (again,) = claim(db, after.next_at)
    assert again.kind == "opened"
    outbox.record_sent(db, again, now=after.next_at)
    (later,) = claim(db, after.next_at)
    assert (later.kind, later.delivery.channel) == ("escalated", "slack")


def test_a_permanent_refusal_is_a_dead_letter_and_lets_the_next_pass(db, told, now):
    tell_more(db, told, "resolved", revision=2, now=now)
    (claimed,) = claim(db, now)
    after = outbox.record_failure(db, claimed, DeliveryError("404", permanent=True), now=now, chance=CHANCE)
    assert after.state == "dead"
    assert [(row.state, row.last_error) for row in log(db, told)] == [("dead", "404"), ("pending", None)]
    assert attempts(db) == [(1, "dead", "404")]
    (later,) = claim(db, now)
    assert later.kind == "resolved"


def test_what_waited_for_too_long_is_a_dead_letter(db, told, now):
    assert claim(db, now + MAX_AGE + SECOND) == ()
    (row,) = log(db, told)
    assert (row.state, row.attempts, row.last_error) == ("dead", 0, "it waited for too long")


def test_a_dead_letter_keeps_the_reason_it_had(db, told, now):
    (claimed,) = claim(db, now)
    outbox.record_failure(db, claimed, BUSY, now=now, chance=CHANCE)
    claim(db, now + MAX_AGE + SECOND)
    assert [(row.state, row.last_error) for row in log(db, told)] == [("dead", "503")]


def test_a_person_tries_a_dead_letter_again(db, told, now):
    (first,) = claim(db, now)
    outbox.record_failure(db, first, DeliveryError("404", permanent=True), now=now, chance=CHANCE)
    later = now + 2 * MAX_AGE
    outbox.retry(db, first.delivery.id, by=OLENA, now=later)
    (second,) = claim(db, later)
    assert (second.delivery.id, second.delivery.attempts) == (first.delivery.id, 2)
    (line,) = incidents.log(db, told.id, by=OLENA)
    assert (line.actor, line.action, line.note) == ("olena", "retried", "slack")


def test_what_is_on_its_way_is_not_disturbed_by_a_late_click(db, told, now):
    (claimed,) = claim(db, now)
    outbox.retry(db, claimed.delivery.id, by=OLENA, now=now)
    assert claim(db, now + SECOND) == ()
    outbox.record_sent(db, claimed, now=now)
    outbox.retry(db, claimed.delivery.id, by=OLENA, now=now)
    assert [row.state for row in log(db, told)] == ["sent"]
    assert incidents.log(db, told.id, by=OLENA) == ()


def test_trying_again_needs_the_role_and_the_brand(db, told, now):
    (row,) = log(db, told)
    with pytest.raises(NotAllowedError):
        outbox.retry(db, row.id, by=Principal(name="vera", role="analyst"), now=now)
    stranger = Principal(name="ivan", role="support", brands=frozenset({"Vesna"}))
    with pytest.raises(UnknownIncidentError):
        outbox.retry(db, row.id, by=stranger, now=now)
    with pytest.raises(UnknownIncidentError):
        outbox.retry(db, "nothing", by=OLENA, now=now)
    with pytest.raises(UnknownIncidentError):
        outbox.deliveries(db, told.id, by=stranger)


def test_workers_never_share_a_delivery(db, told, now):
    tell_more(db, told, "escalated", revision=1, now=now, channels=[f"channel {n}" for n in range(30)])

    def work(n):
        mine = []
        while taken := claim(db, now, owner=f"worker {n}", limit=4):
            mine += [one.delivery.id for one in taken]
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [one for mine in pool.map(work, range(4)) for one in mine]
    assert len(taken) == len(set(taken)) == 31


def test_no_more_is_taken_than_asked_for_oldest_first(db, told, now):
    tell_more(db, told, "escalated", revision=1, now=now - MINUTE, channels=["a", "b"])
    assert [one.delivery.channel for one in claim(db, now, limit=2)] == ["a", "b"]
    assert [one.delivery.channel for one in claim(db, now, limit=2)] == ["slack"]
