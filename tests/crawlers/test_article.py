"""Reading one article's page: text, headline, byline, date, address and comments."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.connector import Reject
from crawlers.reading.article import Article, read_article
from crawlers.reading.byline import clean_name
from crawlers.reading.main_text import read_main_text
from crawlers.reading.permalink import permalink, same_site
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.when import When

FIXTURES = Path(__file__).parents[1] / "fixtures" / "crawlers" / "articles"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
URL = "https://courier.example/a"
PARAGRAPH = "The bakery on Mill Street opens at six, and on Saturdays the queue reaches the church, as it always has. "


def document(html: str, url: str = URL, **more: Any) -> Document:
    return Document(url=url, body=html.encode(), text=html, **more)


def page(name: str, url: str) -> Document:
    return document((FIXTURES / name).read_text(encoding="utf-8"), url)


def read(source: Document, **more: Any) -> Article:
    article = read_article(source, now=NOW, **more)
    assert isinstance(article, Article)
    return article


def html(head: str = "", body: str = "", text: str = f"<p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 2}</p>") -> str:
    return f"<html><head>{head}</head><body><article>{text}</article>{body}</body></html>"


def instant(text: str) -> When:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return When(since=moment, until=moment)


def comments_of(article: Article) -> list[tuple[str | None, str | None, str | None]]:
    return [(each.id, each.author, each.parent) for each in article.comments]


def test_english_news_with_json_ld() -> None:
    url = "https://courier.example/business/2026/03/09/kolvinta-recalls-kettles/"
    article = read(page("en_news.html", url + "?fbclid=x"))
    assert article.url == url
    assert article.title == "Kolvinta recalls 4,000 kettles after a switch failed"
    assert article.author == "Ann Whitlow, Tom Okafor"
    assert article.published == instant("2026-03-09T16:42:00+00:00")
    assert article.text.startswith("The retailer Kolvinta has called back")
    assert article.text.endswith("found at the till of every shop.")
    assert "Mill Street" not in article.text
    assert "All rights" not in article.text
    assert article.comments == ()


def test_a_russian_blog_with_wordpress_comments() -> None:
    url = "https://dnevnik.example/2026/03/chajnik/"
    article = read(page("ru_blog.html", url))
    assert (article.title, article.author) == ("Как я возвращал чайник «Колвинта»", "Ольга Белецкая")
    assert article.published == instant("2026-03-08T06:15:00+00:00")
    assert "Пётр" not in article.text
    assert comments_of(article) == [
        (f"{url}#comment-101", "Пётр", url),
        (f"{url}#comment-102", "Ольга Белецкая", f"{url}#comment-101"),
        (f"{url}#comment-107", "Н. К.", url),
    ]
    assert article.comments[2].published == instant("2026-03-09T17:05:00+00:00")
    assert "Ответить" not in article.comments[0].text
    assert "Буду писать жалобу" in article.comments[2].text
    assert all(each.own_url and each.url == each.id for each in article.comments)


def test_comments_may_be_left_out() -> None:
    assert read(page("ru_blog.html", "https://dnevnik.example/2026/03/chajnik/"), comments=False).comments == ()


def test_ukrainian_news_without_markup() -> None:
    article = read(page("uk_plain.html", "https://visnyk.example/novyny/1201"), zone="Europe/Kyiv", languages=("uk",))
    assert article.title == "Покупці скаржаться на чайники, що не вимикаються"
    assert article.published == instant("2026-03-09T14:20:00+02:00")
    assert article.author is None
    assert article.text.startswith("До відділу захисту")
    assert article.text.count("\n") == 2
    assert "Передрук" not in article.text


def test_a_polish_teaser_before_a_paywall() -> None:
    article = read(page("pl_paywall.html", "https://gazeta-nadmorska.example/biznes/7,155.html"))
    assert article.title == "Kolvinta wycofuje czajniki. Klienci czekają na pieniądze"
    assert article.author == "Marta Zielińska"
    assert article.published == instant("2026-03-09T06:05:00+01:00"), "the day's own time is told elsewhere on the page"
    assert "infolinia nie odpowiada" in article.text


@pytest.mark.parametrize(
    "html_text", ["", "<p>Short.</p>", "<html><body></body></html>", (FIXTURES / "front.html").read_text()]
)
def test_what_is_no_article_is_rejected(html_text: str) -> None:
    assert read_article(document(html_text), now=NOW) == Reject(reason="no article found", detail=URL)


def test_an_index_of_teasers_is_no_article() -> None:
    teasers = "".join(
        f"<div class=teaser><h2><a href=/{n}>A headline with the number {n} in it</a></h2><p>{PARAGRAPH}</p></div>"
        for n in range(8)
    )
    found = read_article(document(f"<html><body><main>{teasers}</main></body></html>"), now=NOW)
    assert found == Reject(reason="no article found", detail=URL)


def test_what_is_no_web_page_is_rejected() -> None:
    found = read_article(document("%PDF-1.7", content_type="application/pdf"), now=NOW)
    assert found == Reject(reason="not a web page", detail=f"{URL} is application/pdf")


def test_a_page_without_bounds_is_rejected_quickly() -> None:
    start = time.process_time()
    found = read_article(document("<html><body>" + "<p>word</p>" * 40_000), now=NOW)
    assert isinstance(found, Reject)
    assert found.reason == "too large a page"
    assert time.process_time() - start < 5


def test_a_text_that_only_json_ld_has_is_taken_from_there() -> None:
    ld = '<script type="application/ld+json">{"@type": "BlogPosting", "articleBody": "%s"}</script>' % (PARAGRAPH * 3)
    assert read(document(html(ld, text="<div id=app></div>"))).text == (PARAGRAPH * 3).strip()


def test_a_text_in_two_parts_is_read_whole() -> None:
    parts = "".join(
        f"<div class='body-part'><p>Part {n}. {PARAGRAPH}</p><p>{n} times {PARAGRAPH}</p></div><div class=ad>Buy</div>"
        for n in range(6)
    )
    text = read_main_text(f"<html><body><div class=wrap>{parts}</div></body></html>")
    assert all(f"Part {n}." in text for n in range(6))


def test_a_page_of_links_has_no_text() -> None:
    links = "".join(f"<li><a href=/{n}>A link that leads away to {n}</a></li>" for n in range(40))
    assert read_main_text("") == ""
    assert read_main_text(f"<html><body><div><ul>{links}</ul></div></body></html>") == ""


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>A headline of note | The Courier</title>", "", "A headline of note"),
        ("<title>The Courier: A headline of note</title><meta property='og:site_name' content='The Courier'>", "",
         "The Courier: A headline of note"),
        ("<title>The Courier | A headline of note</title><meta property='og:site_name' content='The Courier'>", "",
         "A headline of note"),
        ("<title>A headline of note - Business - News and more</title>", "<h1>A headline of note</h1>",
         "A headline of note"),
        ("<title>What now - a headline of note</title>", "", "What now - a headline of note"),
        ("<title>The real headline of it</title>", "<h1>Logo of site</h1>", "The real headline of it"),
        ("<meta property='og:title' content='Tom &amp; Ann &lt;3'>", "", "Tom & Ann <3"),
        ("", "", "from the feed"),
    ],
)  # fmt: skip
def test_headlines_come_without_the_sites_name(head: str, heading: str, title: str) -> None:
    found = read(document(html(head, heading), "https://www.thecourier.example/a"), context={"title": "from the feed"})
    assert found.title == title


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("Текст: Олена Коваль", "Олена Коваль"),
        ("Autor: Jan Nowak", "Jan Nowak"),
        ("Пётр пишет:", "Пётр"),
        ("Jan Nowak | Gazeta", "Jan Nowak"),
        ("Byron", "Byron"),
        ("https://social.example/ann", None),
        ("ann@courier.example", None),
        ("12 March 2026", None),
        ("x" * 90, None),
        ("  ", None),
    ],
)
def test_names_are_names(text: str, name: str | None) -> None:
    assert clean_name(text) == name


def test_the_author_of_a_comment_is_not_the_articles() -> None:
    body = "<div id=comments><div class=comment id=comment-1><span class=author>Troll</span><p>No!</p></div></div>"
    assert read(document(html("", body))).author is None


@pytest.mark.parametrize(
    ("head", "body", "context", "since", "until"),
    [
        ("<meta property='article:published_time' content='2026-03-09T10:00:00Z'>", "", {}, "09T10:00", "09T10:00"),
        ("<meta name='date' content='2026-03-09'>", "", {"date": "2026-03-09T08:30:00+00:00"}, "09T08:30", "09T08:30"),
        ("<meta name='date' content='2026-03-09'>", "", {"date": "2026-03-08T08:30:00+00:00"}, "09T00:00", "10T00:00"),
        ("<meta name='date' content='2026-04-09'>", "", {"date": "2026-03-08T08:30:00+00:00"}, "08T08:30", "08T08:30"),
        ("", "<div class=sidebar><time datetime='2026-03-01'>1</time></div>", {}, "07T00:00", "08T00:00"),
        ("", "<footer><time datetime='2026-03-01T01:00Z'></time></footer>", {}, "07T00:00", "08T00:00"),
        ("", "<span class='post-date'>March 6, 2026</span>", {}, "06T00:00", "07T00:00"),
    ],
)
def test_the_surest_and_most_exact_date_holds(
    head: str, body: str, context: dict[str, str], since: str, until: str
) -> None:
    found = read(document(html(head, body), "https://courier.example/2026/03/07/a"), context=context).published
    assert found is not None
    assert (f"{found.since:%dT%H:%M}", f"{found.until:%dT%H:%M}") == (since, until)


def test_a_page_without_a_date_has_none() -> None:
    assert read(document(html())).published is None


def test_a_date_that_only_htmldate_knows_is_a_day() -> None:
    found = read(document(html("<meta name='citation_publication_date' content='2019/02/06'>"))).published
    assert found == When(since=datetime(2019, 2, 6, tzinfo=UTC), until=datetime(2019, 2, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://courier.example/b?utm_medium=x&id=7", "https://courier.example/b?id=7"),
        ("/b", "https://courier.example/b"),
        ("https://m.courier.example/b", "https://m.courier.example/b"),
        ("https://courier.example/", URL),
        ("https://other.example/b", URL),
        ("javascript:alert(1)", URL),
        ("http://[::1", URL),
        ("", URL),
    ],
)
def test_the_canonical_address_is_believed_about_the_same_site_only(link: str, url: str) -> None:
    assert read(document(html(f"<link rel=canonical href='{link}'>"), URL + "?utm_source=x&gclid=2#top")).url == url


def test_permalinks_keep_what_names_the_page() -> None:
    assert permalink("https://a.example/x?a=1&a=2&UTM_Source=q&b=#f") == "https://a.example/x?a=1&a=2&b="
    assert permalink("https://a.example/x?a=%20й") == "https://a.example/x?a=%20й"


def test_two_blogs_of_one_host_are_two_sites() -> None:
    assert same_site("https://m.shop.com.ua/a", "https://shop.com.ua/b")
    assert not same_site("https://one.blogspot.com/", "https://two.blogspot.com/")
    assert not same_site("https://one.example/", "https://two.example/")
    assert same_site("http://127.0.0.1:8000/", "http://127.0.0.1:8001/")


def test_comments_of_json_ld_with_their_answers() -> None:
    ld = """<script type="application/ld+json">{"@type": "Article", "url": "https://courier.example/a", "comment": [
      {"@type": "Comment", "text": "First &amp; best", "author": {"name": "Ann"}, "dateCreated": "2026-03-09T10:00:00Z",
       "url": "https://courier.example/a#c1", "comment": {"@type": "Comment", "text": "An answer", "author": "Bob"}},
      {"@type": "Comment", "author": {"name": "Silent"}}]}</script>"""
    first, answer = read(document(html(ld))).comments
    assert first == Found(
        text="First &amp; best",
        id=f"{URL}#c1",
        url=f"{URL}#c1",
        own_url=True,
        author="Ann",
        published=instant("2026-03-09T10:00:00+00:00"),
        parent=URL,
    )
    assert (answer.text, answer.id, answer.own_url, answer.parent) == ("An answer", None, False, f"{URL}#c1")


def test_comments_of_microdata() -> None:
    body = """<section class=talk>
      <div itemscope itemtype="https://schema.org/Comment" id="c77"><span itemprop=author itemscope
        itemtype="https://schema.org/Person"><b itemprop=name>Ann</b></span>
        <meta itemprop=dateCreated content="2026-03-09T10:00:00Z"><div itemprop=text>Good <b>bread</b></div></div>
    </section>"""
    (comment,) = read(document(html("", body))).comments
    assert (comment.id, comment.author, comment.parent) == (f"{URL}#c77", "Ann", URL)
    assert comment.published == instant("2026-03-09T10:00:00+00:00")
    assert "<b>bread</b>" in comment.text


def test_comments_without_an_anchor_have_no_id() -> None:
    body = """<div class=comments><div class=comment-item><span class=author-name>Ян</span>
      <span class=date>вчера в 14:05</span><div class=comment-text>Согласен</div></div><div class=comment-item>
      <div class=comment-text> </div></div></div>"""
    (comment,) = read(document(html("", body))).comments
    assert (comment.id, comment.url, comment.own_url, comment.author) == (None, URL, False, "Ян")
    assert comment.published is not None
    assert comment.published.relative


def test_many_nested_comments_take_no_longer_than_flat_ones() -> None:
    nested = "".join(f"<div class=comment id=comment-{n}><p>text {n}</p>" for n in range(3_000))
    start = time.process_time()
    article = read(document(html("", nested)))
    assert len(article.comments) == 2_000
    assert article.comments[1_999].parent == f"{URL}#comment-1998"
    assert time.process_time() - start < 5
