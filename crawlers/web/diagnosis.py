"""The diagnosis: what an error of a crawl, or an answer that is no page, means for people and for the next visit."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response

from crawlers.web.failure import Failure
from crawlers.web.gate import shown
from crawlers.web.refusal import TOO_LARGE, UNREADABLE, Held, Insecure, Refused

# What a later try may well get past. An untrusted certificate is among them: its site renews it, not we.
NETWORK_REASONS: Final[dict[type[Exception], str]] = {
    CannotResolveHostError: "host name not found",
    DownloadConnectionRefusedError: "no connection",
    DownloadTimeoutError: "no answer in time",
    ResponseDataLossError: "answer broken off",
    DownloadFailedError: "connection broken off",
    Insecure: "no secure connection",
}
NETWORK_ERRORS: Final[tuple[type[Exception], ...]] = tuple(NETWORK_REASONS)
# 408, 425 and 429 ask for another try; the other 4xx wait for the site or for a person.
TEMPORARY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
MEANINGS: Final = {
    HTTPStatus.UNAUTHORIZED: "a login is needed",
    HTTPStatus.FORBIDDEN: "access denied",
    HTTPStatus.NOT_FOUND: "no such page",
    HTTPStatus.GONE: "page removed",
    HTTPStatus.TOO_MANY_REQUESTS: "the site asked to wait",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "closed for legal reasons",
}


def failure_of(error: BaseException | Response, url: str) -> Failure:
    """Return what an error of the crawl, or an answer that is no page, means; `url` is what was asked for."""
    if isinstance(error, Response):
        return _of_status(error)
    if isinstance(error, Held):
        return Failure(
            reason=error.reason,
            detail=error.detail,
            temporary=True,
            retry_after=error.wait,
            status=error.status,
            held=not error.asked,
        )
    if isinstance(error, Refused):
        return Failure(reason=error.reason, detail=error.detail, temporary=False)
    return _of_network(error, url)


def _of_network(error: BaseException, url: str) -> Failure:
    for kind, reason in NETWORK_REASONS.items():
        if isinstance(error, kind):
            return Failure(reason=reason, detail=f"{shown(url)}: {error}"[:500], temporary=True)
    if isinstance(error, DownloadCancelledError):
        return Failure(reason=TOO_LARGE, detail=f"{shown(url)}: {error}"[:500], temporary=False)
    if isinstance(error, ValueError):  # Scrapy's and the standard library's word for an address that is none
        return Failure(reason=UNREADABLE, detail=f"{shown(url)} ({error})"[:500], temporary=False)
    detail = f"{shown(url)}: {type(error).__name__}: {error}"[:500]
    return Failure(reason="cannot be read", detail=detail, temporary=True)


def _of_status(response: Response) -> Failure:
    status = response.status
    reason = MEANINGS.get(HTTPStatus(status)) if status in HTTPStatus.__members__.values() else None
    if reason is None:
        reason = "the site has an error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else f"answer {status}"
    return Failure(
        reason=reason,
        detail=f"{shown(response.url)} answered {status}",
        temporary=status in TEMPORARY or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        status=status,
    )
