from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from crawlers.connector import NotNowError, PermanentError, TemporaryError
from crawlers.web.link import Link

MANY = tuple([f"r{page}{n}" for n in range(5)] for page in range(6))


def keys(*names: str) -> set[tuple[str, str]]:
    return {("web:shop.example", name) for name in names}


def test_the_first_visit_reads_a_list_to_its_end(paper: SimpleNamespace) -> None:
    desk = paper.Desk(paper.Site(paper.reviews(*MANY)))
    fetch = desk.visit()
    assert desk.stored() == {name for page in MANY for name in page}
    assert len(fetch.asked) == len(MANY)
    assert all(batch.backfill for batch in desk.batches)
    assert desk.last.report.pages == len(MANY)
    assert desk.last.report.fields["author"] == 30


def test_later_visits_read_until_what_is_known(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    desk.pass_time(minutes=15)
    site.sheets |= paper.reviews(["new", *MANY[0]], *MANY[1:])
    fetch = desk.visit()
    assert "new" in desk.stored()
    assert fetch.asked == [f"{paper.HOST}/reviews", f"{paper.HOST}/reviews?page=2"]
    assert fetch.conditional == [f"{paper.HOST}/reviews?page=2"]
    assert not any(batch.backfill for batch in desk.batches)


def test_nothing_new_costs_one_request(paper: SimpleNamespace) -> None:
    desk = paper.Desk(paper.Site(paper.reviews(*MANY)))
    desk.visit()
    desk.pass_time(minutes=15)
    fetch = desk.visit()
    assert fetch.asked == fetch.conditional == [f"{paper.HOST}/reviews"]
    assert desk.last.report.unchanged == 1
    assert set(desk.batches[0].seen) == keys(*MANY[0])


def test_a_list_is_read_in_full_now_and_then(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets[f"{paper.HOST}/reviews?page=4"].items["r32"] = "an edited text"
    desk.pass_time(days=1, minutes=1)
    fetch = desk.visit()
    assert len(fetch.asked) == len(MANY)
    assert desk.memory.texts["web:shop.example", "r32"] == "an edited text"
    desk.pass_time(minutes=15)
    assert len(desk.visit().asked) == 1


def test_what_vanished_is_gone_after_as_many_full_readings_as_declared(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    del site.sheets[f"{paper.HOST}/reviews?page=2"].items["r12"]
    for times in (1, 2, 3):
        assert not desk.memory.gone, times
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert desk.memory.gone == keys("r12")
    desk.pass_time(days=1, minutes=1)
    desk.visit()
    assert desk.memory.gone == keys("r12")


def test_what_comes_back_in_time_is_not_gone(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    items = site.sheets[f"{paper.HOST}/reviews?page=2"].items
    text = items.pop("r12")
    for _ in range(2):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    items["r12"] = text
    desk.pass_time(days=1, minutes=1)
    desk.visit()
    del items["r12"]
    for _ in range(2):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert not desk.memory.gone


def test_a_list_that_got_shorter_has_lost_its_last_page(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets = paper.reviews(*MANY[:4])
    for _ in range(3):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert desk.memory.gone == keys(*MANY[4], *MANY[5])


def test_what_new_items_push_off_a_short_list_is_not_gone(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(["a", "b", "c"]))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets = paper.reviews(["x", "y", "a"])
    for _ in range(4):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert not desk.memory.gone


def test_a_failing_page_says_nothing_about_what_is_missing(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    trouble = {f"{paper.HOST}/reviews?page=3": paper.failure("server error", status=500, temporary=True)}
    for _ in range(5):
        desk.pass_time(days=1, minutes=1)
        desk.visit(paper.Fetch(site, failing=trouble))
    assert not desk.memory.gone


def test_what_failed_is_read_by_the_next_visit_and_the_list_goes_on_from_there(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    third = f"{paper.HOST}/reviews?page=3"
    desk.visit(paper.Fetch(site, failing={third: paper.failure("server error", status=500, temporary=True)}))
    assert desk.stored() == {*MANY[0], *MANY[1]}
    assert desk.last.covered_to is None
    desk.pass_time(minutes=15)
    desk.visit()
    assert desk.stored() == {name for page in MANY for name in page}
    assert desk.last.covered_to == desk.now


def test_a_visit_cut_off_by_its_budget_goes_on_next_time(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    for _ in range(5):  # each reads the first page again, and one more
        desk.visit(most_pages=2)
        desk.pass_time(minutes=15)
    assert desk.stored() == {name for page in MANY for name in page}
    assert desk.last.covered_to is not None


def test_a_visit_cut_off_by_the_crawl_goes_on_next_time(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    for _ in range(6):
        desk.visit(paper.Fetch(site, most=2))
        desk.pass_time(minutes=15)
    assert desk.stored() == {name for page in MANY for name in page}


def test_coverage_reaches_from_the_oldest_item_to_the_visit_and_then_on(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(["a", "b"]), dates={"b": paper.START - timedelta(days=9)})
    desk = paper.Desk(site)
    desk.visit()
    assert (desk.last.covered_from, desk.last.covered_to) == (paper.START - timedelta(days=9), paper.START)
    desk.pass_time(minutes=15)
    desk.visit()
    assert (desk.last.covered_from, desk.last.covered_to) == (paper.START, desk.now)


def test_a_host_that_asks_to_be_left_alone_is_left_alone_by_every_source(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    busy = paper.failure("busy", status=429, temporary=True, wait=timedelta(hours=1))
    fetch = desk.visit(paper.Fetch(site, failing={f"{paper.HOST}/reviews?page=3": busy}))
    assert len(fetch.asked) == 3
    assert desk.last.retry_after == timedelta(hours=1)
    desk.pass_time(minutes=20)
    with pytest.raises(NotNowError, match=r"shop.example asked to be left alone") as raised:
        desk.visit()
    assert raised.value.wait == timedelta(minutes=40)
    desk.pass_time(minutes=41)
    desk.visit()
    assert desk.stored() == {name for page in MANY for name in page}


def test_a_source_of_which_nothing_can_be_read_says_so(paper: SimpleNamespace) -> None:
    site = paper.Site({})
    with pytest.raises(PermanentError, match=r"nothing could be read.*not found"):
        paper.Desk(site).visit()
    trouble = {f"{paper.HOST}/reviews": paper.failure("busy", status=429, temporary=True, wait=timedelta(hours=1))}
    with pytest.raises(TemporaryError) as raised:
        paper.Desk(site).visit(paper.Fetch(site, failing=trouble))
    assert raised.value.retry_after == timedelta(hours=1)


def test_links_are_followed_on_the_same_site_only_and_not_for_ever(paper: SimpleNamespace) -> None:
    far = [Link(url=f"https://elsewhere.example/{n}", role="listing") for n in range(3)]
    odd = [Link(url="ftp://shop.example/x", role="item"), Link(url=f"{paper.HOST}/{'x' * 2100}", role="item")]
    deep = {
        f"{paper.HOST}/{n}": paper.Sheet(links=[Link(url=f"{paper.HOST}/{n + 1}", role="index")]) for n in range(30)
    }
    start = paper.Sheet(links=[*far, *odd, Link(url=f"{paper.HOST}/0", role="index")])
    site = paper.Site({f"{paper.HOST}/reviews": start, **deep})
    desk = paper.Desk(site)
    fetch = desk.visit()
    assert len(fetch.asked) == 1 + desk.site.manners.depth
    reasons = sorted({reject.reason for reject in desk.rejects})
    assert reasons == ["address too long", "another site", "not http or https", "too many links away"]


def test_a_list_that_leads_back_to_itself_ends(paper: SimpleNamespace) -> None:
    sheets = paper.reviews(*MANY)
    sheets[f"{paper.HOST}/reviews?page=6"].more = f"{paper.HOST}/reviews?page=2"
    desk = paper.Desk(paper.Site(sheets))
    assert len(desk.visit().asked) == 6


def test_a_calendar_without_items_ends_at_its_first_empty_page(paper: SimpleNamespace) -> None:
    sheets = {f"{paper.HOST}/month/{n}": paper.Sheet(more=f"{paper.HOST}/month/{n + 1}") for n in range(500)}
    starts = (Link(url=f"{paper.HOST}/month/0", role="listing"),)
    desk = paper.Desk(paper.Site(sheets, starts=starts))
    assert len(desk.visit().asked) == 1


def test_a_thread_is_read_again_when_its_stamp_differs_and_from_its_last_page(paper: SimpleNamespace) -> None:
    thread = paper.reviews(*MANY, oldest_first=True)
    forum = f"{paper.HOST}/forum"

    def link(stamp: str) -> Link:
        return Link(url=f"{paper.HOST}/reviews", role="listing", stamp=stamp)

    sheets = {forum: paper.Sheet(links=[link("30 posts")]), **thread}
    site = paper.Site(sheets, starts=(Link(url=forum, role="index"),))
    desk = paper.Desk(site)
    assert len(desk.visit().asked) == 7
    desk.pass_time(minutes=15)
    assert desk.visit().asked == [forum]
    site.sheets[forum].links = [link("31 posts")]
    site.sheets[f"{paper.HOST}/reviews?page=6"].items["answer"] = "an answer"
    desk.pass_time(minutes=15)
    assert desk.visit().asked == [forum, f"{paper.HOST}/reviews?page=6"]
    assert "answer" in desk.stored()
    desk.pass_time(minutes=15)
    assert desk.visit().asked == [forum]
    assert desk.last.covered_to == desk.now


def test_pages_with_one_item_are_read_once_and_looked_at_again_for_a_week(paper: SimpleNamespace) -> None:
    index = f"{paper.HOST}/news"
    links = [Link(url=f"{paper.HOST}/news/{n}", role="item") for n in range(3)]
    articles = {link.url: paper.Sheet(items={link.url: "an article"}) for link in links}
    site = paper.Site({index: paper.Sheet(links=links), **articles}, starts=(Link(url=index, role="index"),))
    desk = paper.Desk(site)
    assert len(desk.visit().asked) == 4
    desk.pass_time(minutes=15)
    assert desk.visit().asked == [index]
    read = 0
    for _ in range(14):
        desk.pass_time(days=1, minutes=1)
        read += len(desk.visit().asked) - 1
    assert read == 3 * 7


def test_an_item_is_not_gone_while_its_own_page_shows_it(paper: SimpleNamespace) -> None:
    index, item = f"{paper.HOST}/list", f"{paper.HOST}/item"
    sheets = {index: paper.Sheet(links=[Link(url=item, role="item")]), item: paper.Sheet(items={item: "a complaint"})}
    site = paper.Site(sheets, starts=(Link(url=index, role="listing"),))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets[index] = paper.Sheet(items={"other": "another one"})
    for _ in range(5):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert not desk.memory.gone


def test_an_item_whose_page_and_link_vanished_is_gone(paper: SimpleNamespace) -> None:
    index = f"{paper.HOST}/list"
    links = [Link(url=f"{paper.HOST}/item/{n}", role="item") for n in range(3)]
    pages = {link.url: paper.Sheet(items={link.url: "a complaint"}) for link in links}
    site = paper.Site({index: paper.Sheet(links=links), **pages}, starts=(Link(url=index, role="listing"),))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets[index].links = [links[0], links[2]]
    del site.sheets[links[1].url]
    for _ in range(3):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert desk.memory.gone == keys(links[1].url)


def test_options_that_changed_make_every_page_be_read_anew(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    desk.change(language="pl")
    desk.pass_time(minutes=15)
    assert desk.visit().conditional == []
    desk.pass_time(minutes=15)
    assert desk.visit().conditional == [f"{paper.HOST}/reviews"]


def test_a_source_outside_of_its_hours_waits_until_they_begin(paper: SimpleNamespace) -> None:
    desk = paper.Desk(paper.Site(paper.reviews(*MANY)))
    desk.change(hours="22:00-05:30", timezone="Europe/Warsaw")
    with pytest.raises(NotNowError, match=r"22:00-05:30 only \(Europe/Warsaw\)") as raised:
        desk.visit()
    assert raised.value.wait == timedelta(hours=9)
    desk.pass_time(hours=9)
    assert len(desk.visit().asked) == 6


def test_old_items_of_a_new_page_never_alert_and_new_ones_may(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(["a"]))
    desk = paper.Desk(site)
    desk.visit()
    desk.pass_time(minutes=15)
    site.dates = {"old": paper.START - timedelta(days=30), "new": desk.now}
    site.sheets |= paper.reviews(["new", "old", "a"])
    desk.visit()
    flags = {item.external_id: batch.backfill for batch in desk.batches for item in batch.items}
    assert flags == {"a": False, "new": False, "old": True}


def test_what_vanishes_between_complete_readings_is_missed_by_the_next_one(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(*MANY))
    desk = paper.Desk(site)
    desk.visit()
    del site.sheets[f"{paper.HOST}/reviews"].items["r02"]
    desk.pass_time(minutes=15)
    desk.visit()
    for _ in range(3):
        assert not desk.memory.gone
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert desk.memory.gone == keys("r02")


def test_a_list_whose_stamp_differs_is_searched_until_the_news_is_found(paper: SimpleNamespace) -> None:
    product = f"{paper.HOST}/products"

    def link(stamp: str) -> Link:
        return Link(url=f"{paper.HOST}/reviews", role="listing", stamp=stamp)

    sheets = {product: paper.Sheet(links=[link("30")]), **paper.reviews(*MANY)}
    site = paper.Site(sheets, starts=(Link(url=product, role="index"),))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets[product].links = [link("31")]
    site.sheets[f"{paper.HOST}/reviews?page=3"].items["hidden"] = "sorted by score, so not at the top"
    desk.pass_time(minutes=15)
    assert len(desk.visit().asked) == 5
    assert "hidden" in desk.stored()


def test_a_list_that_grew_was_not_pushed(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(["a", "b", "c"]))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets = paper.reviews(["x", "y", "a", "b"])
    for _ in range(3):
        desk.pass_time(days=1, minutes=1)
        desk.visit()
    assert desk.memory.gone == keys("c")


def test_a_page_that_suddenly_shows_nothing_is_asked_for_again_in_full(paper: SimpleNamespace) -> None:
    site = paper.Site(paper.reviews(["a", "b"]))
    desk = paper.Desk(site)
    desk.visit()
    site.sheets = paper.reviews([])
    for _ in range(3):
        desk.pass_time(minutes=15)
        assert desk.visit().conditional == []
        assert (desk.last.report.pages, desk.last.report.unchanged) == (1, 0)
