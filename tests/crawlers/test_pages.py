from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.error import ConfigError
from config.settings import SourceSpec
from crawlers.connector import Reject, Tools
from crawlers.connectors.pages import Pages, PagesSettings
from crawlers.registry import check
from crawlers.web.document import Document
from crawlers.web.link import Link
from crawlers.web.site import Extract
from crawlers.when import When

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "crawlers" / "pages_plain"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOOLS = Tools(source="A source", kind="review", clock=lambda: NOW, user_agent="Groundswell/test")
START = "https://site.example/otzyvy/"
PLAIN: dict[str, Any] = {
    "start": [START],
    "items": ".review",
    "next": "a.more",
    "id": "::attr(data-id)",
    "text": ".plus, .minus",
    "title": "h3",
    "author": ".who",
    "date": ".when",
    "rating": ".stars::attr(class) | re:s(\\d)",
    "best": 5,
    "product": "page:h1.shop",
    "place": ".town",
    "likes": ".useful",
}


def pages(**options: Any) -> Pages:
    return Pages(PagesSettings.model_validate({**PLAIN, **options}), TOOLS)


def read(site: Pages, name: str = "list.html", *, link: Link | None = None, text: str | None = None) -> Extract:
    link = link or Link(url=START, role="listing")
    body = text if text is not None else (FIXTURES / name).read_text(encoding="utf-8")
    return site.read(Document(url=link.url, body=b"", text=body), link)


def test_a_listing_gives_its_items() -> None:
    first, second = read(pages()).items
    assert (first.id, first.author, first.title) == (
        "501",
        "Марина",
        '<a href="501?utm_source=list#full">Почти всё хорошо</a>',
    )
    assert first.text == "Быстрая доставка\nМятая коробка"
    assert first.published is not None
    assert first.published.relative
    assert NOW - timedelta(hours=3) <= first.published.since <= NOW - timedelta(hours=2)
    assert first.rating is not None
    assert first.rating.value == pytest.approx(0.8)
    assert (first.product, first.place, first.engagement.likes) == ("Магазин «Чайка»", "Одесса", 1234)
    assert (first.url, first.own_url) == (START, False)
    assert second.text == "Не привезли <b>вовсе</b> &lt;и молчат&gt;"
    assert second.published == When(since=datetime(2025, 3, 12, tzinfo=UTC), until=datetime(2025, 3, 13, tzinfo=UTC))
    assert second.engagement.likes == 3500


def test_what_says_nothing_is_left_out_and_counted() -> None:
    assert read(pages()).rejects == (Reject(reason="empty text"),)
    assert len(read(pages(title="page:h1")).items) == 2, "the page's title is nobody's own words"


def test_the_next_page_is_followed_from_where_the_page_says_that_it_stands() -> None:
    assert read(pages()).more == Link(url="https://site.example/otzyvy/?page=2", role="listing")
    assert read(pages(), link=Link(url="https://site.example/otzyvy/?page=2", role="listing")).more is None


def test_the_order_is_told() -> None:
    assert not read(pages()).oldest_first
    assert read(pages(order="oldest")).oldest_first


def test_selectors_that_find_nothing_are_named_in_the_order_of_the_options() -> None:
    assert read(pages()).missed == ()
    site = pages(next=".nope", author=".nope", replies=".nope", drop=[".nope"])
    assert read(site).missed == ("next", "author", "replies", "drop")
    assert read(pages(items=".nope")).missed == ("items",)


def test_what_cannot_be_read_is_told_and_the_item_is_kept() -> None:
    extract = read(pages(date=".who", rating=".town"))
    assert len(extract.items) == 2
    assert Reject(reason="unreadable date", detail="Марина", external_id="501") in extract.rejects
    assert Reject(reason="unreadable rating", detail="Одесса", external_id="501") in extract.rejects


def test_parts_that_are_none_of_the_text_are_dropped_after_the_rest_was_read() -> None:
    page = "<div class=i><b>Ann</b><p>Mine. <q>Yours. <b>Bob</b></q>Still mine.</p></div>"
    (item,) = read(pages(items=".i", text="p", author="q b", drop=["q"], id=""), text=page).items
    assert (item.author, item.text) == ("Bob", "Mine. Still mine.")


def test_an_answer_inside_what_it_answers_is_an_item_of_its_own() -> None:
    page = (
        "<ul><li id=a><p>One</p><ul><li id=b><u>Bob</u><p>Two</p><ul><li id=c><p>Three</p></li></ul></li></ul></li>"
        "<li id=d><p>Four</p></li></ul>"
    )
    site = pages(items="li", id="xpath:@id", text="xpath:.", author="u", parent="xpath:ancestor::li[1]/@id")
    found = {item.id: item for item in read(site, text=page).items}
    assert list(found) == ["a", "b", "c", "d"], "in the order of the page"
    assert {id_: item.parent for id_, item in found.items()} == {"a": None, "b": "a", "c": "b", "d": None}
    assert found["a"].author is None, "what stands in an answer is the answer's"
    assert found["a"].text == "<p>One</p><ul></ul>"
    assert found["d"].text == "<p>Four</p>"


