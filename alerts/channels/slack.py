"""Slack, by an incoming webhook, in Block Kit.

Everything is said in `plain_text` objects, which Slack shows as it stands: neither `<!channel>` nor `*bold*` in a
mention has any effect. Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from alerts.channel import ChannelTools, Message
from alerts.message import Saying, Wording, word
from alerts.post import post, require_http_url

HEADER_LIMIT: Final = 150
SECTION_LIMIT: Final = 3000
FIELD_LIMIT: Final = 2000
FIELDS: Final = 10


class SlackSettings(BaseModel):
    """Options of the channel `slack`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr = Field(description="address of the incoming webhook: whoever knows it can post")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: SecretStr) -> SecretStr:
        require_http_url(url.get_secret_value())
        return url


class Slack:
    """Posts a message to the Slack channel that the webhook belongs to."""

    settings = SlackSettings

    def __init__(self, options: SlackSettings, tools: ChannelTools) -> None:
        self._options = options
        self._tools = tools

    def send(self, message: Message) -> None:
        """Post once. Slack's own word, such as `invalid_payload` or `no_service`, is in the DeliveryError."""
        body = json.dumps(payload(word(message))).encode()
        post(self._options.url.get_secret_value(), body, headers={}, tools=self._tools)


def payload(words: Wording) -> dict[str, Any]:
    """Return the webhook's JSON: blocks, and `text` for notifications, which Slack reads as mrkdwn."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(words.headline, HEADER_LIMIT)},
        {"type": "section", "text": _plain(words.reason, SECTION_LIMIT)},
        {"type": "section", "fields": [_plain(f"{f.label}\n{f.value}", FIELD_LIMIT) for f in words.facts[:FIELDS]]},
    ]
    if words.quotes:
        blocks.append({"type": "context", "elements": [_plain(words.quotes_title, FIELD_LIMIT)]})
    blocks += [{"type": "section", "text": _plain(_quote(quote), SECTION_LIMIT)} for quote in words.quotes]
    button = {"type": "button", "text": _plain(words.link_text, 75), "url": words.link}
    blocks.append({"type": "actions", "elements": [button]})
    small = [_plain(text, FIELD_LIMIT) for text in (*words.notes, words.event_line)]
    blocks.append({"type": "context", "elements": small})
    return {"text": _escaped(words.subject), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:limit], "emoji": False}


def _quote(quote: Saying) -> str:
    return "\n".join(part for part in (f"“{quote.text}”", quote.byline, quote.url) if part)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
