"""A source whose terms restrict automatic reading is off until somebody confirms that it may be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.error import ConfigError
from config.principal import SYSTEM
from config.settings import Declaration, Settings, SourceSpec
from groundswell import alerting, plugins
from groundswell.checking import check_sources, check_terms
from groundswell.collecting import make_reader, origin_of, visit
from groundswell.console import collect_once
from groundswell.jobs import Runner
from groundswell.standing import show_status
from storage import declared, incidents, jobs, status
from storage.request import Collect


def _spec(web, **changes):
    options = {"url": f"{web.url}/feed"}
    return SourceSpec(
        name="closed", type="rss", every=timedelta(days=1), terms="restricted", options=options, **changes
    )


@pytest.fixture
def house(house, web):
    """A house whose only source that is switched on is restricted."""
    for name in ("forum", "own"):
        declared.set_enabled(house.db, "source", name, False, by=SYSTEM, now=house.clock())
    declared.save(house.db, Declaration(sources=(_spec(web),)), by=SYSTEM, now=house.clock())
    return replace(house, declaration=Declaration(server=Settings(allow_private=("127.0.0.1",))))


def _source(house):
    return next(one for one in declared.catalogue(house.db).sources if one.item.name == "closed")


def _status(house):
    return next(one for one in status.source_status(house.db, by=SYSTEM, now=house.clock()) if one.name == "closed")


def test_the_terms_are_those_declared_else_the_connectors_own():
    assert plugins.terms_of(SourceSpec(name="a", type="rss")) == "feed"
    assert plugins.terms_of(SourceSpec(name="a", type="rss", terms="page")) == "page"
    assert plugins.terms_of(SourceSpec(name="a", type="of old")) is None


@pytest.mark.parametrize(
    ("terms", "confirmed", "off"),
    [("restricted", False, True), ("restricted", True, False), ("page", False, False), (None, False, False)],
)
def test_only_what_is_restricted_and_unconfirmed_is_off(terms, confirmed, off):
    spec = SourceSpec(name="a", type="rss", terms=terms, confirmed=confirmed)
    assert plugins.is_unconfirmed(spec) is off


def test_a_visit_refuses_it_without_asking_the_site_or_blaming_the_source(house, web):
    catalogue = declared.catalogue(house.db)
    source = _source(house)
    done = visit(house, make_reader(catalogue), origin_of(source, catalogue), source.item, owner="me")
    assert (done.error, done.permanent, done.busy) == (plugins.UNCONFIRMED, True, False)
    assert web.asked == []
    state = _status(house)
    assert (state.last_started, state.failures, state.terms, state.unconfirmed) == (None, 0, "restricted", True)
    assert (state.enabled, state.is_on) == (True, False)


def test_nobody_gets_its_connector(house, web):
    with pytest.raises(ConfigError, match=r"sources\.closed\.confirmed: its terms restrict automatic reading"):
        plugins.build_connector(house, _spec(web))
    assert plugins.build_connector(house, _spec(web, confirmed=True))


def test_a_job_that_asks_for_it_says_why_not(house):
    runner = Runner(house=house, owner="me")
    runner.catalogue = declared.catalogue(house.db)
    runner.reader = make_reader(runner.catalogue)
    asked = jobs.enqueue(house.db, kind="collect", request=Collect(source="closed"), by=SYSTEM, now=house.clock())
    runner.run_one()
    failed = jobs.get(house.db, asked.id, by=SYSTEM)
    assert (failed.state, failed.error) == ("failed", plugins.UNCONFIRMED)


def test_collecting_says_that_it_is_left_out_and_fails_only_where_it_was_asked_for(house, web, capsys):
    assert collect_once(house, None) == 0
    assert capsys.readouterr().out.startswith("closed: its terms restrict automatic reading, so it is not read")
    assert collect_once(house, "closed") == 1
    assert web.asked == []


def test_status_says_that_it_is_off_and_how_to_confirm(house, capsys):
    assert show_status(house) == 0
    said = capsys.readouterr().out
    assert "closed (off)" in said
    assert (
        "closed:\n  off: its terms restrict automatic reading; confirm with groundswell source confirm closed\n" in said
    )


def test_check_warns_and_does_not_visit(web):
    (finding,) = check_terms((_spec(web), _spec(web, confirmed=True)))
    assert (finding.level, finding.text) == ("warning", f"source closed: {plugins.UNCONFIRMED}")

    def visit(_spec):
        raise AssertionError("it was visited")

    assert list(check_sources((_spec(web),), visit=visit)) == []


def test_it_is_not_missed_while_it_is_off(house, now):
    there = replace(house, clock=lambda: now + timedelta(days=30))
    alerting.judge_sources(there, declared.catalogue(house.db), watched_since=now)
    assert incidents.list_incidents(house.db, by=SYSTEM) == ()
