"""Reading reviews from pages in the manner of real shops."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from config.error import ConfigError
from config.settings import SourceSpec
from crawlers.connector import Tools
from crawlers.connectors.reviews import Reviews, ReviewsSettings
from crawlers.registry import check
from crawlers.sitemap import read_sitemap
from crawlers.structured.onward import anchors, find_all_reviews, find_next
from crawlers.web.document import Document
from crawlers.web.link import Link
from crawlers.web.site import Extract

KETTLE = "https://marlow.example/p/kestrel-k200-48213"
VACUUM = "https://tehno.example/pylesos-vihr-7/otzyvy"
Read = Callable[..., Extract]


@pytest.fixture
def make(make_tools: Callable[..., Tools]) -> Callable[..., Reviews]:
    def make(**options: Any) -> Reviews:
        return Reviews(ReviewsSettings.model_validate({"start": [KETTLE], **options}), make_tools(kind="review"))

    return make


@pytest.fixture
def read(make: Callable[..., Reviews], fixtures: Path) -> Read:
    def read(name: str, url: str, context: Mapping[str, str] | None = None, **options: Any) -> Extract:
        body = (fixtures / "reviews" / name).read_bytes()
        document = Document(url=url, body=body, text=body.decode())
        return make(**options).read(document, Link(url=url, role="listing", context=context or {}))

    return read


def page(html: str, url: str = KETTLE) -> Document:
    return Document(url=url, body=html.encode(), text=html)


def texts(extract: Extract) -> list[str]:
    return [item.text for item in extract.items]


def share(extract: Extract) -> list[float | None]:
    return [item.rating.value if item.rating else None for item in extract.items]


# Pages in the manner of real shops


def test_a_product_page_shows_a_few_and_leads_to_all(read: Read) -> None:
    found = read("product_en.html", KETTLE)
    first, second = found.items
    assert (first.id, first.author, first.title) == ("review-900231", "Oona P. & Tim", "Boils fast, pours badly")
    assert first.text.endswith("\n+ quick\n+ quiet\n\u2212 drips")
    assert (first.language, first.engagement.likes, first.product) == ("en", 7, "Kestrel K200 kettle")
    assert (second.id, second.author) == ("review-900417", "R. Adeyemi")
    assert share(found) == [0.6, 0.2]
    assert found.links == (
        Link(
            url=f"{KETTLE}/reviews?from=product",
            role="listing",
            context={"product": "Kestrel K200 kettle", "all": "yes"},
        ),
    )
    assert (found.more, found.rejects) == (None, ())


def test_the_page_of_all_reviews_names_the_same_ones_by_the_same_ids(read: Read) -> None:
    few = {item.id: item for item in read("product_en.html", KETTLE).items}
    every = {item.id: item for item in read("all_en.html", f"{KETTLE}/reviews").items}
    assert len(every) == 4
    assert all(every[name].text == item.text and every[name].title == item.title for name, item in few.items())


def test_a_page_of_all_reviews_leads_to_no_other(read: Read) -> None:
    assert read("all_en.html", f"{KETTLE}/reviews", {"all": "yes"}).links == ()
    assert read("all_en.html", f"{KETTLE}/reviews").links == ()


def test_pages_of_microdata_are_followed_to_the_last(read: Read) -> None:
    url, context, found = VACUUM, {}, []
    for number in (1, 2, 3):
        extract = read(f"shop_ru_{number}.html", url, context, timezone="Europe/Moscow")
        found += extract.items
        assert extract.rejects == ()
        assert (extract.more is None) == (number == 3)
        if extract.more is not None:
            url, context = extract.more.url, dict(extract.more.context)
    assert url == f"{VACUUM}?page=3"
    assert [item.id for item in found] == [f"review-{n}" for n in (70311, 70309, 70122, 69950, 68001)]
    assert [item.rating.value for item in found if item.rating] == [0.4, 1.0, 0.9, 0.2, 1.0]
    assert {item.product for item in found} == {"Пылесос Вихрь-7"}
    assert all(item.published for item in found)
    assert found[0].published is not None
    assert found[0].published.since.isoformat() == "2026-03-09T11:05:00+00:00"
    assert found[0].text == "Шумит как самолёт.\nМешок &lt;бумажный&gt; рвётся."


def test_rdfa_is_read_in_the_order_of_the_page(read: Read) -> None:
    found = read("rdfa.html", "https://boots.example/alma")
    assert [(item.author, item.product) for item in found.items] == [
        ("Juno", "Trail boots Alma"),
        ("Ilse", "Trail boots Alma"),
    ]
    assert texts(found)[0] == "Dry feet after ten hours &amp; no blisters."
    assert share(found) == [0.9, 0.4]


def test_json_ld_that_is_broken_in_six_ways_loses_only_what_is_not_there(read: Read) -> None:
    found = read("broken.html", "https://broken.example/")
    assert [item.author for item in found.items] == [
        "comments around",
        "raw lines",
        "open quotes",
        "two in a row",
        "two in a row",
        "entities",
        "whole",
        "sound",
    ]
    assert texts(found)[2] == 'They call it "premium", and it is "not", really.'
    assert [(each.reason, each.detail.partition(": ")[2][:30]) for each in found.rejects] == [
        ("broken JSON-LD", "line 4, column 101: it ends to"),
        ("broken JSON-LD", "line 1, column 2: a name shoul"),
    ]


def test_a_branch_gives_its_place(read: Read) -> None:
    found = read("branch_pl.html", "https://miasto.example/krakow/zloty-klos", timezone="Europe/Warsaw")
    (item,) = found.items
    assert (item.id, item.place, item.region) == (
        "opinia-55120",
        "Piekarnia Złoty Kłos, ul. Długa 12, Kraków",
        "małopolskie",
    )
    assert (item.product, share(found)) == (None, [0.8])
    assert item.rating is not None
    assert item.rating.given == "★★★★☆"
    assert [link.url for link in found.links] == ["https://miasto.example/krakow/zloty-klos/opinie"]


def test_stars_may_be_the_name_of_a_class(read: Read) -> None:
    found = read("stars.html", "https://books.example/a-quiet-harbour")
    assert share(found) == [0.8, 0.4]
    assert found.items[0].rating is not None
    assert found.items[0].rating.given == "star-rating Four"


def test_a_review_in_json_ld_and_microdata_counts_once(read: Read) -> None:
    found = read("market_uk.html", "https://rynok.example/ua/product/khvylia-3/")
    (item,) = found.items
    assert (item.id, item.author, share(found)) == ("55810233", "Остап", [0.8])
    assert item.text.endswith("Загалом раджу.")
    assert [link.url for link in found.links] == ["https://rynok.example/ua/product/khvylia-3/comments/"]


# Fewer than there should be


def test_fewer_reviews_than_announced_are_told_where_nothing_leads_on(read: Read) -> None:
    (reject,) = read("shop_ru_3.html", f"{VACUUM}?page=3").rejects
    assert reject.reason == "fewer reviews than announced"
    assert reject.detail.startswith(f"{VACUUM}?page=3: 1 of 5, and no link to the rest was found")
    assert read("shop_ru_3.html", f"{VACUUM}?page=3", {"shown": "4"}).rejects == ()


def test_a_selector_that_finds_no_further_page_is_named(read: Read) -> None:
    found = read("shop_ru_1.html", VACUUM, all_reviews="a.all", next="a.following")
    assert (found.more, found.links) == (None, ())
    assert found.missed == ("all_reviews", "next")


def test_selectors_win_over_what_is_recognised(read: Read) -> None:
    found = read("shop_ru_1.html", VACUUM, next="li:nth-child(2)", all_reviews="xpath://li[1]/a || .pagination li + li")
    assert found.more is not None
    assert found.more.url == f"{VACUUM}?page=2"
    assert [link.url for link in found.links] == [f"{VACUUM}?page=2"]


# Start pages


def test_without_links_to_follow_a_start_page_is_a_list(make: Callable[..., Reviews]) -> None:
    assert [link.role for link in make().start()] == ["listing"]
    assert [link.role for link in make(follow=["a"]).start()] == ["index"]
    sitemaps = ["https://marlow.example/sitemap.xml", "https://marlow.example/sitemap_index.xml.gz"]
    assert [link.role for link in make(start=sitemaps).start()] == ["index", "index"]


INDEX = """<html><head><base href="/shop/"></head><body>
<ul><li class=product><a href="p/1#top">One</a> <a href="p/1">again</a></li><li class=product><a href="p/2?a=1">Two</a>
</li><li class=product><a href="javascript:go(3)">Three</a></li><li class=product><a href="mailto:x@y.example">Four</a>
</li><li class=product><a href="/about">About</a></li></ul><a class=category href="/c/pans">Pans</a>
<div class=pagination><a class="next" href="/c/kettles?page=2">›</a></div></body></html>"""


def test_an_index_leads_to_pages_categories_and_its_next_page(make: Callable[..., Reviews]) -> None:
    reviews = make(follow=["li.product"], through=["a.category"], pages_like=["/shop/p/*"])
    url = "https://marlow.example/c/kettles"
    found = reviews.read(page(INDEX, url), Link(url=url, role="index"))
    assert found.links == (
        Link(url="https://marlow.example/shop/p/1", role="listing"),
        Link(url="https://marlow.example/shop/p/2?a=1", role="listing"),
        Link(url="https://marlow.example/c/pans", role="index"),
    )
    assert found.more == Link(url="https://marlow.example/c/kettles?page=2", role="index")
    assert (found.items, found.missed) == ((), ())


def test_an_index_where_nothing_is_found_says_so(make: Callable[..., Reviews]) -> None:
    found = make(follow=["a.none"]).read(page(INDEX), Link(url=KETTLE, role="index"))
    assert found.missed == ("follow",)


def test_what_is_no_web_page_is_refused(make: Callable[..., Reviews]) -> None:
    picture = Document(url=KETTLE, body=b"\x89PNG", text="", content_type="image/png")
    (reject,) = make().read(picture, Link(url=KETTLE, role="listing")).rejects
    assert reject.reason == "not a web page"


# Sitemaps


def sitemap(body: bytes, url: str = "https://marlow.example/sitemap.xml") -> Document:
    return Document(url=url, body=body, text=body.decode("utf-8", "replace"), content_type="application/xml")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sitemap_leads_to_the_pages_that_are_wanted(
    make: Callable[..., Reviews], fixtures: Path, pack: Callable[[bytes], bytes]
) -> None:
    body = pack((fixtures / "reviews" / "sitemap.xml").read_bytes())
    document = sitemap(body, "https://marlow.example/sitemap.xml.gz")
    link = Link(url=document.url, role="index")
    found = make(pages_like=["https://marlow.example/p/*"]).read(document, link)
    assert [each.url for each in found.links] == [
        KETTLE,
        "https://marlow.example/p/heron-toaster-51002?size=2&colour=red",
    ]
    assert {(each.role, each.stamp) for each in found.links} == {("listing", None)}
    trusting = make(trust_lastmod=True).read(document, link).links
    assert [each.stamp for each in trusting] == ["2026-03-09", None, None]


def test_an_index_of_sitemaps_leads_to_sitemaps(make: Callable[..., Reviews]) -> None:
    body = b"<sitemapindex><sitemap><loc>https://marlow.example/s1.xml.gz</loc></sitemap></sitemapindex>"
    found = make(pages_like=["/p/*"]).read(sitemap(body), Link(url=KETTLE, role="index"))
    assert found.links == (Link(url="https://marlow.example/s1.xml.gz", role="index"),)


@pytest.mark.parametrize(
    ("body", "fault", "kept"),
    [
        (b"<urlset><url><loc>https://a.example/1</loc></url><url><loc>https", "broken XML", 1),
        (
            b"<!DOCTYPE x [<!ENTITY a 'b'>]><urlset><url><loc>https://a.example/&a;</loc></url></urlset>",
            "unsafe XML",
            0,
        ),
        (gzip.compress(b"<urlset>" + b"<url><loc>https://a.example/1</loc></url>" * 2)[:-12], "damaged", None),
    ],
)
def test_a_broken_sitemap_is_told(make: Callable[..., Reviews], body: bytes, fault: str, kept: int | None) -> None:
    document = sitemap(body, "https://a.example/sitemap.xml.gz")
    found = make().read(document, Link(url=document.url, role="index"))
    assert [each.reason for each in found.rejects] == ["broken sitemap"]
    assert fault in found.rejects[0].detail
    assert kept is None or len(found.links) == kept


def test_a_packed_sitemap_is_bounded() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000)
    assert "too large" in (read_sitemap(sitemap(bomb, "https://a.example/sitemap.xml.gz")).fault or "")


def test_a_sitemap_has_at_most_as_many_entries_as_the_protocol_lets_it_have() -> None:
    empty = sitemap(gzip.compress(b"<urlset>" + b"<url/>" * 50_001 + b"</urlset>"), "https://a.example/sitemap.xml.gz")
    assert "only the first 50,000 entries" in (read_sitemap(empty).fault or "")
    full = b"<urlset>" + b"<url><loc>https://a.example/1</loc></url>" * 50_000 + b"</urlset>"
    found = read_sitemap(sitemap(gzip.compress(full), "https://a.example/sitemap.xml.gz"))
    assert (len(found.places), found.fault) == (50_000, None)


# Links that lead on


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="next" href="?page=2">',
        '<a rel="nofollow next" href="?page=2">2</a>',
        '<a href="?page=2">Next page »</a>',
        '<a href="?page=2" aria-label="Next">›</a>',
        '<a href="?page=2">Следующая</a>',
        '<a href="?page=2">Далі</a>',
        '<a href="?page=2">Następna strona</a>',
        '<li class="next"><a href="?page=2">&gt;</a></li>',
        '<a class="pager__next" href="?page=2">more</a>',
        '<ul class="pagination"><a href="?page=2">›</a></ul>',
    ],
)
def test_the_next_page_is_recognised(link: str) -> None:
    assert find_next(anchors(page(f"<body><a href='?page=9'>9</a>{link}</body>")), KETTLE) == f"{KETTLE}?page=2"


@pytest.mark.parametrize(
    "link",
    [
        '<a class="slick-next" href="?photo=2">Next</a>',
        '<a class="next disabled" href="?page=2">Next</a>',
        '<li class="next disabled"><a href="?page=2">Next</a></li>',
        '<a rel="next" href="/p/heron-toaster">Next</a>',
        '<a rel="next" href="https://other.example/p/kestrel-k200-48213?page=2">Next</a>',
        '<a rel="next" href="#reviews">Next</a>',
        '<a rel="next" href="javascript:next()">Next</a>',
        '<a href="?page=2">›</a>',
        '<a href="?next=1">Next day delivery</a>',
    ],
)
def test_other_links_are_not_taken_for_the_next_page(link: str) -> None:
    assert find_next(anchors(page(f"<body>{link}</body>")), KETTLE) is None


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/all/1", "See all reviews"),
        ("/all/1", "View all 1,204 customer reviews"),
        ("/all/1", "All reviews (34)"),
        ("/all/1", "Читать все отзывы"),
        ("/all/1", "Показать больше отзывов"),
        ("/all/1", "Ещё 12 отзывов"),
        ("/all/1", "Усі відгуки"),
        ("/all/1", "Всі 15 відгуків"),
        ("/all/1", "Zobacz wszystkie opinie"),
        ("/p/kestrel-k200-48213/reviews", "34"),
        ("/p/kestrel-k200-48213?tab=reviews", "34"),
        ("/p/kestrel-k200-48213/otzyvy/", "34"),
        ("/product-reviews/kestrel-k200-48213", "34"),
        ("/ua/kestrel-k200-48213/vidhuky.html", "34"),
    ],
)
def test_the_page_of_all_reviews_is_recognised(href: str, text: str) -> None:
    html = f'<body><a href="{KETTLE}/reviews/add">All reviews: write one</a><a href="{href}">{text}</a></body>'
    assert find_all_reviews(anchors(page(html)), KETTLE) == f"https://marlow.example{href}"


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/reviews/new", "Write a review"),
        ("/p/kestrel-k200-48213/reviews/create", "34"),
        ("/p/kestrel-k200-48213/otzyvy#form", "Оставить отзыв"),
        ("/p/heron-toaster/reviews", "12"),
        ("https://other.example/1", "See all reviews"),
        ("/all", "All products"),
    ],
)
def test_other_links_are_not_taken_for_all_reviews(href: str, text: str) -> None:
    assert find_all_reviews(anchors(page(f'<body><a href="{href}">{text}</a></body>')), KETTLE) is None


def test_a_page_at_the_top_of_the_site_is_not_said_to_be_about_one_product(make: Callable[..., Reviews]) -> None:
    html = (
        '<script type="application/ld+json">{"@type": "Product", "name": "Kettle"}</script>'
        '<a href="/reviews">All reviews</a>'
    )
    found = make().read(page(html), Link(url=KETTLE, role="listing"))
    assert found.links == (Link(url="https://marlow.example/reviews", role="listing", context={"all": "yes"}),)


# Options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"follow": ["a["]}, "is no CSS selector"),
        ({"next": "json:a.b"}, "does not select links"),
        ({"all_reviews": "xpath://a[["}, "is no XPath"),
        ({"pages_like": ["p/*"]}, "pages_like"),
        ({"best": 0}, "best"),
        ({"start": []}, "start"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], said: str) -> None:
    spec = SourceSpec(name="A source", type="reviews", options={"start": [KETTLE], **options})
    with pytest.raises(ConfigError, match=said):
        check(spec)


def test_comments_are_read_where_that_is_wanted(make: Callable[..., Reviews]) -> None:
    html = (
        '<script type="application/ld+json">{"@type": "Review", "author": "Ann", "reviewBody": "Leaks.", "comment": '
        '{"@type": "Comment", "author": "Shop", "text": "Sorry!"}}</script>'
    )
    link = Link(url=KETTLE, role="listing")
    assert texts(make().read(page(html), link)) == ["Leaks."]
    assert texts(make(comments=True).read(page(html), link)) == ["Leaks.", "Sorry!"]


def test_a_text_that_is_cut_short_waits_for_the_page_that_has_all_of_it(make: Callable[..., Reviews]) -> None:
    def shown(links: str) -> list[str]:
        review = '<div itemscope itemtype="https://schema.org/Review"><b itemprop="author">{}</b>'
        review += '<p itemprop="reviewBody">{}</p></div>'
        body = review.format("Anna", "The kettle leaks and…") + review.format("Olha", "It works.")
        text = f"<html><body>{body}{links}</body></html>"
        page = Document(url=KETTLE, body=text.encode(), text=text)
        return [item.text for item in make().read(page, Link(url=KETTLE, role="listing")).items]

    assert shown(f'<a href="{KETTLE}/reviews">See all reviews</a>') == ["It works."]
    assert shown("") == ["The kettle leaks and…", "It works."]
