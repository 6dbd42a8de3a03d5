"""The one place that wires the parts: configuration, database, workspace, plugins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts import registry as channels
from config import environment
from config import file as files
from config.error import ConfigError, Problem
from config.instant import Clock, system_clock
from config.principal import SYSTEM
from config.secret_key import SecretKey
from config.settings import Declaration, Settings
from crawlers import registry as connectors
from crawlers.address import parse_allowance
from storage import declared, health, workspace
from storage.database import Database, sqlite_url
from storage.migration import migrate

VERSION: Final = "0.1.0"
SAMPLE_FILE: Final = "sample.db"
OWN_FILE: Final = "groundswell.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that a process needs, wired.

    `declaration` is what the configuration file says (empty without one). `sample` says that this is the
    workspace of invented mentions, which opens when nothing is configured.
    """

    db: Database
    declaration: Declaration
    data: Path
    config_path: Path | None
    environ: Mapping[str, str]
    clock: Clock
    sample: bool

    @property
    def settings(self) -> Settings:
        """How the server runs."""
        return self.declaration.server

    @property
    def user_agent(self) -> str:
        """How our requests name themselves, with the operator's contact where one is set."""
        contact = f" (+{self.settings.contact})" if self.settings.contact else ""
        return f"Groundswell/{VERSION}{contact}"

    @property
    def notification_log(self) -> Path:
        """Where the `log` channel writes."""
        return self.data / "notifications.jsonl"

    def secret_key(self) -> SecretKey:
        """Return the key that encrypts secrets, made at first use; raise SecretKeyError."""
        return SecretKey.open(self.data, environ=self.environ)


def open_house(
    config: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
    clock: Clock = system_clock,
) -> House:
    """Read the configuration and open the database, which is neither created nor changed yet.

    Without a configuration file (and without `GROUNDSWELL_DATABASE`) it is the sample workspace, in a database of
    its own. Raises ConfigError or DatabaseError.
    """
    folder = folder or Path.cwd()
    path = files.find(config, environ=environ, folder=folder)
    loaded = files.load(path, environ=environ)
    _check_allowances(loaded)
    data = files.data_dir(path, environ=environ, folder=folder)
    url = loaded.declaration.server.database
    sample = path is None and url is None
    return House(
        db=Database(url or sqlite_url(data / (SAMPLE_FILE if sample else OWN_FILE))),
        declaration=loaded.declaration,
        data=data,
        config_path=path,
        environ=environ,
        clock=clock,
        sample=sample,
    )


def _check_allowances(loaded: files.Loaded) -> None:
    problems = []
    for index, entry in enumerate(loaded.declaration.server.allow_private):
        try:
            parse_allowance(entry)
        except ValueError as error:
            key = f"server.allow_private[{index}]"
            problems.append(
                loaded.problem(key, str(error), allowed="a host, an address or a network, with or without a port")
            )
    if problems:
        raise ConfigError(problems)


def prepare(house: House) -> declared.Provisioned | None:
    """Bring the database up to date: schema, the sample or the file's items, the plugins' schemas.

    Safe to call from every process that writes. Returns what the file changed; None for the sample. Raises
    ConfigError where your own items would come to stand beside invented mentions, or where the file cannot be used.
    """
    migrate_house(house)
    now = house.clock()
    if house.sample:
        _declare_sample(house, now)
        return None
    _refuse_sample(house.db)
    return declared.provision(house.db, house.declaration, now=now)


def migrate_house(house: House) -> None:
    """Bring the schema up to date and publish the plugins' schemas, from which pages draw their forms."""
    _make_data_directory(house.data)
    migrate(house.db, now=house.clock())
    health.publish_schemas(house.db, "connector", connectors.schemas())
    health.publish_schemas(house.db, "channel", channels.schemas())


def _make_data_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{path} cannot be made: {error.strerror}"
        allowed = f"a folder that this user may write; {environment.DATA} names another"
        raise ConfigError([Problem(key="data directory", message=message, allowed=allowed)]) from error


def _declare_sample(house: House, now: datetime) -> None:
    from crawlers.sample.workspace import declare

    if workspace.sample_started(house.db) is None:
        workspace.mark_sample(house.db, started=now)
    # Asked apart from the mark: whoever made it may have been killed before declaring anything.
    if not declared.catalogue(house.db).sources:
        started = workspace.sample_started(house.db) or now
        declared.save(house.db, declare(started), by=SYSTEM, now=now)


def _refuse_sample(db: Database) -> None:
    if workspace.sample_started(db) is not None:
        message = "this is the database of the sample workspace, which holds invented mentions only"
        raise ConfigError([Problem(key="server.database", message=message, allowed="a database of your own")])
