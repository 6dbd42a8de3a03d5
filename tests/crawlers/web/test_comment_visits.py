"""Visits to a blog whose articles have several pages of comments."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from crawlers.connectors.articles import Articles, ArticlesSettings
from crawlers.web.asking import Answer, Ask
from crawlers.web.document import Document

HOME = "https://blog.example"
FEED = f"{HOME}/feed.xml"
KETTLE = f"{HOME}/kettle/"
SENTENCE = "It boils quickly, and the lid stays shut while it pours. "


@dataclass
class Blog:
    """Answers with `pages`, by address; what stands there as it did at the last visit is unchanged."""

    site: Articles
    pages: Mapping[str, str]
    asked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    waiting: deque[Ask] = field(default_factory=deque)

    def __call__(self, *_given: object) -> Blog:
        return self

    def ask(self, asks: Sequence[Ask]) -> None:
        self.waiting.extend(asks)

    def answer(self, _seconds: float) -> Answer:
        ask = self.waiting.popleft()
        url = ask.link.url
        self.asked.append(url.removeprefix(HOME))
        html = self.pages[url]
        if ask.etag == html:
            self.unchanged.append(url.removeprefix(HOME))
            return Answer(ask=ask, url=url, unchanged=True)
        extract = self.site.read(Document(url=url, body=html.encode(), text=html), ask.link)
        return Answer(ask=ask, url=url, extract=extract, etag=html, size=len(html))

    def close(self) -> None:
        self.waiting.clear()


def comment(number: int, text: str) -> str:
    return f"<li class=comment id=comment-{number}><b class=fn>Ann</b><p>{text}</p></li>"


def blog(*pages: Mapping[int, str]) -> dict[str, str]:
    """Return a block theme's article with these pages of comments, the newest shown first."""
    found = {FEED: f"<rss><channel><item><title>Kettle</title><link>{KETTLE}</link></item></channel></rss>"}
    for number, comments in enumerate(pages, 1):
        own = f"{KETTLE}comment-page-{number}/"
        others = [f"{KETTLE}comment-page-{n}/#comments" for n in (number - 1, number + 1) if 1 <= n <= len(pages)]
        links = "".join(f"<div class=nav-previous><a href='{url}'>Comments</a></div>" for url in others)
        items = "".join(comment(*each) for each in comments.items())
        html = (
            f"<html><head><link rel=canonical href='{own}#comments'></head><body><article><p>{SENTENCE * 5}</p>"
            f"</article><ol>{items}</ol>{links}</body></html>"
        )
        found |= {own: html, KETTLE: html}
    return found


@pytest.fixture
def desk(paper: SimpleNamespace) -> Any:
    found = paper.Desk(None)
    found.site = Articles(ArticlesSettings.model_validate({"start": [FEED], "delay": 0}), found.tools)
    return found


def visit(desk: Any, pages: Mapping[str, str]) -> Blog:
    fetch = Blog(desk.site, pages)
    desk.visit(fetch)
    return fetch


def names(desk: Any) -> list[str]:
    return sorted(name.removeprefix(KETTLE) for name in desk.stored())


def test_all_pages_of_comments_are_read(desk: Any) -> None:
    fetch = visit(desk, blog({1: "one", 2: "two"}, {3: "three"}, {4: "four"}))
    assert fetch.asked == ["/feed.xml", "/kettle/", "/kettle/comment-page-2/", "/kettle/comment-page-1/"]
    assert names(desk) == ["", "#comment-1", "#comment-2", "#comment-3", "#comment-4"]
    assert desk.rejects == []


def test_a_comment_stays_the_same_on_whichever_page_it_stands(desk: Any) -> None:
    visit(desk, blog({1: "one", 2: "two"}, {3: "three"}))
    desk.pass_time(days=1, minutes=1)
    fetch = visit(desk, blog({1: "one"}, {2: "two"}, {3: "three", 4: "four"}))
    assert len(fetch.asked) == 4
    assert names(desk) == ["", "#comment-1", "#comment-2", "#comment-3", "#comment-4"]


def test_a_page_of_comments_that_changed_is_read_though_the_article_did_not(desk: Any) -> None:
    pages = blog({1: "one"}, {2: "two"}, {3: "three"})
    visit(desk, pages)
    edited = {url: html.replace("two", "an edit").replace("one", "another") for url, html in pages.items()}
    desk.pass_time(days=1, minutes=1)
    fetch = visit(desk, edited)
    assert fetch.unchanged == ["/feed.xml", "/kettle/"]
    assert fetch.asked[2:] == ["/kettle/comment-page-2/", "/kettle/comment-page-1/"]
    texts = {name.removeprefix(KETTLE): text for (_, name), text in desk.memory.texts.items()}
    assert "an edit" in texts["#comment-2"]
    assert "another" in texts["#comment-1"]
    assert len(texts) == 4
