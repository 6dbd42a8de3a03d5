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


def test_a_last_page_whose_next_one_does_not_exist_ends_the_list(paper: SimpleNamespace) -> None:
    sheets = paper.reviews(*MANY)
    sheets[f"{paper.HOST}/reviews?page=6"].more = f"{paper.HOST}/reviews?page=7"
    desk = paper.Desk(paper.Site(sheets))
    desk.visit()
    for _ in range(3):
        desk.pass_time(minutes=15)
        assert len(desk.visit().asked) == 1


def test_a_page_that_never_can_be_read_does_not_make_its_list_be_read_at_every_visit(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    trouble = {f"{paper.HOST}/reviews?page=5": paper.failure("server error", status=500, temporary=True)}
    asked = 0
    for visit in range(4 * 24 * 3):
        fetch = desk.visit(paper.Fetch(site, failing=trouble))
        asked += len(fetch.asked) if visit > 4 * 24 else 0
        desk.pass_time(minutes=15)
    assert asked < 2 * 4 * 24 + 30 * 6  # the first page at every visit, the others now and then


def test_a_list_without_end_ends_although_every_visit_is_cut_off(paper: SimpleNamespace) -> None:
    class Endless(dict):
        def __missing__(self, url: str) -> object:
            n = int(url.rpartition("/")[2])
            return paper.Sheet(items={f"e{n}": "nothing happens on this day"}, more=f"{paper.HOST}/day/{n + 1}")

        def __contains__(self, url: object) -> bool:
            return True

    starts = (Link(url=f"{paper.HOST}/day/0", role="listing"),)
    desk = paper.Desk(paper.Site(Endless(), starts=starts))
    for _ in range(8):
        fetch = desk.visit(most_pages=500)
        desk.pass_time(minutes=15)
    assert fetch.asked == [f"{paper.HOST}/day/0"]
    assert "list without end" in {reject.reason for reject in desk.rejects}


def test_two_lists_that_date_the_same_page_differently_do_not_make_it_be_read_for_ever(paper: SimpleNamespace) -> None:
    feed, sitemap, article = f"{paper.HOST}/feed", f"{paper.HOST}/sitemap.xml", f"{paper.HOST}/article"
    sheets = {
        feed: paper.Sheet(links=[Link(url=article, role="item", stamp="2026-03-10T11:00:00+00:00")]),
        sitemap: paper.Sheet(links=[Link(url=article, role="item", stamp="2026-03-10")]),
        article: paper.Sheet(items={"a": "an article"}),
    }
    starts = (Link(url=feed, role="index"), Link(url=sitemap, role="index"))
    site = paper.Site(sheets, starts=starts)
    desk = paper.Desk(site)
    for visit in range(6):
        sheets[feed].items = {f"f{visit}": "so that it is read"}
        sheets[sitemap].items = {f"s{visit}": "so that it is read"}
        assert (article in desk.visit().asked) == (visit == 0)
        desk.pass_time(minutes=15)
    sheets[sitemap].links = [Link(url=article, role="item", stamp="2026-03-11")]
    assert article in desk.visit().asked
    sheets[feed].links = [Link(url=article, role="item", stamp="2026-03-10T12:00:00+00:00")]
    assert article in desk.visit().asked
    assert article not in desk.visit().asked


def test_a_start_page_that_is_not_found_for_an_hour_is_not_gone(paper: SimpleNamespace) -> None:
    site = paper.Site(
        {**paper.reviews(*MANY), f"{paper.HOST}/other": paper.Sheet(items={"x": "x"})},
        starts=(Link(url=f"{paper.HOST}/reviews", role="listing"), Link(url=f"{paper.HOST}/other", role="listing")),
    )
    desk = paper.Desk(site)
    desk.visit()
    away = {f"{paper.HOST}/reviews": paper.failure("no such page", status=404)}
    for _ in range(5):
        desk.pass_time(minutes=15)
        desk.visit(paper.Fetch(site, failing=away))
    assert not desk.memory.gone
    for _ in range(3):
        desk.pass_time(days=1, minutes=1)
        desk.visit(paper.Fetch(site, failing=away))
    assert desk.memory.gone == keys(*(name for page in MANY for name in page))
    desk.pass_time(days=1, minutes=1)
    desk.visit()
    assert not desk.memory.gone


def test_a_page_that_was_given_up_is_tried_again_while_it_is_linked(paper: SimpleNamespace) -> None:
    index, product = f"{paper.HOST}/shop", f"{paper.HOST}/product"
    sheets = {index: paper.Sheet(links=[Link(url=product, role="listing")])}
    site = paper.Site(sheets, starts=(Link(url=index, role="index"),))
    desk = paper.Desk(site)
    asked = 0
    for visit in range(40):
        sheets[index].items = {f"f{visit}": "so that it is read"}
        asked += product in desk.visit().asked
        desk.pass_time(days=1, minutes=1)
    assert asked < 10
    sheets[product] = paper.Sheet(items={"late": "a review"})
    for visit in range(40):
        sheets[index].items = {f"g{visit}": "so that it is read"}
        desk.visit()
        desk.pass_time(days=1, minutes=1)
    assert "late" in desk.stored()


def test_a_host_that_wants_to_be_left_alone_does_not_hold_up_the_others(paper: SimpleNamespace) -> None:
    far = "https://far.example/reviews"
    sheets = {**paper.reviews(*MANY), far: paper.Sheet(items={"far": "far away"})}
    starts = (Link(url=f"{paper.HOST}/reviews", role="listing"), Link(url=far, role="listing"))
    site = paper.Site(sheets, starts=starts)
    desk = paper.Desk(site)
    busy = paper.failure("busy", status=429, temporary=True, wait=timedelta(days=1))
    desk.visit(paper.Fetch(site, failing={far: busy}))
    assert desk.last.retry_after is None
    desk.pass_time(minutes=15)
    assert desk.visit().asked == [f"{paper.HOST}/reviews"]
    desk.pass_time(days=1)
    assert far in desk.visit().asked


def test_more_start_pages_than_a_visit_may_read_are_read_in_turn(paper: SimpleNamespace) -> None:
    urls = [f"{paper.HOST}/{n}" for n in range(30)]
    sheets = {url: paper.Sheet(items={url: "a review"}, links=[Link(url=f"{url}/x", role="item")]) for url in urls}
    sheets |= {f"{url}/x": paper.Sheet(items={f"{url}/x": "an article"}) for url in urls}
    site = paper.Site(sheets, starts=tuple(Link(url=url, role="listing") for url in urls))
    desk = paper.Desk(site)
    desk.change(pages=10)
    for _ in range(12):
        desk.visit()
        desk.pass_time(minutes=15)
    assert desk.stored() == set(sheets)


def test_a_page_of_a_list_that_became_a_start_page_is_read_itself(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    second = f"{paper.HOST}/reviews?page=2"
    site.starts = (Link(url=second, role="listing"),)
    for _ in range(3):
        desk.pass_time(minutes=15)
        assert desk.visit().asked[0] == second
