"""Running jobs: what pages and commands ask for and a live plugin must do. Each kind is one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
import uuid_utils
from pydantic import BaseModel

from alerts import message as messages
from alerts.channel import DeliveryError, Message
from config.error import ConfigError, in_words
from config.secret_key import SecretKeyError
from groundswell import plugins, trial
from groundswell.bootstrap import House
from groundswell.collecting import KeepOn, origin_of, visit
from groundswell.pipeline import Reader
from storage import jobs
from storage.declared import Catalogue
from storage.request import Collect, Collected, SendTest, Sent, Tried, TrySource

_log: Final = structlog.get_logger("groundswell.jobs")


class JobError(Exception):
    """The job cannot be done; the text says why, for the person who asked."""


@dataclass(slots=True, kw_only=True)
class Runner:
    """Takes waiting jobs, one at a time. `catalogue` and `reader` are kept fresh by the monitor.

    `keep_on` is asked during long work: when it says no, what was done so far is the result.
    """

    house: House
    owner: str
    keep_on: KeepOn = lambda: True
    catalogue: Catalogue = field(init=False)
    reader: Reader = field(init=False)

    def run_one(self) -> bool:
        """Do the oldest waiting job; return whether there was one."""
        job = jobs.claim(self.house.db, owner=self.owner, kinds=tuple(KINDS), now=self.house.clock())
        if job is None:
            return False
        try:
            result = KINDS[job.kind](self, job.request)
            jobs.finish(self.house.db, job.id, result, owner=self.owner, now=self.house.clock())
        except jobs.LeaseLostError:
            _log.warning("job.lease_lost", job=job.id, kind=job.kind)
        except (JobError, ConfigError, SecretKeyError, DeliveryError) as error:
            self._fail(job, str(error))
        except Exception as error:  # noqa: BLE001 - the boundary of this job: the next ones still run
            _log.exception("job.broken", job=job.id, kind=job.kind)
            self._fail(job, f"it broke: {in_words(error)}")
        return True

    def _fail(self, job: jobs.Job, error: str) -> None:
        try:
            jobs.fail(self.house.db, job.id, error, owner=self.owner, now=self.house.clock())
        except jobs.LeaseLostError:
            _log.warning("job.lease_lost", job=job.id, kind=job.kind)

    def collect(self, raw: dict[str, Any]) -> Collected:
        """Read a source now, under its lease."""
        request = Collect.model_validate(raw)
        source = next((one for one in self.catalogue.sources if one.item.name == request.source), None)
        if source is None:
            raise JobError(f"there is no source {request.source!r}")
        origin = origin_of(source, self.catalogue)
        outcome = visit(self.house, self.reader, origin, source.item, owner=self.owner, keep_on=self.keep_on)
        if outcome.busy:
            raise JobError(f"{request.source} is being read at present, or asked to be left alone; try again later")
        if outcome.error:
            raise JobError(outcome.error)
        stored = outcome.stored
        return Collected(new=stored.new, changed=stored.changed, same=stored.same, rejected=stored.rejected)

    def try_source(self, raw: dict[str, Any]) -> Tried:
        """Show what a source would collect, declared or not; nothing of it is stored."""
        request = TrySource.model_validate(raw)
        return trial.as_result(trial.try_source(self.house, request.source))

    def send_test(self, raw: dict[str, Any]) -> Sent:
        """Send a test message through a channel."""
        request = SendTest.model_validate(raw)
        spec = next((one.item for one in self.catalogue.channels if one.item.name == request.channel), None)
        if spec is None:
            raise JobError(f"there is no channel {request.channel!r}")
        message = test_message(self.house)
        plugins.build_channel(self.house, spec).send(message)
        return Sent(event_id=message.event_id)


def test_message(house: House) -> Message:
    """Return a message that says it is a test."""
    event_id = str(uuid_utils.uuid7())
    return messages.trial(
        event_id=event_id, link=house.settings.base_url, locale=house.settings.locale, now=house.clock()
    )


KINDS: Final[dict[str, Callable[[Runner, dict[str, Any]], BaseModel]]] = {
    "collect": Runner.collect,
    "send_test": Runner.send_test,
    "try_source": Runner.try_source,
}
"""Job kinds; each may safely be done twice."""
