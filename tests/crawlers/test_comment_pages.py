"""An article's comments on several pages, as a real WordPress 6.1.9 shows them in three of its themes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.cleaning import clean
from crawlers.connector import Reject, Tools
from crawlers.connectors.articles import Articles, ArticlesSettings
from crawlers.identity import MAX_ID, external_id
from crawlers.reading.comment_pages import MOST, next_comment_page
from crawlers.reading.permalink import canonical, comment_page, without_comment_page
from crawlers.web.document import Document
from crawlers.web.finding import to_mention
from crawlers.web.found import Found
from crawlers.web.link import Link
from crawlers.web.site import Extract

FIXTURES = Path(__file__).parents[1] / "fixtures" / "crawlers" / "pages_wordpress"
THEMES = ("", "twentytwentytwo_", "twentytwentythree_")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOOLS = Tools(source="A blog", kind="blog", clock=lambda: NOW, user_agent="Groundswell/test")
URL = "https://site.example/kettle/"
SENTENCE = "It boils within two minutes, and the lid stays shut while one pours. "
SHORT = "<p>We bought"


def made(html: str, url: str = URL) -> Document:
    return Document(url=url, body=html.encode(), text=html)


def captured(name: str, url: str = URL) -> Document:
    """Return a captured page; its article, which is one sentence, goes on for as long as articles do."""
    html = (FIXTURES / f"{name}.html").read_text(encoding="utf-8")
    assert SHORT in html
    return made(html.replace(SHORT, f"<p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p>{SHORT}"), url)


def read(source: Document, context: dict[str, str] | None = None, **options: object) -> Extract:
    site = Articles(ArticlesSettings.model_validate({"start": [URL], **options}), TOOLS)
    return site.read(source, Link(url=source.url, role="item", context=context or {}))


def paged(*addresses: str) -> str:
    return "".join(f"<div><a href='{address}'>Comments</a></div>" for address in addresses)


def following(html: str, url: str = URL, **context: str) -> Link | Reject | None:
    return next_comment_page(made(f"<html><body>{html}</body></html>", url), article=URL, context=context)


@pytest.mark.parametrize(
    ("url", "number", "article"),
    [
        ("https://a.example/k/comment-page-3/#comment-278", 3, "https://a.example/k/#comment-278"),
        ("https://a.example/k.html/comment-page-12", 12, "https://a.example/k.html"),
        ("https://a.example/?p=19&cpage=2#comments", 2, "https://a.example/?p=19#comments"),
        ("https://a.example/k/?cpage=2", 2, "https://a.example/k/"),
        ("https://a.example/comment-page-2/", 2, "https://a.example/"),
        ("https://a.example/k/comment-page-0/", None, "https://a.example/k/comment-page-0/"),
        ("https://a.example/comment-page-3/how-to", None, "https://a.example/comment-page-3/how-to"),
        ("https://a.example/k?cpage=all", None, "https://a.example/k?cpage=all"),
    ],
)
def test_a_page_of_comments_is_told_by_its_address(url: str, number: int | None, article: str) -> None:
    assert (comment_page(url), without_comment_page(url)) == (number, article)


@pytest.mark.parametrize("theme", THEMES)
def test_the_address_of_an_article_is_the_same_on_all_of_its_pages(theme: str) -> None:
    pages = (captured(f"{theme}list"), captured(f"{theme}list_2", f"{URL}comment-page-1/"))
    assert [canonical(page) for page in pages] == [URL, URL]


def test_a_page_of_comments_that_names_no_address_is_the_articles() -> None:
    assert canonical(made("<html></html>", f"{URL}comment-page-4/?utm_source=x")) == URL


@pytest.mark.parametrize("theme", THEMES)
def test_an_article_is_read_with_its_newest_comments_and_leads_to_older_ones(theme: str) -> None:
    found = read(captured(f"{theme}list"))
    article, first, answer = found.items[:3]
    assert (article.url, article.title, article.author) == (URL, "Our new kettle", "Author")
    assert article.text.startswith("It boils within")
    assert (first.id, first.author, first.author_url) == (f"{URL}#comment-151", "Jan Kowalski", "https://jan.example")
    assert (answer.id, answer.author, answer.author_url) == (f"{URL}#comment-152", "Ірина", None)
    assert (first.parent, answer.parent) == (URL, first.id)
    assert "Nie polecam" in first.text
    known = {"parent": URL, "comments": "older", "left": str(MOST - 1)}
    assert found.more == Link(url=f"{URL}comment-page-1/", role="item", context=known)


@pytest.mark.parametrize("theme", THEMES)
def test_a_text_that_begins_with_its_headline_is_kept_without_it(theme: str) -> None:
    source = captured(f"{theme}list")
    article = read(made(source.text.replace("<p>It boils", "<p>Our new kettle</p><p>It boils", 1))).items[0]
    assert article.title == "Our new kettle", "not the site's name, of which Twenty Twenty-Two makes a heading too"
    assert article.text.startswith("It boils")


@pytest.mark.parametrize("theme", THEMES)
def test_an_older_page_gives_its_comments_alone_and_is_the_last(theme: str) -> None:
    source = captured(f"{theme}list_2", f"{URL}comment-page-1/")
    found = read(source, {"parent": URL, "comments": "older", "left": "9"})
    assert [(item.id, item.author, item.parent) for item in found.items] == [
        (f"{URL}#comment-148", "Дарья", URL),
        (f"{URL}#comment-149", "Author", f"{URL}#comment-148"),
        (f"{URL}#comment-150", "Łukasz", URL),
    ]
    assert found.items[2].author_url == "https://lukasz.example/o?a=1&b=2"
    assert (found.more, found.rejects) == (None, ())
    assert read(source).items == found.items, "the article is told by the page too"


def test_nothing_is_read_of_comments_that_are_not_wanted() -> None:
    assert read(captured("list"), comments=False).more is None
    assert read(captured("list_2", f"{URL}comment-page-1/"), comments=False) == Extract()


def test_a_page_of_comments_that_is_no_web_page_is_rejected() -> None:
    source = Document(url=f"{URL}comment-page-1/", body=b"%PDF", text="%PDF", content_type="application/pdf")
    assert [reject.reason for reject in read(source).rejects] == ["not a web page"]


def test_lists_of_comments_lead_to_the_article() -> None:
    site = Articles(ArticlesSettings.model_validate({"start": [URL]}), TOOLS)
    feed = (
        "<rss><channel><item><title>Re</title><link>https://site.example/kettle/comment-page-2/#comment-151</link>"
        "</item><item><title>Our new kettle</title><link>https://site.example/kettle/</link></item></channel></rss>"
    )
    found = site.read(made(feed, "https://site.example/comments/feed/"), Link(url=URL, role="index"))
    assert [link.url for link in found.links] == [URL]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (paged("/kettle/comment-page-2/#comments"), ("newer", 2)),
        ("<div class='nav-previous'><a href='comment-page-2/#comments'>Older</a></div>", ("older", 2)),
        ("<div class='alignleft'><a href='comment-page-2/#comments'>Older</a></div>", ("older", 2)),
        (paged("comment-page-1/#comments", "comment-page-2/#comments", "comment-page-9/#comments"), ("older", 9)),
        (paged("comment-page-2/#comments", "comment-page-3/#comments", "comment-page-9/#comments"), ("newer", 2)),
        ("<link rel=next href='http://site.example/kettle/comment-page-2/'>", ("newer", 2)),
        (paged("?cpage=1#comments"), ("older", 1)),
    ],
)
def test_an_article_shows_its_oldest_comments_or_its_newest(html: str, expected: tuple[str, int]) -> None:
    found = following(html)
    assert isinstance(found, Link)
    assert (found.context["comments"], comment_page(found.url)) == expected


@pytest.mark.parametrize(
    "html",
    [
        paged("/toaster/comment-page-1/#comments"),
        paged("/kettle/comment-page-1/#comment-148"),
        paged("/kettle/comment-page-1/?replytocom=148#respond"),
        paged("https://other.example/kettle/comment-page-1/#comments"),
        "<div class='nav-previous'><a rel=prev href='/toaster/'>A toaster</a></div>",
        "<link rel=next href='/kettle/2/'>",
        paged("http://[::1/comment-page-1/#comments", "#comments", "/kettle/#comments"),
    ],
)
def test_nothing_else_is_taken_for_a_page_of_comments(html: str) -> None:
    assert following(html) is None


def test_pages_are_gone_through_in_one_direction() -> None:
    both = paged("/kettle/comment-page-2/#comments", "/kettle/comment-page-4/#comments")
    third = f"{URL}comment-page-3/"
    older = following(both, third, comments="older", left="5")
    newer = following(both, third, comments="newer", left="5")
    assert older == Link(
        url=f"{URL}comment-page-2/", role="item", context={"parent": URL, "comments": "older", "left": "4"}
    )
    assert isinstance(newer, Link)
    assert newer.url == f"{URL}comment-page-4/"
    assert following(both, URL, comments="older", left="5") is None, "the page of comments leads back to the article"
    assert following(both, third) is None, "nothing is known of the way"


def test_pages_of_comments_are_read_up_to_a_bound() -> None:
    found = following(paged("../comment-page-2/#comments"), f"{URL}comment-page-3/", comments="older", left="0")
    assert isinstance(found, Reject)
    assert found.reason == "too many pages of comments"
    assert f"{URL}comment-page-2/" in found.detail


def test_answers_name_a_long_address_as_the_article_does() -> None:
    url = f"https://site.example/{'long-' * MAX_ID}"
    article = Found(text="An article.", url=url, own_url=True)
    comment = Found(text="A comment.", id=f"{url}#comment-1", url=f"{url}#comment-1", own_url=True, parent=url)
    answer = Found(text="An answer.", id=f"{url}#comment-2", own_url=True, parent=comment.id)
    mentions = [to_mention(each, page=URL, tools=TOOLS, language=None, now=NOW) for each in (article, comment, answer)]
    assert mentions[1].parent == mentions[0].external_id == external_id(url)
    assert mentions[2].parent == mentions[1].external_id
    cleaned = clean(mentions[1], NOW)
    assert not isinstance(cleaned, Reject)
    assert cleaned.parent == mentions[0].external_id
