"""A hostile site on loopback, crawled as a real one is: whatever it tries is stopped, and the reason is told."""

import gzip
import time

import pytest

from crawlers.address import AddressGuard
from crawlers.web.failure import Failure

PUBLIC = "93.184.215.14"


@pytest.fixture
def crawl(site, crawl_pages):
    """Fetch one page of the site, the only private address that may be reached; why it could not be read."""

    def fetch(path: str = "/page", **options: object) -> Failure:
        guard = AddressGuard((f"127.0.0.1:{site.port}", f"shop.example:{site.port}"), resolve=resolve)
        options = {"overrides": {"DOWNLOAD_TIMEOUT": 0.5, "RETRY_TIMES": 0}, **options}
        return crawl_pages(f"{site.url}{path}", guard=guard, **options)[f"{site.url}{path}"]

    return fetch


def resolve(host: str, port: int) -> tuple[str, ...]:
    """A DNS of the attacker's; literal addresses are read by the system, as ever."""
    from crawlers.address import resolve as system

    names = {
        "shop.example": ("127.0.0.1",),
        "inside.example": ("10.1.2.3",),
        "both.example": (PUBLIC, "127.0.0.1"),
        "six.example": ("::ffff:10.1.2.3",),
        "cloud.example": ("169.254.169.254",),
    }
    return names[host] if host in names else tuple(system(host, port))


def asked(site) -> list[str]:
    return [one.path for one in site.asked if one.path != "/robots.txt"]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://inside.example/",
        "http://both.example/",
        "http://six.example/",
        "http://cloud.example/latest/meta-data/",
        "//10.0.0.1/",
    ],
)
def test_a_redirect_into_a_private_network_is_not_followed(site, crawl, target) -> None:
    site.say("/page", status=302, Location=target)
    failure = crawl()
    assert (failure.reason, failure.temporary) == ("private address", False)
    assert asked(site) == ["/page"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://shop.example/", "data:text/html,hi", "s3://a/b"])
def test_a_redirect_to_another_protocol_is_not_followed(site, crawl, target) -> None:
    site.say("/page", status=302, Location=target)
    assert crawl().reason == "not http or https"


def test_a_redirect_with_credentials_is_not_followed(site, crawl) -> None:
    site.say("/page", status=302, Location=f"http://admin:secret@127.0.0.1:{site.port}/inner")
    failure = crawl()
    assert failure.reason == "credentials in the address"
    assert "secret" not in failure.detail
    assert asked(site) == ["/page"]


def test_a_redirect_to_another_site_is_not_followed(site, crawl) -> None:
    site.say("/page", status=302, Location=f"http://shop.example:{site.port}/inner")
    failure = crawl(hosts={"127.0.0.1"})
    assert failure.reason == "another site"
    assert "add shop.example to its hosts" in failure.detail
    assert asked(site) == ["/page"]


def test_a_redirect_to_a_further_host_of_the_source_is_followed(site, crawl) -> None:
    site.say("/page", status=302, Location=f"http://shop.example:{site.port}/inner")
    site.say("/inner", b"hello")
    assert crawl(hosts={"127.0.0.1", "www.shop.example"}).body == b"hello"


def test_a_redirect_to_an_endless_address_is_not_followed(site, crawl) -> None:
    site.say("/page", status=302, Location="/a" * 1500)
    assert crawl().reason == "address too long"


@pytest.mark.parametrize("target", ["http://[::1", "http://127.0.0.1:99999/"])
def test_a_redirect_to_no_address_at_all_is_not_followed(site, crawl, target) -> None:
    site.say("/page", status=302, Location=target)
    assert crawl().reason == "not an address"
    assert asked(site) == ["/page"]


def test_redirects_without_end_end(site, crawl) -> None:
    site.reply("/page", lambda one: site.answer(status=302, Location=f"/page?{len(one.path)}{'x' * len(one.path)}"))
    failure = crawl()
    assert (failure.reason, failure.temporary) == ("too many redirects", False)
    assert len(asked(site)) == 6


def test_a_page_that_refreshes_itself_leads_nowhere(site, crawl) -> None:
    page = b'<html><head><meta http-equiv="refresh" content="0; url=http://10.0.0.1/"></head></html>'
    site.say("/page", page, Content_Type="text/html", Refresh="0; url=http://10.0.0.1/")
    assert crawl().body == page


def test_a_bomb_is_not_unpacked(site, crawl) -> None:
    site.say("/page", gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
    failure = crawl(overrides={})
    assert (failure.reason, failure.temporary) == ("too large", False)
    assert "5,000,000" in failure.detail


def test_a_bomb_within_a_bomb_is_not_unpacked(site, crawl) -> None:
    site.say("/page", gzip.compress(gzip.compress(b"\0" * 50_000_000)), Content_Encoding="gzip, gzip")
    assert crawl().reason == "an encoding that was not asked for"


def test_a_packed_sitemap_stays_packed(site, crawl) -> None:
    body = gzip.compress(b"\0" * 50_000_000)
    site.say("/page", body, Content_Type="application/gzip")
    assert crawl().body == body


def test_a_body_without_end_is_given_up(site, crawl) -> None:
    def flood(handler) -> None:
        while True:
            handler.wfile.write(b"x" * 65_536)

    site.say("/page", flood)
    assert crawl(overrides={}).reason == "too large"


def test_a_body_that_drips_is_given_up(site, crawl) -> None:
    def drip(handler) -> None:
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.02)

    site.say("/page", drip, Content_Length="100000")
    failure = crawl()
    assert (failure.reason, failure.temporary) == ("no answer in time", True)


def test_a_body_shorter_than_announced_is_not_taken_in(site, crawl) -> None:
    site.say("/page", lambda handler: handler.wfile.write(b"hello"), Content_Length="900")
    failure = crawl()
    assert (failure.reason, failure.temporary) == ("answer broken off", True)


def test_giant_headers_are_given_up(site, crawl) -> None:
    site.say("/page", b"hello", X_Padding="x" * 500_000)
    assert crawl().reason == "too large"


@pytest.mark.parametrize(
    ("status", "reason", "temporary"),
    [
        (401, "a login is needed", False),
        (403, "access denied", False),
        (404, "no such page", False),
        (410, "page removed", False),
        (418, "answer 418", False),
        (451, "closed for legal reasons", False),
        (500, "the site has an error", True),
        (521, "the site has an error", True),
        (425, "answer 425", True),
    ],
)
def test_what_a_status_means_is_told(site, crawl, status, reason, temporary) -> None:
    from crawlers.web.diagnosis import failure_of

    site.say("/page", status=status)
    failure = failure_of(crawl(), f"{site.url}/page")
    assert (failure.reason, failure.status, failure.temporary) == (reason, status, temporary)


def test_nothing_listens_and_nothing_is_written_to_the_log(site, crawl, caplog, capsys) -> None:
    site.say("/page", status=302, Location="http://10.0.0.1/")
    with caplog.at_level("WARNING"):
        crawl()
    assert caplog.messages == []
    assert capsys.readouterr() == ("", "")
