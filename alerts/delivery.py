"""The delivery: one notification on its way to one channel, and when to try again."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from alerts.channel import DeliveryError
from config.instant import require_utc

DeliveryState = Literal["pending", "sending", "sent", "dead"]

LEASE: Final = timedelta(seconds=60)
MAX_AGE: Final = timedelta(hours=6)
_FIRST_WAIT: Final = timedelta(seconds=5)
_LONGEST_WAIT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for one channel; identity is incident + channel + revision.

    `id` is the event id that every copy carries. `attempts` counts claims: it is raised when a worker takes the
    delivery, before it sends, so that a crash counts too.
    """

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

    def __post_init__(self) -> None:
        require_utc(self.created_at, "created_at")
        require_utc(self.next_at, "next_at")


def backoff(attempts: int, *, retry_after: timedelta | None, chance: random.Random) -> timedelta:
    """Return how long to wait after `attempts` failures.

    Doubling from 5 s to 15 min with jitter in the upper half, and never less than the service asked for.
    """
    ceiling: timedelta = min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(max(attempts, 1) - 1, 12)))
    wait = ceiling / 2 + ceiling / 2 * chance.random()
    return max(wait, retry_after) if retry_after else wait


def is_too_old(delivery: Delivery, *, now: datetime) -> bool:
    """Whether a notification has lost its use, so that it becomes a dead letter."""
    return now - delivery.created_at > MAX_AGE


def succeed(delivery: Delivery, *, now: datetime) -> Delivery:
    """Return the delivery after the channel took it."""
    return replace(delivery, state="sent", sent_at=now, last_error=None)


def fail(delivery: Delivery, error: DeliveryError, *, now: datetime, chance: random.Random) -> Delivery:
    """Return the delivery after the channel refused it: pending again, or a dead letter.

    Dead when trying again does not help, or when the next try would come after `MAX_AGE`.
    """
    next_at = now + backoff(delivery.attempts, retry_after=error.retry_after, chance=chance)
    dead = error.permanent or next_at - delivery.created_at > MAX_AGE
    return replace(delivery, state="dead" if dead else "pending", next_at=next_at, last_error=str(error))


def revive(delivery: Delivery, *, now: datetime) -> Delivery:
    """Return a dead letter as a person wants it tried again: at once, with its age counted anew.

    Event id and attempts go on: an earlier attempt may have arrived after all, so the next is a possible copy.
    """
    if delivery.state != "dead":
        return delivery
    return replace(delivery, state="pending", created_at=now, next_at=now)
