from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from alerts.rule import decide
from config.principal import SYSTEM, Principal
from config.settings import Rule
from storage import incidents, judging, outbox
from storage.judging import Watch
from storage.schema import mention_brand, to_judge

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OLENA = Principal(name="olena", role="support")


@pytest.fixture
def watch(shelf):
    rule = Rule(name="Crisis", window=3 * HOUR, min_negatives=3, min_share=0.5, severity="medium")
    return Watch(brand_id=shelf.brands["Lumo"], brand="Lumo", rule=rule, channels=("slack", "email"))


@pytest.fixture
def voices(shelf):
    """A function that stores one negative each from so many new authors, and says that all was read."""

    def speak(n, *, at=None, read=True, **fields):
        at = at or shelf.now
        readings = [shelf.reading(author=f"a{id(speak)}-{at:%d%H%M}-{k}", **fields) for k in range(n)]
        dated = [
            replace(r, mention=replace(r.mention, published_at=at - (k + 1) * MINUTE)) for k, r in enumerate(readings)
        ]
        shelf.put(*dated, **({"covered_from": at - 6 * HOUR, "covered_to": at} if read else {}))

    return speak


def judge(db, watch, now):
    return judging.judge_brand(db, watch.brand_id, [watch], detect=decide, now=now)


def tally(db, watch, now):
    with db.read() as conn:
        return judging.tally(conn, watch.brand_id, now - 3 * HOUR, now)


def counted(one):
    return (one.voices, one.negatives, one.scored, one.mentions, one.undated)


def kinds(db, incident):
    rows = outbox.deliveries(db, incident.id, by=SYSTEM)
    return [(row.revision, row.kind) for row in rows if row.channel == "slack"]


# -- counting -----------------------------------------------------------------------------------


def test_an_author_is_one_voice_however_often_they_write(db, shelf, watch, now):
    for author in ("olena", "olena", "ivan", None, None):
        shelf.say(author=author)
    shelf.say(label="positive", author="vera")
    shelf.say(label="unscored", author="petro")
    assert counted(tally(db, watch, now)) == (4, 5, 6, 7, 0)


@pytest.mark.parametrize("handle", ["lumo", "Lumo", "@lumo", "u/Lumo"])
def test_what_the_brands_own_accounts_write_is_no_complaint(db, shelf, watch, voices, now, handle):
    voices(2)
    shelf.say(author=handle)
    with db.read() as conn:
        found = judging.tally(conn, watch.brand_id, now - 3 * HOUR, now, own=("@Lumo", "Люмо"))
    assert counted(found) == (2, 2, 2, 2, 0)
    assert counted(tally(db, watch, now)) == (3, 3, 3, 3, 0)
    assert judge(db, replace(watch, own=("@Lumo",)), now) == ()
    (incident,) = judge(db, watch, now)
    assert incident.evidence.voices == 3


def test_an_own_account_is_known_in_other_letters_than_latin(db, shelf, watch, now):
    shelf.say(author="Люмо")
    with db.read() as conn:
        assert counted(judging.tally(conn, watch.brand_id, now - 3 * HOUR, now, own=("Люмо",))) == (0, 0, 0, 0, 0)


def test_copies_hidden_undated_and_filled_in_mentions_are_left_out(db, shelf, watch, now):
    shelf.say(author="olena")
    for n in range(2):
        shelf.say(author=f"copy{n}")
        with db.write() as conn:
            newest = conn.execute(
                select(mention_brand.c.mention_id).order_by(mention_brand.c.mention_id.desc())
            ).first()
            values = {"is_lead": False} if n else {"hidden": True}
            conn.execute(update(mention_brand).where(mention_brand.c.mention_id == newest[0]).values(**values))
    shelf.say(author="undated", undated=True)
    shelf.put(shelf.reading(author="history"), backfill=True)
    shelf.say(author="other brand", brands=("Vesna",))
    shelf.say(author="long ago", ago=4 * HOUR)
    assert counted(tally(db, watch, now)) == (1, 1, 1, 1, 1)


def test_a_clock_that_runs_ahead_is_no_reason_to_be_left_out(db, shelf, watch, now):
    shelf.say(ago=-4 * MINUTE)
    assert tally(db, watch, now).voices == 1


def test_exposure_is_what_the_sources_have_read(db, shelf, watch, now):
    assert tally(db, watch, now).exposure == 0
    shelf.put(shelf.reading(), covered_from=now - 9 * HOUR, covered_to=now - HOUR)
    assert tally(db, watch, now).exposure == pytest.approx(2 / 3)


# -- deciding -----------------------------------------------------------------------------------


def test_enough_voices_open_an_incident_and_every_channel_is_told(db, voices, watch, now):
    voices(3)
    assert judging.changed_brands(db, until=now) == {watch.brand_id}
    (told,) = judge(db, watch, now)
    assert (told.brand, told.severity, told.state, told.revision) == ("Lumo", "medium", "open", 1)
    assert (told.evidence.voices, told.evidence.told_voices, len(told.evidence.quotes)) == (3, 3, 3)
    assert told.evidence.quotes[0].source == "feed"
    assert incidents.list_incidents(db, by=OLENA) == (told,)
    assert {row.channel for row in outbox.deliveries(db, told.id, by=OLENA)} == {"slack", "email"}
    assert [line.action for line in incidents.log(db, told.id, by=OLENA)] == ["opened"]
    assert judging.changed_brands(db, until=now) == set()
    assert judging.standing_brands(db) == {watch.brand_id}


