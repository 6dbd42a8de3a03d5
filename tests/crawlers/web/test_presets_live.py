"""Every preset through real visits: a server on loopback shows the pages of its fixture where their links lead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.settings import SourceKind
from crawlers.connector import Batch, Limits, Tools
from crawlers.connectors.pages import Pages, PagesSettings
from crawlers.mention import Mention
from crawlers.selecting.preset import PRESETS, PresetName, load_preset

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
THERE = "https://site.example"  # as the fixtures call their site
NOTHING = "<!DOCTYPE html><html><body></body></html>"
NO_TOPICS = '{"topic_list": {"topics": []}}'
NO_POSTS = '{"post_stream": {"posts": [], "stream": []}}'
NO_REVIEWS = '{"comments_nb": 0, "comments_per_page": 5, "comments": []}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A site that runs an engine: which page of the fixture stands where, the first of them the start page.

    `bare` are further pages that are linked to and show nothing, first the next start page. `items` are the ids
    of all that is to be found. `always` are the pages beside the start page that tell only by themselves whether they
    show anything new.
    """

    pages: dict[str, str]
    items: tuple[str, ...]
    always: tuple[str, ...] = ()
    bare: dict[str, str] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> str:
        return next(iter(self.pages))

    @property
    def looked_at(self) -> tuple[str, ...]:
        """What a visit cannot but read."""
        return (self.start, *self.always)


PRODUCT = "/index.php?fc=module&module=productcomments&controller=ListComments&id_product=4"
REST = "/wp-json/wp/v2/comments?per_page=3"
ENGINES: dict[PresetName, Engine] = {
    "discourse": Engine(
        pages={"/latest.json": "index", "/t/41.json": "list", "/t/41.json?page=2": "list_2"},
        bare={"/latest.json?no_definitions=true&page=1": NO_TOPICS, "/t/40.json": NO_POSTS},
        items=("41/1", "41/2", "41/4"),
    ),
    "magento": Engine(
        pages={
            "/kettles.html": "index",
            "/review/product/listAjax/id/8/": "list",
            "/review/product/listAjax/id/8/?p=2": "list_2",
        },
        bare={"/kettles.html?p=2": NOTHING, "/review/product/listAjax/id/9/": NOTHING},
        items=("review-52", "review-51"),
        own={"date_order": "mdy"},
    ),
    "phpbb": Engine(
        pages={"/viewforum.php?f=5": "index", "/viewtopic.php?t=12": "list", "/viewtopic.php?t=12&start=2": "list_2"},
        bare={"/viewforum.php?f=5&start=25": NOTHING, "/viewforum.php?f=9": NOTHING, "/viewtopic.php?t=8": NOTHING},
        items=("post-120", "post-123", "post-124"),
        always=("/viewforum.php?f=9",),
    ),
    "prestashop": Engine(
        pages={"/3-kettles": "index", PRODUCT: "list", f"{PRODUCT}&page=2": "list_2"},
        bare={"/3-kettles?page=2": NOTHING},
        items=tuple(f"review-{n}" for n in range(11, 17)),
    ),
    "woocommerce": Engine(
        pages={"/shop/": "index", "/product/kettle-k2/": "list", "/product/kettle-k2/comment-page-1/": "list_2"},
        bare={"/shop/page/2/": NOTHING, "/product-category/kettles/": NOTHING},
        items=("comment-30", "comment-31", "comment-33"),
        always=("/product-category/kettles/", "/product/kettle-k2/"),
    ),
    "wordpress": Engine(
        pages={"/": "index", "/kettle/": "list", "/kettle/comment-page-1/": "list_2"},
        bare={"/page/2/": NOTHING, "/toaster/": NOTHING},
        items=tuple(f"comment-{n}" for n in range(148, 153)),
        always=("/kettle/", "/toaster/"),
    ),
    "wordpress_api": Engine(
        pages={REST: "list", f"{REST}&page=2": "list_2", f"{REST}&page=3": "list_3"},
        items=tuple(f"comment-{n}" for n in range(148, 153)),
    ),
    "xenforo": Engine(
        pages={
            "/forums/kettles.5/": "index",
            "/threads/kettle-leaks.41/": "list",
            "/threads/kettle-leaks.41/page-2": "list_2",
        },
        bare={"/forums/kettles.5/page-2": NOTHING},
        items=("post-301", "post-302", "post-304"),
    ),
}
GROWN: tuple[tuple[PresetName, tuple[str, str], str], ...] = (
    ("discourse", ('"highest_post_number":4', '"highest_post_number":5'), "We are sorry."),
    ("magento", ("2 <span>Reviews", "3 <span>Reviews"), "It leaks after a week."),
    ("phpbb", ("2 <dfn>Replies", "3 <dfn>Replies"), "Send it back, they pay for it."),
    ("prestashop", ("(6)</div>", "(7)</div>"), "It leaks after a week."),
    ("xenforo", ("<dt>Replies</dt><dd>2</dd>", "<dt>Replies</dt><dd>3</dd>"), "Send it back, they pay for it."),
)
"""Engines whose start pages count what stands behind them: the count, and a text that is written anew there."""
every_engine = pytest.mark.parametrize("name", ENGINES)


