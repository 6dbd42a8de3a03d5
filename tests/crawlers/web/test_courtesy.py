from datetime import timedelta
from itertools import count

import pytest

from crawlers.address import AddressGuard
from crawlers.web.failure import Failure

OWN = AddressGuard(("127.0.0.1",))
FAST = {"RETRY_TIMES": 0}


@pytest.fixture
def crawl(site, crawl_pages):
    """Fetch paths of the site; each one's Response or Failure."""

    def fetch(*paths: str, guard: AddressGuard = OWN, **options: object) -> dict[str, object]:
        urls = {f"{site.url}{path}": path for path in paths}
        return {urls[url]: answer for url, answer in crawl_pages(*urls, guard=guard, **options).items()}

    return fetch


def asked(site) -> list[str]:
    return [one.path for one in site.asked]


def test_what_robots_txt_forbids_is_not_asked_for(site, crawl) -> None:
    site.say("/robots.txt", b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n\nUser-agent: groundswell\nDisallow: /secret\n")
    site.say("/open", b"hello")
    found = crawl("/open", "/secret/page")
    assert found["/open"].body == b"hello"
    assert (found["/secret/page"].reason, found["/secret/page"].temporary) == ("robots.txt forbids it", False)
    assert asked(site) == ["/robots.txt", "/open"]


def test_robots_txt_is_read_once_a_crawl_however_many_pages_wait_for_it(site, crawl) -> None:
    paths = [f"/{number}" for number in range(10)]
    for path in paths:
        site.say(path, b"hello")
    assert len(crawl(*paths, at_once=2)) == 10
    assert asked(site).count("/robots.txt") == 1


@pytest.mark.parametrize("status", [404, 401, 403, 410])
def test_no_robots_txt_allows_everything(site, crawl, status) -> None:
    site.say("/robots.txt", b"User-agent: *\nDisallow: /", status=status)
    site.say("/page", b"hello")
    assert crawl("/page")["/page"].body == b"hello"


def test_a_robots_txt_that_breaks_forbids_everything_for_now(site, crawl) -> None:
    site.say("/robots.txt", status=500)
    site.say("/page", b"hello")
    failure = crawl("/page", overrides=FAST)["/page"]
    assert (failure.reason, failure.temporary, failure.held) == ("robots.txt cannot be read", True, True)
    assert failure.retry_after == timedelta(minutes=15)
    assert asked(site) == ["/robots.txt"]


def test_a_robots_txt_that_breaks_off_forbids_everything_for_now(site, crawl) -> None:
    site.say("/robots.txt", lambda handler: handler.wfile.write(b"User-agent"), Content_Length="900")
    failure = crawl("/page", "/other", overrides=FAST)["/page"]
    assert (failure.reason, failure.temporary, failure.held) == ("answer broken off", True, True)
    assert "robots.txt" in failure.detail
    assert asked(site) == ["/robots.txt"]


def test_a_robots_txt_is_tried_again_within_the_visit(site, crawl) -> None:
    tries = count()
    site.reply("/robots.txt", lambda _: site.answer(status=500 if next(tries) < 2 else 404))
    site.say("/page", b"hello")
    assert crawl("/page")["/page"].body == b"hello"


def test_an_endless_redirect_of_robots_txt_counts_as_none(site, crawl) -> None:
    site.say("/robots.txt", status=301, Location="/robots.txt")
    site.say("/page", b"hello")
    assert crawl("/page")["/page"].body == b"hello"


def test_a_redirect_of_robots_txt_is_followed(site, crawl) -> None:
    site.say("/robots.txt", status=301, Location="/rules")
    site.say("/rules", b"User-agent: *\nDisallow: /page")
    assert crawl("/page")["/page"].reason == "robots.txt forbids it"


def test_only_the_first_half_megabyte_of_robots_txt_counts(site, crawl) -> None:
    site.say("/robots.txt", b"# \n" * 180_000 + b"User-agent: *\nDisallow: /page")
    site.say("/page", b"hello")
    assert crawl("/page")["/page"].body == b"hello"


def test_a_crawl_delay_is_kept_and_bounded(site, crawl_pages) -> None:
    delays = {}
    from crawlers.web.courtesy import Courtesy

    class Watching(Courtesy):
        def _slow_down(self, request):
            super()._slow_down(request)
            delays.update({host: slot.delay for host, slot in self._crawler.engine.downloader.slots.items()})
            self._crawler.engine.downloader.slots["127.0.0.1"].delay = 0.01  # the test does not wait

    own = {"crawlers.web.gate.Gate": 10, Watching: 20}
    for told in ("7", "900"):
        site.say("/robots.txt", f"User-agent: *\nCrawl-delay: {told}".encode())
        crawl_pages(f"{site.url}/page", guard=OWN, overrides={"DOWNLOADER_MIDDLEWARES_BASE": own})
        assert delays == {"127.0.0.1": min(float(told), 60.0)}


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_to_wait_is_left_alone_for_the_rest_of_the_crawl(site, crawl, status) -> None:
    site.say("/0", status=status, Retry_After="120")
    paths = [f"/{number}" for number in range(6)]
    found = crawl(*paths)
    assert asked(site) == ["/robots.txt", "/0"]
    first, others = found["/0"], [found[path] for path in paths[1:]]
    assert (first.reason, first.status, first.held) == ("the site asked to wait", status, False)
    assert all(isinstance(one, Failure) and one.held and one.temporary for one in others)
    assert {one.retry_after for one in (first, *others)} == {timedelta(seconds=120)}


def test_a_date_to_wait_for_is_reckoned_by_the_clock_that_was_passed_in(site, crawl, paper) -> None:
    until = paper.START + timedelta(hours=2)
    site.say("/page", status=429, Retry_After=until.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert crawl("/page")["/page"].retry_after == timedelta(hours=2)


def test_without_a_time_to_wait_it_is_a_quarter_of_an_hour(site, crawl) -> None:
    site.say("/page", status=429)
    assert crawl("/page")["/page"].retry_after == timedelta(minutes=15)


def test_a_robots_txt_that_asks_to_wait_holds_the_host(site, crawl) -> None:
    site.say("/robots.txt", status=429, Retry_After="60")
    found = crawl("/a", "/b")
    assert asked(site) == ["/robots.txt"]
    assert {(one.reason, one.held, one.retry_after) for one in found.values()} == {
        ("the site asked to wait", True, timedelta(minutes=1))
    }


@pytest.mark.parametrize("status", [500, 502, 504, 408])
def test_a_passing_error_is_tried_twice_more(site, crawl, status) -> None:
    tries = count()
    site.reply("/page", lambda _: site.answer(b"hello", status=status if next(tries) < 2 else 200))
    assert crawl("/page")["/page"].body == b"hello"


def test_a_lasting_error_is_an_answer_after_three_tries(site, crawl) -> None:
    site.say("/page", b"broken", status=500)
    assert crawl("/page")["/page"].status == 500
    assert asked(site).count("/page") == 3


def test_a_body_that_broke_off_is_asked_for_again(site, crawl) -> None:
    tries = count()
    site.reply(
        "/page",
        lambda _: (
            site.answer(lambda handler: handler.wfile.write(b"hel"), Content_Length="5")
            if next(tries) < 2
            else site.answer(b"hello")
        ),
    )
    assert crawl("/page")["/page"].body == b"hello"


def test_no_referrer_and_no_cookie_is_sent(site, crawl) -> None:
    site.say("/page", b"hello", status=302, Location="/other", Set_Cookie="a=b")
    site.say("/other", b"there")
    assert crawl("/page")["/page"].body == b"there"
    assert not {"referer", "cookie"} & set(site.asked[-1].headers)
    assert site.asked[-1].headers["user-agent"] == "Groundswell/test"
