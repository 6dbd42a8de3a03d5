"""What pages say of themselves for machines, and how much of it can be read however it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.structured.json_text import CUT, read_json
from crawlers.structured.page import Kind, Markup, read_markup
from crawlers.structured.review import Reading
from crawlers.structured.subject import Subject
from crawlers.web.document import Document

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
READING = Reading(now=NOW)
PAGE = "https://shop.example/p/kettle-48213"

JSON = st.recursive(
    st.text() | st.none() | st.integers().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def page(html: str, url: str = PAGE) -> Document:
    return Document(url=url, body=html.encode(), text=html)


def script(*blocks: object) -> str:
    written = (block if isinstance(block, str) else json.dumps(block) for block in blocks)
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in written)


def review(**values: Any) -> dict[str, Any]:
    return {"@type": "Review", "author": "Ann", "reviewBody": "Leaks.", "datePublished": "2026-03-01", **values}


def read(html: str, *, url: str = PAGE, kinds: Sequence[Kind] = ("review",), known: Subject | None = None) -> Markup:
    return read_markup(page(html, url), READING, kinds=kinds, known=known)


# JSON that is none


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('<!-- {"a": "x",} -->', {"a": "x"}),
        ('//<![CDATA[\n{"a": "x"}\n//]]>', {"a": "x"}),
        ('/*<![CDATA[*/ {"a": "x",} /*]]>*/', {"a": "x"}),
        ('{"a": "x" // why\n, /* and */ "b": "y",}', {"a": "x", "b": "y"}),
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
        ('{"a": ["1", "2",,], , "b": "c",}', {"a": ["1", "2"], "b": "c"}),
        ('{"a": "a "good" one, and "cheap"", "b": "c"}', {"a": 'a "good" one, and "cheap"', "b": "c"}),
        ('{"a": ["so "good"", "b"], "c": 1}', {"a": ['so "good"', "b"], "c": "1"}),
        ("{a: 'it\\'s', b: undefined, c: True}", {"a": "it's", "b": None, "c": "true"}),
        ('{"a": 4,5, "b": 1.50}', {"a": "4,5", "b": "1.50"}),
        ('{"a": "x"\n "b": "y"}', {"a": "x", "b": "y"}),
        ('{"a": {"b": "c"}', {"a": {"b": "c"}}),
        ('{"a": [{"b": "c"]}', {"a": [{"b": "c"}]}),
        ('{"a": "b"}]', {"a": "b"}),
        ("{&quot;a&quot;: &quot;b&quot;}", {"a": "b"}),
        ('{"a": "\\d \\ud83d\\ude00 \\x"', {"a": "d 😀 x"}),
        ('{"a": "1", "a": "2", "a": ["3"]}', {"a": ["1", "2", "3"]}),
        ('\ufeff{"a": "b"};', {"a": "b"}),
        ('{"a": , "b": "c"}', {"a": None, "b": "c"}),
    ],
)
def test_what_people_get_wrong_in_json_is_forgiven(text: str, value: object) -> None:
    found = read_json(text)
    assert (found.found, found.fault) == ((value,), None)


def test_objects_in_a_row_are_all_read() -> None:
    assert read_json('{"a": 1}{"b": 2},\n{"c": 3};').found == ({"a": "1"}, {"b": "2"}, {"c": "3"})


def test_numbers_are_kept_as_they_are_written() -> None:
    assert read_json('{"a": 4.50, "b": ' + "9" * 5_000 + "}").found == ({"a": "4.50", "b": "9" * 5_000},)


def test_what_the_end_cut_off_is_marked_and_said() -> None:
    found = read_json('{"a": [{"b": "whole"}, {"b": "who')
    assert found.found == ({"a": [{"b": "whole"}, {CUT: "true"}], CUT: "true"},)
    assert found.fault == "line 1, column 34: it ends too early"


def test_one_fault_in_a_list_does_not_cost_the_others() -> None:
    found = read_json('{"a": [{"b": "1"},\n{"b" "2"}, {"b": "3"}]}')
    assert found.found == ({"a": [{"b": "1"}, {"b": "3"}]},)
    assert found.fault is not None
    assert found.fault.startswith("line 2, column 6: a colon should stand after 'b'")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{{ product.json }}", "line 1, column 2: a name should stand"),
        ("[" * 100_000, "nested deeper than 60"),
        ("undefined is not a function", "a value should stand before 'is not"),
        ("<!-- nothing -->", "it holds no value"),
        ('{"a": "' + '",' * 1_500_000, "too long to be mended"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, fault: str) -> None:
    assert fault in (read_json(text).fault or "")


@pytest.mark.parametrize("text", ['{"a": "' + '", ' * 300_000, "/*" * 500_000, "<!--" * 300_000, '{"a":' * 200_000])
def test_hostile_json_takes_no_longer_than_its_length(text: str) -> None:
    started = datetime.now(UTC)
    read_json(text)
    assert (datetime.now(UTC) - started).total_seconds() < 10


@given(JSON)
def test_sound_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value)).found == (value,)


@given(st.text(alphabet='{}[]",:\\ab1\n/*<!-', max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read_json(text)


# Reviews, and what they are about


def test_a_review_may_stand_in_its_product_or_name_it() -> None:
    inside = {"@type": "Product", "name": "Kettle", "review": review()}
    outside = review(author="Bob", itemReviewed={"@type": "Product", "name": "Pan"})
    found = read(script(inside, outside)).items
    assert [(item.author, item.product) for item in found] == [("Ann", "Kettle"), ("Bob", "Pan")]


def test_references_reach_over_blocks_and_circles_do_no_harm() -> None:
    product = {"@type": "Product", "@id": "#p", "name": "Kettle", "review": [{"@id": "#review-81234"}]}
    html = script({"@graph": [product]}, review(**{"@id": "#review-81234", "itemReviewed": {"@id": "#p"}}))
    (found,) = read(html).items
    assert (found.product, found.id) == ("Kettle", "review-81234")


def test_two_parts_of_one_product_are_put_together() -> None:
    html = script({"@type": "Product", "@id": "#p", "name": "Kettle"}, {"@id": "#p", "review": review()})
    assert read(html).items[0].product == "Kettle"


def test_every_way_of_writing_names_is_understood() -> None:
    full = {f"https://schema.org/{name}": value for name, value in review().items() if name[0] != "@"}
    html = script({"@type": "schema:UserReview", **full, "http://schema.org/itemReviewed": {"@value": "Kettle"}})
    (found,) = read(html).items
    assert (found.author, found.text, found.product) == ("Ann", "Leaks.", "Kettle")


@pytest.mark.parametrize(
    ("author", "name", "url"),
    [
        ("  Ann  ", "Ann", None),
        ({"@type": "Person", "name": "Ann &amp; Bo", "url": "/u/7"}, "Ann & Bo", "https://shop.example/u/7"),
        ({"@type": "Organization", "name": "The Paper"}, "The Paper", None),
        ([{"@type": "Person", "givenName": "Ann", "familyName": "Lee"}], "Ann Lee", None),
        ({"@type": "Person", "name": " "}, None, None),
        ("https://shop.example/u/7", None, None),
    ],
)
def test_an_author_may_be_a_person_a_house_or_a_name(author: object, name: str | None, url: str | None) -> None:
    (found,) = read(script(review(author=author))).items
    assert (found.author, found.author_url) == (name, url)


def test_where_nobody_signs_the_publisher_does() -> None:
    html = script(review(author=None, publisher={"@type": "Organization", "name": "The Paper"}))
    assert read(html).items[0].author == "The Paper"


@pytest.mark.parametrize(
    ("rating", "value"),
    [
        ({"ratingValue": "4,5"}, 0.9),
        ({"ratingValue": 8, "bestRating": "10"}, 0.8),
        ({"ratingValue": "80%"}, 0.8),
        ([{"ratingValue": 1, "reviewAspect": "price"}, {"ratingValue": 4}], 0.8),
        ("3", 0.6),
        ({"ratingValue": "n/a"}, None),
    ],
)
def test_a_rating_is_read_on_its_own_scale(rating: object, value: float | None) -> None:
    (found,) = read(script(review(reviewRating=rating))).items
    assert (found.rating.value if found.rating else None) == value


def test_the_declared_best_rating_stands_in_where_the_page_names_none() -> None:
    html = script(review(reviewRating={"ratingValue": "4"}))
    found = read_markup(page(html), replace(READING, best=10)).items[0]
    assert found.rating is not None
    assert found.rating.value == 0.4


def test_a_branch_gives_place_and_region() -> None:
    address = {
        "@type": "PostalAddress",
        "streetAddress": "Main St 1",
        "addressLocality": "Ely",
        "addressRegion": "Fens",
    }
    for kind in ("LocalBusiness", "Bakery", "ShoeStore", "Organization"):
        (found,) = read(script({"@type": kind, "name": "Loaf", "address": address, "review": review()})).items
        assert (found.product, found.place, found.region) == (None, "Loaf, Main St 1, Ely", "Fens")


def test_a_company_is_neither_a_product_nor_a_place() -> None:
    (found,) = read(script({"@type": "Organization", "name": "Loaf Ltd", "review": review()})).items
    assert (found.product, found.place) == (None, None)


@pytest.mark.parametrize(
    "product", [{"sku": "K-200"}, {"offers": {"@type": "Offer", "name": "K-200"}}, {"name": "K-200", "sku": "1"}]
)
def test_a_product_without_a_name_is_told_by_its_number_or_its_offer(product: dict[str, Any]) -> None:
    (found,) = read(script({"@type": "Product", **product, "review": review()})).items
    assert found.product == "K-200"


def test_what_the_linking_page_knew_counts_where_the_page_says_nothing() -> None:
    assert read(script(review()), known=Subject(product="Kettle")).items[0].product == "Kettle"
    html = script({"@type": "Product", "name": "Pan", "review": review()})
    assert read(html, known=Subject(product="Kettle")).items[0].product == "Pan"


@pytest.mark.parametrize("title", ["Kettle", "Ann", "Leaks", "Leaks…", " "])
def test_a_title_that_says_nothing_of_its_own_is_none(title: str) -> None:
    html = script({"@type": "Product", "name": "Kettle", "review": review(name=title)})
    assert read(html).items[0].title is None


def test_notes_become_part_of_the_text() -> None:
    notes = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "name": "quick"}, "quiet"]}
    (found,) = read(script(review(positiveNotes=notes, negativeNotes="drips\ncostly"))).items
    assert found.text == "Leaks.\n+ quick\n+ quiet\n\u2212 drips\n\u2212 costly"


def test_likes_answers_and_language_are_kept() -> None:
    likes = {"@type": "InteractionCounter", "interactionType": {"@type": "LikeAction"}, "userInteractionCount": "3"}
    (found,) = read(script(review(interactionStatistic=likes, commentCount=2, inLanguage="uk-UA"))).items
    assert (found.engagement.likes, found.engagement.replies, found.language) == (3, 2, "uk")


def test_comments_and_threads_are_read_when_asked_for() -> None:
    comment = {"@type": "Comment", "@id": "#comment-90001", "author": "Bo", "text": "Same here."}
    answer = {"@type": "Comment", "author": "Shop", "text": "Sorry!"}
    thread = {
        "@type": "DiscussionForumPosting",
        "url": "https://shop.example/t/1#post-77001",
        "headline": "Leak",
        "text": "It leaks.",
        "author": "Ann",
        "comment": {**comment, "comment": answer},
    }
    html = script(thread, review(comment=[]))
    assert [item.author for item in read(html).items] == ["Ann"]
    found = read(html, kinds=("comment", "post")).items
    assert [(item.author, item.title, item.id, item.parent) for item in found] == [
        ("Ann", "Leak", "post-77001", None),
        ("Bo", None, "comment-90001", "post-77001"),
        ("Shop", None, None, "comment-90001"),
    ]


# Identity


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"@id": "#review-81234"}, "review-81234"),
        ({"@id": "https://shop.example/p/kettle-48213?page=2#R2X9QK1"}, "R2X9QK1"),
        ({"@id": "https://shop.example/reviews/17"}, "https://shop.example/reviews/17"),
        ({"identifier": {"@type": "PropertyValue", "value": 8123401}}, "8123401"),
        ({"url": "https://shop.example/p/kettle-48213#comment-57"}, "comment-57"),
        ({"@id": "#review2"}, None),
        ({"@id": "_:b81234"}, None),
        ({"identifier": 3}, None),
        ({"@id": PAGE, "url": PAGE}, None),
        ({"identifier": "48213"}, None),
    ],
)
def test_an_id_is_believed_only_if_it_tells_one_review_from_all_others(
    given: dict[str, Any], expected: str | None
) -> None:
    html = script({"@type": "Product", "name": "Kettle", "sku": "48213", "url": PAGE, "review": review(**given)})
    assert read(html).items[0].id == expected


def test_an_id_that_two_reviews_bear_is_none() -> None:
    same = {"@id": "#review-81234", "url": "https://shop.example/reviews/17"}
    found = read(script(review(**same), review(author="Bob", **same))).items
    assert [(item.author, item.id, item.own_url) for item in found] == [("Ann", None, False), ("Bob", None, False)]


def test_an_address_of_its_own_is_kept() -> None:
    (found,) = read(script(review(url="/reviews/17"))).items
    assert (found.url, found.own_url) == ("https://shop.example/reviews/17", True)
    (found,) = read(script(review(url=PAGE))).items
    assert (found.url, found.own_url) == (PAGE, False)


# The same review twice


def microdata(body: str, *, author: str = "Ann", date: str = "2026-03-01", attributes: str = "") -> str:
    return (
        f'<div {attributes} itemscope itemtype="https://schema.org/Review"><b itemprop="author">{author}</b>'
        f'<time itemprop="datePublished" datetime="{date}">then</time><p itemprop="reviewBody">{escape(body)}</p></div>'
    )


def test_a_review_in_two_syntaxes_is_one_and_keeps_what_either_says() -> None:
    long = "Leaks from the very first day on, and the lid does not close any more."
    html = script(review(reviewBody=long[:50], reviewRating={"ratingValue": 2})) + microdata(
        long, attributes='id="review-81234"'
    )
    (found,) = read(html).items
    assert found.text == long
    assert found.rating is not None
    assert (found.id, found.rating.value) == ("review-81234", 0.4)


@pytest.mark.parametrize("other", [{"author": "Bob"}, {"date": "2026-02-20"}, {"body": "Does not leak."}])
def test_reviews_that_differ_are_two(other: dict[str, str]) -> None:
    assert len(read(script(review()) + microdata(**{"body": "Leaks.", **other})).items) == 2


def test_a_block_that_stands_twice_counts_once() -> None:
    html = script(review(), review(), review(author="Bob"))
    assert [item.author for item in read(html).items] == ["Ann", "Bob"]


def test_reviews_without_a_text_stay_apart() -> None:
    rated = [review(reviewBody="", author=None, datePublished=None, reviewRating=n) for n in ("1", "2")]
    assert len(read(script(*rated)).items) == 2


# How many there are


def test_the_count_of_what_the_page_is_about_is_the_one_announced() -> None:
    own = {"@type": "Product", "name": "Kettle", "aggregateRating": {"reviewCount": "1 204"}, "review": review()}
    other = {"@type": "Product", "name": "Pan", "aggregateRating": {"reviewCount": 7}}
    assert read(script(own, other)).announced == 1204
    assert read(script(other)).announced == 7
    assert read(script(other, {**other, "name": "Pot", "aggregateRating": {"reviewCount": 9}})).announced is None


def test_a_rating_may_name_what_it_rates() -> None:
    rated = {"@type": "AggregateRating", "reviewCount": 5, "itemReviewed": {"@type": "Product", "name": "Kettle"}}
    found = read(script(rated))
    assert (found.announced, found.subject) == (5, Subject(product="Kettle"))


# Broken and hostile pages


def test_a_broken_block_is_told_with_its_place_and_costs_no_other() -> None:
    found = read(script(review(), "{{ nothing }}", review(author="Bob")))
    assert [item.author for item in found.items] == ["Ann", "Bob"]
    assert [(each.reason, each.detail) for each in found.rejects] == [
        (
            "broken JSON-LD",
            f"{PAGE}, JSON-LD block 2: line 1, column 2: a name should stand before '{{ nothing }}}}'",
        )
    ]


def test_scripts_of_other_types_are_not_read() -> None:
    html = f'<script type="text/template">{json.dumps(review())}</script><!-- {script(review())} -->'
    assert read(html + '<script type="application/json">ld+json</script>') == Markup()


@pytest.mark.parametrize(
    "html",
    [
        '<div itemscope itemprop="review">' * 3_000,
        '<div itemscope itemtype="https://schema.org/Review">' + '<div itemprop="reviewBody">x ' * 20_000,
    ],
)
def test_microdata_nested_without_end_is_refused(html: str) -> None:
    assert [each.reason for each in read(html).rejects] == ["broken microdata"]


def test_microdata_is_read_in_linear_time() -> None:
    some = '<b itemprop="a">x</b>' * 20_000
    html = f'<div itemscope itemtype="https://schema.org/Review">{some}<div itemscope>{some}</div></div>'
    started = datetime.now(UTC)
    read(html)
    assert (datetime.now(UTC) - started).total_seconds() < 5


def test_too_much_rdfa_is_refused() -> None:
    html = '<div vocab="https://schema.org/">' + '<p typeof="Review"><b property="reviewBody">x</b></p>' * 2_001
    assert [each.reason for each in read(html).rejects] == ["too much RDFa"]


def test_rdfa_is_not_asked_where_there_is_none_of_a_review() -> None:
    html = '<div vocab="https://schema.org/" typeof="BreadcrumbList"><b property="name">x</b></div>'
    assert read(html) == Markup()


def test_deeply_nested_json_is_no_error() -> None:
    deep: dict[str, Any] = review()
    for _ in range(400):
        deep = {"@type": "Thing", "about": deep}
    assert read(script(deep)).items == ()


def test_nothing_is_fetched(site: Any) -> None:
    prefix = site.url
    html = (
        f'<html xmlns:s="{prefix}/schema#" prefix="s: {prefix}/schema#"><head profile="{prefix}/profile">'
        f'<base href="{prefix}/"><link rel="vocab" href="{prefix}/v"></head><body vocab="{prefix}/vocab/">'
        + script(
            {"@context": f"{prefix}/context.json", **review()}, {"@context": [f"{prefix}/c"], "@graph": [review()]}
        )
        + f'<div itemscope itemtype="{prefix}/Review" itemref="x"><b itemprop="reviewBody">Micro.</b></div>'
        f'<div typeof="Review" resource="{prefix}/r"><b property="reviewBody">In RDFa.</b></div>'
        f'<script type="text/turtle">@prefix s: <{prefix}/ttl#> .</script></body></html>'
    )
    found = read(html, url=f"{prefix}/page")
    assert [item.text for item in found.items] == ["Leaks.", "Micro.", "In RDFa."]
    assert site.asked == []


def test_a_page_with_an_xml_declaration_is_read() -> None:
    html = (
        '<?xml version="1.0" encoding="windows-1251"?><html vocab="https://schema.org/"><body>'
        '<p typeof="Review"><b property="reviewBody">Ёж</b></p></body></html>'
    )
    assert [item.text for item in read(html).items] == ["Ёж"]


@given(
    st.lists(
        st.sampled_from(
            [
                "<div itemscope>",
                '<b itemprop="review" itemscope>',
                '<i typeof="Review">',
                "</div>",
                '<p property="reviewBody">',
                "x",
                '<a itemprop="author" href="http://[">',
                "<time>",
                '<div itemref="a b" id="a">',
                script(review()),
                '<base href="//["> ',
                "</p>",
            ]
        ),
        max_size=12,
    )
)
def test_no_page_raises(parts: list[str]) -> None:
    read("".join(parts))


# Pages made to be read for ever


@pytest.mark.parametrize("written", ["1234", "1,234", "1 234", 1234, "1\u202f234"])
def test_the_announced_number_is_read_whole(written: object) -> None:
    rated = {"@type": "AggregateRating", "ratingValue": 4, "reviewCount": written}
    assert read(script({"@type": "Product", "name": "Kettle", "aggregateRating": rated})).announced == 1234


def test_an_announced_number_without_end_is_none() -> None:
    rated = {"@type": "AggregateRating", "reviewCount": "1" * 6_000}
    found = read(script({"@type": "Product", "name": "Kettle", "aggregateRating": rated, "review": review()}))
    assert (found.announced, len(found.items)) == (None, 1)


def test_a_name_that_stands_a_hundred_thousand_times_is_read_in_one_go() -> None:
    strict = "{" + ",".join(f'"a": "{number}"' for number in range(100_000)) + "}"
    started = datetime.now(UTC)
    for text in (strict, strict.replace("}", ",}")):
        (found,) = read_json(text).found
        assert len(found["a"]) == 100_000
    assert (datetime.now(UTC) - started).total_seconds() < 5


def test_of_a_name_that_stands_several_times_what_says_the_same_counts_once() -> None:
    assert read_json('{"a": ["x"], "a": ["x"], "a": "y"}').found == ({"a": ["x", "y"]},)


def test_reviews_that_begin_alike_are_not_all_compared() -> None:
    many = [review(reviewBody="The very same beginning of them all, " + str(each)) for each in range(20_000)]
    started = datetime.now(UTC)
    assert len(read(script(many)).items) == 20_000
    assert (datetime.now(UTC) - started).total_seconds() < 5


def test_of_reviews_alike_each_takes_its_own_double() -> None:
    given = [review(author=f"Ann {each}", reviewBody="", reviewRating=each % 5 + 1) for each in range(40)]
    shown = "".join(
        f'<div itemscope itemtype="https://schema.org/Review"><b itemprop="author">Ann {each}</b>'
        f'<i itemprop="reviewRating">{each % 5 + 1}</i></div>'
        for each in range(40)
    )
    assert [item.author for item in read(script(given) + shown).items] == [f"Ann {each}" for each in range(40)]


def test_reviews_that_all_refer_to_one_long_text_are_read_up_to_a_bound() -> None:
    long = {"@id": "#long", "name": "word " * 100_000}
    many = [{"@type": "Review", "author": f"Ann {each}", "reviewBody": {"@id": "#long"}} for each in range(100)]
    found = read(script([long, *many]))
    assert len(found.items) == 20
    assert [each.reason for each in found.rejects] == ["too large a page"]


def test_reviews_that_all_refer_to_one_long_list_take_its_first_notes() -> None:
    notes = {"@id": "#notes", "@type": "ItemList", "itemListElement": [f"note {each}" for each in range(10_000)]}
    found = read(script([notes, *(review(positiveNotes={"@id": "#notes"}, author=f"Ann {n}") for n in range(500))]))
    assert len(found.items) == 500
    assert all(item.text.count("+ note") == 50 for item in found.items)
