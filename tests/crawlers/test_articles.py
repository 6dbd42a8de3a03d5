"""The connector of news and blogs: where it finds articles, and what it makes of them."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crawlers.cleaning import clean
from crawlers.connector import Limits, Reject, Tools, Window
from crawlers.connectors.articles import Articles, ArticlesSettings
from crawlers.sitemap import read_robots, read_sitemap
from crawlers.web.document import Document
from crawlers.web.finding import to_mention
from crawlers.web.link import Link
from crawlers.web.site import Extract

FIXTURES = Path(__file__).parents[1] / "fixtures" / "crawlers" / "articles"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOOLS = Tools(source="A source", kind="news", clock=lambda: NOW, user_agent="Groundswell/test")
HOME = "https://courier.example"
KETTLES = f"{HOME}/business/2026/03/09/kolvinta-recalls-kettles/"


def site(**options: Any) -> Articles:
    return Articles(ArticlesSettings.model_validate({"start": [f"{HOME}/"], **options}), TOOLS)


def document(name: str, url: str, content_type: str = "text/html") -> Document:
    body = (FIXTURES / name).read_bytes()
    return Document(url=url, body=body, text=body.decode(), content_type=content_type)


def made(text: str, url: str, content_type: str = "text/html") -> Document:
    return Document(url=url, body=text.encode(), text=text, content_type=content_type)


def index(source: Document, **options: Any) -> Extract:
    return site(**options).read(source, Link(url=source.url, role="index"))


def urls(found: Extract) -> list[str]:
    return [link.url.removeprefix(HOME) for link in found.links]


def test_reading_begins_with_indexes() -> None:
    starts = (f"{HOME}/feed.xml", f"{HOME}/")
    assert site(start=starts).start() == tuple(Link(url=url, role="index") for url in starts)
    assert not Articles.sweeps
    assert site(newer_than="7d").manners.newer_than == timedelta(days=7)


@pytest.mark.parametrize("wrong", [{"articles_like": ["news"]}, {"newer_than": "1m"}, {"colour": "red"}, {"start": []}])
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        site(**wrong)


def test_a_feed_leads_to_its_articles_with_what_it_says_of_them() -> None:
    found = index(document("feed.xml", f"{HOME}/feed.xml", "application/rss+xml"))
    moment = "2026-03-09T16:42:00+00:00"
    assert found.links == (
        Link(
            url=KETTLES,
            role="item",
            stamp=moment,
            context={"title": "Kolvinta recalls 4,000 kettles", "date": moment},
        ),
        Link(url=f"{HOME}/local/no-date", role="item", context={"title": "No date"}),
    )
    assert found.rejects == ()


def test_old_articles_of_a_feed_are_read_where_they_are_wanted() -> None:
    found = index(document("feed.xml", f"{HOME}/feed.xml"), newer_than="3650d")
    assert urls(found)[1] == "/business/old/"


def test_a_json_feed_is_read_too() -> None:
    text = (
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/a",'
        ' "title": "A <b>bold</b> one", "date_published": "2026-03-09T10:00:00Z"}]}'
    )
    (link,) = index(made(text, f"{HOME}/feed.json", "application/feed+json")).links
    assert (link.url, dict(link.context)["title"]) == (f"{HOME}/a", "A <b>bold</b> one")


def test_a_broken_feed_is_told() -> None:
    found = index(made('<rss version="2.0"><channel><item><title>', f"{HOME}/feed.xml", "application/xml"))
    assert [reject.reason for reject in found.rejects] == ["broken feed"]
    assert found.links == ()


def test_an_index_of_sitemaps_leads_to_those_that_changed_lately() -> None:
    found = index(document("sitemap_index.xml", f"{HOME}/sitemap.xml", "application/xml"))
    assert found.links == (
        Link(url=f"{HOME}/sitemap-2026-03.xml.gz", role="index"),
        Link(url=f"{HOME}/sitemap-news.xml", role="index"),
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_news_sitemap_leads_to_articles_of_late(pack: Callable[[bytes], bytes]) -> None:
    plain = document("sitemap_news.xml", f"{HOME}/sitemap-news.xml.gz", "application/gzip")
    body = pack(plain.body)
    found = index(replace(plain, body=body, text=body.decode("utf-8", "replace")))
    first = Link(
        url=KETTLES,
        role="item",
        stamp="2026-03-10T07:00:00Z",
        context={"title": "Kolvinta recalls 4,000 kettles & says sorry", "date": "2026-03-09T17:42:00+01:00"},
    )
    assert found.links == (first, Link(url=f"{HOME}/sport/rovers", role="item"))


def test_a_sitemap_that_declares_entities_is_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><urlset><url><loc>https://a.example/&a;</loc></url></urlset>'
    found = index(made(bomb, f"{HOME}/sitemap.xml", "application/xml"))
    assert found.links == ()
    assert [reject.reason for reject in found.rejects] == ["broken sitemap"]


def test_robots_txt_names_sitemaps() -> None:
    text = (
        "User-agent: *\nDisallow: /x\nSitemap: https://courier.example/a.xml\nsitemap:https://courier.example/b.xml\n"
    )
    expected = (f"{HOME}/a.xml", f"{HOME}/b.xml")
    assert read_robots(text + "Sitemap: javascript:1\n") == expected
    found = index(made(text, f"{HOME}/robots.txt", "text/plain"))
    assert found.links == tuple(Link(url=url, role="index") for url in expected)


def test_a_news_entry_keeps_what_is_written_beside_it() -> None:
    place = read_sitemap(document("sitemap_news.xml", f"{HOME}/s.xml")).places[0]
    assert (place.published, place.title) == (
        "2026-03-09T17:42:00+01:00",
        "Kolvinta recalls 4,000 kettles & says sorry",
    )


def test_a_front_page_leads_to_what_looks_like_articles() -> None:
    found = index(document("front.html", f"{HOME}/"))
    assert urls(found) == [
        "/business/2026/03/09/kolvinta-recalls-kettles/",
        "/sport/rovers",
        "/local/new-bridge-opens-two-years-late",
        "/article/120345",
    ]
    assert found.links[0].context == {"title": "Kolvinta recalls 4,000 kettles after a switch failed"}


def test_patterns_say_which_addresses_are_articles() -> None:
    front = document("front.html", f"{HOME}/")
    assert urls(index(front, articles_like=["/business/*", "*/rovers"], newer_than="3650d")) == [
        "/business/",
        "/business/2026/03/09/kolvinta-recalls-kettles/",
        "/sport/rovers",
        "/business/2019/05/01/old-tram/",
    ]
    assert urls(index(front, not_like=["/business/*", f"{HOME}/sport/*"])) == [
        "/local/new-bridge-opens-two-years-late",
        "/article/120345",
    ]


def test_a_page_without_articles_is_told() -> None:
    found = index(made("<html><body><a href='/login'>Log in</a></body></html>", f"{HOME}/"))
    assert found == Extract(rejects=(Reject(reason="no articles found", detail=f"{HOME}/"),))


def test_a_base_that_is_no_address_is_none() -> None:
    front = made('<base href="http://[x"><a href="/four-words-of-headline">x</a>', "https://courier.example/")
    assert urls(index(front)) == ["/four-words-of-headline"]


def test_links_of_a_front_page_are_joined_to_its_base() -> None:
    page = (
        "<html><head><base href='https://courier.example/en/'></head><body><h2><a href='a'>Story</a></h2></body></html>"
    )
    assert urls(index(made(page, f"{HOME}/"))) == ["/en/a"]


def test_an_article_is_told_by_its_address_and_its_comments_by_theirs() -> None:
    url = "https://dnevnik.example/2026/03/chajnik/"
    source = document("ru_blog.html", f"{url}?utm_source=feed")
    found = site(language="ru").read(source, Link(url=source.url, role="item"))
    article, *comments = [
        to_mention(item, page=source.url, tools=TOOLS, language="ru", now=NOW) for item in found.items
    ]
    assert article.key == ("web:dnevnik.example", url)
    assert (article.title, article.url) == ("Как я возвращал чайник «Колвинта»", url)
    assert article.published_at == datetime(2026, 3, 8, 6, 15, tzinfo=UTC)
    assert [comment.external_id for comment in comments] == [f"{url}#comment-{n}" for n in (101, 102, 107)]
    assert [comment.parent for comment in comments] == [url, f"{url}#comment-101", url]


def test_comments_are_left_out_where_they_are_not_wanted() -> None:
    source = document("ru_blog.html", "https://dnevnik.example/2026/03/chajnik/")
    assert len(site(comments=False).read(source, Link(url=source.url, role="item")).items) == 1


def test_one_article_at_two_addresses_is_one() -> None:
    first = document("en_news.html", KETTLES)
    second = replace(first, url=f"{KETTLES}?fbclid=1")
    both = [site().read(each, Link(url=each.url, role="item")).items[0] for each in (first, second)]
    assert both[0] == both[1]


def test_the_date_of_the_feed_is_used_where_the_page_has_none() -> None:
    page = made(f"<html><body><article><p>{'A sentence of an article. ' * 20}</p></article></body></html>", f"{HOME}/a")
    link = Link(url=page.url, role="item", context={"title": "From the feed", "date": "2026-03-09T16:42:00+00:00"})
    (found,) = site().read(page, link).items
    assert found.title == "From the feed"
    assert found.published is not None
    assert found.published.since == datetime(2026, 3, 9, 16, 42, tzinfo=UTC)


def test_what_looks_like_markup_in_a_text_survives_cleaning() -> None:
    text = "Write &lt;b&gt; and &lt;/b&gt; in HTML, said the teacher; nobody in class did. " * 5
    page = made(f"<html><body><article><p>{text}</p></article></body></html>", f"{HOME}/a")
    (found,) = site().read(page, Link(url=page.url, role="item")).items
    cleaned = clean(to_mention(found, page=page.url, tools=TOOLS, language=None, now=NOW), NOW)
    assert not isinstance(cleaned, Reject)
    assert cleaned.text.startswith("Write <b> and </b> in HTML")


def test_a_page_without_an_article_is_rejected() -> None:
    source = document("front.html", f"{HOME}/x")
    found = site().read(source, Link(url=source.url, role="item"))
    assert found == Extract(rejects=(Reject(reason="no article found", detail=f"{HOME}/x"),))


class Newspaper(BaseHTTPRequestHandler):
    """Serves a feed, two articles and a page that is none."""

    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("content-type", "application/rss+xml" if self.path == "/feed.xml" else "text/html")
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, *_arguments: object) -> None:
        pass


PAGES = {
    "/feed.xml": b"""<rss version="2.0"><channel><item><title>One</title><link>/one?utm_source=feed</link></item>
        <item><title>Again</title><link>/one</link></item><item><title>Two</title><link>/two</link></item></channel></rss>""",
    "/one": (FIXTURES / "ru_blog.html").read_bytes().replace(b"https://dnevnik.example", b""),
    "/two": b"<html><body><p>Nothing here.</p></body></html>",
}


@pytest.fixture
def newspaper() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Newspaper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_visit_collects_articles_and_comments_from_a_real_server(newspaper: str) -> None:
    options = ArticlesSettings(start=(f"http://{newspaper}/feed.xml",), delay=0)
    one = Articles(options, replace(TOOLS, allow_private=(newspaper,)))
    batches = list(one.fetch(None, Window(since=None, until=NOW), Limits()))
    items = [item for batch in batches for item in batch.items]
    assert sorted(item.external_id.partition("/2026")[2] for item in items) == [
        "/03/chajnik/",
        "/03/chajnik/#comment-101",
        "/03/chajnik/#comment-102",
        "/03/chajnik/#comment-107",
    ]
    assert [reject.reason for batch in batches for reject in batch.rejects] == ["no article found"]
