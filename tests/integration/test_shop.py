"""A shop that nobody here wrote, collected in full: django-oscar, by the selectors of a `pages` source.

Everything is real but the time: the shop, HTTP, the crawl, the pipeline and the database. The clock stands still
during a visit and is turned between visits, so that nobody waits for a Retry-After or for tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.principal import SYSTEM
from config.settings import Brand, Declaration, Settings, SourceSpec
from crawlers.connector import Tools
from crawlers.web import visiting
from crawlers.web.crawl import Crawl
from crawlers.web.site import Site
from groundswell.bootstrap import House
from groundswell.collecting import Outcome, make_reader, origin_of, visit
from storage import declared, rollups
from storage.schema import author, mention, mention_key, mention_revision, source_page

from .conftest import Hand, Shop
from .faults import FAULTS, Fault, seeded

pytestmark = pytest.mark.integration

NEXT = "xpath://ul[contains(@class, 'pagination')]/li[last()]/a"
OPTIONS = {
    "follow_row": "section ol.row article.product_pod",
    # The newest first: Oscar would put them by their scores.
    "follow": "h3 a::attr(href) | as:{}reviews/?sort_by=recency",
    "follow_product": "h3 a::attr(title)",
    "follow_next": NEXT,
    "items": "article.review",
    "next": NEXT,
    "id": "h3 a::attr(href) | re:/reviews/(\\d+)/",
    "url": "h3 a",
    "title": "h3 a",
    "text": "xpath:./header/following-sibling::p[1]",
    "author": "xpath:./p/small/strong",
    "date": "xpath:./p/small[strong] | re: on (\\d{1,2} \\w{3,} \\d{4}, [^|]+)",
    "rating": "h3.star-rating::attr(class) | re:star-rating (\\w+)",
    "timezone": "Europe/Kyiv",
    "delay": 0,
    "recheck": "1d",
    "misses": 2,
}
PATIENCE = 1.0  # seconds; what hangs in the proxy hangs for longer
LONG, SHORT, NONE = "Kettle Aria", "Grater", "Juicer"  # three pages of reviews, one review, none


@dataclass(frozen=True)
class Review:
    """What the shop's database and ours must agree about."""

    id: str
    product: str
    title: str
    body: str
    author: str
    rating: float
    at: datetime


def in_the_shop(shop: Shop) -> set[Review]:
    """Return the reviews that the shop shows. It shows no seconds."""
    return {
        Review(
            id=str(one["id"]),
            product=one["product"],
            title=one["title"],
            body=" ".join(one["body"].split()),
            author=one["author"],
            rating=one["score"] / 5,
            at=datetime.fromisoformat(one["at"]).replace(second=0, microsecond=0),
        )
        for one in shop.reviews()
    }


def collected(house: House) -> set[Review]:
    """Return the reviews that we hold and that are not gone; raise where one of them is there twice."""
    columns = (mention_key.c.external_id, mention, author.c.handle)
    joined = mention.join(mention_key, mention_key.c.mention_id == mention.c.id)
    joined = joined.outerjoin(author, author.c.id == mention.c.author_id)
    with house.db.read() as conn:
        rows = conn.execute(select(*columns).select_from(joined).where(mention.c.deleted_at.is_(None))).all()
    assert len({row.external_id for row in rows}) == len(rows)
    return {
        Review(
            id=row.external_id,
            product=row.product,
            title=row.title,
            body=" ".join(row.text.split()),
            author=row.handle,
            rating=row.rating,
            at=row.published_at,
        )
        for row in rows
    }


class Collector:
    """The house that reads the shop, and its visits."""

    def __init__(self, house: House, hand: Hand) -> None:
        self.house, self.hand = house, hand

    def visit(self, **later: float) -> Outcome:
        """Visit the shop once, after so much time (`hours=1`)."""
        self.hand.turn(**later)
        catalogue = declared.catalogue(self.house.db)
        (source,) = catalogue.sources
        reader, origin = make_reader(catalogue), origin_of(source, catalogue)
        outcome = visit(self.house, reader, origin, source.item, owner="test")
        assert rollups.verify(self.house.db) == []
        return outcome

    def waiting(self) -> int:
        """Return how many pages are known to be unread."""
        with self.house.db.read() as conn:
            waiting = source_page.c.waiting & ~source_page.c.gone
            return len(conn.execute(select(source_page.c.url).where(waiting)).all())

    def earlier(self, key: int) -> list[Any]:
        """Return the earlier wordings and ratings of a review, oldest first."""
        of = mention_revision.join(mention_key, mention_key.c.mention_id == mention_revision.c.mention_id)
        mine = select(mention_revision).select_from(of).where(mention_key.c.external_id == str(key))
        with self.house.db.read() as conn:
            return list(conn.execute(mine.order_by(mention_revision.c.replaced_at)).all())


