import pytest
from scrapy.http import Request, Response

from crawlers.web.gate import MAX_URL, Gate, check_address, shown
from crawlers.web.refusal import Refused

SHOP = "https://shop.example/reviews"


def refused(url: str, *, hosts: set[str] | None = None, came: tuple[str, ...] = ()) -> str | None:
    """Return why the gate does not let `url` pass; None when it does. `came` are the redirects that led there."""
    request = Request(url, meta={"redirect_urls": list(came)} if came else {})
    try:
        Gate(hosts).process_request(request)
    except Refused as error:
        return error.reason
    return None


@pytest.mark.parametrize(
    "url", [SHOP, "http://shop.example:8080/?q=%2F", "https://xn--e1afmkfd.example/", "http://[2606:4700::1]/"]
)
def test_plain_addresses_pass(url) -> None:
    assert refused(url) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not http or https"),
        ("ftp://shop.example/reviews", "not http or https"),
        ("data:text/html,hello", "not http or https"),
        ("s3://bucket/key", "not http or https"),
        ("gopher://shop.example/", "not http or https"),
        ("https://user:pass@shop.example/", "credentials in the address"),
        ("https://shop.example@evil.example/", "credentials in the address"),
        ("https:///reviews", "not an address"),
        (f"https://shop.example/{'a' * MAX_URL}", "address too long"),
    ],
)
def test_other_addresses_are_refused(url, reason) -> None:
    assert refused(url) == reason


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        check_address("https://shop.example:99999/")
    assert refusal.value.reason == "not an address"


def test_only_hosts_of_the_source_pass_with_or_without_www() -> None:
    hosts = {"www.shop.example", "forum.example"}
    for own in (SHOP, "https://www.shop.example/", "https://SHOP.example./", "https://www.forum.example/"):
        assert refused(own, hosts=hosts) is None
    for other in ("https://evil.example/", "https://shop.example.evil.example/", "https://a.shop.example/"):
        assert refused(other, hosts=hosts) == "another site"


def test_a_robots_file_may_live_elsewhere() -> None:
    request = Request("https://cdn.example/robots.txt", meta={"groundswell_robots": True})
    assert Gate({"shop.example"}).process_request(request) is None


def test_five_redirects_pass_and_a_sixth_does_not() -> None:
    assert refused(SHOP, came=(SHOP,) * 5) is None
    assert refused(SHOP, came=(SHOP,) * 6) == "too many redirects"


def test_a_redirect_does_not_lead_out_of_https() -> None:
    assert refused("http://shop.example/", came=(SHOP,)) == "redirect from https to http"
    assert refused("https://shop.example/", came=("http://shop.example/",)) is None


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://shop.example/", "javascript:alert(1)"])
def test_a_redirect_that_scrapy_leaves_alone_is_refused(location) -> None:
    answer = Response(SHOP, status=302, headers={"Location": location})
    with pytest.raises(Refused) as refusal:
        Gate(None).process_response(Request(SHOP), answer)
    assert refusal.value.reason == "not http or https"


def test_other_answers_pass() -> None:
    for status, headers in ((200, {"Location": "file:///etc/passwd"}), (304, {}), (302, {}), (404, {})):
        answer = Response(SHOP, status=status, headers=headers)
        assert Gate(None).process_response(Request(SHOP), answer) is answer


def test_a_redirect_takes_its_turn_at_its_own_host() -> None:
    request = Request(SHOP, meta={"download_slot": "other.example"})
    Gate(None).process_request(request)
    assert "download_slot" not in request.meta


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://user:pass@shop.example/a?token=1") == "https://shop.example/a…"
    assert shown(SHOP) == SHOP
    assert len(shown("https://shop.example/" + "a" * 5000)) == 301
