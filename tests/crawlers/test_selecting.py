from __future__ import annotations

import pytest

from crawlers.selecting.item import value_of
from crawlers.selecting.recipe import Counter, compile_all, read_counter
from crawlers.selecting.selector import compile_selector
from crawlers.selecting.sheet import Sheet
from crawlers.selecting.value import absolute, address, markup, moment, page_address, plain, read_count, turned
from crawlers.web.document import Document

HTML = """
<h1>Shop <i>A</i></h1>
<ul><li id="r7" class="review"><a href="/r/7#x">No 7</a><b class="n">Rated 4 of 5</b>
<time datetime="2026-03-01">1 March</time>
<div class="t"><p>a &lt;b&gt;</p><!-- c --><script>x</script></div></li></ul>
"""
JSON = (
    '{"list": [{"id": 7, "n": 4.0, "ok": true, "no": false, "none": null, "s": "<p>a</p>", "d": {"x": "y"}}], "h": "A"}'
)


def sheet(text: str = HTML) -> Sheet:
    return Sheet(Document(url="https://site.example/a/b", body=b"", text=text))


def one(text: str, how=plain, *, page: str = HTML, inside: str | None = "li.review") -> str | None:
    laid = sheet(page)
    node = laid.find(compile_selector(inside))[0] if inside else None
    return value_of(laid, compile_selector(text, inside=inside is not None), node, how)


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        (".n", "Rated 4 of 5"),
        (".n::text", "Rated 4 of 5"),
        ("css:.n", "Rated 4 of 5"),
        ("::attr(id)", "r7"),
        ("xpath:@id", "r7"),
        ("xpath:count(.//b)", "1"),
        ("xpath:.//b/text()", "Rated 4 of 5"),
        (".n | re:(\\d) of", "4"),
        (".n | re:\\d", "4"),
        (".n | re:five", None),
        (".n | re:(\\d) of (\\d) | as:{1}/{2}/{9}", "4/5/"),
        ("::attr(id) | as:/reviews/{}.json", "/reviews/r7.json"),
        ("::attr(id) | re:^r(.*)$ | as:review-{}", "review-7"),
        (".none || .n", "Rated 4 of 5"),
        (".n | re:five || xpath:@id", "r7"),
        ("h1", None),
        ("page:h1", "Shop A"),
        ("page:css:h1::text", "Shop"),
        ("page:xpath://h1/i", "A"),
        ("h1 || page:h1", "Shop A"),
        ("json:id", None),
    ],
)
def test_a_selector_finds_a_value_in_a_page(selector: str, value: str | None) -> None:
    assert one(selector) == value


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("json:id", "7"),
        ("json:n", "4"),
        ("json:ok", "true"),
        ("json:no", None),
        ("json:none", None),
        ("json:d", None),
        ("json:d.x", "y"),
        ("json:nothing || id", "7"),
        ("json:nothing || css:p || json:id", "7"),
        ("json:nothing || page:json:h", "A"),
        ("page:json:h", "A"),
        ("json:join('-', [to_string(id), 'x'])", "7-x"),
        ("json:join('-', id)", None),
        ("json:id | as:/t/{}.json", "/t/7.json"),
        (".n", None),
    ],
)
def test_a_selector_finds_a_value_in_an_answer_in_json(selector: str, value: str | None) -> None:
    assert one(selector, page=JSON, inside="json:list") == value


def test_a_page_that_is_no_json_holds_nothing_for_jmespath() -> None:
    assert one("json:h", page="<p>h</p>", inside=None) is None
    assert one("json:h", page="[" * 100_000, inside=None) is None


def test_parts_become_what_the_option_needs() -> None:
    assert one(".t", markup) == "<p>a &lt;b&gt;</p><!-- c --><script>x</script>"
    assert one(".t p::text", markup) == "a &lt;b&gt;"
    assert one("json:s", markup, page=JSON, inside="json:list") == "<p>a</p>"
    assert one(".t", plain) == "a <b>"
    assert one("a", address) == one("a::attr(href)", address) == one("xpath:.", address) == "/r/7#x"
    assert one("time", moment) == "2026-03-01"
    assert one("time::text", moment) == "1 March"
    assert one(".n", moment) == "Rated 4 of 5"


