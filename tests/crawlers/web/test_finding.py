"""Which mention a find is: of the page's own source, whatever the page claims, and the same at every reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.connector import Tools
from crawlers.mention import Mention
from crawlers.rating import Rating
from crawlers.web.finding import to_mention
from crawlers.web.found import Found
from crawlers.when import When

PAGE = "https://www.shop.example/p/1"
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


def made(text: str = "Late again", **more: object) -> Mention:
    found = Found(text=text, **more)
    return to_mention(found, page=PAGE, tools=TOOLS, language="en", now=NOW)


def day(number: int, *, relative: bool = False) -> When:
    since = NOW - timedelta(days=number)
    return When(since=since, until=since + timedelta(hours=1), relative=relative)


@pytest.mark.parametrize(("value", "stars"), [(0.0, "☆☆☆☆☆"), (0.2, "★☆☆☆☆"), (0.9, "★★★★☆"), (1.0, "★★★★★")])
def test_a_review_without_words_says_its_stars(value: float, stars: str) -> None:
    assert made("", rating=Rating(value=value, given="x")).text == stars


def test_stars_stand_in_for_words_only_where_there_are_none() -> None:
    assert made("Late", rating=Rating(value=0.2, given="1/5")).text == "Late"
    assert made("", title="Late", rating=Rating(value=0.2, given="1/5")).text == ""
    assert made("").text == ""


def test_the_sites_own_id_tells_an_item_and_else_its_own_address() -> None:
    assert made(id="r7", url=f"{PAGE}#r7", own_url=True).key == ("web:shop.example", "r7")
    own = made(url="https://shop.example/r/7", own_url=True)
    assert own.key == ("web:shop.example", "https://shop.example/r/7")


def test_without_either_it_is_told_by_author_date_and_text_but_not_by_its_rating() -> None:
    first = made(author="Anna", published=day(3), rating=Rating(value=0.2, given="1/5"))
    assert made(author="Anna", published=day(3), rating=Rating(value=0.8, given="4/5")).key == first.key
    assert made("<p>Late   again</p>", author="Anna", published=day(3)).key == first.key
    others = (made(author="Olha", published=day(3)), made(author="Anna", published=day(4)), made("Good", author="Anna"))
    assert first.key not in {other.key for other in others}


def test_a_date_that_is_counted_from_the_reading_tells_nothing() -> None:
    first = made(author="Anna", published=day(3, relative=True))
    assert made(author="Anna", published=day(4, relative=True)).key == first.key
