"""A feed, the real monitor, a database, a Slack and a mail server: one bad day of a shop, from post to pager."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from config.principal import SYSTEM
from storage import incidents, outbox, rollups
from storage.migration import is_current
from storage.schema import mention, mention_brand, mention_key, source_state

if TYPE_CHECKING:
    from conftest import World

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

CALM = ("Shopsy delivered on time, thank you", "Shopsy opens a new shop on Monday", "Ordered a lamp at Shopsy")
ANGRY = (
    "Shopsy lost my parcel and nobody answers. Terrible service!",
    "Awful experience with Shopsy, the worst support ever",
    "Shopsy is a horrible scam, I am furious",
    "I hate Shopsy: broken goods, rude staff, no refund",
)


def test_a_wave_of_complaints_reaches_slack_and_mail_once(world: World, wait_for):
    _publish_history(world)
    world.monitor.start()
    wait_for(lambda: _stored(world) == len(world.feed.posts), "the history to be stored")
    assert world.slack.messages == []

    _publish_wave(world, 12)
    wait_for(lambda: world.slack.messages and world.mailbox.letters, "both channels to be told")
    wait_for(lambda: _stored(world) == len(world.feed.posts), "the wave to be stored")
    (found,) = incidents.list_incidents(world.monitor.db, by=SYSTEM)
    wait_for(lambda: _all_sent(world, found.id), "the deliveries to be recorded")

    assert found.brand == "Shopsy"
    assert found.state == "open"
    assert found.evidence.told_voices >= 8
    assert all("Shopsy" in quote.text for quote in found.evidence.quotes)
    (letter,) = world.mailbox.letters
    assert found.id in letter["Message-ID"]
    assert len(world.slack.event_ids()) == 1
    assert letter["X-Groundswell-Event"] != world.slack.event_ids()[0]  # one event id for each channel's copy
    assert rollups.verify(world.monitor.db) == []
    assert world.monitor.stop() == 0
    assert "monitor.stopped" in world.monitor.log()


def test_killed_while_slack_was_being_told_it_tells_again_with_the_same_event_id(world: World, wait_for):
    _publish_history(world)
    world.slack.before_answer = world.monitor.kill
    world.monitor.start()
    wait_for(lambda: _stored(world) == len(world.feed.posts), "the history to be stored")
    _publish_wave(world, 12)
    wait_for(lambda: world.slack.messages, "the first message")
    wait_for(lambda: world.monitor.process is None, "the kill")

    world.slack.before_answer = lambda: None
    world.monitor.start()
    wait_for(lambda: len(world.slack.messages) >= 2 and world.mailbox.letters, "the second message")
    (found,) = incidents.list_incidents(world.monitor.db, by=SYSTEM)
    wait_for(lambda: _all_sent(world, found.id), "the deliveries to be recorded")
    assert len(set(world.slack.event_ids())) == 1
    assert len(world.slack.messages) == 2
    _nothing_lost_nothing_twice(world)


def test_killed_at_ten_random_moments_nothing_is_lost_and_nothing_stored_twice(world: World, wait_for):
    chance = random.Random(20260310)
    _publish_history(world)
    for moment in range(10):
        world.monitor.start()
        _publish_wave(world, 4)
        if moment % 2:  # half of the kills come while it works, half while it starts
            wait_for(world.monitor.is_started, "the monitor's start")
        time.sleep(chance.uniform(0.1, 4.0))  # the moment of the kill, in the life of a real process
        world.monitor.kill()
        assert _readable(world), f"the database is broken after kill {moment}"
    world.monitor.start()
    wait_for(world.monitor.is_started, "the monitor's start")
    wait_for(lambda: _stored(world) == len(world.feed.posts), "everything to be stored")
    wait_for(lambda: world.slack.messages and world.mailbox.letters, "both channels to be told")
    found = incidents.list_incidents(world.monitor.db, by=SYSTEM)
    wait_for(lambda: all(_all_sent(world, one.id) for one in found), "the deliveries to be recorded")
    _nothing_lost_nothing_twice(world)
    assert world.monitor.stop() == 0

    told = {(row.id, row.channel) for one in found for row in _deliveries(world, one.id)}
    assert set(world.slack.event_ids()) == {event for event, channel in told if channel == "on-call"}
    letters = {letter["X-Groundswell-Event"] for letter in world.mailbox.letters}
    assert letters == {event for event, channel in told if channel == "mail"}


def _publish_history(world: World) -> None:
    began = datetime.now(UTC) - timedelta(days=3)
    for hour in range(24):
        text = CALM[hour % len(CALM)]
        world.feed.publish(f"calm{hour}", f"{text} ({hour})", at=began + timedelta(hours=hour))


def _publish_wave(world: World, n: int) -> None:
    for _ in range(n):
        number = len(world.feed.posts)
        world.feed.publish(f"angry{number}", f"{ANGRY[number % len(ANGRY)]} (order {number})")


def _readable(world: World) -> bool:
    db = world.monitor.db
    if not is_current(db):
        return True
    with db.read() as conn:
        return conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def _stored(world: World) -> int:
    db = world.monitor.db
    if not is_current(db):
        return 0
    with db.read() as conn:
        return conn.execute(select(func.count()).select_from(mention)).scalar_one()


def _deliveries(world: World, incident_id: str) -> tuple[outbox.DeliveryRow, ...]:
    return outbox.deliveries(world.monitor.db, incident_id, by=SYSTEM)


def _all_sent(world: World, incident_id: str) -> bool:
    rows = _deliveries(world, incident_id)
    return bool(rows) and all(row.state == "sent" for row in rows)


def _nothing_lost_nothing_twice(world: World) -> None:
    posts = {key for key, *_ in world.feed.posts}
    with world.monitor.db.read() as conn:
        stored = conn.execute(select(mention.c.external_id)).scalars().all()
        keys = conn.execute(select(mention_key.c.external_id)).scalars().all()
        concerned = conn.execute(select(func.count()).select_from(mention_brand)).scalar_one()
        collected = conn.execute(select(source_state.c.collected)).scalar_one()
    assert len(stored) == len(keys) == concerned == collected == len(posts)
    assert len(set(stored)) == len(stored)
    assert rollups.verify(world.monitor.db) == []
    open_ones = [one for one in incidents.list_incidents(world.monitor.db, by=SYSTEM) if one.is_standing]
    assert len({one.group_key for one in open_ones}) == len(open_ones)