def test_a_brand_that_nobody_watches_leaves_the_queue(db, voices, watch, now):
    voices(3)
    assert judging.judge_brand(db, watch.brand_id, [], detect=decide, now=now) == ()
    assert judging.changed_brands(db, until=now) == set()
    with db.read() as conn:
        assert conn.execute(select(to_judge)).all() == []


def test_without_anything_read_nothing_is_decided(db, voices, watch, now):
    voices(5, read=False)
    assert judge(db, watch, now) == ()
    assert incidents.list_incidents(db, by=OLENA) == ()


def test_what_goes_on_is_told_once_and_what_grows_once_more(db, voices, watch, now):
    voices(3)
    (opened,) = judge(db, watch, now)
    assert judge(db, watch, now + MINUTE) == ()
    assert incidents.get(db, opened.id, by=OLENA).evidence.until == now + MINUTE
    voices(3, at=now + 5 * MINUTE)
    (grown,) = judge(db, watch, now + 5 * MINUTE)
    assert (grown.id, grown.severity, grown.revision) == (opened.id, "high", 2)
    assert judge(db, watch, now + 6 * MINUTE) == ()
    assert kinds(db, opened) == [(1, "opened"), (2, "escalated")]
    assert [line.action for line in incidents.log(db, opened.id, by=OLENA)] == ["opened", "escalated"]


def test_a_wave_that_is_over_is_told_once(db, shelf, voices, watch, now):
    voices(3)
    (opened,) = judge(db, watch, now)
    later = now + 7 * HOUR
    shelf.put(covered_from=now, covered_to=later)
    (calm,) = judge(db, watch, later)
    assert (calm.id, calm.state, calm.resolved_by) == (opened.id, "resolved", SYSTEM.name)
    assert judge(db, watch, later + MINUTE) == ()
    assert kinds(db, opened) == [(1, "opened"), (2, "resolved")]
    assert judging.standing_brands(db) == set()


def test_a_wave_is_not_over_because_nobody_looked(db, voices, watch, now):
    voices(3)
    (opened,) = judge(db, watch, now)
    assert judge(db, watch, now + 7 * HOUR) == ()
    assert incidents.get(db, opened.id, by=OLENA).state == "open"


def test_after_a_person_resolved_it_only_what_follows_counts(db, shelf, voices, watch, now):
    voices(4)
    (opened,) = judge(db, watch, now)
    incidents.resolve(db, opened.id, by=OLENA, now=now + MINUTE)
    shelf.put(covered_from=now, covered_to=now + 20 * MINUTE)
    assert judge(db, watch, now + 2 * MINUTE) == ()
    voices(3, at=now + 10 * MINUTE)
    (again,) = judge(db, watch, now + 10 * MINUTE)
    assert again.id != opened.id
    assert again.evidence.voices == 3


def test_an_acknowledged_incident_stays_with_its_person(db, voices, watch, now):
    voices(3)
    (opened,) = judge(db, watch, now)
    incidents.acknowledge(db, opened.id, by=OLENA, now=now)
    voices(3, at=now + 5 * MINUTE)
    (grown,) = judge(db, watch, now + 5 * MINUTE)
    assert (grown.state, grown.acknowledged_by, grown.severity) == ("acknowledged", "olena", "high")


def test_the_quotes_are_those_that_reach_furthest_one_an_author(db, shelf, watch, now):
    for author, reach in [("loud", 900)] * 8 + [("a", 1), ("b", 500), ("c", None), ("d", 30), ("e", 20), ("f", 10)]:
        shelf.say(f"{author} {reach}", author=author, reach=reach, title="Alas" if author == "b" else None)
    shelf.put(covered_from=now - 6 * HOUR, covered_to=now)
    (told,) = judge(db, watch, now)
    assert [quote.text for quote in told.evidence.quotes] == ["loud 900", "Alas. b 500", "d 30", "e 20", "f 10"]
    assert told.evidence.quotes[0].author == "Loud"


def test_judges_at_once_open_one_incident_and_tell_once(db, voices, watch, now):
    voices(3)
    with ThreadPoolExecutor(4) as pool:
        told = [one for found in pool.map(lambda _: judge(db, watch, now), range(8)) for one in found]
    assert len(told) == 1
    (standing,) = incidents.list_incidents(db, by=OLENA)
    assert kinds(db, standing) == [(1, "opened")]


def test_while_people_collect_and_judge_at_once_nothing_is_missed(db, voices, watch, now):
    voices(1)

    def collect(n):
        voices(1, at=now - n * MINUTE)

    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(collect, n) for n in range(1, 9)]
        work += [pool.submit(judge, db, watch, now) for _ in range(8)]
        for one in work:
            one.result()
    if judging.changed_brands(db, until=now):
        judge(db, watch, now)
    (standing,) = incidents.list_incidents(db, by=OLENA)
    assert standing.evidence.voices == 9


def test_an_incident_that_no_rule_watches_any_more_ends_and_those_who_knew_of_it_are_told(db, shelf, watch, voices):
    voices(4)
    (opened,) = judge(db, watch, shelf.now)
    other = replace(watch, rule=watch.rule.model_copy(update={"name": "Other", "min_negatives": 99}))
    (ended,) = judging.judge_brand(db, watch.brand_id, [other], detect=decide, now=shelf.now + MINUTE)
    assert (ended.id, ended.state, ended.resolved_by) == (opened.id, "resolved", SYSTEM.name)
    assert ended.reason.code == "rule_off"
    assert kinds(db, opened) == [(1, "opened"), (2, "resolved")]
    assert judging.judge_brand(db, watch.brand_id, [other], detect=decide, now=shelf.now + 2 * MINUTE) == ()
