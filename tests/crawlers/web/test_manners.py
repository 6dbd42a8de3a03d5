"""Where a source begins, and which hosts belong to it, as people write them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from crawlers.web.finding import host_of, plain_host
from crawlers.web.manners import Manners


def test_start_addresses_that_are_one_page_count_once() -> None:
    given = ("https://Shop.example", "https://shop.example/#reviews", "https://shop.example/", "https://shop.example/a")
    assert Manners(start=given).start == ("https://shop.example/", "https://shop.example/a")


@pytest.mark.parametrize("host", ["shop.example", "www.shop.example", "127.0.0.1:8080", "[::1]:80", "отзывы.рф"])
def test_further_hosts_are_named(host: str) -> None:
    assert Manners(start=("https://shop.example/",), hosts=(host,)).hosts == (host,)


@pytest.mark.parametrize("host", ["https://shop.example", "shop.example/reviews", "*.shop.example", "", "a b", "u@x"])
def test_what_is_no_host_is_refused_with_what_is_allowed(host: str) -> None:
    with pytest.raises(ValidationError, match="without https://"):
        Manners(start=("https://shop.example/",), hosts=(host,))


@pytest.mark.parametrize("start", ["https://[::1/", "https://shop.example:port/"])
def test_a_start_address_that_cannot_be_read_is_refused(start: str) -> None:
    with pytest.raises(ValidationError, match="is no address"):
        Manners(start=(start,))


def test_a_host_has_one_name() -> None:
    assert host_of("https://WWW.Отзывы.рф./a") == plain_host("xn--b1ajuq0cb.xn--p1ai") == "xn--b1ajuq0cb.xn--p1ai"
    assert host_of("https://m.shop.example/") == "m.shop.example"
    assert plain_host("." * 3) == ""
    assert plain_host("ж" * 99) == "ж" * 99