def test_what_stands_outside_is_read_while_the_page_is_whole() -> None:
    page = "<ul><li><p>One</p><ul><li><p>Two</p><em>K2</em></li></ul></li></ul>"
    items = read(pages(items="li", text="p", product="page:em"), text=page).items
    assert [item.product for item in items] == ["K2", "K2"]


def test_reading_a_document_twice_gives_the_same() -> None:
    document = Document(url=START, body=b"", text="<ul><li>a<q>x</q><ul><li>b</li></ul></li></ul>")
    site, link = pages(items="li", text="xpath:.", drop=["q"]), Link(url=START, role="listing")
    assert document.selector
    assert site.read(document, link) == site.read(document, link)


def test_an_address_is_the_items_own_only_where_no_other_has_it() -> None:
    page = "<i><a href=/1>1</a></i><i><a href=/all>2</a></i><i><a href=/all>3</a></i><i>4</i>"
    items = read(pages(items="i", text="xpath:.", url="a"), text=page).items
    assert [(item.url, item.own_url) for item in items] == [
        ("https://site.example/1", True),
        ("https://site.example/all", False),
        ("https://site.example/all", False),
        (START, False),
    ]


# -- items with pages of their own ----------------------------------------------------------------


def test_an_item_with_a_page_of_its_own_is_read_there_and_its_list_fills_the_gaps() -> None:
    site = pages(detail="h3 a", detail_item=".full || .review")
    listing = read(site)
    (link,) = listing.links
    assert (link.url, link.role) == ("https://site.example/otzyvy/501?utm_source=list", "item")
    assert [item.id for item in listing.items] == ["502"], "what has no page of its own is read where it stands"
    assert listing.missed == ()

    extract = read(site, "item.html", link=link)
    (item,) = extract.items
    assert item.text == "Быстрая доставка, курьер позвонил заранее.\nМятая коробка."
    assert (item.id, item.author, item.place, item.product) == ("501", "Марина", "Одесса", "Магазин «Чайка»")
    assert (item.url, item.own_url) == (link.url, True)
    assert item.rating is not None
    assert item.published is not None
    assert item.published.relative
    assert extract.missed == ()


def test_a_relative_date_is_remembered_as_what_it_meant() -> None:
    site = pages(detail="h3 a", detail_item=".full")
    (link,) = read(site).links
    later = Pages(site._options, Tools(source="s", kind="review", clock=lambda: NOW + timedelta(days=9), user_agent=""))
    (now,), (then,) = read(site, "item.html", link=link).items, read(later, "item.html", link=link).items
    assert now.published == then.published


def test_the_stamp_of_an_item_changes_with_its_words_and_not_with_time_or_likes() -> None:
    site, page = pages(detail="h3 a"), (FIXTURES / "list.html").read_text(encoding="utf-8")

    def stamp(old: str = "", new: str = "") -> str | None:
        return read(site, text=page.replace(old, new)).links[0].stamp

    assert stamp() == stamp("2 часа назад", "3 часа назад") == stamp("1 234", "1 235")
    assert len({stamp(), stamp("stars s4", "stars s5"), stamp("Мятая", "Рваная")}) == 3


def test_the_whole_page_is_the_item_unless_the_source_says_which_part() -> None:
    link = Link(url="https://site.example/501", role="item")
    (item,) = read(pages(detail="h3 a"), "item.html", link=link).items
    assert item.text.endswith("Другой отзыв")
    assert read(pages(detail="h3 a", items="li"), link=link, text="<p>x</p>").rejects == (Reject(reason="empty text"),)


# -- start pages that lead to lists ---------------------------------------------------------------

INDEX = """
<a class=cat href="/c/2#x">Kettles</a>
<table><tr><td><a href="/t/1?sid=9">One</a><a href="/u/1">Ann</a></td><td>5</td><td class=p>K1</td></tr>
<tr><td><a href="/t/2?sid=9">Two</a></td><td>0</td></tr><tr><td>nothing</td></tr></table>
<a rel=next href="/?p=2">more</a>
"""


def test_start_pages_lead_to_lists_with_what_their_rows_say() -> None:
    site = pages(
        follow_row="tr",
        follow="a",
        follow_stamp="td:nth-child(2)",
        follow_product=".p",
        follow_next="a[rel=next]",
        sections="a.cat",
        drop_parameters=["sid"],
    )
    assert site.start() == (Link(url=START, role="index"),)
    extract = read(site, link=Link(url="https://site.example/", role="index"), text=INDEX)
    assert extract.links == (
        Link(url="https://site.example/c/2", role="index"),
        Link(url="https://site.example/t/1", role="listing", stamp="5", context={"product": "K1"}),
        Link(url="https://site.example/t/2", role="listing", stamp="0"),
    )
    assert extract.more == Link(url="https://site.example/?p=2", role="index")
    assert extract.missed == ()


