"""Whose an item is: of the page's own source, whatever the page claims."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.connector import Tools
from crawlers.web.finding import to_mention
from crawlers.web.found import Found

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOOLS = Tools(source="A shop", kind="review", clock=lambda: NOW, user_agent="Groundswell/test")
HOSTS = frozenset({"shop.example", "m.shop.example"})


@pytest.mark.parametrize(
    ("claimed", "platform"),
    [
        ("https://www.shop.example/review/1", "web:shop.example"),
        ("https://m.shop.example/review/1", "web:m.shop.example"),
        ("https://other.example/review/1", "web:shop.example"),
        (None, "web:shop.example"),
    ],
)
def test_a_page_cannot_name_items_of_another_site(claimed: str | None, platform: str) -> None:
    found = Found(text="a text", id="r1", url=claimed, own_url=claimed is not None)
    page = "https://shop.example/reviews"
    assert to_mention(found, page=page, tools=TOOLS, language=None, now=NOW, hosts=HOSTS).platform == platform
