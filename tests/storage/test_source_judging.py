from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alerts.silence import SourceHealth
from config.principal import SYSTEM
from crawlers.report import Report
from storage import outbox, source_judging, sources
from storage.visits import Tally

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def told_by(db, incident):
    rows = outbox.deliveries(db, incident.id, by=SYSTEM)
    return [(row.revision, row.kind, row.channel) for row in rows]


def test_a_silent_source_is_told_once_and_again_when_it_is_back(db, now):
    health = SourceHealth(
        name="feed",
        every=15 * MINUTE,
        last_success=now - 2 * HOUR,
        failures=3,
        last_error="503",
        enabled=True,
        first_seen=now - 9 * HOUR,
    )

    def judged(one, at):
        return source_judging.judge_silence(db, one, ["slack"], invented=True, now=at)

    told = judged(health, now)
    assert (told.cause, told.brand, told.subject, told.invented) == ("source", None, "feed", True)
    assert judged(health, now + MINUTE) is None
    back = replace(health, last_success=now + 2 * MINUTE, failures=0)
    assert judged(back, now + 3 * MINUTE).state == "resolved"
    assert judged(back, now + 4 * MINUTE) is None
    assert told_by(db, told) == [(1, "opened", "slack"), (2, "resolved", "slack")]


def test_a_site_that_changed_is_told_once_apart_from_silence_and_again_when_it_is_back(db, shelf, now):
    feed = shelf.sources["feed"]

    def visited(at, *, rating, **changes):
        report = Report(pages=2, items=20, fields={"text": 20, "rating": rating})
        visit = sources.begin(db, feed, owner="m", now=at)
        sources.succeed(db, visit, now=at, tally=replace(Tally(report=report), **changes))

    def judged(at, **changes):
        more = {"enabled": True, "since": now - 90 * HOUR, "invented": False, **changes}
        return source_judging.judge_yield(db, feed, "feed", ["slack"], now=at, **more)

    assert judged(now) is None
    for n in range(20, 1, -1):
        visited(now - n * HOUR, rating=19, history=n % 2 == 0)
    assert judged(now - HOUR) is None
    visited(now - HOUR, rating=1)
    visited(now, rating=0)
    failed = sources.begin(db, feed, owner="m", now=now)
    sources.fail(db, failed, error="503", permanent=False, now=now)
    assert judged(now, since=now - 2 * HOUR) is None, "what was read before an edit was read otherwise"
    told = judged(now)
    assert (told.cause, told.brand, told.subject, told.group_key) == ("yield", None, "feed", "yield:feed")
    assert (told.reason.code, told.reason.about, told.evidence.since) == ("yield_drop", "rating", now - HOUR)
    assert judged(now + MINUTE) is None
    visited(now + HOUR, rating=20)
    assert judged(now + HOUR).state == "resolved"
    assert judged(now + 2 * HOUR) is None
    assert told_by(db, told) == [(1, "opened", "slack"), (2, "resolved", "slack")]
