"""How a source stands: one word, and what a person should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.settings import Settings
from dashboard import refusal
from dashboard.context import House
from dashboard.standing import concerns, dropped, state
from dashboard.visitor import Visitor
from dashboard.wording import Wording
from storage.accounts import Account
from storage.source_health import FieldYield, Hold, SourceHealthRow, Visits
from storage.status import SourceStatus

HOUR = timedelta(hours=1)


@pytest.fixture
def who(sqlite_db, now):
    account = Account(
        id=1, login="ada", name="Ada", role="viewer", brands=None, locale="en", timezone="UTC", disabled=False
    )
    house = House(db=sqlite_db, clock=lambda: now, settings=Settings())
    return Visitor(account=account, words=Wording("en", "UTC"), house=house, now=now, token="t")


@pytest.fixture
def row(now):
    return SourceStatus(
        name="Shop",
        type="pages",
        kind="review",
        brand=None,
        enabled=True,
        managed_by="person",
        every=HOUR,
        last_started=now,
        last_success=now,
        lag=HOUR,
        failures=0,
        last_error=None,
        last_error_at=None,
        last_error_permanent=False,
        not_before=None,
        collected=1,
        rejects={},
        terms="page",
        unconfirmed=False,
    )


@pytest.fixture
def health(now):
    return SourceHealthRow(
        name="Shop",
        type="pages",
        kind="review",
        brand=None,
        enabled=True,
        last_success=now,
        fortnight=Visits(n=1, good=1),
        day=Visits(n=1, good=1),
        items=None,
        new=None,
        lag=None,
        coverage=None,
        waiting=0,
        gone=0,
        fields=(),
        holds=(),
    )


def found(now, usual, name="rating"):
    return FieldYield(field=name, now=now, usual=usual)


def test_one_word_says_how_it_stands_and_the_gravest_wins(row, health, who, now):
    held = replace(health, holds=(Hold(host="a.example", until=now + HOUR, reason="the site asked to wait"),))
    fell = replace(held, fields=(found(0.03, 0.98),))
    steps = (
        (row, health, "fine"),
        (replace(row, lag=5 * HOUR), health, "late by 5 hours"),
        (replace(row, lag=None), health, "not read yet"),
        (replace(row, lag=5 * HOUR), held, "waits until 13:30"),
        (row, fell, "less found than usual"),
        (replace(row, failures=3), fell, "3 visits failed"),
        (replace(row, failures=3, last_error_permanent=True), fell, "refused"),
        (replace(row, failures=3, unconfirmed=True), fell, "off until confirmed"),
        (replace(row, enabled=False, unconfirmed=True), fell, "switched off"),
    )
    for status, one, said in steps:
        assert f">{said}</span>" in state(status, one, who)


def test_what_to_look_at_is_said_in_words_and_of_nothing_that_is_off(row, health, who, now):
    failing = replace(row, failures=2, last_error="no such page: <b>/all</b> answered 404")
    odd = replace(
        health,
        fields=(found(0.03, 0.98),),
        holds=(Hold(host="a.example", until=now + HOUR, reason="the site asked to wait: 429"),),
    )
    assert list(concerns(failing, odd, who)) == [
        "no such page: <b>/all</b> answered 404",
        "Rating: found in 3% of items, usually in 98%",
        "a.example is left alone until 10 Mar 2026, 13:30: the site asked to wait: 429",
    ]
    assert list(concerns(replace(failing, failures=0), health, who)) == []
    assert list(concerns(replace(failing, unconfirmed=True), odd, who)) == []


@pytest.mark.parametrize(
    ("now_found", "usual", "is_less"),
    [
        (0.03, 0.98, True),
        (0.48, 0.98, True),
        (0.5, 0.98, False),
        (0.0, 0.4, False),
        (0.0, None, False),
        (1, 0.5, False),
    ],
)
def test_a_field_that_few_items_have_anyhow_is_not_missed(health, now_found, usual, is_less):
    assert bool(dropped(replace(health, fields=(found(now_found, usual),)))) is is_less


def test_reasons_are_said_in_the_person_s_language_and_unknown_ones_as_they_are():
    def t(text, **values):
        return f"[{text}]".format(**values)

    assert refusal.say("no such page", t) == "[no such page]"
    assert refusal.say("answer 418", t) == "[answer 418]"
    assert refusal.say("<b>", t) == "<b>"
    assert refusal.say_whole("no such page: /all: 404", t) == "[no such page]: /all: 404"
    assert refusal.say_whole("HTTP 503", t) == "HTTP 503"
