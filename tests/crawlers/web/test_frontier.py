"""Orders, absences and repetitions that once went wrong."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from crawlers.web.link import Link

MANY = tuple([f"r{page}{n}" for n in range(5)] for page in range(6))


def keys(*names: str) -> set[tuple[str, str]]:
    return {("web:shop.example", name) for name in names}


def test_an_address_that_stands_twice_among_the_start_pages_is_read_once(paper: SimpleNamespace) -> None:
    start = Link(url=f"{paper.HOST}/reviews", role="listing")
    desk = paper.Desk(paper.Site(paper.reviews(*MANY), starts=(start, start)))
    assert len(desk.visit().asked) == len(MANY)


def test_what_vanished_is_gone_although_a_complete_reading_broke_off_below_it(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    del site.sheets[f"{paper.HOST}/reviews?page=2"].items["r12"]
    desk.pass_time(days=1, minutes=1)
    trouble = {f"{paper.HOST}/reviews?page=4": paper.failure("server error", status=500, temporary=True)}
    desk.visit(paper.Fetch(site, failing=trouble))
    for _ in range(4):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert desk.memory.gone == keys("r12")


def test_what_new_items_push_off_a_list_of_several_pages_is_not_gone(paper: SimpleNamespace) -> None:
    names = [f"n{n:03}" for n in range(200, 0, -1)]

    def newest(top: int) -> dict:
        shown = names[200 - top : 200 - top + 15]
        return paper.reviews(shown[:5], shown[5:10], shown[10:])

    site = paper.Site(newest(20))
    desk = paper.Desk(site)
    desk.visit()
    for top in range(22, 200, 2):
        site.sheets = newest(top)
        desk.pass_time(hours=3)
        desk.visit()
    assert not desk.memory.gone


def test_a_list_that_suddenly_shows_nothing_tells_of_a_changed_site_and_not_of_vanished_items(
    paper: SimpleNamespace,
) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets = {f"{paper.HOST}/reviews": paper.Sheet()}
    for _ in range(5):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert not desk.memory.gone


def test_a_linked_page_whose_stamp_differs_is_not_missing(paper: SimpleNamespace) -> None:
    index, item = f"{paper.HOST}/list", f"{paper.HOST}/item"
    site = paper.Site({item: paper.Sheet(items={"a": "text"})}, starts=(Link(url=index, role="index"),))
    desk = paper.Desk(site)
    failing = {}
    for day in range(6):
        site.sheets[index] = paper.Sheet(links=[Link(url=item, role="item", stamp=f"{day}")])
        desk.visit(paper.Fetch(site, failing=failing))
        failing = {item: paper.failure("server error", status=500, temporary=True)}
        desk.pass_time(days=1, minutes=1)
    assert not desk.memory.gone


def test_lists_that_are_only_read_again_do_not_hold_back_what_waits(paper: SimpleNamespace) -> None:
    shop = f"{paper.HOST}/shop"
    pages = [f"{shop}?page={n}" if n > 1 else shop for n in range(1, 21)]
    products = [f"{paper.HOST}/p{n}" for n in range(20)]
    sheets = {
        url: paper.Sheet(links=[Link(url=product, role="listing")], more=more)
        for url, product, more in zip(pages, products, [*pages[1:], None], strict=True)
    }
    sheets |= {url: paper.Sheet(items={url: "a review"}) for url in products}
    site = paper.Site(sheets, starts=(Link(url=shop, role="index"),))
    desk = paper.Desk(site)
    for _ in range(20):  # as rarely as lists are to be read in full: they are overdue at every visit
        desk.visit(most_pages=10)
        desk.pass_time(days=1, minutes=1)
    assert desk.stored() == set(products)
    assert desk.last.covered_to is not None


def test_coverage_begins_at_the_oldest_item_of_all_first_visits(paper: SimpleNamespace) -> None:
    oldest = paper.START - timedelta(days=9)
    site = paper.Site(paper.reviews(*MANY), dates={"r00": oldest})
    desk = paper.Desk(site)
    while not desk.batches or desk.last.covered_to is None:
        desk.visit(most_pages=2)
        desk.pass_time(minutes=15)
    assert desk.last.covered_from == oldest
