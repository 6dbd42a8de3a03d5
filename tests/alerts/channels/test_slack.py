from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channel import ChannelTools, DeliveryError, Message
from alerts.channels.slack import Slack, SlackSettings
from alerts.incident import Incident

MakeMessage = Callable[..., Message]

TEXT_LIMITS = {"header": 150, "section": 3000}
BLOCK_TYPES = {"header", "section", "actions", "context", "divider"}


def require(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def check_text(text: dict[str, Any], limit: int) -> None:
    require(text["type"] in {"plain_text", "mrkdwn"}, "text type")
    require(text["type"] == "plain_text" or "emoji" not in text, "emoji belongs to plain_text")
    require(isinstance(text["text"], str) and 1 <= len(text["text"]) <= limit, f"text of {len(text['text'])}")
    require(set(text) <= {"type", "text", "emoji"}, "unknown key in text")


def check_block(block: dict[str, Any]) -> None:
    """Refuse what Slack refuses (docs.slack.dev/reference/block-kit/blocks)."""
    kind = block["type"]
    require(kind in BLOCK_TYPES, f"block type {kind}")
    if kind == "header":
        require(block["text"]["type"] == "plain_text", "a header is plain_text")
    if kind in TEXT_LIMITS and "text" in block:
        check_text(block["text"], TEXT_LIMITS[kind])
    if kind == "section":
        require("text" in block or "fields" in block, "an empty section")
        require(1 <= len(block.get("fields", [0])) <= 10, "fields")
        for field in block.get("fields", []):
            check_text(field, 2000)
    if kind == "context":
        require(1 <= len(block["elements"]) <= 10, "context elements")
        for element in block["elements"]:
            check_text(element, 2000)
    if kind == "actions":
        require(1 <= len(block["elements"]) <= 25, "action elements")
        for button in block["elements"]:
            require(button["type"] == "button" and len(button["url"]) <= 3000, "button")
            require(button["url"].startswith(("http://", "https://")), "button address")
            check_text(button["text"], 75)


def as_slack_would(body: bytes) -> tuple[int, str]:
    try:
        payload = json.loads(body)
        require(isinstance(payload["text"], str) and payload["text"], "text")
        require(1 <= len(payload["blocks"]) <= 50, "blocks")
        for block in payload["blocks"]:
            check_block(block)
    except (ValueError, KeyError, TypeError) as error:
        return 400, f"invalid_blocks: {error}"
    return 200, "ok"


@pytest.fixture
def slack_server(http_server: Any) -> Iterator[Any]:
    server = type(http_server)(as_slack_would)
    yield server
    server.close()


@pytest.fixture
def slack(slack_server: Any, tools: ChannelTools) -> Slack:
    return Slack(SlackSettings(url=slack_server.url), tools)


def texts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") in {"plain_text", "mrkdwn"}:
            yield value
        for inner in value.values():
            yield from texts(inner)
    if isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@pytest.mark.parametrize("locale", ["en", "ru", "uk", "pl"])
@pytest.mark.parametrize("kind", ["opened", "escalated", "resolved", "test"])
def test_slack_takes_every_kind_of_message(
    kind: str, locale: str, slack: Slack, slack_server: Any, message: MakeMessage
) -> None:
    slack.send(message(kind=kind, locale=locale, attempt=2))
    payload = json.loads(slack_server.seen[0].body)
    assert slack_server.seen[0].headers["content-type"] == "application/json"
    assert payload["blocks"][-1]["elements"][-1]["text"].endswith("00000000000e")
    assert payload["blocks"][-2]["elements"][0]["url"] == "https://groundswell.example/incidents?id=1"
    assert "2" in payload["blocks"][-1]["elements"][0]["text"]


def test_outside_text_stands_in_plain_text_objects_only(
    slack: Slack, slack_server: Any, message: MakeMessage, hostile_incident: Incident
) -> None:
    slack.send(message(hostile_incident))
    payload = json.loads(slack_server.seen[0].body)
    found = list(texts(payload["blocks"]))
    assert any("<!channel>" in text["text"] for text in found), "the quote is missing"
    assert {text["type"] for text in found} == {"plain_text"}
    assert not any(text["emoji"] for text in found)
    assert "<" not in payload["text"]
    assert "&lt;!channel&gt;" in payload["text"]


@pytest.mark.parametrize(
    ("status", "body", "permanent"),
    [
        (400, "invalid_payload", True),
        (403, "action_prohibited", True),
        (404, "no_service", True),
        (410, "channel_is_archived", True),
        (302, "", True),
        (500, "rollup_error", False),
        (503, "", False),
    ],
)
def test_slacks_own_word_is_in_the_error(
    status: int, body: str, permanent: bool, slack: Slack, slack_server: Any, message: MakeMessage
) -> None:
    slack_server.answers.append((status, {"location": "http://127.0.0.1:1/"}, body))
    with pytest.raises(DeliveryError, match=f"127.0.0.1 answered {status}.*{body}") as caught:
        slack.send(message())
    assert caught.value.permanent is permanent
    assert "s3cr3t" not in str(caught.value)
    assert len(slack_server.seen) == 1, "retries belong to the outbox"


@pytest.mark.parametrize("wish", ["30", "Tue, 10 Mar 2026 12:30:30 GMT"])
def test_slacks_wish_to_wait_is_passed_on(wish: str, slack: Slack, slack_server: Any, message: MakeMessage) -> None:
    slack_server.answers.append((429, {"retry-after": wish}, "rate_limited"))
    with pytest.raises(DeliveryError) as caught:
        slack.send(message())
    assert (caught.value.permanent, caught.value.retry_after) == (False, timedelta(seconds=30))


def test_a_refused_connection_is_temporary_and_does_not_tell_the_secret(
    slack: Slack, slack_server: Any, message: MakeMessage
) -> None:
    slack_server.close()
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        slack.send(message())
    assert not caught.value.permanent
    assert "s3cr3t" not in str(caught.value)


def test_a_private_address_is_refused_unless_the_operator_allows_it(message: MakeMessage) -> None:
    guarded = ChannelTools(channel="Team", user_agent="Groundswell/test")
    with pytest.raises(DeliveryError, match="private address") as caught:
        Slack(SlackSettings(url="http://127.0.0.1:9/x/s3cr3t"), guarded).send(message())
    assert caught.value.permanent
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("url", ["hooks.slack.com/x", "ftp://hooks.slack.com/x", "https://", "https://[half"])
def test_an_address_that_is_none_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValidationError, match="this is no web address"):
        SlackSettings(url=url)


def test_the_secret_is_not_printed() -> None:
    assert "s3cr3t" not in repr(SlackSettings(url="https://hooks.example/s3cr3t"))
