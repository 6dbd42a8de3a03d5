from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.channel import DeliveryError
from config.principal import SYSTEM
from config.settings import ChannelSpec, Declaration, Rule, Settings
from crawlers.report import Report
from groundswell import alerting
from storage import declared, incidents, outbox, sources
from storage.visits import Tally


@pytest.fixture
def house(house, now):
    channels = (ChannelSpec(name="log", type="log"), ChannelSpec(name="second", type="log"))
    declared.save(house.db, Declaration(channels=channels), by=SYSTEM, now=now)
    return house


@pytest.fixture
def silent(house, now):
    """Two sources that were declared and never read."""
    later = now + timedelta(hours=2)
    there = replace(house, clock=lambda: later)
    alerting.judge_sources(there, declared.catalogue(house.db), watched_since=now)
    return there


def _postman(house):
    return alerting.Postman(house=house, owner="me", chance=random.Random(1))


def test_a_rule_without_a_brand_watches_every_brand_and_tells_every_channel(house):
    watches = alerting.watches(declared.catalogue(house.db), invented=False)
    assert [(watch.brand, watch.channels) for watch in watches] == [
        ("Other", ("log", "second")),
        ("Shopsy", ("log", "second")),
    ]


def test_a_rule_with_a_brand_and_a_channel_keeps_to_them(house, now):
    rule = Rule(name="wave", brand="Shopsy", channels=("second",))
    declared.save(house.db, Declaration(rules=(rule,)), by=SYSTEM, now=now)
    (watch,) = alerting.watches(declared.catalogue(house.db), invented=True)
    assert (watch.brand, watch.channels, watch.invented) == ("Shopsy", ("second",), True)


def test_a_silent_source_raises_its_own_incident_and_its_return_ends_it(house, silent):
    found = incidents.list_incidents(house.db, by=SYSTEM)
    assert {one.subject for one in found} == {"forum", "own"}
    assert {one.cause for one in found} == {"source"}
    forum = next(one for one in declared.catalogue(house.db).sources if one.item.name == "forum")
    visit = sources.begin(house.db, forum.id, owner="me", now=silent.clock())
    sources.succeed(house.db, visit, now=silent.clock() + timedelta(minutes=1))
    after = replace(silent, clock=lambda: silent.clock() + timedelta(minutes=2))
    alerting.judge_sources(after, declared.catalogue(house.db), watched_since=silent.clock())
    states = {one.subject: one.state for one in incidents.list_incidents(house.db, by=SYSTEM)}
    assert states == {"forum": "resolved", "own": "open"}


def test_a_source_that_is_outside_of_its_hours_is_not_silent(house, now):
    for source in declared.catalogue(house.db).sources:
        visit = sources.begin(house.db, source.id, owner="me", now=now)
        wait = timedelta(hours=8) if source.item.name == "forum" else None
        sources.succeed(house.db, visit, now=now, retry_after=wait)
    there = replace(house, clock=lambda: now + timedelta(hours=8))
    alerting.judge_sources(there, declared.catalogue(house.db), watched_since=now)
    assert [one.subject for one in incidents.list_incidents(house.db, by=SYSTEM)] == ["own"]


def test_a_source_that_was_just_switched_on_again_is_not_silent_yet(house, now):
    declared.set_enabled(house.db, "source", "forum", False, by=SYSTEM, now=now)
    later = now + timedelta(days=30)
    declared.set_enabled(house.db, "source", "forum", True, by=SYSTEM, now=later)
    there = replace(house, clock=lambda: later + timedelta(minutes=1))
    alerting.judge_sources(there, declared.catalogue(house.db), watched_since=now)
    assert [one.subject for one in incidents.list_incidents(house.db, by=SYSTEM)] == ["own"]


def test_a_source_whose_site_changed_raises_an_incident_until_it_is_switched_off(house, now):
    forum = next(one for one in declared.catalogue(house.db).sources if one.item.name == "forum")
    for n in range(20):
        at = now + n * timedelta(hours=1)
        visit = sources.begin(house.db, forum.id, owner="me", now=at)
        report = Report(pages=1, items=20, fields={"date": 20 if n < 18 else 0})
        sources.succeed(house.db, visit, now=at, tally=Tally(report=report))
    there = replace(house, clock=lambda: now + timedelta(hours=20))
    alerting.judge_yields(there, declared.catalogue(house.db))
    (found,) = incidents.list_incidents(house.db, by=SYSTEM)
    assert (found.subject, found.cause, found.reason.about) == ("forum", "yield", "date")
    assert _postman(there).claim(10)
    declared.set_enabled(house.db, "source", "forum", False, by=SYSTEM, now=there.clock())
    alerting.judge_yields(there, declared.catalogue(house.db))
    (found,) = incidents.list_incidents(house.db, by=SYSTEM)
    assert (found.state, found.reason.code) == ("resolved", "source_disabled")


