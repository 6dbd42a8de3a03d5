"""The proxy does to requests what it says, or the tests behind it would prove nothing."""

from __future__ import annotations

import httpx
import pytest

from .faults import FAULTS, seeded

PAGE = "/catalogue/kettle-aria_1/reviews/"
BROKEN = {
    "hang": httpx.ReadTimeout,
    "cut": httpx.RemoteProtocolError,
    "unfinished": httpx.RemoteProtocolError,
    "reset": httpx.TransportError,
    "torn": httpx.ReadError,
}
PLANS = [seeded(seed, share=0.25) for seed in (1, 1, 2)]

pytestmark = pytest.mark.integration


def test_each_fault_comes_once_and_then_the_page(shop, proxy):
    proxy.misbehave(lambda _path: FAULTS)
    with httpx.Client(timeout=0.5) as client:
        whole = client.get(shop.url + PAGE).text
        for fault in FAULTS:
            if error := BROKEN.get(fault):
                with pytest.raises(error):
                    client.get(proxy.url + PAGE)
            else:
                answer = client.get(proxy.url + PAGE)
                assert answer.status_code == {"busy": 429, "error": 500, "down": 503, "slow": 200}[fault]
                assert answer.headers.get("retry-after") == ("600" if fault == "busy" else None)
        good = client.get(proxy.url + PAGE)
    assert good.headers["content-encoding"] == "gzip"
    assert good.text.count('<article class="review">') == whole.count('<article class="review">') == 20
    assert [one.fault for one in proxy.asked] == [*FAULTS, None]


def test_who_comes_back_too_early_is_noted(proxy, hand):
    proxy.misbehave(lambda path: ("busy",) if path == PAGE else ())
    httpx.get(proxy.url + PAGE)
    hand.turn(minutes=9)
    httpx.get(proxy.url + "/robots.txt")
    hand.turn(minutes=1)
    httpx.get(proxy.url + PAGE)
    assert [one.path for one in proxy.impatient] == ["/robots.txt"]


def test_the_same_seed_breaks_the_same_pages_with_every_fault():
    paths = [f"/{number}" for number in range(400)]
    one, other, third = ({path: tuple(faults) for path in paths if (faults := plan(path))} for plan in PLANS)
    assert 60 < len(one) < 140
    assert one == other
    assert one.keys() != third.keys()
    assert {fault for faults in list(one.values())[:9] for fault in faults} == set(FAULTS)
