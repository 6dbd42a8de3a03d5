"""The delivery: one notification on its way to one channel, and when to try again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

DeliveryState = Literal["pending", "sending", "sent", "dead"]

LEASE: Final = timedelta(seconds=60)
MAX_AGE: Final = timedelta(hours=6)
_FIRST_WAIT: Final = timedelta(seconds=5)
_LONGEST_WAIT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for one channel; identity is incident + channel + revision."""

    id: str
    incident_id: str
    channel: str
    revision: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None = None
    last_error: str | None = None


def backoff(attempts: int, *, retry_after: timedelta | None, chance: random.Random) -> timedelta:
    """Return how long to wait after `attempts` failures: doubling from 5 s to 15 min with full jitter in the
    upper half, and never less than the service asked for."""
    ceiling = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempts - 1, 12))
    wait = ceiling / 2 + ceiling / 2 * chance.random()
    return max(wait, retry_after) if retry_after else wait


def is_too_old(delivery: Delivery, *, now: datetime) -> bool:
    """Whether a notification has lost its use, so that it becomes a dead letter."""
    return now - delivery.created_at > MAX_AGE
