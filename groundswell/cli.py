"""The command line. Everything heavy is imported by the command that needs it: `--help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Optional

import typer

if TYPE_CHECKING:
    from groundswell.bootstrap import House

app: Final = typer.Typer(
    help="Listen to what people say about a brand, and wake the right person when it turns bad.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help takes longer to load than all the rest
)
rollups_app: Final = typer.Typer(help="Look after the hourly counts.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rollups_app, name="rollups")
source_app: Final = typer.Typer(help="Try a source, or confirm it.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(source_app, name="source")

_state: dict[str, Path | None] = {"config": None}


@app.callback()
def options(
    config: Annotated[
        Optional[Path],
        typer.Option(help="The configuration file; by default GROUNDSWELL_CONFIG, else ./groundswell.yaml."),
    ] = None,
) -> None:
    """Remember the options that every command shares."""
    _state["config"] = config


@app.command()
def run() -> None:
    """Collect, judge, alert and show: the monitor and the dashboard, until Ctrl-C.

    Without a configuration file this opens the sample workspace: invented mentions of an invented shop.
    """
    from groundswell.running import run as run_both

    with _house(log="INFO") as house:
        raise typer.Exit(run_both(house))


@app.command()
def monitor() -> None:
    """Only the monitor: collect, judge, alert. `run` starts it for you."""
    import asyncio

    from groundswell.bootstrap import prepare
    from groundswell.monitor import Monitor

    with _house(log="INFO") as house:
        prepare(house)
        if not asyncio.run(Monitor(house=house).run()):
            os._exit(1)  # a thread still waits for somebody's answer; what it holds, the next monitor takes over


@app.command()
def dashboard() -> None:
    """Only the dashboard. It waits until a monitor or a command has prepared the database."""
    from groundswell.serving import serve

    with _house(log="INFO") as house:
        serve(house)


@app.command()
def init(
    *,
    brand: Annotated[Optional[list[str]], typer.Option(help="The brand's name.")] = None,
    country: Annotated[Optional[list[str]], typer.Option(help="Its home market, such as UA or Poland.")] = None,
    language: Annotated[Optional[list[str]], typer.Option(help="A language of its customers; repeatable.")] = None,
    timezone: Annotated[Optional[list[str]], typer.Option(help="Its time zone, such as Europe/Kyiv.")] = None,
    word: Annotated[Optional[list[str]], typer.Option(help="What people call it; repeatable.")] = None,
    account: Annotated[Optional[list[str]], typer.Option(help="One of its own accounts; repeatable.")] = None,
    domain: Annotated[Optional[list[str]], typer.Option(help="One of its own domains; repeatable.")] = None,
    email: Annotated[Optional[list[str]], typer.Option(help="Who gets alerts by e-mail; repeatable.")] = None,
    smtp: Annotated[Optional[list[str]], typer.Option(help="The mail server, host or host:port.")] = None,
    smtp_sender: Annotated[Optional[list[str]], typer.Option(help="The sender's address.")] = None,
    smtp_username: Annotated[Optional[list[str]], typer.Option(help="The mail server's user.")] = None,
    smtp_password: Annotated[Optional[list[str]], typer.Option(help="Its password; better typed when asked.")] = None,
    slack: Annotated[Optional[list[str]], typer.Option(help="A Slack incoming webhook.")] = None,
    locale: Annotated[Optional[list[str]], typer.Option(help="Language of alerts: en, ru, uk, pl.")] = None,
    contact: Annotated[Optional[list[str]], typer.Option(help="Named in the crawler's User-Agent.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take defaults for what is left out.")] = False,
) -> None:
    """Set up your own brand: asks, proposes sources that need no key, tries each, and saves what works."""
    from groundswell.questions import Flags
    from groundswell.setting_up import set_up

    given = {
        "brand": brand,
        "country": country,
        "language": language,
        "timezone": timezone,
        "word": word,
        "account": account,
        "domain": domain,
        "email": email,
        "smtp": smtp,
        "smtp_sender": smtp_sender,
        "smtp_username": smtp_username,
        "smtp_password": smtp_password,
        "slack": slack,
        "locale": locale,
        "contact": contact,
    }
    with _told():
        set_up(_state["config"], Flags(**{name: tuple(value or ()) for name, value in given.items()}), yes=yes)


@app.command()
def check(
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Do not visit the sources.")] = False,
    send_test: Annotated[bool, typer.Option("--send-test", help="Send a test message through each channel.")] = False,
) -> None:
    """Check the file, the keys, the secrets, the sources and the channels; exit status 1 when anything is wrong."""
    from groundswell.setting_up import check_all

    with _told():
        raise typer.Exit(check_all(_state["config"], offline=offline, send_test=send_test))


@app.command()
def collect(
    source: Annotated[Optional[str], typer.Argument(help="The source's name; by default all of them.")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Read once and end; there is no other way yet.")] = False,
) -> None:
    """Read sources now, once. While a monitor runs it does the work; else this command does."""
    if not once:
        raise typer.BadParameter("say --once: reading on a schedule is what `groundswell run` does")
    from groundswell.console import collect_once

    with _house() as house:
        raise typer.Exit(collect_once(house, source))


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .jsonl or .csv file; .gz is fine.", exists=True, dir_okay=False)],
    brand: Annotated[str | None, typer.Option(help="Every row concerns this brand; else the queries decide.")] = None,
    kind: Annotated[Optional[str], typer.Option(help="What the rows are: review, forum, social, ...")] = None,
    name: Annotated[Optional[str], typer.Option(help="The source's name; by default the file's.")] = None,
) -> None:
    """Take a file of mentions in. Wrong rows go to FILE.rejects.csv with their line and the reason."""
    from groundswell.importing import import_file

    with _house() as house:
        raise typer.Exit(import_file(house, file, brand=brand, kind=kind, name=name))


@app.command()
def status() -> None:
    """Show how collecting and alerting go: sources, last success, lag, backlog, rejects, dead letters."""
    from groundswell.standing import show_status

    with _house() as house:
        raise typer.Exit(show_status(house))


@source_app.command(name="try")
def try_(
    file: Annotated[Path, typer.Argument(help="A YAML file: one source, or a whole configuration.")],
    name: Annotated[Optional[str], typer.Argument(help="Which source of the configuration; by default all.")] = None,
) -> None:
    """Show what a source would collect, from its first pages; nothing is stored. Exit status 1 when that is nothing."""
    from groundswell.source_file import read_sources
    from groundswell.trying import try_file

    with _told():
        found = read_sources(file, environ=os.environ)
    # A whole configuration brings its own server and secrets along.
    with _house(config=file if found.is_whole else None) as house:
        raise typer.Exit(try_file(house, found, name))


@source_app.command()
def confirm(name: Annotated[str, typer.Argument(help="The source's name.")]) -> None:
    """Say that you may read a source whose terms restrict automatic reading, by agreement or because it is yours."""
    from groundswell.trying import confirm as note

    with _house() as house:
        note(house, name)


@rollups_app.command()
def verify() -> None:
    """Compare the kept hourly counts with a fresh count; exit status 1 when they differ."""
    from groundswell.console import verify_rollups

    with _house() as house:
        raise typer.Exit(verify_rollups(house))


@rollups_app.command()
def rebuild() -> None:
    """Count everything afresh."""
    from groundswell.console import rebuild_rollups

    with _house() as house:
        raise typer.Exit(rebuild_rollups(house))


@app.command()
def version() -> None:
    """Print the version."""
    from groundswell.bootstrap import VERSION

    typer.echo(VERSION)


@contextmanager
def _told() -> Iterator[None]:
    """Say what is wrong in words, without a traceback, for every error that a person can mend."""
    from config.error import ConfigError
    from config.secret_key import SecretKeyError
    from storage.database import DatabaseError

    try:
        yield
    except (ConfigError, SecretKeyError, DatabaseError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@contextmanager
def _house(*, log: str = "WARNING", config: Path | None = None) -> Iterator[House]:
    import logging

    from groundswell import logs
    from groundswell.bootstrap import open_house

    logs.configure(level=getattr(logging, log))
    with _told():
        house = open_house(_state["config"] or config)
        try:
            yield house
        finally:
            house.db.close()


def main() -> None:
    """Run the command line."""
    sys.exit(app())
