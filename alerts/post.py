"""One guarded HTTP POST, which the channels that speak HTTP share.

Addresses pass the private-address guard, nothing is redirected, and the whole exchange ends well inside the
outbox's lease. Error texts name the host only: a webhook's path is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpcore
import httpx

from alerts.channel import ChannelTools, DeliveryError
from alerts.message import clean
from crawlers.address import AddressGuard
from crawlers.connector import PermanentError, TemporaryError
from crawlers.http import TEMPORARY, retry_after
from crawlers.transport import Deadline, GuardedTransport

WAIT_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 30.0  # half of alerts.delivery.LEASE
_ANSWER_BYTES: Final = 2_000


def require_http_url(url: str) -> str:
    """Return `url` if it is a whole http(s) address; raise ValueError, without quoting it, if it is not."""
    refused = "this is no web address; allowed: https://host/path"
    try:
        parsed, port = httpx.URL(url), urlsplit(url).port  # each refuses what the other lets pass
    except (httpx.InvalidURL, ValueError):
        raise ValueError(refused) from None  # the cause would quote the address
    if parsed.scheme not in {"http", "https"} or not parsed.host or port == 0:
        raise ValueError(refused)
    return url


def post(url: str, body: bytes, *, headers: Mapping[str, str], tools: ChannelTools) -> None:
    """POST `body` once; any 2xx is success.

    Raises DeliveryError: temporary for connection errors, time-outs, 408, 425, 429 and 5xx (with the service's
    `Retry-After`), permanent for every other status and for private addresses. Its text quotes the service.
    """
    host = urlsplit(url).hostname or "the service"
    try:
        status, wish, answer = _exchange(url, body, headers, tools)
    except PermanentError as error:
        raise DeliveryError(str(error), permanent=True) from error
    except TemporaryError as error:
        raise DeliveryError(str(error), permanent=False) from error
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        why = str(error) or type(error).__name__
        raise DeliveryError(f"{host} cannot be reached ({why}); tried again later", permanent=False) from error
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        temporary = status in TEMPORARY or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        text = f"{host} answered {status}: {answer}" if answer else f"{host} answered {status}"
        raise DeliveryError(text, permanent=not temporary, retry_after=retry_after(wish, tools.clock()))


def _exchange(url: str, body: bytes, headers: Mapping[str, str], tools: ChannelTools) -> tuple[int, str | None, str]:
    """Return status, `Retry-After` and the beginning of the answer, as one line of plain text."""
    deadline = Deadline()
    deadline.start(TOTAL_SECONDS)
    request = httpx.Request(
        "POST",
        url,
        content=body,
        headers={"user-agent": tools.user_agent, "content-type": "application/json", **headers},
        extensions={"timeout": httpx.Timeout(WAIT_SECONDS).as_dict()},
    )
    with GuardedTransport(AddressGuard(tools.allow_private), deadline) as transport:
        answer = transport.handle_request(request)
        try:
            return answer.status_code, answer.headers.get("retry-after"), _beginning(answer)
        finally:
            answer.close()


def _beginning(answer: httpx.Response) -> str:
    read = b""
    for chunk in answer.iter_raw():
        read += chunk
        if len(read) >= _ANSWER_BYTES:
            break
    return clean(read[:_ANSWER_BYTES].decode("utf-8", "replace"), 200)
