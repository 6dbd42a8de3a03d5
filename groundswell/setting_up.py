"""What `groundswell init` and `groundswell check` do on the terminal."""

from __future__ import annotations

import os
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from config import file as files
from config.error import ConfigError
from config.instant import system_clock
from config.principal import SYSTEM
from config.settings import Declaration
from groundswell import plugins, proposal
from groundswell.answers import Answers
from groundswell.beginning import Tried, default_file, init, next_steps
from groundswell.bootstrap import OWN_FILE, House, migrate_house, open_house
from groundswell.checking import Finding, Level, Live, check, failed
from groundswell.questions import Flags, answer, ask, prompt_on_terminal, refuse_on_terminal
from groundswell.trial import look_at
from storage import declared
from storage.database import Database, sqlite_url
from storage.migration import is_current

_MARKS: Final[dict[Level, tuple[str, str]]] = {
    "fine": ("ok     ", "green"),
    "warning": ("look   ", "yellow"),
    "error": ("WRONG  ", "bold red"),
    "skipped": ("skipped", "dim"),
}


def set_up(config: Path | None, flags: Flags, *, yes: bool) -> None:
    """Ask, try, save, and say what comes next. Raises ConfigError with nothing saved."""
    console = Console()
    answers = answer(flags) if yes else _asked(flags, console)
    file = default_file(config, environ=dict(os.environ), folder=Path.cwd())
    house = _house_for(file, answers)
    with closing(house.db):
        _begin(house, file, answers, console)


def _begin(house: House, file: Path, answers: Answers, console: Console) -> None:
    migrate_house(house)
    console.print("\nTrying the proposed sources, each by really reading it:")
    beginning = init(
        answers,
        file=file,
        visit=lambda source: look_at(house, source),
        save=lambda declaration: _save(house, declaration, console),
        tell=lambda tried: _tell(console, tried),
    )
    console.print()
    for line in next_steps(beginning):
        console.print(Text(line), soft_wrap=True)


def check_all(config: Path | None, *, offline: bool, send_test: bool) -> int:
    """Print what is found; return 1 when anything is wrong. Nothing is stored."""
    console = Console()
    folder = Path.cwd()
    path = files.find(config, environ=os.environ, folder=folder)
    house = open_house(config) if _loads(path) else None
    with closing(house.db) if house else nullcontext():
        return _check_all(path, folder, house, console, offline=offline, send_test=send_test)


def _check_all(
    path: Path | None, folder: Path, house: House | None, console: Console, *, offline: bool, send_test: bool
) -> int:
    findings: list[Finding] = []
    for finding in check(
        path,
        environ=os.environ,
        data=files.data_dir(path, environ=os.environ, folder=folder),
        stored=_stored(house) if house else Declaration(),
        live=Live(
            visit=None if offline or house is None else lambda spec: look_at(house, spec),
            channel=(lambda spec: plugins.build_channel(house, spec)) if send_test and house else None,
        ),
        now=system_clock(),
    ):
        findings.append(finding)
        mark, style = _MARKS[finding.level]
        console.print(Text.assemble((mark, style), "  ", finding.text), soft_wrap=True)
    if failed(findings):
        return 1
    console.print("Nothing is wrong.")
    return 0


def _asked(flags: Flags, console: Console) -> Answers:
    if not sys.stdin.isatty() and not flags.brand:
        console.print("Nobody is at the keyboard: give --brand and the other flags, and --yes.", markup=False)
        raise typer.Exit(2)
    return ask(flags, prompt=prompt_on_terminal, refuse=refuse_on_terminal)


def _house_for(file: Path, answers: Answers) -> House:
    """Return the workspace that the new brand goes into: the file's own, or the one that the new file will name."""
    if file.exists():
        return open_house(file)
    settings = proposal.settings(answers)
    data = files.data_dir(file, environ=os.environ, folder=Path.cwd())
    url = files.load(None, environ=os.environ).declaration.server.database
    return House(
        db=Database(url or sqlite_url(data / OWN_FILE)),
        declaration=Declaration(server=settings),
        data=data,
        config_path=file,
        environ=os.environ,
        clock=system_clock,
        sample=False,
    )


def _save(house: House, declaration: Declaration, console: Console) -> None:
    key = house.secret_key()
    if key.made:
        console.print(Text(f"Made the key that encrypts stored secrets: {key.path}"), soft_wrap=True)
    declared.save(house.db, declaration, by=SYSTEM, now=house.clock(), key=lambda: key)


def _tell(console: Console, tried: Tried) -> None:
    style = "green" if tried.visit.error is None else "yellow" if tried.kept else "red"
    console.print(Text("  ").append(str(tried), style=style), soft_wrap=True)


def _loads(path: Path | None) -> bool:
    try:
        files.load(path, environ=os.environ)
    except ConfigError:
        return False
    return True


def _stored(house: House) -> Declaration:
    """Return what people declared in the database, besides what the file declares."""
    return declared.catalogue(house.db).of_people() if is_current(house.db) else Declaration()
