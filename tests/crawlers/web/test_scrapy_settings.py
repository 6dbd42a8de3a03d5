from datetime import UTC, datetime

import pytest
import scrapy
from scrapy.crawler import Crawler

from crawlers.address import AddressGuard
from crawlers.web.manners import Manners
from crawlers.web.scrapy_settings import settings_for


@pytest.fixture
def crawler():
    """The crawler that certain manners make."""

    def make(clock=lambda: datetime.now(UTC), **manners: object) -> Crawler:
        told = Manners.model_validate({"start": ("http://shop.example/",), **manners})
        made = settings_for(told, user_agent="Groundswell/test", guard=AddressGuard(), hosts=None, clock=clock)
        return Crawler(scrapy.Spider, made)

    return make


def test_manners_become_settings(crawler) -> None:
    settings = crawler(at_once=2, delay=3.5, minutes=7).settings
    assert settings.getint("CONCURRENT_REQUESTS") == settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 2
    assert settings.getfloat("CLOSESPIDER_TIMEOUT") == 420
    assert (settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("DOWNLOAD_DELAY_JITTER")) == (3.5, 0)
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
    assert settings["USER_AGENT"] == "Groundswell/test"


def test_throttling_never_goes_below_a_long_delay(crawler) -> None:
    assert crawler(delay=600).settings.getfloat("AUTOTHROTTLE_MAX_DELAY") == 600


def test_without_a_delay_nothing_is_throttled(crawler) -> None:
    assert not crawler(delay=0).settings.getbool("AUTOTHROTTLE_ENABLED")


def test_only_http_is_spoken_and_only_what_is_needed_is_loaded(crawler) -> None:
    settings = crawler().settings
    assert set(settings.getwithbase("DOWNLOAD_HANDLERS")) == {"http", "https"}
    assert {path.rpartition(".")[2] for path in settings.getwithbase("EXTENSIONS")} == {"AutoThrottle", "CloseSpider"}
    dangerous = ("REMOTE_CONTROL_ENABLED", "TELNETCONSOLE_ENABLED", "COOKIES_ENABLED", "HTTPPROXY_ENABLED")
    assert not any(settings.getbool(name) for name in dangerous)


def test_the_clock_stays_the_one_that_was_passed_in(crawler) -> None:
    class Clock:
        now = datetime(2026, 1, 1, tzinfo=UTC)

        def __call__(self) -> datetime:
            return self.now

    clock = Clock()
    settings = crawler(clock).settings
    clock.now = datetime(2026, 1, 2, tzinfo=UTC)
    assert settings["GROUNDSWELL_CLOCK"]() == clock.now