class Reader:
    """Visits a site again and again with one memory, and a clock that is set by hand."""

    def __init__(self, name: PresetName, site, fixtures, memory) -> None:
        self.engine = ENGINES[name]
        self.now = NOW
        self.cursor = None
        self.memory = memory
        self._site = site
        self._shown: dict[str, tuple[str, bool]] = {}
        self._kind: SourceKind = load_preset(name).kind
        options = {"start": [site.url + self.engine.start], "preset": name, "delay": 0, **self.engine.own}
        self._options = PagesSettings.model_validate(options)
        for path, page in self.engine.pages.items():
            (file,) = (fixtures / f"pages_{name}").glob(f"{page}.*")
            self.show(path, file.read_text(encoding="utf-8"), json=file.suffix == ".json")
        for path, body in self.engine.bare.items():
            self.show(path, body, json=body.startswith("{"))

    def show(self, path: str, text: str, *, json: bool) -> None:
        """Let the site show a page, its links leading to this machine."""
        place, _, query = path.partition("?")
        here = text.replace(THERE, self._site.url).replace(THERE.replace("/", r"\/"), self._site.url)
        kind = "application/json" if json else "text/html; charset=utf-8"
        told = self._site.answer(here.encode(), Content_Type=kind)
        others = self._site.answers.get(place, lambda _asked: self._site.answer(status=404))
        self._site.reply(place, lambda asked: told if asked.path.partition("?")[2] == query else others(asked))
        self._shown[path] = (text, json)

    def edit(self, path: str, before: str, after: str) -> None:
        """Change something on a page."""
        text, json = self._shown[path]
        assert before in text
        self.show(path, text.replace(before, after), json=json)

    def visit(self) -> tuple[list[Mention], Counter[str], list[Batch]]:
        """Return the items of a visit, and how often each page was asked for."""
        self._site.asked.clear()
        tools = Tools(
            source="s",
            kind=self._kind,
            clock=lambda: self.now,
            user_agent="Groundswell/test",
            allow_private=(f"127.0.0.1:{self._site.port}",),
            memory=self.memory,
        )
        batches = []
        for batch in Pages(self._options, tools).fetch(self.cursor, None, Limits()):
            self.memory.store(batch)
            self.cursor = batch.cursor or self.cursor
            batches.append(batch)
        asked = Counter(one.path for one in self._site.asked if one.path != "/robots.txt")
        return [item for batch in batches for item in batch.items], asked, batches


@pytest.fixture
def reader(site, fixtures, paper):
    """A function that opens the site of an engine."""
    return lambda name: Reader(name, site, fixtures, paper.Notebook())


def ids(items: list[Mention]) -> list[str]:
    return [item.external_id for item in items]


def test_every_preset_is_read_live() -> None:
    assert set(ENGINES) == set(PRESETS)


@every_engine
def test_everything_is_found_once_through_lists_and_threads(reader, name) -> None:
    there = reader(name)
    items, asked, batches = there.visit()
    assert sorted(ids(items)) == sorted(there.engine.items)
    assert asked == Counter([*there.engine.pages, *there.engine.bare]), "each page was asked for, and once"
    assert [reject for batch in batches for reject in batch.rejects] == []
    report = batches[-1].report
    assert (report.items, report.failed) == (len(items), 0)
    assert report.fields["text"] == report.fields["author"] == report.fields["date"] == len(items)


@every_engine
def test_where_nothing_is_new_only_what_must_be_is_read(reader, name) -> None:
    there = reader(name)
    there.visit()
    there.now += timedelta(minutes=15)
    items, asked, batches = there.visit()
    assert asked == Counter(there.engine.looked_at)
    assert set(ids(items)) <= set(there.engine.items)
    assert there.memory.news(items) == frozenset()
    assert not any(batch.deletions or batch.rejects for batch in batches)


@every_engine
def test_once_a_day_all_is_read_to_the_end_and_nothing_is_missed(reader, name) -> None:
    there = reader(name)
    there.visit()
    there.now += timedelta(days=1, minutes=1)
    items, asked, batches = there.visit()
    assert sorted(ids(items)) == sorted(there.engine.items)
    assert asked == Counter([*there.engine.pages, *there.engine.bare])
    assert not any(batch.deletions or batch.rejects for batch in batches)


@pytest.mark.parametrize(("name", "count", "text"), GROWN)
def test_a_list_whose_row_tells_of_more_is_read_where_the_new_stands(reader, name, count, text) -> None:
    there = reader(name)
    there.visit()
    start, first, second = there.engine.pages
    is_oldest_first = load_preset(name).options["order"] == "oldest"
    there.edit(start, *count)
    there.edit(second if is_oldest_first else first, text, "Now it is mended.")
    there.now += timedelta(minutes=15)
    items, asked, _ = there.visit()
    assert ["Now it is mended." in item.text for item in items].count(True) == 1
    # A thread goes on where it ended; what shows the newest first is read on until a page brings nothing new.
    read = (second,) if is_oldest_first else (first, second)
    assert asked == Counter([*there.engine.looked_at, next(iter(there.engine.bare)), *read])
