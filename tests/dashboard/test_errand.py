"""What a page says of the jobs that it asks for."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from config.settings import Settings, SourceSpec
from dashboard.context import House
from dashboard.visitor import Visitor
from dashboard.wording import Wording
from storage import health, jobs
from storage.accounts import Account
from storage.request import Collect, Collected, Tried, TrySource

SLOT = "source.News <b>"


@pytest.fixture
def who(sqlite_db, now):
    account = Account(
        id=1,
        login="ada",
        name="Ada",
        role="administrator",
        brands=None,
        locale="en",
        timezone="UTC",
        disabled=False,
    )
    house = House(db=sqlite_db, clock=lambda: now, settings=Settings())
    return Visitor(account=account, words=Wording("en", "UTC"), house=house, now=now, token="t")


def beat(who):
    health.beat(who.db, process="monitor", pid=os.getpid(), host="test", started_at=who.now, now=who.now)


def page(who, clicks):
    import streamlit as st

    from dashboard import errand
    from storage.request import Collect

    for _ in range(clicks - st.session_state.get("clicked", 0)):
        errand.ask(who, "collect", Collect(source="News <b>"), "source.News <b>")
    st.session_state["clicked"] = clicks
    if "quiet" not in st.session_state:
        errand.show(who, "source.News <b>")


def open_page(who, clicks, *, quiet=False):
    app = AppTest.from_function(page, args=(who, clicks))
    if quiet:
        app.session_state["quiet"] = True
    return app.run()


def said(app):
    assert not app.exception
    return " ".join(block.proto.body for block in app.get("html"))


def waiting(who):
    return jobs.claim(who.db, owner="runner", kinds=("collect",), now=who.now)


def again(app, *, quiet=False):
    if not quiet and "quiet" in app.session_state:
        del app.session_state["quiet"]
    return app.run()


def test_without_a_monitor_nothing_is_asked_and_the_page_says_so(who):
    assert "nothing is collected, judged or sent" in said(open_page(who, 1))
    assert waiting(who) is None


def test_who_may_not_ask_any_more_is_told_so(who):
    beat(who)
    demoted = replace(who, account=replace(who.account, role="support"))
    assert "Your role does not allow this." in said(open_page(demoted, 1))
    assert waiting(who) is None


def test_two_clicks_ask_once_and_the_answer_is_said(who):
    beat(who)
    app = open_page(who, 2, quiet=True)
    job = waiting(who)
    assert job is not None
    assert Collect.model_validate(job.request).source == "News <b>"
    assert waiting(who) is None
    jobs.finish(who.db, job.id, Collected(new=1234, changed=0, same=2, rejected=0), owner="runner", now=who.now)
    assert "Read: 1,234 new, 0 changed, 2 known already, 0 turned away." in said(again(app))


def test_after_an_answer_one_can_ask_again(who):
    beat(who)
    app = open_page(who, 1, quiet=True)
    jobs.fail(who.db, waiting(who).id, "HTTP 403: <b>no</b>", owner="runner", now=who.now)
    assert "It did not work:" in said(again(app))
    assert "&lt;b&gt;no&lt;/b&gt;" in said(app)
    app.session_state["clicked"] = 0
    app.session_state["quiet"] = True
    again(app, quiet=True)
    assert waiting(who) is not None


def ask_two(who, first, second):
    from config.settings import SourceSpec
    from dashboard import errand
    from storage.request import TrySource

    for name in (first, second):
        errand.ask(who, "try_source", TrySource(source=SourceSpec(name=name, type="rss")), "trial.source.")


def test_what_was_changed_meanwhile_is_asked_anew_and_the_same_is_not(who):
    beat(who)
    for names, n in ((("a", "a"), 1), (("b", "c"), 2)):
        assert not AppTest.from_function(ask_two, args=(who, *names)).run().exception
        found = [jobs.claim(who.db, owner="runner", kinds=("try_source",), now=who.now) for _ in range(3)]
        assert sum(job is not None for job in found) == n


def drop_one(who):
    import streamlit as st

    from config.settings import SourceSpec
    from dashboard import errand
    from storage.request import TrySource

    for slot in ("trial.source.a", "trialled.b"):
        errand.ask(who, "try_source", TrySource(source=SourceSpec(name="a", type="rss")), slot)
    errand.drop("trial")
    st.text(sorted(str(key) for key in st.session_state))


def test_the_errands_of_a_form_are_forgotten_and_no_others(who):
    beat(who)
    app = AppTest.from_function(drop_one, args=(who,)).run()
    assert not app.exception
    assert "trialled.b" in app.text[0].value
    assert "trial.source" not in app.text[0].value


def show_trial(who, job_id):
    import streamlit as st

    from dashboard import errand

    st.session_state["errand.trial.source."] = job_id
    errand.show(who, "trial.source.")


def test_a_trial_shows_what_it_came_to(who):
    request = TrySource(source=SourceSpec(name="a", type="rss"))
    job = jobs.enqueue(who.db, kind="try_source", request=request, by=who.by, now=who.now)
    jobs.claim(who.db, owner="runner", kinds=("try_source",), now=who.now)
    jobs.finish(who.db, job.id, Tried(found=0, error="no secure connection: <b>"), owner="runner", now=who.now)
    shown = said(AppTest.from_function(show_trial, args=(who, job.id)).run())
    assert "Nothing was found" in shown
    assert "no secure connection: &lt;b&gt;" in shown
