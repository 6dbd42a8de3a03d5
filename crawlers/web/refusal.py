"""The refusals: why a page is not asked for, or not taken in, although the network would have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from scrapy.exceptions import IgnoreRequest

PRIVATE: Final = "private address"
ELSEWHERE: Final = "another site"
SCHEME: Final = "not http or https"
UNREADABLE: Final = "not an address"
CREDENTIALS: Final = "credentials in the address"
TOO_LONG: Final = "address too long"
REDIRECTS: Final = "too many redirects"
DOWNGRADE: Final = "redirect from https to http"
TOO_LARGE: Final = "too large"
ENCODING: Final = "an encoding that was not asked for"
ROBOTS: Final = "robots.txt forbids it"
ASKED_TO_WAIT: Final = "the site asked to wait"
ROBOTS_UNREAD: Final = "robots.txt cannot be read"
GIVEN_UP: Final = "given up"


class Refused(IgnoreRequest):
    """We do not read this page. `reason` is a short stable phrase that is counted; `detail` says what is meant."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def again(self) -> Refused:
        """Return the same refusal for another page; one that is raised twice would gather tracebacks."""
        return Refused(self.reason, self.detail)


class Held(IgnoreRequest):
    """The host is left alone for `wait`, and for the rest of this crawl in any case.

    `status` is its answer, where it gave one. `asked` says that this very page was asked for; else it was held back
    because of an earlier answer.
    """

    def __init__(
        self,
        *,
        wait: timedelta,
        detail: str,
        reason: str = ASKED_TO_WAIT,
        status: int | None = None,
        asked: bool = False,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.wait = wait
        self.reason = reason
        self.detail = detail
        self.status = status
        self.asked = asked

    def again(self) -> Held:
        """Return the hold for another page of the host, which is not asked for."""
        return Held(wait=self.wait, detail=self.detail, reason=self.reason, status=self.status)


class Insecure(Exception):  # noqa: N818 - it says what happened, as Refused does
    """No TLS connection that can be trusted: the certificate does not fit, has expired, or the handshake failed."""
