"""Markup: hostile text stays text, whatever it tries."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.markup import element, escape, highlight, join, link, literal, outside

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "</p><iframe src=//evil.example>",
    "<!-- --><svg/onload=alert(1)>",
    "&lt;script&gt;",
    "]]><![CDATA[<script>",
)


class Reader(HTMLParser):
    """Reads markup back: its elements, its attributes, its text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_makes_no_element(text):
    read = Reader(element("p", text, title=text))
    assert [(name, set(attributes)) for name, attributes in read.elements] == [("p", {"title"})]
    assert read.text == text
    assert read.elements[0][1]["title"] == text


@given(st.text())
def test_any_text_comes_back_as_it_was_but_for_what_steers_a_screen(text):
    read = Reader(element("p", text))
    assert [name for name, _ in read.elements] == ["p"]
    shown = "".join(character for character in text if escape(character))
    assert read.text == shown


def test_direction_marks_and_control_characters_are_taken_out():
    assert escape("a\u202eb\u2066c\u200bd\x00e\x1bf\ufeffg\nh\ti") == "abcdefg\nh\ti"


def test_finished_markup_is_not_escaped_again():
    assert join(["a & ", element("b", "c < d")]) == "a &amp; <b>c &lt; d</b>"


def test_no_attribute_may_hold_a_script():
    with pytest.raises(ValueError, match="no script"):
        element("a", onclick="alert(1)")


BAD_ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://host/x",
    "//evil.example",
    "https:///path",
    "https://",
    "http://[::1",
    "https://host\\@evil.example",
    " https://host",
    "https://host/\u202efdp",
    "relative",
    "",
)


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_an_address_that_is_not_http_is_no_link(url):
    assert outside(url) is None
    assert Reader(link(url, "text")).elements[0][0] == "span"
    if url:
        with pytest.raises(ValueError, match="neither a path of ours"):
            element("a", href=url)


def test_a_link_outside_tells_nothing_about_us():
    name, attributes = Reader(link('https://host/?a="1"&b=<2>', "text")).elements[0]
    assert name == "a"
    assert attributes == {
        "href": 'https://host/?a="1"&b=<2>',
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }


def test_matched_words_are_marked_and_the_rest_stays_text():
    assert highlight("<b>Shop</b> ok", [(3, 7)]) == "&lt;b&gt;<mark>Shop</mark>&lt;/b&gt; ok"
    assert highlight("Shop", [(6, 10), (0, 2)], offset=6) == "<mark>Shop</mark>"


@given(st.text(), st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60))), st.integers(0, 20))
def test_odd_spans_never_lose_a_letter(text, spans, offset):
    read = Reader(highlight(text, spans, offset=offset))
    assert {name for name, _ in read.elements} <= {"mark"}
    assert read.text == "".join(character for character in text if escape(character))


def test_a_label_for_streamlit_is_taken_literally():
    assert literal("**a** [b](javascript:c) :red[d] $e$") == (
        "\\*\\*a\\*\\* \\[b\\]\\(javascript\\:c\\) \\:red\\[d\\] \\$e\\$"
    )
