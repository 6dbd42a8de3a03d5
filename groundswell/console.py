"""What the commands do and print: a reading on demand, the care of the roll-ups."""

from __future__ import annotations

import time
from typing import Final

from rich.console import Console
from rich.text import Text

from config.principal import SYSTEM
from groundswell import plugins
from groundswell.bootstrap import House, prepare
from groundswell.collecting import make_reader, origin_of, visit
from groundswell.ownership import new_owner
from storage import declared, rollups, status
from storage import jobs as job_table
from storage.jobs import Job
from storage.migration import is_current
from storage.request import Collect, Collected, Request

_POLL: Final = 0.3
_PATIENCE: Final = 600.0


def collect_once(house: House, name: str | None) -> int:
    """Read one source or all, once; return 1 when any failed.

    A source that is off until its terms are confirmed is not read; that is a failure only where it was asked for.
    """
    console = Console()
    prepare(house)
    sources = [source.item for source in declared.catalogue(house.db).sources if source.enabled]
    names = [source.name for source in sources]
    if name is not None and name not in names:
        allowed = ", ".join(names) or "none is declared yet"
        console.print(Text(f"There is no source {name!r} that is switched on; there are: {allowed}"), soft_wrap=True)
        return 2
    chosen = [source for source in sources if name in (None, source.name)]
    unread = [source.name for source in chosen if plugins.is_unconfirmed(source)]
    for one in unread:
        console.print(Text(f"{one}: {plugins.UNCONFIRMED}"), soft_wrap=True)
    read = _ask_to_read if has_monitor(house) else _read_here
    went_well = [read(house, console, source.name) for source in chosen if source.name not in unread]
    return 0 if all(went_well) and not (unread and name) else 1


def has_monitor(house: House) -> bool:
    """Whether a monitor is alive: it then does the work that a command asks for. Needs a current schema."""
    return any(row.alive for row in status.processes(house.db, now=house.clock()) if row.process == "monitor")


def ask_monitor(house: House, kind: str, request: Request) -> Job:
    """Ask the monitor for a job and wait for it, ten minutes at most; return how it stands then."""
    job = job_table.enqueue(house.db, kind=kind, request=request, by=SYSTEM, now=house.clock())
    deadline = time.monotonic() + _PATIENCE
    while not job.is_ended and time.monotonic() < deadline:
        time.sleep(_POLL)
        job = job_table.get(house.db, job.id, by=SYSTEM)
    return job


def why_unfinished(job: Job) -> str:
    """Return why a job that `ask_monitor` returned brought no result."""
    return job.error or f"the monitor has not finished after {_PATIENCE:.0f} s; it goes on in the background"


def _ask_to_read(house: House, console: Console, name: str) -> bool:
    job = ask_monitor(house, "collect", Collect(source=name))
    if job.state == "done" and job.result is not None:
        console.print(Text(f"{name}: {_counts(Collected.model_validate(job.result))}"))
        return True
    console.print(Text(f"{name}: {why_unfinished(job)}"), soft_wrap=True)
    return False


def _read_here(house: House, console: Console, name: str) -> bool:
    catalogue = declared.catalogue(house.db)
    source = next(one for one in catalogue.sources if one.item.name == name)
    outcome = visit(house, make_reader(catalogue), origin_of(source, catalogue), source.item, owner=new_owner())
    if outcome.busy:
        console.print(Text(f"{name}: is being read at present, or asked to be left alone for a while"), soft_wrap=True)
        return False
    stored = outcome.stored
    result = Collected(new=stored.new, changed=stored.changed, same=stored.same, rejected=stored.rejected)
    console.print(Text(f"{name}: {outcome.error or _counts(result)}"), soft_wrap=True)
    return outcome.error is None


def _counts(result: Collected) -> str:
    return f"{result.new} new, {result.changed} edited, {result.same} known, {result.rejected} rejected"


def verify_rollups(house: House) -> int:
    """Print every cell that is off; return 1 when there is one."""
    wrong = rollups.verify(house.db) if is_current(house.db) else []
    for line in wrong:
        print(line)  # noqa: T201 - plain lines, for other programs too
    print("All hourly counts are right." if not wrong else f"{len(wrong)} counts are off: groundswell rollups rebuild")  # noqa: T201
    return int(bool(wrong))


def rebuild_rollups(house: House) -> int:
    """Count everything afresh."""
    prepare(house)
    Console().print(f"Counted afresh; {rollups.rebuild(house.db)} counts were off.")
    return 0