@pytest.mark.parametrize(
    ("selector", "complaint"),
    [
        ("li[", "'li\\[' is no CSS selector: .*; allowed: a CSS selector, xpath: "),
        ("p::words", "the pseudo-element ::words is unknown"),
        ("> p", "is no CSS selector"),
        ("xpath:.//p[", "'\\.//p\\[' is no XPath: Invalid"),
        ("xpath:length(.)", "is no XPath: Unregistered function"),
        ("xpath:$x", "is no XPath: Undefined variable"),
        ("xpath://p", "begins at the top of the page; allowed: \\.//"),
        ("xpath:(//p)[1]", "begins at the top of the page"),
        ("json:a[", "'a\\[' is no JMESPath"),
        ("json:nope(a)", "is no JMESPath: Unknown function"),
        ("p | re:(", "'\\(' is no regular expression: .*; allowed"),
        ("p | as:/x", "'/x' has no place for the value; allowed"),
        ("css:", "names nothing to look for"),
        ("p || ", "names nothing to look for"),
        ("p" * 1_001, "1001 characters is too long; allowed: at most 1000"),
    ],
)
def test_a_wrong_selector_is_refused_with_what_is_wrong(selector: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"(?i){complaint}"):
        compile_selector(selector, inside=True)


def test_an_xpath_may_begin_at_the_top_where_the_whole_page_is_meant() -> None:
    assert one("page:xpath://h1/i") == one("xpath://h1/i", inside=None) == "A"


def test_options_that_are_not_declared_have_no_selector() -> None:
    assert set(compile_all({"text": ".t", "title": None, "author": "", "best": "10"})) == {"text"}
    assert set(compile_all({"best": ".best"})) == {"best"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("1 234 people", 1234),
        ("1\u00a0234\u00a0567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("1.2K", 1200),
        ("3,5 тыс.", 3500),
        ("2 тис", 2000),
        ("1.5M views", 1_500_000),
        ("(6)", 6),
        ("4.5", 4),
        ("no one", None),
        ("", None),
    ],
)
def test_counts_are_read_as_people_write_them(text: str, number: int | None) -> None:
    assert read_count(text) == number


def test_a_number_without_end_is_cut_instead_of_read() -> None:
    assert read_count("1" + " 000" * 2_000) == 10**12
    assert read_count("1" + ",000" * 200 + " k") == 10**12


def test_addresses_are_absolute_and_lead_to_pages() -> None:
    base = "https://site.example/a/b"
    assert absolute(base, "c?x=1#d") == "https://site.example/a/c?x=1#d"
    assert absolute(base, "#comment-5") == "https://site.example/a/b#comment-5"
    assert page_address(base, "c?x=1&sid=2#d", without=["sid"]) == "https://site.example/a/c?x=1"
    assert page_address(base, "?sid=2", without=["sid"]) == "https://site.example/a/b"
    for nowhere in ("", "#", "javascript:void(0)", "mailto:a@site.example", "ftp://site.example/", "http://[::1"):
        assert page_address(base, nowhere) is None


def test_pages_are_counted_where_nothing_links_to_the_next() -> None:
    assert turned("https://x.example/t.json", read_counter("page=2")) == "https://x.example/t.json?page=2"
    assert turned("https://x.example/t?a=b&page=2", read_counter("page=2")) == "https://x.example/t?a=b&page=3"
    assert turned("https://x.example/t?start=20", read_counter("start=20+20")) == "https://x.example/t?start=40"
    assert turned("https://x.example/t?page=all", Counter(name="page", second=1)) == "https://x.example/t?page=1"
    legacy = "https://x.example/t?q=%EE%F2%E7%FB%E2&bare&a=1;b"
    assert turned(f"{legacy}&page=2", read_counter("page=2")) == f"{legacy}&page=3"
    with pytest.raises(ValueError, match=r"'page' counts no pages; allowed: .* page=2"):
        read_counter("page")
