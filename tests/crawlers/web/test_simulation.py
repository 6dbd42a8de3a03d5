"""Sites that change, fail and are cut off at random: in the end all that is there is stored, and what left is gone."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest

from crawlers.connector import CollectError
from crawlers.web import visiting
from crawlers.web.link import Link
from crawlers.web.manners import Manners

PAGE = 3
SEEDS = range(12)
ACTS = ("add", "add", "add", "edit", "edit", "delete", "bump", "product", "thread", "news", "drop")


@dataclass
class Shop:
    """What a site shows: lists of (id, text), written on sheets of three items each."""

    paper: SimpleNamespace
    rng: random.Random
    reviews: list[list[str]] = field(default_factory=list)  # newest first
    products: dict[str, list[list[str]]] = field(default_factory=dict)  # newest first, no stamp
    threads: dict[str, list[list[str]]] = field(default_factory=dict)  # oldest first, with a stamp
    news: dict[str, list[str]] = field(default_factory=dict)  # a page each, with a stamp
    made: int = 0

    def new(self) -> list[str]:
        self.made += 1
        return [f"i{self.made}", f"text {self.made}"]

    def lists(self) -> list[list[list[str]]]:
        return [self.reviews, *self.products.values(), *self.threads.values()]

    def items(self) -> dict[str, str]:
        return {name: text for items in (*self.lists(), list(self.news.values())) for name, text in items}

    def change(self) -> None:
        """Do one thing to the site."""
        act = self.rng.choice(ACTS)
        some = self.rng.choice(self.lists())
        if act == "add":
            some.append(self.new()) if some in self.threads.values() else some.insert(0, self.new())
        elif act == "product":
            self.products[f"p{self.made}"] = [self.new() for _ in range(self.rng.randint(1, 7))]
        elif act == "thread":
            self.threads[f"t{self.made}"] = [self.new() for _ in range(self.rng.randint(1, 7))]
        elif act == "news":
            self.news[f"n{self.made}"] = self.new()
        elif act == "drop" and len(self.news) > 1:
            del self.news[self.rng.choice(list(self.news)[1:])]
        elif some:
            self.change_item(act, some)

    def change_item(self, act: str, some: list[list[str]]) -> None:
        item = self.rng.choice(some)
        # At the end of a list of the newest, deleted and pushed off look the same where something new came.
        if act == "delete" and item is some[-1] and some not in self.threads.values():
            return
        if act in {"edit", "bump"}:
            item[1] += " edited"
        if act in {"delete", "bump"}:
            some.remove(item)
        if act == "bump":
            some.append(item) if some in self.threads.values() else some.insert(0, item)

    def sheets(self) -> dict[str, object]:
        sheets: dict[str, object] = {}
        self.write(sheets, "reviews", self.reviews)
        for name, items in self.products.items():
            self.write(sheets, name, items)
        for name, items in self.threads.items():
            self.write(sheets, name, items, oldest_first=True)
        for name, item in self.news.items():
            self.write(sheets, name, [item])
        self.write_index(sheets, "shop", [self.link(name, "listing") for name in reversed(self.products)])
        counted = {name: f"{len(items)} {items[-1:]}" for name, items in self.threads.items()}
        self.write_index(sheets, "forum", [self.link(name, "listing", counted[name]) for name in self.threads])
        self.write_index(sheets, "news", [self.link(name, "item", self.news[name][1]) for name in reversed(self.news)])
        return sheets

    def newest(self, most: int) -> dict[str, object]:
        sheets: dict[str, object] = {}
        self.write(sheets, "reviews", self.reviews[:most])
        return sheets

    def link(self, name: str, role: str, stamp: str | None = None) -> Link:
        return Link(url=f"{self.paper.HOST}/{name}", role=role, stamp=stamp)

    def write(self, sheets: dict, name: str, items: list[list[str]], *, oldest_first: bool = False) -> None:
        parts = [items[n : n + PAGE] for n in range(0, len(items), PAGE)] or [[]]
        for url, part, more in self.pages(name, parts):
            sheets[url] = self.paper.Sheet(items=dict(part), more=more, oldest_first=oldest_first)

    def write_index(self, sheets: dict, name: str, links: list[Link]) -> None:
        parts = [links[n : n + PAGE] for n in range(0, len(links), PAGE)] or [[]]
        for url, part, more in self.pages(name, parts):
            sheets[url] = self.paper.Sheet(links=part, more=more)

    def pages(self, name: str, parts: list) -> list[tuple[str, list, str | None]]:
        urls = [f"{self.paper.HOST}/{name}" + (f"?page={n}" if n > 1 else "") for n in range(1, len(parts) + 1)]
        return list(zip(urls, parts, [*urls[1:], None], strict=True))


def troubled(shop: Shop, paper: SimpleNamespace, site: object) -> object:
    """Return a fetch of which a part fails, which asks to wait, or which is cut off."""
    rng = shop.rng
    failing = {}
    for url in site.sheets:
        if rng.random() < 0.12:
            failing[url] = paper.failure("server error", status=500, temporary=True)
        elif rng.random() < 0.01:
            wait = timedelta(minutes=rng.choice([5, 60]))
            failing[url] = paper.failure("busy", status=429, temporary=True, wait=wait)
    return paper.Fetch(site, failing=failing, most=rng.choice([None, None, rng.randint(1, 30)]))


def visit(desk: object, fetch: object) -> None:
    with suppress(CollectError):
        desk.visit(fetch)
    assert len(fetch.asked) == len(set(fetch.asked)), "a page was asked for twice in one visit"


@pytest.mark.parametrize("seed", SEEDS)
def test_in_the_end_what_is_there_is_stored_and_what_left_is_gone(
    paper: SimpleNamespace, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(visiting, "BATCH_PAGES", rng.choice([2, 25]))
    shop = Shop(paper, rng)
    for _ in range(rng.randint(0, 40)):
        shop.change()
    starts = ("reviews", "shop", "forum", "news")
    roles = {"reviews": "listing"}
    site = paper.Site(
        shop.sheets(),
        starts=tuple(shop.link(name, roles.get(name, "index")) for name in starts),
        options=Manners(start=tuple(f"{paper.HOST}/{name}" for name in starts), delay=0, pages=rng.randint(8, 60)),
    )
    desk = paper.Desk(site)
    for _ in range(rng.randint(5, 60)):
        for _ in range(rng.choice([0, 0, 1, 3])):
            shop.change()
        site.sheets = shop.sheets()
        visit(desk, troubled(shop, paper, site))
        desk.pass_time(minutes=rng.choice([15, 15, 15, 60, 60 * 13]))
    calm(desk, paper, site)
    there = shop.items()
    stored = {name: text for (_, name), text in desk.memory.texts.items()}
    assert {name: stored.get(name) for name in there} == there
    assert {name for _, name in desk.memory.gone} == stored.keys() - there.keys()
    assert desk.last.covered_to is not None


def calm(desk: object, paper: SimpleNamespace, site: object) -> None:
    """Let half a year pass in which nothing changes or fails, and no visit is cut off."""
    desk.change(pages=1_000)
    for _ in range(60):
        visit(desk, paper.Fetch(site))
        desk.pass_time(hours=73)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_list_of_the_newest_shows_no_more_is_never_gone(paper: SimpleNamespace, seed: int) -> None:
    rng = random.Random(seed)
    shop = Shop(paper, rng, reviews=[])
    shop.reviews += [shop.new() for _ in range(9)]
    options = Manners(start=(f"{paper.HOST}/reviews",), delay=0, pages=rng.randint(2, 6))
    site = paper.Site(shop.newest(9), options=options)
    desk = paper.Desk(site)
    for _ in range(150):
        for _ in range(rng.choice([0, 0, 1, 2, 5])):
            shop.reviews.insert(0, shop.new())
        site.sheets = shop.newest(9)
        visit(desk, troubled(shop, paper, site))
        desk.pass_time(minutes=rng.choice([15, 15, 60, 60 * 13, 60 * 25]))
        assert not desk.memory.gone
