from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.feed import _read_any
from crawlers.http import Response
from crawlers.plain_rss import read_plain

SPACES = (
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:slash='http://purl.org/rss/1.0/modules/slash/'"
)
HEAD = f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' {SPACES}><channel><title>Talk</title>"
TAIL = "</channel></rss>"
ITEM = (
    "<item><title>One</title><link>https://forum.example/1</link><guid>https://forum.example/1</guid>"
    "<pubDate>Tue, 10 Mar 2026 11:30:00 +0200</pubDate><description>&lt;p&gt;Text&lt;/p&gt;</description></item>"
)


def by_feedparser(text: str):
    response = Response(url="https://forum.example/feed", status=200, headers={}, body=b"")
    return _read_any(text, response, spoilt=False).entries


def feed(*items: str) -> str:
    return HEAD + "".join(items) + TAIL


TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            " padded ",
            "Q&A",
            "R&amp;D",
            "5 < 6",
            "<b>bold</b>",
            "AT&T; really",
            "café",
            "cafÃ©",
            "п’ять",
            "“x”",
            "\x85",
            "a\nb",
            "ann@shop.example (Ann)",
            "https://forum.example/a?b=1&c=2",
            "https://forum.example/a?b=1&c;d",
            "//forum.example/x",
            "https:////forum.example/x",
            "/relative",
            "42",
            "tag:forum.example,2026:1",
            "http://[broken",
            "mailto:ann@shop.example",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
)
DATES = st.one_of(
    st.datetimes().map(lambda at: f"{at:%a, %d %b} {at.year:04} {at:%H:%M:%S} GMT"),
    st.sampled_from(
        [
            "Tue, 10 Mar 2026 11:30:00 +0200",
            "10 Mar 2026 11:30:00 -0730",
            "Tue, 10 Mar 2026 11:30:00 EST",
            "2026-03-10T11:30:00Z",
            "Tue, 31 Feb 2026 11:30:00 GMT",
            "Tue, 10 Mar 2026 25:30:00 GMT",
            "Tue, 10 Mar 2026 11:30:60 GMT",
            "Tue, 10 Mar 26 11:30 GMT",
            "yesterday",
            "",
            "1 Jan 0001 00:00:00 +0900",
            "31 Dec 9999 23:59:59 -0900",
            "10 Mar 2026 11:30:00 +9999",
            "10 Mai 2026 11:30:00 GMT",
        ]
    ),
)
NAMES = [
    "title",
    "link",
    "description",
    "author",
    "dc:creator",
    "content:encoded",
    "category",
    "slash:comments",
    "dc:date",
]
ATTRIBUTES = st.sampled_from(
    ["", "", "", " isPermaLink='false'", " isPermaLink='true'", " isPermaLink='no'", " type='html'"]
)


@st.composite
def items(draw) -> str:
    parts = [f"<{name}>{escape(draw(TEXTS))}</{name}>" for name in draw(st.lists(st.sampled_from(NAMES), max_size=6))]
    if draw(st.booleans()):
        parts.append(f"<guid{draw(ATTRIBUTES)}>{escape(draw(TEXTS))}</guid>")
    if draw(st.booleans()):
        parts.append(f"<pubDate>{draw(DATES)}</pubDate>")
    return f"<item>{''.join(draw(st.permutations(parts)))}</item>"


@given(st.lists(items(), min_size=1, max_size=3))
def test_what_is_read_is_what_feedparser_reads(written):
    entries = read_plain(feed(*written), spoilt=False)
    if entries is not None:
        assert entries == by_feedparser(feed(*written))


def test_an_ordinary_feed_is_read_here():
    text = feed(ITEM, ITEM.replace("One", "Zwei – Q&amp;A").replace("11:30", "12:30"))
    entries = read_plain(text, spoilt=False)
    assert entries is not None
    assert entries == by_feedparser(text)
    assert [entry.title for entry in entries] == ["One", "Zwei – Q&amp;A"]


@pytest.mark.parametrize(
    ("here", "instead"),
    [
        ("<title>One</title>", "<title>One &lt;b&gt;two&lt;/b&gt;</title>"),
        ("<title>One</title>", "<title>R&amp;amp;D</title>"),
        ("<title>One</title>", "<title>cafÃ©</title>"),
        ("<title>One</title>", "<title>One</title><title>Two</title>"),
        ("<title>One</title>", "<title type='html'>One</title>"),
        ("<title>One</title>", "<title>One</title><unknown>1</unknown>"),
        ("<title>One</title>", "<title>One</title"),
        ("+0200", "EST"),
        ("https://forum.example/1</link>", "/1</link>"),
        ("&lt;p&gt;Text&lt;/p&gt;", "<p>Text</p>"),
        ("<item>", f"<item xml:base={quoteattr('https://other.example/')}>"),
        ("<rss version='2.0'", "<rss version='0.92'"),
    ],
)
def test_what_needs_more_experience_is_left_to_feedparser(here, instead):
    text = feed(ITEM)
    assert here in text
    assert read_plain(text.replace(here, instead), spoilt=False) is None


def test_characters_that_could_not_be_decoded_are_noted_where_they_stand():
    text = feed(ITEM.replace("One", "On\ufffd"), ITEM)
    assert [entry.spoilt for entry in read_plain(text, spoilt=True) or ()] == [True, False]
