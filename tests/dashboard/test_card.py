"""A mention's card: hostile text stays text, long ones fold around the match, odd ones say what is odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from dashboard.card import mention_list
from dashboard.wording import Wording
from storage.listing import Revision
from storage.mention_row import MentionRow

BAD = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
BAD_URL = "https://host/\"><script>alert(1)</script>&'"


class Elements(HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def words():
    return Wording("en", "Europe/Kyiv")


@pytest.fixture
def row(now):
    return MentionRow(
        id=1,
        brand="Shop",
        platform="web:host",
        source="Feed",
        kind="news",
        url="https://host/1",
        title="About Shop",
        text="Shop is fine",
        author="Ada",
        author_handle="ada",
        author_url="https://host/ada",
        followers=12_345,
        language="en",
        label="negative",
        label_by="vader 1",
        unsure=False,
        rating=0.2,
        reach=None,
        likes=1,
        shares=0,
        replies=None,
        product=None,
        place=None,
        region=None,
        published_at=now - timedelta(minutes=5),
        collected_at=now,
        undated=False,
        spans=((6, 10), (11, 15)),
        edits=0,
        deleted=False,
        invented=False,
    )


def test_a_card_says_who_where_when_and_how_it_feels(row, words, now):
    card = mention_list([row], words, now)
    for part in ("Ada", "Feed", "5 minutes ago", "Negative", "12K followers", "1 like", "1 of 5 stars", "English"):
        assert part in card
    assert card.count("<mark>Shop</mark>") == 2
    assert 'title="Tuesday, 10 March 2026, 14:25:00' in card


def test_nothing_from_outside_becomes_an_element(row, words, now):
    hostile = replace(
        row,
        **dict.fromkeys(("title", "text", "author", "source", "product", "place", "region", "brand", "label_by"), BAD),
        url=BAD_URL,
        author_url="javascript:alert(1)",
        language="en",
    )
    old = (Revision(replaced_at=now, title=BAD, text=BAD),)
    elements = Elements(mention_list([hostile], words, now, revisions={1: old}, with_brand=True)).found
    assert not {"script", "img", "iframe", "svg"} & {name for name, _ in elements}
    assert not [key for _, attributes in elements for key in attributes if key.startswith("on")]
    links = [attributes for name, attributes in elements if name == "a"]
    assert [item["href"] for item in links] == [BAD_URL]


def test_a_text_that_nobody_could_read_is_never_called_neutral(row, words, now):
    card = mention_list([replace(row, label="unscored")], words, now)
    assert "Not scored" in card
    assert "Neutral" not in card


def test_odd_mentions_say_what_is_odd(row, words, now):
    card = mention_list([replace(row, undated=True, deleted=True, invented=True, unsure=True)], words, now)
    for tag in ("undated", "deleted", "invented", "unsure"):
        assert f">{tag}</span>" in card


def test_a_long_text_folds_around_its_first_match_and_opens_whole(row, words, now):
    text = "word " * 200 + "Shop" + " word" * 200
    start = len("About Shop\n") + 1_000
    card = mention_list([replace(row, text=text, spans=((start, start + 4),))], words, now)
    folded, whole = card.split("Show all")
    assert "<mark>Shop</mark>" in folded
    assert len(folded) < 1_400
    assert "<mark>Shop</mark>" in whole


def test_a_text_of_a_hundred_thousand_letters_is_cut_and_says_so(row, words, now):
    card = mention_list([replace(row, text="x" * 100_000, spans=())], words, now)
    assert len(card) < 30_000
    assert "open the original" in card


def test_earlier_texts_are_one_click_away(row, words, now):
    old = (Revision(replaced_at=now, title=None, text="as it was"), Revision(replaced_at=now, title=None, text="first"))
    card = mention_list([replace(row, edits=2)], words, now, revisions={1: old})
    assert "edited 2×" in card
    assert "as it was" in card


def test_a_rating_is_shown_as_it_was_given_and_code_in_stars(row, words, now):
    def card(**more):
        return mention_list([replace(row, **more)], words, now)

    assert '<span title="4 of 5 stars">rated <bdi>8/10</bdi></span>' in card(rating=0.8, rating_given="8/10")
    assert "<bdi>★★★★☆</bdi>" in card(rating=0.8, rating_given="★★★★☆")
    for code in ("star-rating Four", "stars_40", "width:80%", "s80"):
        shown = card(rating=0.8, rating_given=code)
        assert "<span>4 of 5 stars</span>" in shown
        assert code not in shown
    assert "Nobody could read this rating." in card(rating=None, rating_given="so so")
    assert "rated" not in card(rating=None, rating_given=None)


def old(now, rating, given=None, text="as it was"):
    return Revision(replaced_at=now, title=None, text=text, rating=rating, rating_given=given)


def test_a_raised_rating_is_good_news_at_the_head_of_the_card(row, words, now):
    better = replace(row, edits=2, rating=0.8, rating_given="4/5")
    earlier = (old(now, 0.6, "3/5"), old(now, 0.2, "1/5"))
    card = mention_list([better], words, now, revisions={1: earlier})
    head = card.split("</header>")[0]
    assert "raised <span><bdi>1/5</bdi> → <bdi>4/5</bdi></span>" in head
    assert "gw-fine" in head
    assert "rated <bdi>3/5</bdi>" in card.split("edited 2×")[1]


def test_a_lowered_rating_is_said_without_a_colour_and_the_same_one_not_at_all(row, words, now):
    worse = replace(row, edits=1, rating=0.2, rating_given="star-rating One")
    head = mention_list([worse], words, now, revisions={1: (old(now, 1.0, "5"),)}).split("</header>")[0]
    assert "lowered <span><bdi>5</bdi> → <bdi>1 of 5 stars</bdi></span>" in head
    assert "gw-fine" not in head
    for earlier in ((old(now, 0.2, "20 %"),), (old(now, None),)):
        assert "→" not in mention_list([worse], words, now, revisions={1: earlier})
