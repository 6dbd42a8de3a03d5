"""A signed JSON POST to an address of yours."""

from __future__ import annotations

import hashlib
import hmac
import json

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from alerts.channel import ChannelTools, Message
from alerts.message import as_json
from alerts.post import post, require_http_url


class WebhookSettings(BaseModel):
    """Options of the channel `webhook`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr = Field(description="address that takes the POST; it may hold a token, so it is kept secret")
    secret: SecretStr = Field(min_length=16, description="key of the signature, at least 16 characters")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: SecretStr) -> SecretStr:
        require_http_url(url.get_secret_value())
        return url


class Webhook:
    """Posts every message as JSON. Copies have the same event id and, byte for byte, the same body."""

    settings = WebhookSettings

    def __init__(self, options: WebhookSettings, tools: ChannelTools) -> None:
        self._options = options
        self._tools = tools

    def send(self, message: Message) -> None:
        """Post once; any 2xx means that the other side has it."""
        body = json.dumps(as_json(message), sort_keys=True).encode()
        at = int(self._tools.clock().timestamp())
        headers = {
            "X-Groundswell-Event": message.event_id,
            "X-Groundswell-Attempt": str(message.attempt),
            "X-Groundswell-Signature": signature(self._options.secret.get_secret_value(), body, at=at),
        }
        post(self._options.url.get_secret_value(), body, headers=headers, tools=self._tools)


def signature(secret: str, body: bytes, *, at: int) -> str:
    """Return `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 with `secret` over `<t>.<body>`."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
