"""The gate: which addresses a crawl may ask for. Every request passes it, each hop of a redirect too.

Where a host name leads is the handler's affair (`crawlers.web.download`): it connects to the address that it checked.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import SplitResult, urljoin, urlsplit

from scrapy.http import Request, Response

from crawlers.web.finding import plain_host
from crawlers.web.refusal import (
    CREDENTIALS,
    DOWNGRADE,
    ELSEWHERE,
    REDIRECTS,
    SCHEME,
    TOO_LONG,
    UNREADABLE,
    Refused,
)

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_URL: Final = 2_000
MAX_REDIRECTS: Final = 5
FOR_ROBOTS: Final = "groundswell_robots"  # meta key of a request for robots.txt


class Gate:
    """A downloader middleware that raises Refused for what may not be asked for.

    `hosts` are the host names whose pages may be read, None for any; `www.` before a name makes no difference.
    """

    def __init__(self, hosts: AbstractSet[str] | None) -> None:
        self._hosts = None if hosts is None else frozenset(map(plain_host, hosts))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the gate of a crawl: its setting GROUNDSWELL_HOSTS."""
        return cls(crawler.settings.get("GROUNDSWELL_HOSTS"))

    def process_request(self, request: Request) -> None:
        """Let the request pass, or raise Refused."""
        url = request.url
        request.meta.pop("download_slot", None)  # Scrapy hands on the slot of the host that a redirect came from
        parts = check_address(url)
        came = request.meta.get("redirect_urls", ())
        if len(came) > MAX_REDIRECTS:
            raise Refused(REDIRECTS, f"{shown(came[0])} sends on more than {MAX_REDIRECTS} times, last to {shown(url)}")
        if came and came[-1].startswith("https:") and parts.scheme == "http":
            raise Refused(DOWNGRADE, f"{shown(came[-1])} sends on to {shown(url)}")
        # robots.txt may live elsewhere (RFC 9309, 2.3.1.2); it is read by nobody but us.
        if self._hosts is not None and not request.meta.get(FOR_ROBOTS):
            self._check_host(parts, url)

    def _check_host(self, parts: SplitResult, url: str) -> None:
        host = parts.hostname or ""
        if self._hosts is not None and plain_host(host) not in self._hosts:
            raise Refused(
                ELSEWHERE, f"{shown(url)} is not on a host of this source; add {host} to its hosts to read it"
            )

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass the response on, or raise Refused for a redirect that Scrapy does not follow: file:, ftp: and such."""
        location = response.headers.get("Location")
        if 300 <= response.status < 400 and location:  # noqa: PLR2004 - the redirects of RFC 9110
            check_address(_joined(request.url, location.decode("latin-1")))
        return response


def check_address(url: str) -> SplitResult:
    """Return the parts of `url`; raise Refused unless it is a plain http or https address of at most 2,000 signs."""
    if len(url) > MAX_URL:
        raise Refused(TOO_LONG, f"{shown(url)} has {len(url):,} signs; {MAX_URL:,} are allowed")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it raises for a port that is no number
    except ValueError as error:
        raise Refused(UNREADABLE, f"{url[:200]!r} ({error})") from error
    if parts.scheme not in {"http", "https"}:
        raise Refused(SCHEME, f"{url[:200]!r}")
    if "@" in parts.netloc:
        raise Refused(CREDENTIALS, f"an address on {parts.hostname} holds a user name or password; it is not read")
    if not parts.hostname:
        raise Refused(UNREADABLE, f"{url[:200]!r} names no host")
    return parts


def shown(url: str) -> str:
    """Return the address for people, in texts that are kept and sent: without credentials, query and excess length."""
    head, mark, _ = url.partition("?")
    scheme, slashes, rest = head.partition("://")
    netloc, slash, path = rest.partition("/")
    text = f"{scheme}{slashes}{netloc.rpartition('@')[2]}{slash}{path}"
    return f"{text[:300]}…" if mark or len(text) > 300 else text  # noqa: PLR2004 - what fits in a line or two


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise Refused(UNREADABLE, f"{shown(url)} sends on to {location[:200]!r} ({error})") from error
