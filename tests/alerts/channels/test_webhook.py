from __future__ import annotations

import hashlib
import hmac
import json
import runpy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channel import ChannelTools, DeliveryError, Message
from alerts.channels.webhook import Webhook, WebhookSettings, signature

MakeMessage = Callable[..., Message]
SECRET = "a-secret-of-enough-length"


@pytest.fixture
def webhook(http_server: Any, tools: ChannelTools) -> Webhook:
    return Webhook(WebhookSettings(url=http_server.url, secret=SECRET), tools)


def test_the_signature_can_be_verified_over_timestamp_and_body(
    webhook: Webhook, http_server: Any, message: MakeMessage
) -> None:
    webhook.send(message())
    seen = http_server.seen[0]
    parts = dict(part.split("=", 1) for part in seen.headers["x-groundswell-signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + seen.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert parts["t"] == "1773145800"


def test_copies_have_one_event_id_and_one_body(webhook: Webhook, http_server: Any, message: MakeMessage) -> None:
    webhook.send(message())
    webhook.send(message(attempt=2))
    first, copy = http_server.seen
    assert first.body == copy.body
    assert first.headers["x-groundswell-event"] == copy.headers["x-groundswell-event"]
    assert [seen.headers["x-groundswell-attempt"] for seen in http_server.seen] == ["1", "2"]
    assert json.loads(first.body)["event_id"] == first.headers["x-groundswell-event"]


@pytest.mark.parametrize(("status", "permanent"), [(401, True), (408, False), (429, False), (502, False)])
def test_statuses_say_whether_to_try_again(
    status: int, permanent: bool, webhook: Webhook, http_server: Any, message: MakeMessage
) -> None:
    http_server.answers.append((status, {}, "no\r\nthanks"))
    with pytest.raises(DeliveryError, match=f"answered {status}: no thanks") as caught:
        webhook.send(message())
    assert caught.value.permanent is permanent


def test_any_2xx_is_success(webhook: Webhook, http_server: Any, message: MakeMessage) -> None:
    http_server.answers.append((202, {}, ""))
    webhook.send(message())


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 16"):
        WebhookSettings(url="https://hook.example/", secret="short")


def test_neither_address_nor_secret_is_printed() -> None:
    shown = repr(WebhookSettings(url="https://hook.example/t0ken", secret=SECRET))
    assert "t0ken" not in shown
    assert SECRET not in shown


def test_the_documentations_example_verifies_a_real_signature(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "channels.md").read_text(encoding="utf-8")
    example = tmp_path / "example.py"
    example.write_text(docs.partition("```python\n")[2].partition("```")[0], encoding="utf-8")
    is_genuine = runpy.run_path(str(example))["is_genuine"]
    now = int(time.time())
    assert is_genuine(signature(SECRET, b"{}", at=now), b"{}", SECRET)
    assert not is_genuine(signature(SECRET, b"{}", at=now), b"{ }", SECRET)
    assert not is_genuine(signature(SECRET, b"{}", at=now - 301), b"{}", SECRET)