def test_without_rows_every_link_is_followed_once() -> None:
    site = pages(follow="td a", drop_parameters=["sid"])
    extract = read(site, link=Link(url="https://site.example/", role="index"), text=INDEX + INDEX)
    assert [link.url[20:] for link in extract.links] == ["/t/1", "/u/1", "/t/2"]


def test_what_a_row_says_of_a_list_belongs_to_its_items() -> None:
    link = Link(url=START, role="listing", context={"product": "K1", "url": "https://site.example/k1"})
    first, _ = read(pages(product=""), link=link).items
    assert (first.product, first.url, first.own_url) == ("K1", "https://site.example/k1", False)


def test_without_links_to_follow_the_start_pages_are_the_lists() -> None:
    assert pages().start() == (Link(url=START, role="listing"),)


# -- JSON -----------------------------------------------------------------------------------------

JSON: dict[str, Any] = {
    "start": ["https://site.example/api?size=2"],
    "items": "json:rows",
    "id": "json:id",
    "text": "json:html",
    "next": "json:more",
    "next_count": "page=2",
    "drop": ["blockquote"],
}


def test_answers_in_json_are_read_and_counted_on() -> None:
    site = Pages(PagesSettings.model_validate(JSON), TOOLS)
    (link,) = site.start()
    rows = '[{"id": 1, "html": "<blockquote>x</blockquote><p>One</p>"}, {"id": 2, "html": "a < b"}]'
    body = f'{{"rows": {rows}, "more": true}}'
    extract = read(site, link=link, text=body)
    assert [(item.id, item.text) for item in extract.items] == [("1", "<p>One</p>"), ("2", "a &lt; b")]
    assert extract.more == Link(url="https://site.example/api?size=2&page=2", role="listing")
    assert read(site, link=link, text=body.replace("true", "false")).more is None


def test_an_answer_that_is_no_json_is_told() -> None:
    extract = read(Pages(PagesSettings.model_validate(JSON), TOOLS), text="<html>Sorry</html>")
    (reject,) = extract.rejects
    assert (reject.reason, extract.missed) == ("broken JSON", ("items", "next"))
    assert "'<html>Sorry</html>'" in reject.detail


def test_half_characters_in_an_answer_hurt_nobody() -> None:
    site = Pages(PagesSettings.model_validate(JSON), TOOLS)
    (item,) = read(site, text='{"rows": [{"id": 1, "html": "<p>\\ud800 a</p>"}]}').items
    assert item.text == "<p>? a</p>"


# -- hostile pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "<",
        "<div class=review>" * 20_000,
        "<base href='http://[::1'><div class=review><p class=plus>x</p><a class=more href='http://['>",
        "<base href='javascript:alert(1)'><div class=review><p class=plus>x</p></div><a class=more href='?2'>",
        "\ud800<div class=review><p class=plus>\ud800</p></div>",
    ],
)
def test_no_page_raises(text: str) -> None:
    extract = read(pages(detail="h3 a", items=".review"), text=text)
    assert extract.more is None


# -- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"text": "p["}, r"options\.text.*'p\[' is no CSS selector"),
        ({"author": "xpath://b"}, r"options\.author.*top of the page"),
        ({"drop": ["q", "li["]}, r"options\.drop.*'li\[' is no CSS"),
        ({"items": ""}, "the selector 'items' is missing; allowed: a preset"),
        ({"text": None}, "the selector 'text' is missing"),
        ({"follow_row": "tr"}, "follow_row stands alone"),
        ({"sections": "a"}, "sections and follow_next stand alone"),
        ({"next_count": "page=2", "next": ""}, "next_count stands alone"),
        ({"next_count": "page"}, r"options\.next_count.*counts no pages"),
        ({"preset": "vbulletin"}, r"options\.preset.*discourse"),
        ({"best": "5 of["}, r"options\.best.*no CSS"),
        ({"order": "random"}, r"options\.order.*newest or oldest"),
    ],
)
def test_wrong_options_are_refused_with_what_is_wrong(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        check(SourceSpec(name="A source", type="pages", options={**PLAIN, **options}))


def test_own_options_win_over_the_presets_and_an_empty_one_switches_it_off() -> None:
    options = PagesSettings.model_validate({"start": [START], "preset": "phpbb", "text": ".mine", "title": ""})
    assert (options.text, options.title, options.order) == (".mine", "", "oldest")
    assert "title" not in options.recipe.selectors
    assert PagesSettings.model_validate_json(options.model_dump_json()) == options


def test_settings_load_without_the_libraries_that_apply_them() -> None:
    code = (
        "import sys; from crawlers.connectors.pages import PagesSettings as S; S.model_json_schema(); "
        "sys.exit(','.join(m for m in ('parsel', 'lxml', 'cssselect', 'jmespath', 'yaml') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