def test_each_channel_is_told_once_and_the_delivery_is_recorded(house, silent):
    postman, catalogue = _postman(silent), declared.catalogue(house.db)
    claimed = postman.claim(10)
    assert len(claimed) == 4
    assert all(postman.deliver(one, catalogue) for one in claimed)
    assert postman.claim(10) == ()
    lines = [json.loads(line) for line in silent.notification_log.read_text().splitlines()]
    assert {line["event_id"] for line in lines} == {one.delivery.id for one in claimed}
    assert lines[0]["link"].startswith("http://127.0.0.1:8420/incidents?incident=")


def test_a_channel_that_was_removed_makes_a_dead_letter_that_says_so(house, silent, now):
    declared.set_enabled(house.db, "channel", "second", False, by=SYSTEM, now=now)
    postman, catalogue = _postman(silent), declared.catalogue(house.db)
    gone = next(one for one in postman.claim(10) if one.delivery.channel == "second")
    assert not postman.deliver(gone, catalogue)
    rows = outbox.deliveries(house.db, gone.incident.id, by=SYSTEM)
    dead = next(row for row in rows if row.channel == "second")
    assert dead.state == "dead"
    assert "removed or switched off" in dead.last_error


class Broken:
    """A channel with a bug, then one that is busy."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, _message) -> None:
        raise self.error


@pytest.mark.parametrize("error", [ZeroDivisionError("bug"), DeliveryError("busy", permanent=False)])
def test_a_channel_that_breaks_is_tried_again_later_and_stops_nobody(house, silent, error):
    postman, catalogue = _postman(silent), declared.catalogue(house.db)
    postman.kept["second"] = alerting.Kept(type="log", options={}, channel=Broken(error))
    results = {(one.delivery.channel, postman.deliver(one, catalogue)) for one in postman.claim(10)}
    assert results == {("log", True), ("second", False)}
    (one, *_) = incidents.list_incidents(house.db, by=SYSTEM)
    waiting = next(row for row in outbox.deliveries(house.db, one.id, by=SYSTEM) if row.channel == "second")
    assert waiting.state == "pending"
    assert waiting.next_at > silent.clock()


def test_what_breaks_is_told_without_the_values_it_held(house, silent):
    postman, catalogue = _postman(silent), declared.catalogue(house.db)
    error = UnicodeEncodeError("ascii", "open sesame ä", 12, 13, "ordinal not in range(128)")
    postman.kept["second"] = alerting.Kept(type="log", options={}, channel=Broken(error))
    broken = next(one for one in postman.claim(10) if one.delivery.channel == "second")
    assert not postman.deliver(broken, catalogue)
    row = next(row for row in outbox.deliveries(house.db, broken.incident.id, by=SYSTEM) if row.channel == "second")
    assert "UnicodeEncodeError" in row.last_error
    assert "sesame" not in row.last_error


def _webhook(house, url, now):
    spec = ChannelSpec(name="second", type="webhook", options={"url": url, "secret": "0123456789abcdef"})
    declared.save(house.db, Declaration(channels=(spec,)), by=SYSTEM, now=now, key=house.secret_key)


def test_a_channel_whose_secret_was_typed_anew_is_used_with_the_new_one(house, silent, web, now):
    silent = replace(silent, declaration=Declaration(server=Settings(allow_private=("127.0.0.1",))))
    postman = _postman(silent)
    first, later = (one for one in postman.claim(10) if one.delivery.channel == "second")
    _webhook(house, f"{web.url}/gone", now)
    assert not postman.deliver(first, declared.catalogue(house.db))
    _webhook(house, f"{web.url}/hook", now)
    assert postman.deliver(later, declared.catalogue(house.db))
    assert len(web.posted) == 1


def test_a_channel_is_kept_as_long_as_it_stays_what_it_was(house, silent, now):
    postman = _postman(silent)
    first, later = (one for one in postman.claim(10) if one.delivery.channel == "log")
    assert postman.deliver(first, declared.catalogue(house.db))
    before = postman.kept["log"].channel
    declared.save(house.db, Declaration(rules=(Rule(name="another"),)), by=SYSTEM, now=now)
    assert postman.deliver(later, declared.catalogue(house.db))
    assert postman.kept["log"].channel is before
