"""What Scrapy is told for one crawl."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final

from config.instant import Clock, system_clock
from crawlers.address import AddressGuard
from crawlers.web.gate import MAX_REDIRECTS
from crawlers.web.manners import Manners

HANDLER: Final = "crawlers.web.download.GuardedHandler"
DOWNLOAD_SECONDS: Final = 30
MAX_BYTES: Final = 5_000_000
MAX_DELAY: Final = 60.0  # what throttling may slow a host down to

# The lists that Scrapy begins from are replaced, not amended: what a later Scrapy adds to its own (2.19 added a server
# that runs code) stays off here. The gate comes first and robots.txt before anything is sent; the gate also sees a
# redirect that Scrapy's middleware leaves alone.
COMPONENTS: Final[dict[str, Any]] = {
    "DOWNLOAD_HANDLERS_BASE": {"http": HANDLER, "https": HANDLER},
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "crawlers.web.gate.Gate": 10,
        "crawlers.web.courtesy.Courtesy": 20,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
        "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    },
    "SPIDER_MIDDLEWARES_BASE": {
        "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,
    },
    "EXTENSIONS_BASE": {
        "scrapy.extensions.closespider.CloseSpider": 0,
        "scrapy.extensions.throttle.AutoThrottle": 0,
    },
}
FIXED: Final[dict[str, Any]] = {
    # No door into the process, no trace outside of it.
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    # How much, how long, how far.
    "DOWNLOAD_TIMEOUT": DOWNLOAD_SECONDS,
    "DOWNLOAD_MAXSIZE": MAX_BYTES,
    "DOWNLOAD_WARNSIZE": 0,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "METAREFRESH_ENABLED": False,
    "REDIRECT_MAX_TIMES": MAX_REDIRECTS + 1,  # the gate refuses the one too many, with its reason
    "COMPRESSION_ENABLED": False,  # the handler unpacks, bounded and checked, so that a damaged body is asked for again
    # Another try in the same visit; 429 and 503 ask for the opposite.
    "RETRY_TIMES": 2,
    "RETRY_HTTP_CODES": [500, 502, 504, 408],
    "RETRY_EXCEPTIONS": [
        "scrapy.exceptions.CannotResolveHostError",
        "scrapy.exceptions.DownloadConnectionRefusedError",
        "scrapy.exceptions.DownloadFailedError",
        "scrapy.exceptions.DownloadTimeoutError",
        "scrapy.exceptions.ResponseDataLossError",
    ],
    "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # the failure is recorded with its source
    # crawlers.web.courtesy obeys robots.txt; Scrapy's own middleware reads everything when it cannot be had.
    "ROBOTSTXT_OBEY": False,
    # What is asked for twice is the frontier's affair; here every request gets an answer.
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    # Quiet: what matters goes to the source's health.
    "LOG_ENABLED": False,
    "LOG_INSTALL_ROOT_HANDLER": False,
    "STATS_DUMP": False,
    "DOWNLOADER_STATS": False,
}


def settings_for(
    manners: Manners,
    *,
    user_agent: str,
    guard: AddressGuard,
    hosts: AbstractSet[str] | None,
    clock: Clock = system_clock,
) -> dict[str, Any]:
    """Return all settings of a crawl.

    `hosts` are the host names whose pages may be read (None: any; `www.` makes no difference). `clock` reads dates in
    `Retry-After`. With a delay of 0 nothing is throttled: that is for sites of one's own.
    """

    def now() -> datetime:  # Scrapy copies its settings deeply, but no functions: so it stays the one clock
        return clock()

    return {
        **COMPONENTS,
        **FIXED,
        "USER_AGENT": user_agent,
        "CONCURRENT_REQUESTS": manners.at_once,
        "CONCURRENT_REQUESTS_PER_DOMAIN": manners.at_once,
        "DOWNLOAD_DELAY": manners.delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,  # `delay` is the least, so nothing may be taken off it
        "AUTOTHROTTLE_ENABLED": manners.delay > 0,
        "AUTOTHROTTLE_START_DELAY": manners.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(MAX_DELAY, manners.delay),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(manners.at_once),
        "CLOSESPIDER_TIMEOUT": manners.minutes * 60,
        "GROUNDSWELL_GUARD": guard,
        "GROUNDSWELL_HOSTS": None if hosts is None else frozenset(hosts),
        "GROUNDSWELL_CLOCK": now,
    }
