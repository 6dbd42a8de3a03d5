"""The contract of a connector: what it is given, what it gives back, how it fails.

CollectError            something kept a source from being read
+-- NotNowError         it must be left alone for a while: nothing was asked, nothing is wrong
+-- TemporaryError      trying again later helps (time-out, 5xx, 429 with `retry_after`)
+-- PermanentError      it will not, until a person changes something (404, refused address, bad settings)
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from config.instant import Clock, require_utc
from config.settings import SourceKind, Terms
from crawlers.memory import Key, Memory, Page
from crawlers.mention import Engagement, Mention
from crawlers.report import Report

Cursor = Mapping[str, Any]
"""Where a source was left: the connector's own JSON, opaque to everyone else, with a `version` in it."""


class CollectError(Exception):
    """Something kept a source from being read."""


class NotNowError(CollectError):
    """The source must be left alone for `wait`: its hours are over, or its host asked for it. Nothing was read."""

    def __init__(self, message: str, *, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class TemporaryError(CollectError):
    """Trying again later helps; `retry_after` is the server's own wish, where it gave one."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(CollectError):
    """Trying again does not help until a person changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The publication time that is asked for; `since` None means as far back as the source gives."""

    since: datetime | None
    until: datetime

    def __post_init__(self) -> None:
        require_utc(self.until, "until")
        if self.since is not None:
            require_utc(self.since, "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one visit may take."""

    max_items: int = 10_000
    batch_size: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """An item that could not be taken in, with the reason people read.

    `reason` is a short stable phrase (it is counted); `detail` holds the specifics; `line` counts from 1
    where the source has lines.
    """

    reason: str
    detail: str = ""
    external_id: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """New counts for a mention that may already be stored."""

    platform: str
    external_id: str
    engagement: Engagement
    reach: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one step of a visit brought. The cursor takes effect when the batch is stored.

    `covered_from … covered_to` is the publication time that this visit has fully read (both or neither).
    `backfill` marks history (a first fetch, an import, a window older than a day): it fills the series
    and never alerts. `deletions` are external identities that the platform says are gone.

    Web sources also say: `seen`, identities that are still there (besides `items`, which always are): one that had
    been marked as gone is back; `pages`, what is to be remembered of pages; `report`, the figures of the visit, in its
    last batch. Which items are gone they count themselves (`Page.missing`) and say in `deletions`.
    """

    items: tuple[Mention, ...] = ()
    updates: tuple[Update, ...] = ()
    deletions: tuple[tuple[str, str], ...] = ()
    rejects: tuple[Reject, ...] = ()
    covered_from: datetime | None = None
    covered_to: datetime | None = None
    cursor: Cursor | None = None
    backfill: bool = False
    retry_after: timedelta | None = None
    seen: tuple[Key, ...] = ()
    pages: tuple[Page, ...] = ()
    report: Report | None = None


class Connector(Protocol):
    """Reads one source. Synchronous: it runs in a thread. Built by `crawlers.registry.build`.

    A class has `settings` (the pydantic model of its options), `kind` (what is written there, by default) and `terms`
    (on what terms it is read, by default), and is constructed as `Class(options, tools)`.
    """

    settings: ClassVar[type[BaseModel]]
    kind: ClassVar[SourceKind]
    terms: ClassVar[Terms]

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield batches, oldest knowledge first; raise CollectError. A None cursor means a first visit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the house hands to every connector. Without a `memory` (a trial) nothing is known of earlier visits."""

    source: str
    kind: SourceKind
    clock: Clock
    user_agent: str
    allow_private: tuple[str, ...] = ()
    memory: Memory | None = None
