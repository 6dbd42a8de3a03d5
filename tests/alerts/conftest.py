"""What the tests of alerts/ share: an incident, a message, a tally."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.channel import Message
from alerts.incident import Evidence, Incident, Quote
from alerts.reason import Reason
from alerts.rule import Tally

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def a_tally(voices: int = 0, *, until: datetime = NOW, hours: float = 3, **changes: Any) -> Tally:
    values: dict[str, Any] = {
        "since": until - timedelta(hours=hours),
        "until": until,
        "voices": voices,
        "negatives": voices,
        "scored": voices + 2,
        "mentions": voices + 5,
        "exposure": 1.0,
    }
    return Tally(**{**values, **changes})


def an_incident(**changes: Any) -> Incident:
    quote = Quote(
        mention_id=7,
        text="The parcel never came & nobody answers",
        published_at=NOW - timedelta(minutes=20),
        author="Olena",
        url="https://forum.example/t/7",
        source="Forum",
    )
    evidence = Evidence(
        since=NOW - timedelta(hours=3),
        until=NOW,
        negatives=14,
        voices=12,
        scored=20,
        mentions=25,
        told_voices=12,
        quotes=(quote,),
    )
    values: dict[str, Any] = {
        "id": "0195f3a0-0000-7000-8000-000000000001",
        "group_key": "brand:Acme/rule:Crisis",
        "cause": "negatives",
        "brand": "Acme",
        "subject": "Acme",
        "severity": "high",
        "state": "open",
        "reason": Reason(
            code="bound_reached",
            numbers={"voices": 12, "min_voices": 10, "share": 0.7, "min_share": 0.5, "window": 10_800},
        ),
        "evidence": evidence,
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return Incident(**{**values, **changes})


def a_message(incident: Incident | None = None, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "event_id": "0195f3a0-0000-7000-8000-00000000000e",
        "kind": "opened",
        "incident": incident or an_incident(),
        "link": "https://groundswell.example/incidents?id=1",
        "locale": "en",
        "created_at": NOW,
    }
    return Message(**{**values, **changes})


@pytest.fixture
def tally() -> Callable[..., Tally]:
    return a_tally


@pytest.fixture
def incident() -> Callable[..., Incident]:
    return an_incident


@pytest.fixture
def message() -> Callable[..., Message]:
    return a_message