@pytest.fixture
def collector(sqlite_db, tmp_path, proxy, hand, monkeypatch):
    """A house that has never read the shop."""

    def open_crawl(site: Site, tools: Tools, hosts: frozenset[str]) -> Crawl:
        return Crawl(site, tools, hosts=hosts, overrides={"DOWNLOAD_TIMEOUT": PATIENCE})

    monkeypatch.setattr(visiting, "open_crawl", open_crawl)
    options = {**OPTIONS, "start": [f"{proxy.url}/catalogue/"]}
    spec = SourceSpec(name="shop", type="pages", kind="review", brand="Lumo", options=options)
    declared.save(sqlite_db, Declaration(brands=(Brand(name="Lumo"),), sources=(spec,)), by=SYSTEM, now=hand())
    server = Settings(allow_private=("127.0.0.1",), contact="https://lumo.example/bot")
    house = House(
        db=sqlite_db,
        declaration=Declaration(server=server),
        data=tmp_path,
        config_path=None,
        environ={},
        clock=hand,
        sample=False,
    )
    return Collector(house, hand)


def test_every_review_is_collected_once_politely_and_not_asked_for_again(collector, shop, proxy):
    outcome = collector.visit()
    assert outcome.error is None
    assert collected(collector.house) == in_the_shop(shop)
    assert outcome.stored.new == len(in_the_shop(shop)) > 150
    assert proxy.asked[0].path == "/robots.txt"
    assert set(proxy.counts().values()) == {1}
    assert proxy.most_at_once == 1
    assert all("lumo.example" in one.agent for one in proxy.asked)

    proxy.behave()
    outcome = collector.visit(hours=1)
    assert (outcome.error, outcome.stored.new, outcome.stored.changed) == (None, 0, 0)
    assert set(proxy.counts().values()) == {1}
    assert not [path for path in proxy.counts() if "sort_by=recency&page=" in path]  # first pages tell enough
    assert collected(collector.house) == in_the_shop(shop)


def test_what_is_new_edited_and_gone_in_the_shop_is_so_here(collector, shop, now):
    collector.visit()
    ours = {one["id"]: one for one in shop.reviews() if one["product"] == LONG}
    newest = sorted(ours.values(), key=lambda one: one["at"], reverse=True)
    worst_seen = next(one for one in newest[:20] if one["score"] == 1)
    worst_hidden = next(one for one in newest[20:] if one["score"] == 1)
    at = (now - timedelta(minutes=5)).isoformat()
    for number in range(22):  # more than a page
        shop.order("add_review", product=NONE, title=f"Neu {number}", body="Läuft.", score=4, name="Ilse", at=at)
    shop.order("add_product", title="Teapot", category="Kitchen")
    shop.order("add_review", product="Teapot", title="Gut", body="Tropft nicht.", score=5, name="Ilse", at=at)
    for one in (worst_seen, worst_hidden):
        shop.order("edit_review", key=one["id"], score=4, body=f"{one['body']} They made it good.")
    gone = [newest[5]["id"], newest[30]["id"], *(one["id"] for one in shop.reviews() if one["product"] == SHORT)]
    for key in gone:
        shop.order("delete_review", key=key)
    shop.order("withdraw_product", title="Mirror")

    outcome = collector.visit(hours=1)
    assert (outcome.error, outcome.stored.new) == (None, 23)
    (before,) = collector.earlier(worst_seen["id"])
    assert (before.rating, before.text.split()) == (0.2, worst_seen["body"].split())
    assert collector.earlier(worst_hidden["id"]) == []  # it stands on the second page or the third

    collector.visit(days=1)
    (before,) = collector.earlier(worst_hidden["id"])
    assert before.rating == 0.2
    assert collected(collector.house) > in_the_shop(shop)  # missing once is not gone

    collector.visit(days=1)
    assert collected(collector.house) == in_the_shop(shop)


def test_a_review_that_slips_to_the_page_before_while_it_is_read_is_found_the_next_time(collector, shop, proxy):
    first = max((one for one in shop.reviews() if one["product"] == LONG), key=lambda one: one["at"])

    def delete_between_pages(path: str) -> tuple[Fault, ...]:
        if "page=2" in path and "kettle" in path:
            shop.order("delete_review", key=first["id"])
        return ()

    proxy.misbehave(delete_between_pages)
    collector.visit()
    proxy.behave()
    assert len(in_the_shop(shop) - collected(collector.house)) == 1
    collector.visit(days=1)
    assert collected(collector.house) > in_the_shop(shop)
    collector.visit(days=1)
    assert collected(collector.house) == in_the_shop(shop)


def test_through_every_fault_nothing_is_lost_and_nothing_comes_twice(collector, shop, proxy, now):
    first, visits = in_the_shop(shop), 0
    proxy.misbehave(seeded(1, share=0.5))
    while visits == 0 or collector.waiting():
        collector.visit(minutes=15)
        visits += 1
        assert collected(collector.house) <= first
        assert visits < 40
    assert collected(collector.house) == first
    assert set(proxy.faults()) == set(FAULTS)
    assert proxy.impatient == []

    key = next(one["id"] for one in shop.reviews() if one["score"] == 1 and one["product"] != LONG)
    shop.order("edit_review", key=key, score=4)
    at = (now - timedelta(minutes=1)).isoformat()
    shop.order("add_review", product=LONG, title="Neu", body="Läuft.", score=4, name="Ilse", at=at)
    for seed in (2, 3):  # as often as it takes to be gone: what was not read was not missing
        proxy.misbehave(seeded(seed, share=0.3))
        collector.visit(days=1)
        assert {one.id for one in first} <= {one.id for one in collected(collector.house)}
        assert proxy.impatient == []
    proxy.behave()
    collector.visit(hours=6)
    assert collected(collector.house) == in_the_shop(shop)
    assert [row.rating for row in collector.earlier(key)] == [0.2]
