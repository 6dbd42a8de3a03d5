"""`groundswell import FILE`: a file becomes a source, is read once with a progress bar, and its wrong rows are
written beside it with their line and the reason."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from config import explanation
from config.error import ConfigError, Problem
from config.principal import SYSTEM
from config.settings import Declaration, SourceSpec
from crawlers.connector import Batch, Reject
from groundswell.bootstrap import House, prepare
from groundswell.collecting import Outcome, make_reader, origin_of, visit
from groundswell.ownership import new_owner
from groundswell.pipeline import Taken
from storage import declared

_COLUMNS: Final = ("line", "reason", "detail", "id")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def import_file(house: House, file: Path, *, brand: str | None, kind: str | None, name: str | None) -> int:
    """Import `file`; return 0 when every row went in, 1 when some were refused, 2 when nothing could be read.

    Raise ConfigError, with nothing imported, in the sample workspace, for a name that is taken and for a wrong kind.
    """
    console = Console(stderr=True)
    _refuse_sample(house)
    prepare(house)
    source = _declare(house, file, brand=brand, kind=kind, name=name or file.name)
    rejects: list[Reject] = []
    outcome = _read(house, source, file, console, rejects)
    if outcome.error or outcome.busy:
        console.print(Text(outcome.error or f"{file} is being imported by another process"), soft_wrap=True)
        return 2
    stored = outcome.stored
    console.print(f"{stored.new:,} new, {stored.changed:,} edited, {stored.same:,} known, {stored.rejected:,} refused.")
    if not rejects:
        return 0
    target = file.with_name(f"{file.name}.rejects.csv")
    try:
        write_rejects(target, rejects)
    except OSError as error:
        console.print(
            Text(f"{target} cannot be written: {error.strerror}. The Sources page lists the newest refusals.")
        )
        return 1
    console.print(Text(f"The refused rows are in {target}, with their line and the reason."), soft_wrap=True)
    return 1


def write_rejects(target: Path, rejects: Iterable[Reject]) -> None:
    """Write refused rows as CSV: line, reason, detail, id. What the file said is never a formula there."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for item in sorted(rejects, key=lambda item: item.line or 0):
            writer.writerow([item.line or "", item.reason, _plain(item.detail), _plain(item.external_id or "")])


def _plain(cell: str) -> str:
    """Spreadsheets take a cell for a formula that begins with one of these signs; an apostrophe makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _refuse_sample(house: House) -> None:
    if house.sample:
        message = "without a configuration file this is the sample workspace, which holds invented mentions only"
        allowed = "your own workspace: `groundswell init` makes one, --config names its file"
        raise ConfigError([Problem(key="import", message=message, allowed=allowed)])


def _declare(
    house: House, file: Path, *, brand: str | None, kind: str | None, name: str
) -> declared.Declared[SourceSpec]:
    """Make the file a source that is switched off: it is read when asked for, not on a schedule."""
    spec = _spec(file, brand=brand, kind=kind, name=name)
    now = house.clock()
    _refuse_taken(house, name)
    declared.save(house.db, Declaration(sources=(spec,)), by=SYSTEM, now=now)
    declared.set_enabled(house.db, "source", name, enabled=False, by=SYSTEM, now=now)
    return next(one for one in declared.catalogue(house.db).sources if one.item.name == name)


def _spec(file: Path, *, brand: str | None, kind: str | None, name: str) -> SourceSpec:
    raw: dict[str, Any] = {"name": name, "type": "file", "brand": brand, "kind": kind}
    try:
        return SourceSpec.model_validate({**raw, "options": {"path": str(file.absolute())}})
    except ValidationError as error:
        problems = explanation.problems(error, SourceSpec)
        raise ConfigError(replace(problem, key=f"--{problem.key}") for problem in problems) from error


def _refuse_taken(house: House, name: str) -> None:
    """An earlier import may be repeated; a source that is read on a schedule must not become one."""
    for source in declared.catalogue(house.db).sources:
        if source.item.name == name and (source.enabled or source.item.type != "file"):
            message = f"there is a source {name!r} already, which is read on a schedule"
            raise ConfigError([Problem(key="--name", message=message, allowed="another name")])


def _read(
    house: House, source: declared.Declared[SourceSpec], file: Path, console: Console, rejects: list[Reject]
) -> Outcome:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    catalogue = declared.catalogue(house.db)
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(file.name, total=file.stat().st_size)

        def progress(batch: Batch, taken: Taken) -> None:
            rejects.extend(taken.rejects)
            if batch.cursor is not None:
                bar.update(task, completed=int(batch.cursor.get("offset", 0)))

        origin = origin_of(source, catalogue)
        return visit(house, make_reader(catalogue), origin, source.item, owner=new_owner(), progress=progress)
