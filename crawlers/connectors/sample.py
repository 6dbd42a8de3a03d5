"""`sample`: one stream of the invented sample workspace. Nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import ClassVar, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from config.settings import SourceKind, Terms
from crawlers.connector import Batch, Cursor, Limits, PermanentError, Tools, Window
from crawlers.mention import Mention
from crawlers.sample.generator import Generator as History
from crawlers.sample.stream import STREAMS

_VERSION: Final = 1
_OVERLAP: Final = timedelta(minutes=10)
_LIVE: Final = timedelta(days=1)


class SampleSettings(BaseModel):
    """Options of a `sample` source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: str = Field(description=f"one of {', '.join(STREAMS)}")
    seed: int = Field(default=20, ge=0, description="another seed tells another story of the same shape")
    started: AwareDatetime = Field(description="when the workspace was first opened; the crisis is at its height then")

    @field_validator("stream")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in STREAMS:
            raise ValueError(f"there is no stream {value!r}; allowed are {', '.join(STREAMS)}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Publication time that is read in one go; history is older than a day."""

    since: datetime
    until: datetime
    backfill: bool


class Sample:
    """Reads one invented stream. Time comes from the clock: what lies ahead of it is not published yet."""

    settings: ClassVar[type[BaseModel]] = SampleSettings
    kind: ClassVar[SourceKind] = "social"
    terms: ClassVar[Terms] = "feed"

    def __init__(self, options: SampleSettings, tools: Tools) -> None:
        self._tools = tools
        self._generator = History(stream=options.stream, seed=options.seed, started=options.started.astimezone(UTC))

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield history older than a day as backfill, then the last day; later only what is new, with an overlap.

        Raises PermanentError for a cursor that this version cannot read.
        """
        now = self._tools.clock()
        until = min(window.until, now)
        reached, since = self._resume(cursor, window)
        room = limits.max_items
        for stretch in self._stretches(since, until, now - _LIVE):
            for batch in self._read(stretch, limits.batch_size, now):
                kept = _shorten(batch, room)
                if kept is None:
                    return
                room -= len(kept.items)
                yield _with_cursor(kept, reached, until)

    def _resume(self, cursor: Cursor | None, window: Window) -> tuple[datetime, datetime]:
        """Return how far the source was read, and where to begin; a visit that did not finish goes on without
        overlap, so that however small the limits are, it gets on."""
        first = self._generator.begin
        if cursor is None:
            since = max(first, window.since) if window.since else first
            return since, since
        try:
            version, reached = cursor["version"], datetime.fromisoformat(cursor["until"])
            unfinished = bool(cursor["unfinished"])
        except (KeyError, TypeError, ValueError) as error:
            raise PermanentError(f"source {self._tools.source}: its cursor cannot be read ({error!r})") from error
        if version != _VERSION:
            raise PermanentError(f"source {self._tools.source}: its cursor has version {version}, not {_VERSION}")
        return reached, reached if unfinished else max(first, reached - _OVERLAP)

    def _stretches(self, since: datetime, until: datetime, live: datetime) -> Iterator[_Stretch]:
        """Cut [since, until) where history ends and where the stream could not be read."""
        if since >= until:
            return
        gap = self._generator.gap
        edges = sorted({since, until, *(edge for edge in (live, *(gap or ())) if since < edge < until)})
        for begin, end in pairwise(edges):
            if gap is None or not gap[0] <= begin < gap[1]:
                yield _Stretch(since=begin, until=end, backfill=begin < live)

    def _read(self, stretch: _Stretch, size: int, now: datetime) -> Generator[Batch, None, None]:
        since = stretch.since
        items: list[Mention] = []
        for mention in self._generator.published(stretch.since, stretch.until, collected_at=now, kind=self._tools.kind):
            if len(items) == size:
                yield _batch(items, since, mention.published_at, backfill=stretch.backfill)
                since, items = mention.published_at, []
            items.append(mention)
        yield _batch(items, since, stretch.until, backfill=stretch.backfill)


def _batch(items: list[Mention], since: datetime, until: datetime, *, backfill: bool) -> Batch:
    return Batch(items=tuple(items), covered_from=since, covered_to=until, backfill=backfill)


def _shorten(batch: Batch, room: int) -> Batch | None:
    """Return what fits into `room`: the batch, its beginning, or None where nothing fits."""
    if len(batch.items) <= room:
        return batch
    return replace(batch, items=batch.items[:room], covered_to=batch.items[room].published_at) if room else None


def _with_cursor(batch: Batch, reached: datetime, until: datetime) -> Batch:
    """Add the cursor: it never goes back, and says whether this batch is the visit's last."""
    covered = batch.covered_to or reached
    cursor = {"version": _VERSION, "until": max(reached, covered).isoformat(), "unfinished": covered < until}
    return replace(batch, cursor=cursor)
