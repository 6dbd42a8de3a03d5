"""The contract of a channel, and the message it carries.

DeliveryError   the message did not arrive; `permanent` says whether trying again helps
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel

from alerts.incident import Incident
from config.instant import Clock, require_utc, system_clock

MessageKind = Literal["opened", "escalated", "resolved", "test"]


class DeliveryError(Exception):
    """A message did not arrive.

    `permanent`: trying again does not help until a person changes something.
    `retry_after`: the service's own wish.
    """

    def __init__(self, message: str, *, permanent: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is asked to say.

    `event_id` is the same in every copy of one notification, so that machines can drop a copy and people
    can see that it is one. `attempt` counts from 1. `link` is the incident's page in the dashboard.
    """

    event_id: str
    kind: MessageKind
    incident: Incident
    link: str
    locale: str
    created_at: datetime
    attempt: int = 1

    def __post_init__(self) -> None:
        require_utc(self.created_at, "created_at")


class Channel(Protocol):
    """Carries messages. Synchronous: it runs in a thread. Retries belong to the outbox, not here.

    A class has `settings` (the pydantic model of its options) and is constructed as `Class(options, tools)`.
    """

    settings: ClassVar[type[BaseModel]]

    def send(self, message: Message) -> None:
        """Deliver once, or raise DeliveryError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTools:
    """What the house hands to every channel. `log_path` is the file of the channel `log`."""

    channel: str
    user_agent: str
    allow_private: tuple[str, ...] = ()
    log_path: str | None = None
    clock: Clock = system_clock
