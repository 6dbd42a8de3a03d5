"""The monitor itself, in this process: real threads, a real scheduler, a real feed on loopback."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from config.instant import system_clock
from config.principal import SYSTEM
from config.settings import Brand, Declaration, Query, Settings, SourceSpec
from groundswell.monitor import Monitor
from groundswell.ownership import HOST
from storage import declared, sources, status

WAIT = 10.0


@pytest.fixture
def house(house, web):
    """A house whose only source that is switched on is a feed on loopback."""
    for name in ("forum", "own"):
        declared.set_enabled(house.db, "source", name, False, by=SYSTEM, now=house.clock())
    server = Settings(allow_private=("127.0.0.1",))
    there = replace(house, declaration=Declaration(server=server), clock=system_clock)
    _declare(there, _feed(web, "first", "/feed"))
    return there


def _feed(web, name, path):
    return SourceSpec(name=name, type="rss", every=timedelta(days=1), options={"url": f"{web.url}{path}"})


def _declare(house, *found, **more):
    declared.save(house.db, Declaration(sources=found, **more), by=SYSTEM, now=system_clock())


def _state(house, name):
    states = status.source_status(house.db, by=SYSTEM, now=system_clock())
    return next(one for one in states if one.name == name)


async def _until(condition, what):
    async with asyncio.timeout(WAIT):
        for _ in range(int(WAIT / 0.02)):
            if condition():
                return
            await asyncio.sleep(0.02)
    raise AssertionError(f"never came: {what}")


def _run(monitor, meanwhile):
    """Run the monitor while `meanwhile` looks on; return whether it ended in time."""

    async def both():
        async def look():
            try:
                await meanwhile()
            finally:
                monitor.stop()

        ended, _ = await asyncio.gather(monitor.run(), look())
        return ended

    return asyncio.run(both())


def test_it_reads_what_is_declared_beats_and_ends_without_a_trace(house):
    async def look():
        await _until(lambda: _state(house, "first").collected == 2, "the first source's items")
        await _until(lambda: status.processes(house.db, now=system_clock()), "a sign of life")

    assert _run(Monitor(house=house), look)
    assert status.processes(house.db, now=system_clock()) == ()


def test_an_edit_takes_effect_without_a_restart(house, web):
    async def look():
        await _until(lambda: _state(house, "first").last_success, "the first source")
        _declare(house, _feed(web, "second", "/empty"))
        await _until(lambda: _state(house, "second").last_success, "a new source")
        declared.set_enabled(house.db, "source", "second", False, by=SYSTEM, now=system_clock())
        _declare(house, _feed(web, "first", "/busy"))
        await _until(lambda: _state(house, "first").failures, "the edited source, which was read but a moment ago")
        jobs = {job.id for job in monitor._scheduler.get_jobs() if job.id.startswith("source:")}
        assert len(jobs) == 1

    monitor = Monitor(house=house)
    assert _run(monitor, look)


def test_new_words_hold_for_what_comes_after(house):
    async def look():
        await _until(lambda: _state(house, "first").last_success, "the first source")
        brand = Brand(name="Post")
        query = Query(name="post", brand="Post", any=("parcel",))
        _declare(house, brands=(brand,), queries=(query,))
        await _until(lambda: "Post" in monitor._reader.brand_ids, "the new brand")
        assert monitor._reader.matcher.match(None, "my parcel")

    monitor = Monitor(house=house)
    assert _run(monitor, look)


def test_a_source_that_was_switched_off_while_it_waited_is_not_read(house, web):
    async def look():
        await _until(lambda: _state(house, "first").last_success, "the first source")
        source = next(one for one in declared.catalogue(house.db).sources if one.item.name == "first")
        declared.set_enabled(house.db, "source", "first", False, by=SYSTEM, now=system_clock())
        await _until(lambda: not any(s.enabled for s in monitor._catalogue.sources), "the edit")
        before = len(web.asked)
        monitor._visit_now(source.id)
        assert len(web.asked) == before

    monitor = Monitor(house=house)
    assert _run(monitor, look)


def test_a_restricted_source_is_read_from_the_moment_it_is_confirmed(house, web):
    closed = _feed(web, "closed", "/empty").model_copy(update={"terms": "restricted"})
    _declare(house, closed)

    async def look():
        await _until(lambda: _state(house, "first").last_success, "the first source")
        monitor._visit_now(next(one.id for one in monitor._catalogue.sources if one.item.name == "closed"))
        assert "/empty" not in web.asked
        _declare(house, closed.model_copy(update={"confirmed": True}))
        await _until(lambda: _state(house, "closed").last_success, "the confirmed source")

    monitor = Monitor(house=house)
    assert _run(monitor, look)


def test_the_leases_of_a_dead_predecessor_are_freed_at_once(house):
    source = next(one for one in declared.catalogue(house.db).sources if one.item.name == "first")
    begun = system_clock() - timedelta(seconds=10)
    assert sources.begin(house.db, source.id, owner=f"{HOST[:40]}/999999999/x", now=begun)

    async def look():
        await _until(lambda: _state(house, "first").last_success, "the source that was held")

    assert _run(Monitor(house=house), look)


def test_a_visit_that_does_not_end_does_not_keep_the_monitor(house, web):
    _declare(house, _feed(web, "first", "/slow"))

    async def look():
        await _until(lambda: "/slow" in web.asked, "the slow visit")

    assert not _run(Monitor(house=house, grace=0.2), look)
    assert status.processes(house.db, now=system_clock()) == ()
    web.answers.set()
