"""The monitor: one process that collects, judges and delivers, on an asyncio loop with APScheduler.

Whatever blocks runs in threads. Nothing here is remembered only in memory: a killed monitor's successor goes on from
the database.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from config.principal import SYSTEM
from groundswell import alerting, jobs, plugins
from groundswell.bootstrap import House
from groundswell.collecting import make_reader, origin_of, visit
from groundswell.ownership import HOST, is_alive, new_owner
from groundswell.pipeline import Reader
from groundswell.supervision import is_orphan
from storage import declared, health, revisions, sources, status, visits
from storage.declared import Catalogue, DeclaredSource

T = TypeVar("T")
_log: Final = structlog.get_logger("groundswell.monitor")

VISITS: Final = 8  # sources read at a time
SENDS: Final = 4  # notifications sent at a time
TICK: Final = timedelta(seconds=1)
PATIENCE: Final = timedelta(seconds=5)  # the longest that judging waits for running visits
BEAT: Final = timedelta(seconds=5)
MINUTE: Final = timedelta(minutes=1)
YIELDS: Final = timedelta(minutes=5)
HOUR: Final = timedelta(hours=1)
GRACE: Final = 20.0  # seconds for running visits and deliveries to end


@dataclass(slots=True, kw_only=True)
class Monitor:
    """One running monitor. `run` returns after `stop` was called, by a signal or by a test; `grace` is in seconds."""

    house: House
    owner: str = field(default_factory=new_owner)
    grace: float = GRACE
    _stopping: threading.Event = field(default_factory=threading.Event)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _visits: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(VISITS, thread_name_prefix="visit"))
    _desk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="desk"))
    _sends: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(SENDS, thread_name_prefix="send"))
    _sending: set[asyncio.Future[bool]] = field(default_factory=set)
    _visiting: set[int] = field(default_factory=set)  # ids of the sources that are being read
    _revision: int = -1
    _catalogue: Catalogue = field(init=False)
    _reader: Reader = field(init=False)
    _postman: alerting.Postman = field(init=False)
    _scheduler: AsyncIOScheduler = field(init=False)
    _runner: jobs.Runner = field(init=False)
    _started: datetime = field(init=False)

    async def run(self) -> bool:
        """Work until stopped; then let running visits end at the next batch, and give everything back.

        Return whether all work ended in time; if not, threads are still busy, and only the process can end them.
        """
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self.stop)
        self._started = self.house.clock()
        self._postman = alerting.Postman(house=self.house, owner=self.owner)
        self._runner = jobs.Runner(house=self.house, owner=self.owner, keep_on=self._may_go_on)
        freed = sources.release_leases(self.house.db, is_alive=is_alive)
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        await self._reload()
        self._schedule_desk()
        self._scheduler.start()
        _log.info("monitor.started", owner=self.owner, sources=len(self._catalogue.sources), leases_freed=freed)
        await self._stopped.wait()
        return await self._finish()

    def stop(self) -> None:
        """Ask the monitor to end; safe to call twice."""
        self._stopping.set()
        self._stopped.set()

    def _schedule_desk(self) -> None:
        self._every(TICK, self._reload)
        self._every(TICK, self._in_thread(self._judge_changed), "judge")
        self._every(TICK, self._deliver)
        self._every(TICK, self._in_thread(self._runner.run_one), "jobs")
        self._every(BEAT, self._in_thread(self._beat), "beat")
        self._every(BEAT, self._heed_supervisor)
        self._every(MINUTE, self._in_thread(lambda: alerting.judge_standing(self.house, self._catalogue)), "standing")
        self._every(MINUTE, self._in_thread(self._judge_sources), "silence")
        self._every(YIELDS, self._in_thread(lambda: alerting.judge_yields(self.house, self._catalogue)), "yields")
        self._every(HOUR, self._in_thread(self._tidy), "tidy")

    def _every(self, time: timedelta, work: Callable[[], Awaitable[Any]], name: str | None = None) -> None:
        self._scheduler.add_job(
            work,
            IntervalTrigger(seconds=time.total_seconds()),
            id=f"desk:{name or getattr(work, '__name__', 'work')}",
            next_run_time=self.house.clock(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _in_thread(self, work: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
        async def run() -> Any:
            return await self._run(self._desk, work)

        return run

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any) -> T | None:
        """Run `work` in a thread; None when the monitor stops before a thread was free."""
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
        except asyncio.CancelledError:
            if self._stopping.is_set():
                return None
            raise

    # -- sources -----------------------------------------------------------------------------

    async def _reload(self) -> None:
        """Follow the change notice: what people edit takes effect within a second, without a restart."""
        newest = await self._run(self._desk, revisions.newest, self.house.db)
        if newest is None or newest == self._revision:
            return
        self._catalogue = declared.catalogue(self.house.db)
        self._reader = make_reader(self._catalogue)
        self._revision = newest
        self._runner.catalogue, self._runner.reader = self._catalogue, self._reader
        self._schedule_sources()
        _log.info("catalogue.loaded", revision=newest, brands=len(self._catalogue.brands))

    def _schedule_sources(self) -> None:
        wanted = {f"source:{source.id}": source for source in self._catalogue.sources if _is_on(source)}
        for job in self._scheduler.get_jobs():
            if job.id.startswith("source:") and job.id not in wanted:
                job.remove()
        states = {state.name: state for state in status.source_status(self.house.db, by=SYSTEM, now=self.house.clock())}
        for job_id, source in wanted.items():
            started = states[source.item.name].last_started if source.item.name in states else None
            self._schedule_source(job_id, source, started)

    def _schedule_source(self, job_id: str, source: DeclaredSource, last_started: datetime | None) -> None:
        now, every = self.house.clock(), source.item.every
        # Whoever has edited it wants to see whether it works now, not tomorrow.
        waits = last_started is not None and last_started >= source.changed_at
        due = max(now, last_started + every) if last_started and waits else now
        # Jitter keeps sources of one host from knocking together; never more than a tenth of the time between visits.
        jitter = int(min(every.total_seconds() / 10, 60))
        self._scheduler.add_job(
            self._visit,
            IntervalTrigger(seconds=every.total_seconds(), jitter=jitter or None),
            args=[source.id],
            id=job_id,
            next_run_time=due,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            replace_existing=True,
        )

    async def _visit(self, source_id: int) -> None:
        await self._run(self._visits, self._visit_now, source_id)

    def _visit_now(self, source_id: int) -> None:
        catalogue, reader = self._catalogue, self._reader
        # Looked up when its turn comes: it may have been edited or switched off while it waited for a thread.
        source = next((one for one in catalogue.sources if one.id == source_id and _is_on(one)), None)
        if source is not None and self._may_go_on():
            origin = origin_of(source, catalogue)
            self._visiting.add(source_id)
            try:
                visit(self.house, reader, origin, source.item, owner=self.owner, keep_on=self._may_go_on)
            finally:
                self._visiting.discard(source_id)

    def _may_go_on(self) -> bool:
        return not self._stopping.is_set()

    # -- notifications -----------------------------------------------------------------------

    async def _deliver(self) -> None:
        """Start as many deliveries as there are free hands; a slow channel holds nobody up but itself."""
        loop = asyncio.get_running_loop()
        free = SENDS - len(self._sending)
        if free <= 0 or self._stopping.is_set():
            return
        for claimed in await self._run(self._desk, self._postman.claim, free) or ():
            future = loop.run_in_executor(self._sends, self._postman.deliver, claimed, self._catalogue)
            self._sending.add(future)
            future.add_done_callback(self._sending.discard)

    # -- judging -----------------------------------------------------------------------------

    def _judge_changed(self) -> None:
        """Judge what changed: at once while nothing is read, else a little later, with the rest of the visits."""
        alerting.judge_changed(self.house, self._catalogue, patience=PATIENCE if self._visiting else timedelta(0))

    # -- the rest ----------------------------------------------------------------------------

    def _judge_sources(self) -> None:
        alerting.judge_sources(self.house, self._catalogue, watched_since=self._started)

    async def _heed_supervisor(self) -> None:
        if is_orphan(self.house.environ):
            _log.warning("monitor.orphaned")
            self.stop()

    def _beat(self) -> None:
        now = self.house.clock()
        health.beat(self.house.db, process="monitor", pid=os.getpid(), host=HOST, started_at=self._started, now=now)
        backlog = status.backlog(self.house.db, now=now)
        values = {
            ("outbox_pending", ""): float(backlog.outbox_pending),
            ("outbox_dead_letters", ""): float(backlog.dead_letters),
            ("to_judge", ""): float(backlog.to_judge),
            ("jobs_waiting", ""): float(backlog.jobs_waiting),
        }
        health.record_metrics(self.house.db, values, now=now)

    def _tidy(self) -> None:
        from storage import jobs as job_table

        now = self.house.clock()
        kept = timedelta(days=self.house.settings.unmatched_days)
        job_table.expire(self.house.db, now=now)
        total = 0
        # A part at a time, so that nobody waits long for the database.
        while self._may_go_on() and (n := sources.forget_unmatched(self.house.db, before=now - kept)):
            total += n
        if total:
            _log.info("unmatched.forgotten", n=total)
        visits.forget_visits(self.house.db, before=now - visits.KEPT)

    async def _finish(self) -> bool:
        self._scheduler.shutdown(wait=False)
        ended = asyncio.Event()
        # Not in an executor: the loop, when it closes, would wait for that without end.
        waiting = partial(self._wait_for_threads, asyncio.get_running_loop(), ended)
        threading.Thread(target=waiting, name="end", daemon=True).start()
        try:
            await asyncio.wait_for(ended.wait(), self.grace)
        except TimeoutError:
            _log.warning("monitor.cut_off", seconds=self.grace)
        health.silence(self.house.db, process="monitor")
        _log.info("monitor.stopped")
        return ended.is_set()

    def _wait_for_threads(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
        pools = (self._visits, self._sends, self._desk)
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for pool in pools:
            pool.shutdown()
        with suppress(RuntimeError):  # the loop was closed long ago
            loop.call_soon_threadsafe(ended.set)


def _is_on(source: DeclaredSource) -> bool:
    """Whether a source is to be read: not switched off, nor off until its terms are confirmed."""
    return source.enabled and not plugins.is_unconfirmed(source.item)
