from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pydantic import BaseModel

from config.principal import SYSTEM, NotAllowedError, Principal
from config.settings import SourceSpec
from storage import jobs
from storage.jobs import KEPT, LEASE, PATIENCE, LeaseLostError, UnknownJobError
from storage.request import Collect, SendTest, TrySource

IVAN = Principal(name="ivan", role="support")
SECOND = timedelta(seconds=1)


class Ask(BaseModel):
    source: str


class Answer(BaseModel):
    new: int


def ask(db, now, *, kind="collect", by=SYSTEM, key=None, source="News"):
    return jobs.enqueue(db, kind=kind, request=Ask(source=source), by=by, now=now, key=key)


def claim(db, now, *, owner="m1", kinds=("collect", "send_test"), once=()):
    return jobs.claim(db, owner=owner, kinds=kinds, now=now, once=once)


def state(db, job):
    return jobs.get(db, job.id, by=SYSTEM).state


def test_a_job_goes_from_asking_to_its_result(db, now):
    asked = ask(db, now, by=IVAN)
    assert (asked.state, asked.progress, asked.request, asked.requester) == ("waiting", 0, {"source": "News"}, "ivan")
    taken = claim(db, now + SECOND)
    assert (taken.id, taken.state, taken.started_at) == (asked.id, "running", now + SECOND)
    jobs.progress(db, taken.id, 0.5, owner="m1", now=now)
    assert jobs.get(db, taken.id, by=IVAN).progress == 0.5
    jobs.finish(db, taken.id, Answer(new=3), owner="m1", now=now + 2 * SECOND)
    done = jobs.get(db, taken.id, by=IVAN)
    assert (done.state, done.progress, done.finished_at, done.is_ended) == ("done", 1, now + 2 * SECOND, True)
    assert Answer.model_validate(done.result) == Answer(new=3)


def test_a_job_that_cannot_be_done_says_why(db, now):
    ask(db, now)
    taken = claim(db, now)
    jobs.fail(db, taken.id, "the host says 403", owner="m1", now=now)
    failed = jobs.get(db, taken.id, by=SYSTEM)
    assert (failed.state, failed.error, failed.result) == ("failed", "the host says 403", None)


def test_the_oldest_job_of_a_known_kind_is_taken_once(db, now):
    second = ask(db, now + SECOND)
    first = ask(db, now)
    other = ask(db, now - SECOND, kind="export")
    assert [claim(db, now + 2 * SECOND).id for _ in range(2)] == [first.id, second.id]
    assert claim(db, now + 2 * SECOND) is None
    assert state(db, other) == "waiting"


def test_of_many_runners_one_gets_a_job(db, now):
    for _ in range(5):
        ask(db, now)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda n: claim(db, now, owner=f"m{n}"), range(8)))
    ids = [job.id for job in got if job]
    assert len(ids) == len(set(ids)) == 5


def test_asking_again_with_the_same_key_is_asking_once(db, now):
    first = ask(db, now, key="k", by=IVAN)
    assert ask(db, now + SECOND, key="k", by=IVAN) == first
    assert ask(db, now, key="k", by=SYSTEM).id != first.id
    assert ask(db, now, by=IVAN).id != ask(db, now, by=IVAN).id


def test_two_who_ask_at_once_with_one_key_get_one_job(db, now):
    with ThreadPoolExecutor(4) as pool:
        assert len({job.id for job in pool.map(lambda _: ask(db, now, key="k"), range(8))}) == 1


def test_a_job_is_shown_to_who_asked_and_to_administrators(db, now):
    job = ask(db, now, by=IVAN)
    assert jobs.get(db, job.id, by=SYSTEM) == jobs.get(db, job.id, by=IVAN) == job
    with pytest.raises(UnknownJobError):
        jobs.get(db, job.id, by=Principal(name="vera", role="support"))
    with pytest.raises(UnknownJobError):
        jobs.get(db, "no such job", by=SYSTEM)


def test_a_job_whose_runner_went_away_is_taken_again(db, now):
    job = ask(db, now)
    claim(db, now)
    assert claim(db, now + LEASE - SECOND, owner="m2") is None
    assert claim(db, now + LEASE, owner="m2").id == job.id
    with pytest.raises(LeaseLostError):
        jobs.finish(db, job.id, Answer(new=1), owner="m1", now=now + LEASE)
    jobs.finish(db, job.id, Answer(new=2), owner="m2", now=now + LEASE)
    with pytest.raises(LeaseLostError):
        jobs.progress(db, job.id, 0.1, owner="m2", now=now + LEASE)
    assert jobs.get(db, job.id, by=SYSTEM).result == {"new": 2}


def test_progress_holds_a_job_for_longer(db, now):
    job = ask(db, now)
    claim(db, now)
    jobs.progress(db, job.id, 7, owner="m1", now=now + LEASE - SECOND)
    assert claim(db, now + LEASE, owner="m2") is None
    assert jobs.get(db, job.id, by=SYSTEM).progress == 1


def test_what_must_not_be_done_twice_waits_for_a_person(db, now):
    job = ask(db, now, kind="send_test")
    claim(db, now)
    assert claim(db, now + LEASE, owner="m2", once=("send_test",)) is None
    assert jobs.expire(db, now=now + LEASE, once=("send_test",)) == 1
    lost = jobs.get(db, job.id, by=SYSTEM)
    assert (lost.state, lost.is_ended) == ("unknown", True)
    assert "before asking again" in lost.error


def test_a_job_that_takes_its_runners_down_is_not_tried_for_ever(db, now):
    job = ask(db, now)
    at = now
    while claim(db, at):
        at += LEASE
    assert at == now + PATIENCE
    assert jobs.expire(db, now=at) == 1
    assert state(db, job) == "unknown"


def test_a_job_that_nobody_took_in_time_says_so(db, now):
    job = ask(db, now)
    assert jobs.expire(db, now=now + PATIENCE - SECOND) == 0
    assert claim(db, now + PATIENCE) is None
    assert jobs.expire(db, now=now + PATIENCE) == 1
    assert "Is the monitor running?" in jobs.get(db, job.id, by=SYSTEM).error


def test_old_jobs_are_forgotten(db, now):
    job = ask(db, now)
    jobs.expire(db, now=now + PATIENCE)
    jobs.expire(db, now=now + PATIENCE + KEPT - SECOND)
    assert state(db, job) == "failed"
    jobs.expire(db, now=now + PATIENCE + KEPT)
    with pytest.raises(UnknownJobError):
        jobs.get(db, job.id, by=SYSTEM)


def test_sources_are_read_and_tried_for_administrators_alone(db, now):
    for request in (
        Collect(source="feed"),
        SendTest(channel="log"),
        TrySource(source=SourceSpec(name="a", type="rss")),
    ):
        with pytest.raises(NotAllowedError):
            jobs.enqueue(db, kind="any", request=request, by=IVAN, now=now)
    assert jobs.claim(db, owner="runner", kinds=("any",), now=now) is None
