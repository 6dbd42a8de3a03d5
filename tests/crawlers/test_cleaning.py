import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.cleaning import MAX_TEXT, clean, clean_text, web_address
from crawlers.connector import Reject
from crawlers.mention import Author, Mention

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def mention(**changes: object) -> Mention:
    values = {
        "platform": "web:example.com",
        "external_id": "1",
        "kind": "news",
        "text": "a text",
        "published_at": NOW - timedelta(hours=1),
        "collected_at": NOW,
    }
    return Mention(**{**values, **changes})


def cleaned(**changes: object) -> Mention:
    result = clean(mention(**changes), NOW)
    assert isinstance(result, Mention)
    return result


def test_a_clean_mention_stays_as_it_is() -> None:
    tidy = mention(title="A title", url="https://example.com/a?b=c", author=Author(handle="ann", name="Ann"))
    assert clean(tidy, NOW) == tidy


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<p>One</p><p>Two <b>bold</b></p>", "One\n\nTwo bold"),
        ("One<br/>Two<BR >Three", "One\nTwo\nThree"),
        ("<script>alert(1)</script>Text<style>p {}</style >", "Text"),
        ("<SCRIPT src='x>y'>alert('</p>')</SCRIPT>Text", "Text"),
        ("Text<script>never closed", "Text"),
        ("Text<!-- a comment -->!", "Text!"),
        ('<a href="x" title="a > b">link</a>', "link"),
        ("<div\n>one\ntwo</div>", "one two"),
        ("AT&amp;T &lt;3 &#1071; &nbsp;x", "AT&T <3 Я x"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("a < b and b > c, I <3 you", "a < b and b > c, I <3 you"),
        ("Dear <name>, vector<int>", "Dear <name>, vector<int>"),
        ("<![CDATA[<p>inside</p>]]>", "inside"),
        ("<![CDATA[only text]]>", "only text"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("fish &chips; & more", "fish &chips; & more"),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_html_becomes_plain_text(raw: str, plain: str) -> None:
    assert clean_text(raw) == plain


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Roz\u200bet\ufeffka", "Rozetka"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("שלום \u200fעולם", "שלום עולם"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\x00b\x07c\x1bd", "abcd"),
        ("half \ud83d of a pair", "half of a pair"),
        ("👩\u200d💻 and ❤\ufe0f\u200d🔥", "👩\u200d💻 and ❤\ufe0f\u200d🔥"),
        ("pay\u200dpal and pay\u200cpal", "paypal and paypal"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("one\r\ntwo\u2028three\n\n\n\nfour", "one\ntwo\nthree\n\nfour"),
        (" too \u00a0 many\t spaces \n here ", "too many spaces\nhere"),
        ("&#8203;&#x202e;hidden by reference", "hidden by reference"),
    ],
)
def test_hidden_signs_are_removed_and_spaces_tidied(raw: str, plain: str) -> None:
    assert clean_text(raw) == plain


@given(st.text(st.sampled_from("<>/!-apscriptbr&;#'\" \n\u200b\ud800\x00=") | st.characters(), max_size=80))
def test_what_is_stored_can_always_be_written_as_utf8(raw: str) -> None:
    plain = clean_text(raw)
    plain.encode()
    assert plain == plain.strip()
    assert "\x00" not in plain


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        '<a "',
        "<a '\" ",
        "<!--",
        "<!",
        "<script ",
        "<script>",
        "&#",
        "<p>",
        "<p ",
        "]]>",
        "\n ",
        " \n",
        "\u200c",
        "<p\"'",
    ],
)
def test_no_text_makes_cleaning_slow(piece: str) -> None:
    start = time.process_time()
    clean_text(piece * (300_000 // len(piece)))
    assert time.process_time() - start < 1


def test_a_very_long_text_is_taken_in_up_to_the_limit() -> None:
    assert cleaned(text="я" * 100_000).text == "я" * MAX_TEXT
    assert len(cleaned(text="word " * 300_000).text) == MAX_TEXT - 1


@pytest.mark.parametrize("text", ["", "  \n", "<p></p>", "\u200b", "<script>x</script>"])
def test_an_empty_text_is_rejected_with_its_id(text: str) -> None:
    assert clean(mention(text=text, title=" "), NOW) == Reject(reason="empty text", external_id="1")


def test_a_title_alone_is_enough() -> None:
    assert cleaned(text="", title="<b>A</b>\n title").title == "A title"


def test_a_future_date_becomes_the_time_of_collection_and_is_flagged() -> None:
    result = cleaned(published_at=NOW + timedelta(minutes=6))
    assert result.undated
    assert result.published_at == NOW


def test_a_clock_slightly_ahead_is_believed() -> None:
    soon = NOW + timedelta(minutes=4)
    result = cleaned(published_at=soon)
    assert not result.undated
    assert result.published_at == soon


def test_a_missing_date_stays_flagged() -> None:
    result = cleaned(published_at=NOW - timedelta(days=9), undated=True)
    assert result.undated
    assert result.published_at == NOW


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.com/a", "https://example.com/a"),
        (" http://приклад.укр/шлях ", "http://приклад.укр/шлях"),
        ("javascript:alert(1)", None),
        ("java\u200bscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.com", None),
        ("https://", None),
        ("http://[broken", None),
        ("https://a b.com", None),
        ("https://example.com/" + "x" * 3000, None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_kept(url: str | None, kept: str | None) -> None:
    assert web_address(url) == kept


def test_an_author_is_made_plain() -> None:
    author = Author(handle=" <b>ann</b>\u202e", name="\u200b", url="javascript:1", followers=3)
    assert cleaned(author=author).author == Author(handle="ann", followers=3)
    assert cleaned(author=Author(handle="\u200b")).author is None


def test_plain_texts_are_cleaned_fast() -> None:
    clean_speed: Callable[[str], str] = clean_text
    texts = ["A plain English text of the usual length, " * 3, "Звичайний український текст без розмітки, " * 3] * 2000
    start = time.process_time()
    for text in texts:
        clean_speed(text)
    assert len(texts) / (time.process_time() - start) > 10_000


def test_a_long_run_of_spaces_costs_no_more_than_its_length() -> None:
    start = time.process_time()
    assert clean_text(f"<p>a{' ' * 300_000}b</p>") == "a b"
    assert time.process_time() - start < 2
