"""How the house stands, as `groundswell status` prints it: a line a source, then what a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from shlex import quote
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.principal import SYSTEM
from crawlers.cleaning import clean_line
from groundswell.bootstrap import House
from storage import status
from storage.migration import is_current
from storage.source_health import SourceHealthRow, source_health
from storage.status import Backlog, RejectRow, SourceStatus

_OFF: Final = "off: its terms restrict automatic reading; confirm with"
_LEFT: Final = ("Source", "Type", "Every", "Last success")
_RIGHT: Final = ("Collected", "Rejected", "Good visits", "Items", "Usual", "Lag")
_LEGEND: Final = (
    "Good visits: of the last 14 days. Items: in the last good visit, beside the usual. "
    "Lag: from publication to collection, mostly."
)
_WIDEST: Final = 500
_MOST: Final = 200
"""Characters of a text from outside that fit in a line or two."""


def show_status(house: House) -> int:
    """Print how collecting and alerting go; return 1 when something needs a person, else 0."""
    console = Console()
    if not is_current(house.db):
        console.print("Nothing was collected yet: start with `groundswell run`.")
        return 0
    now = house.clock()
    sources = status.source_status(house.db, by=SYSTEM, now=now)
    health = {row.name: row for row in source_health(house.db, by=SYSTEM, now=now)}
    _print_table(console, _table(sources, health))
    backlog = status.backlog(house.db, now=now)
    notes = (line for source in sources for line in _notes(house, source, health.get(source.name), now))
    for line in (_LEGEND, "", *notes, *_holds(health.values()), *_rest(house, backlog, now)):
        console.print(Text(line), soft_wrap=True)
    return int(bool(backlog.dead_letters or any(source.failures for source in sources if source.is_on)))


def _rest(house: House, backlog: Backlog, now: datetime) -> Iterator[str]:
    oldest = f", the oldest for {_span(backlog.outbox_oldest)}" if backlog.outbox_oldest else ""
    yield (
        f"Notifications waiting: {backlog.outbox_pending}{oldest}. Dead letters: {backlog.dead_letters}. "
        f"Brand-hours to judge: {backlog.to_judge}. "
        f"Jobs waiting: {backlog.jobs_waiting}, failed: {backlog.jobs_failed}."
    )
    running = [row.process for row in status.processes(house.db, now=now) if row.alive]
    yield "Running: " + (", ".join(running) or "nothing; no alert is sent until `groundswell run`")


# -- a line for each source -----------------------------------------------------------------------


def _print_table(console: Console, table: Table) -> None:
    """Print each row in one line, however narrow the terminal is: it is read by `grep`, too."""
    wide = console.options.update(width=_WIDEST)
    console.width = max(console.width, console.measure(table, options=wide).maximum)
    console.print(table)


def _table(sources: Sequence[SourceStatus], health: Mapping[str, SourceHealthRow]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in (*_LEFT, *_RIGHT):
        table.add_column(title, justify="right" if title in _RIGHT else "left", no_wrap=True)
    for row in sources:
        cells = (*_reading(row), *_health(health.get(row.name)))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _reading(row: SourceStatus) -> tuple[str, ...]:
    last = f"{_span(row.lag)} ago" if row.lag is not None else "never"
    name = row.name if row.is_on else f"{row.name} (off)"
    return (name, row.type, _span(row.every), last, f"{row.collected:,}", f"{sum(row.rejects.values()):,}")


def _health(row: SourceHealthRow | None) -> tuple[str, ...]:
    """Return the share of good visits, the items of the last one, their usual number, and the lag; "-" for unknown."""
    if row is None:
        return ("-",) * 4
    rate, items = row.fortnight.rate, row.items
    return (
        f"{int(100 * rate)}% of {row.fortnight.n:,}" if rate is not None else "-",
        f"{items.last:,}" if items else "-",
        f"{items.usual:,.0f}" if items and items.usual is not None else "-",
        _span(row.lag) if row.lag is not None else "-",
    )


# -- what to look at ------------------------------------------------------------------------------


def _notes(house: House, source: SourceStatus, health: SourceHealthRow | None, now: datetime) -> Iterator[str]:
    """Yield in lines what there is to say of a source, below its name; nothing where all is well."""
    newest = status.newest_rejects(house.db, by=SYSTEM, source=source.name) if source.rejects else {}
    lines = [
        *_state(source, health, now),
        *(_rejected(reason, n, newest.get(reason), now) for reason, n in source.rejects.items()),
    ]
    if lines:
        yield f"{source.name}:"
        yield from (f"  {line}" for line in lines)
        yield ""


def _state(source: SourceStatus, health: SourceHealthRow | None, now: datetime) -> Iterator[str]:
    if source.enabled and source.unconfirmed:
        command = f"groundswell source confirm {quote(source.name)}"
        yield f"{_OFF} {'confirmed: true in the file' if source.managed_by == 'file' else command}"
    elif source.is_on and source.failures:
        visits = "the last visit" if source.failures == 1 else f"the last {source.failures:,} visits"
        yield f"{visits} failed: {clean_line(source.last_error or '', 2 * _MOST)}"
    for one in health.fields if health and source.is_on else ():
        if one.has_fallen:
            yield f"{one.field}: found in {one.now:.0%} of items, usually in {one.usual or 0:.0%}"
    holds = health.holds if health and source.is_on else ()
    for hold in holds:  # why, is said once for all sources
        yield f"waits for {hold.host}, which is left alone until {_instant(hold.until)}"
    if source.is_on and not holds and source.not_before and source.not_before > now:
        yield f"not read before {_instant(source.not_before)}, at its own wish or because of its hours"


def _holds(health: Iterable[SourceHealthRow]) -> Iterator[str]:
    """Yield in a line each the hosts that asked to be left alone, by whatever source."""
    holds = {hold.host: hold for row in health for hold in row.holds}
    for host, hold in sorted(holds.items()):
        yield f"{host} left alone until {_instant(hold.until)}: {clean_line(hold.reason, _MOST)}"
    if holds:
        yield ""


def _rejected(reason: str, n: int, newest: RejectRow | None, now: datetime) -> str:
    """Return how often something was rejected for a reason, with the newest example."""
    counted = f"rejected {n:,}: {clean_line(reason, _MOST)}"
    if newest is None:  # counts outlive examples
        return counted
    place = (newest.detail, f"line {newest.line}" if newest.line is not None else "", newest.external_id or "")
    told = clean_line(", ".join(part for part in place if part), _MOST)
    return f"{counted}; the newest {_span(now - newest.at)} ago{f': {told}' if told else ''}"


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
