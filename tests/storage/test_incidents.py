from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from alerts.decision import Decision, start
from alerts.incident import Evidence, Quote, WrongStateError
from alerts.reason import Reason
from config.principal import NotAllowedError, Principal
from storage import incidents
from storage.incidents import ConflictError, UnknownIncidentError
from storage.schema import outbox

MINUTE = timedelta(minutes=1)
OLENA = Principal(name="olena", role="support")
IVAN = Principal(name="ivan", role="support", brands=frozenset({"Vesna"}))
VERA = Principal(name="vera", role="analyst")


@pytest.fixture
def open_one(db, shelf, now):
    """A function that stores an incident: about a brand, or about a source where there is no brand."""

    def make(n=1, *, brand="Lumo", at=now, channels=()):
        quote = Quote(mention_id=7, text="It smokes", published_at=at)
        new = start(
            Decision(kind="open", severity="high", reason=Reason(code="bound_reached", numbers={"voices": 12})),
            id=f"id-{n}",
            group_key=f"brand:{brand}/rule:{n}",
            cause="negatives" if brand else "source",
            brand=brand,
            subject=brand or "feed",
            evidence=Evidence(since=at - 60 * MINUTE, until=at, negatives=12, voices=12, scored=14, quotes=(quote,)),
            now=at,
        )
        with db.write() as conn:
            incidents.add(conn, new, brand_id=shelf.brands[brand] if brand else None)
            incidents.notify(conn, new, "opened", channels, now=at)
        return new

    return make


def test_an_incident_comes_back_as_it_was_stored(db, open_one):
    new = open_one()
    assert incidents.get(db, new.id, by=OLENA) == new
    assert incidents.list_incidents(db, by=OLENA) == (new,)


def test_incidents_are_listed_newest_first_and_narrowed(db, open_one, now):
    first = open_one(1, at=now - 2 * MINUTE)
    second = open_one(2, brand="Vesna", at=now - MINUTE)
    third = open_one(3, brand=None)
    assert incidents.list_incidents(db, by=OLENA) == (third, second, first)
    assert incidents.list_incidents(db, by=OLENA, limit=1) == (third,)
    assert incidents.list_incidents(db, by=OLENA, brands=("Lumo",)) == (third, first)
    done = incidents.resolve(db, first.id, by=OLENA, now=now)
    assert incidents.list_incidents(db, by=OLENA, states=("resolved",)) == (done,)


def test_who_may_not_see_a_brand_does_not_learn_of_its_incidents(db, open_one, now):
    lumo, vesna, feed = open_one(1), open_one(2, brand="Vesna"), open_one(3, brand=None)
    assert set(incidents.list_incidents(db, by=IVAN)) == {vesna, feed}
    for look in (incidents.get, incidents.log):
        with pytest.raises(UnknownIncidentError, match="ivan may see"):
            look(db, lumo.id, by=IVAN)
    for act in (incidents.acknowledge, incidents.resolve):
        with pytest.raises(UnknownIncidentError):
            act(db, lumo.id, by=IVAN, now=now)
        with pytest.raises(UnknownIncidentError):
            act(db, "nothing", by=OLENA, now=now)


def test_who_may_only_look_may_not_act(db, open_one, now):
    new = open_one()
    for act in (incidents.acknowledge, incidents.resolve):
        with pytest.raises(NotAllowedError, match="support"):
            act(db, new.id, by=VERA, now=now)
    assert incidents.get(db, new.id, by=VERA) == new


def test_what_people_do_is_stored_and_logged(db, open_one, now):
    new = open_one(channels=("slack",))
    taken = incidents.acknowledge(db, new.id, by=OLENA, now=now + MINUTE)
    assert (taken.state, taken.acknowledged_by, taken.acknowledged_at) == ("acknowledged", "olena", now + MINUTE)
    assert taken.version == new.version + 1
    assert incidents.acknowledge(db, new.id, by=OLENA, now=now + 2 * MINUTE) == taken
    done = incidents.resolve(db, new.id, by=OLENA, now=now + 3 * MINUTE, note="courier found")
    assert (done.state, done.resolved_by, done.reason) == ("resolved", "olena", Reason(code="by_person"))
    assert incidents.resolve(db, new.id, by=OLENA, now=now + 4 * MINUTE) == done
    with pytest.raises(WrongStateError):
        incidents.acknowledge(db, new.id, by=OLENA, now=now + 5 * MINUTE)
    lines = incidents.log(db, new.id, by=OLENA)
    assert [(line.at, line.actor, line.action, line.note) for line in lines] == [
        (now + MINUTE, "olena", "acknowledged", ""),
        (now + 3 * MINUTE, "olena", "resolved", "courier found"),
    ]


def test_who_looked_at_an_older_version_decides_anew(db, open_one, now):
    new = open_one()
    incidents.acknowledge(db, new.id, by=OLENA, now=now, version=1)
    with pytest.raises(ConflictError, match="somebody else"):
        incidents.resolve(db, new.id, by=OLENA, now=now, version=1)
    assert incidents.resolve(db, new.id, by=OLENA, now=now, version=2).version == 3


def test_a_stale_copy_is_never_written_back(db, open_one, now):
    new = open_one()
    incidents.acknowledge(db, new.id, by=OLENA, now=now)
    with pytest.raises(ConflictError), db.write() as conn:
        incidents.save(conn, replace(new, severity="critical"), before=new)
    assert incidents.get(db, new.id, by=OLENA).severity == "high"


def test_many_hands_on_one_incident_leave_one_line(db, open_one, now):
    new = open_one()
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(incidents.acknowledge, db, new.id, by=OLENA, now=now) for _ in range(8)]
        assert {job.result().version for job in jobs} == {2}
    assert len(incidents.log(db, new.id, by=OLENA)) == 1


def test_of_one_group_only_one_stands(db, open_one, now):
    first = open_one(1)
    with pytest.raises(IntegrityError), db.write() as conn:
        incidents.add(conn, replace(first, id="id-2"), brand_id=None)
    incidents.resolve(db, first.id, by=OLENA, now=now)
    with db.write() as conn:
        incidents.add(conn, replace(first, id="id-2", opened_at=now + MINUTE), brand_id=None)
        assert incidents.newest(conn, first.group_key).id == "id-2"
        assert incidents.newest(conn, "nothing") is None


def test_each_channel_is_told_once(db, open_one):
    open_one(channels=("slack", "email", "slack"))
    with db.read() as conn:
        told = conn.execute(select(outbox).order_by(outbox.c.channel)).all()
    assert [(row.channel, row.revision, row.kind, row.state) for row in told] == [
        ("email", 1, "opened", "pending"),
        ("slack", 1, "opened", "pending"),
    ]
    assert len({row.id for row in told}) == 2
