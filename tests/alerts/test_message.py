from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channel import Message, MessageKind
from alerts.incident import Incident
from alerts.message import QUOTES, SUBJECT_LIMIT, as_json, clean, trial, word
from alerts.reason import Code, Reason, span
from config.i18n import translator

MakeMessage = Callable[..., Message]
MakeIncident = Callable[..., Incident]
NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def test_an_opened_incident_says_how_many_where_and_when(message: MakeMessage) -> None:
    words = word(message())
    assert words.subject == "High: 12 negative voices about Acme"
    assert words.reason.startswith("12 independent negative voices (bound: 10), 70% of the scored mentions")
    facts = {fact.label: fact.value for fact in words.facts}
    assert facts["Negative among scored"] == "14 of 20 (70%)"
    assert facts["Time window"] == "10 Mar 2026, 09:30 – 12:30 UTC"
    assert words.quotes[0].byline == "Olena · Forum · 10 Mar 2026, 12:10 UTC"
    assert (words.quotes[0].url, words.notes) == ("https://forum.example/t/7", ())
    assert words.event_line.endswith("00000000000e")


@pytest.mark.parametrize(
    ("kind", "cause", "subject"),
    [
        ("escalated", "negatives", "High: Getting worse: 12 negative voices about Acme"),
        ("resolved", "negatives", "Calm again: Acme"),
        ("opened", "source", "High: The source Acme is not being read"),
        ("escalated", "source", "High: The source Acme is still not being read"),
        ("resolved", "source", "The source Acme needs no attention any more"),
        ("test", "negatives", "Test message: this channel works"),
    ],
)
def test_every_kind_has_its_own_subject(
    kind: str, cause: str, subject: str, message: MakeMessage, incident: MakeIncident
) -> None:
    assert word(message(incident(cause=cause), kind=kind)).subject == subject


def test_times_are_shown_in_the_zone_that_is_passed(message: MakeMessage) -> None:
    words = word(message(), zone=ZoneInfo("Europe/Kyiv"))
    assert "14:30 EET" in {fact.label: fact.value for fact in words.facts}["Time window"]


def test_a_window_over_midnight_names_both_days(message: MakeMessage) -> None:
    words = word(message(), zone=ZoneInfo("Pacific/Kiritimati"))
    window = {fact.label: fact.value for fact in words.facts}["Time window"]
    assert window == "10 Mar 2026, 23:30 – 11 Mar 2026, 02:30 +14"


def test_invented_data_is_marked_in_the_subject_and_beside_the_text(
    message: MakeMessage, incident: MakeIncident
) -> None:
    words = word(message(incident(invented=True)))
    assert words.subject.startswith("[Invented sample data] ")
    assert words.notes == ("Invented sample data: nothing of this really happened.",)


def test_a_second_attempt_says_that_it_may_be_a_copy(message: MakeMessage) -> None:
    assert word(message(attempt=2)).notes == ("Attempt 2: this may be a copy of a message that already arrived.",)


def test_who_acknowledged_and_resolved_is_named_but_not_the_system(
    message: MakeMessage, incident: MakeIncident
) -> None:
    by_people = incident(acknowledged_by="Olena", resolved_by="Piotr")
    values = [fact.value for fact in word(message(by_people, kind="resolved")).facts]
    assert {"Olena", "Piotr"} <= set(values)
    by_system = word(message(incident(resolved_by="groundswell"), kind="resolved"))
    assert "groundswell" not in [fact.value for fact in by_system.facts]


@pytest.mark.parametrize("locale", ["en", "ru", "uk", "pl"])
@pytest.mark.parametrize("code", get_args(Code))
def test_every_reason_can_be_said_in_every_language_even_without_numbers(locale: str, code: Code) -> None:
    said = Reason(code=code, note="error 404").say(translator(locale))
    assert said.endswith("error 404")
    assert "{" not in said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (10_800, "3 hours"),
        (86_400, "1 day"),
        (129_600, "36 hours"),
        (0, "0 minutes"),
    ],
)
def test_spans_use_the_largest_unit_that_is_still_telling(seconds: float, words: str) -> None:
    assert span(translator("en"), seconds) == words


def test_outside_text_can_neither_break_a_line_nor_turn_it(message: MakeMessage, hostile_incident: Incident) -> None:
    words = word(message(hostile_incident))
    texts = [words.subject, words.headline, words.reason, *(f.value for f in words.facts)]
    texts += [part for quote in words.quotes for part in (quote.text, quote.byline)]
    assert not [text for text in texts if set("\r\n\u202e") & set(text)]
    assert len(words.subject) <= SUBJECT_LIMIT
    assert len(words.quotes) == QUOTES
    assert all(quote.url is None for quote in words.quotes), "a javascript: address was kept"


@given(st.text(max_size=400), st.integers(2, 120))
def test_law_clean_text_is_one_short_printable_line(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned
    allowed = {"\u200c", "\u200d", " "}
    assert all(unicodedata.category(c)[0] not in "CZ" or c in allowed for c in cleaned)
    cleaned.encode()


def test_machines_get_the_same_for_every_copy(message: MakeMessage) -> None:
    first, copy = as_json(message()), as_json(message(attempt=3))
    assert json.dumps(first) == json.dumps(copy)
    assert first["created_at"] == "2026-03-10T12:30:00Z"
    assert first["incident"]["evidence"]["quotes"][0]["mention_id"] == 7
    assert first["incident"]["reason"]["code"] == "bound_reached"


def test_a_test_message_quotes_nobody_and_does_not_call_its_readers_shop_invented() -> None:
    message = trial(event_id="e1", link="https://g.example", locale="en", now=NOW)
    words = word(message)
    assert not message.incident.invented
    assert (words.quotes, words.headline) == ((), "Test message: this channel works")


def test_an_address_that_cannot_be_read_is_left_out(message: MakeMessage, incident: MakeIncident) -> None:
    base = incident()
    quote = replace(base.evidence.quotes[0], url="http://[half")
    words = word(message(replace(base, evidence=replace(base.evidence, quotes=(quote,)))))
    assert words.quotes[0].url is None


@pytest.mark.parametrize("kind", ["opened", "escalated"])
def test_a_site_that_changed_is_not_called_unread(
    message: MakeMessage, incident: MakeIncident, kind: MessageKind
) -> None:
    reason = Reason(code="yield_drop", numbers={"share": 0.03, "usual": 0.98}, about="rating")
    words = word(message(incident(cause="yield", subject="Reviews", severity="low", reason=reason), kind=kind))
    assert words.subject == "Low: The site of the source Reviews has changed"
    assert words.reason == "The site changed: rating found in 3% of items, usually 98%."
    assert [fact.label for fact in words.facts][-2:] == ["Source", "Time window"]
