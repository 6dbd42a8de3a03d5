from __future__ import annotations

import pytest

from config.principal import SYSTEM
from config.settings import ChannelSpec, Declaration
from groundswell.collecting import make_reader
from groundswell.jobs import KINDS, Runner
from storage import declared, jobs
from storage.request import Collect, SendTest, Sent


@pytest.fixture
def runner(house, now):
    declared.save(house.db, Declaration(channels=(ChannelSpec(name="log", type="log"),)), by=SYSTEM, now=now)
    runner = Runner(house=house, owner="me")
    runner.catalogue = declared.catalogue(house.db)
    runner.reader = make_reader(runner.catalogue)
    return runner


def _ask(runner, kind, request):
    return jobs.enqueue(runner.house.db, kind=kind, request=request, by=SYSTEM, now=runner.house.clock()).id


def _result(runner, job_id):
    return jobs.get(runner.house.db, job_id, by=SYSTEM)


def test_a_test_message_is_sent_and_its_event_id_comes_back(runner):
    job_id = _ask(runner, "send_test", SendTest(channel="log"))
    assert runner.run_one()
    assert not runner.run_one()
    done = _result(runner, job_id)
    assert done.state == "done"
    assert Sent.model_validate(done.result).event_id in runner.house.notification_log.read_text()


@pytest.mark.parametrize(
    ("kind", "request_", "said"),
    [
        ("send_test", SendTest(channel="nowhere"), "there is no channel 'nowhere'"),
        ("collect", Collect(source="nowhere"), "there is no source 'nowhere'"),
    ],
)
def test_what_cannot_be_done_fails_with_the_reason(runner, kind, request_, said):
    job_id = _ask(runner, kind, request_)
    runner.run_one()
    assert _result(runner, job_id).state == "failed"
    assert said in _result(runner, job_id).error


def test_a_source_that_cannot_be_read_says_why(runner):
    job_id = _ask(runner, "collect", Collect(source="forum"))
    runner.run_one()
    assert "forum.example" in _result(runner, job_id).error


def test_every_kind_is_a_function_with_a_docstring():
    assert all(function.__doc__ for function in KINDS.values())
