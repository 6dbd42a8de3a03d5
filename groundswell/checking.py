"""`groundswell check`: everything that can be wrong with a configuration, found before it hurts."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from uuid_utils import uuid7

from alerts import registry as channels
from alerts.channel import Channel, DeliveryError
from alerts.message import trial
from config import environment, explanation, secret
from config.document import join
from config.error import ConfigError, Problem
from config.file import Loaded, load
from config.secret_key import KEY_FILE, SecretKey, SecretKeyError
from config.settings import ChannelSpec, Declaration, Settings, SourceSpec
from crawlers import registry as connectors
from groundswell.plugins import UNCONFIRMED
from groundswell.visit import Visit

Item = TypeVar("Item")
Level = Literal["error", "warning", "fine", "skipped"]
_PLAIN: Final = "a secret stands here in plain text"
_REFERENCE: Final = "a reference: {env: NAME} or {file: /path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked. `text` is a line for the terminal; it may hold text from outside."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What to try for real. `visit` None leaves the sources alone; `channel` None sends no test messages."""

    visit: Callable[[SourceSpec], Visit] | None = None
    channel: Callable[[ChannelSpec], Channel] | None = None


def failed(findings: Iterable[Finding]) -> bool:
    """Whether the command must end with exit code 1."""
    return any(finding.level == "error" for finding in findings)


def of_error(error: ConfigError) -> list[Finding]:
    """Return a finding for each problem of `error`."""
    return [Finding(level="error", text=str(problem)) for problem in error.problems]


def check(
    path: Path | None,
    *,
    environ: Mapping[str, str],
    data: Path,
    stored: Declaration,
    live: Live,
    now: datetime,
) -> Iterator[Finding]:
    """Yield what is found, each as soon as it is known. Nothing is stored or made.

    `stored` is what lives in the database besides what the file declares; `data` is the data directory.
    """
    yield from check_data(data, environ=environ)
    try:
        loaded = load(path, environ=environ)
    except ConfigError as error:
        yield from of_error(error)
        return
    yield Finding(level="fine", text=f"{path}: the file is well-formed" if path else "no configuration file: defaults")
    declared = loaded.declaration
    problems = check_options(loaded, environ=environ)
    yield from (_error(problem) for several in problems.values() for problem in several)
    wrong = frozenset(problems)
    yield from check_coverage(declared, stored)
    sources = _usable(declared.sources, "sources", wrong) + stored.sources
    yield from check_terms(sources)
    yield from check_sources(sources, visit=live.visit)
    ways = _usable(declared.channels, "channels", wrong) + stored.channels
    yield from check_channels(ways, build=live.channel, server=declared.server, now=now)


def _usable(items: tuple[Item, ...], kind: str, wrong: frozenset[str]) -> tuple[Item, ...]:
    return tuple(item for index, item in enumerate(items) if join(kind, index) not in wrong)


def check_data(data: Path, *, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the data directory and with the key that encrypts secrets, without making either."""
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        allowed = f"a folder that this user may write; {environment.DATA} names another"
        yield _error(Problem(key="data directory", message=f"{data} cannot be written", allowed=allowed))
    key = data / KEY_FILE
    given = any(environ.get(name, "").strip() for name in (environment.SECRET_KEY, environment.SECRET_KEY_FILE))
    if not given and not key.exists():
        return
    try:
        opened = SecretKey.open(data, environ=environ)
    except SecretKeyError as error:
        yield Finding(level="error", text=str(error))
        return
    if opened.path == key and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Finding(level="warning", text=f"{key}: other users may read the key; chmod 600 makes it yours alone")


def _error(problem: Problem) -> Finding:
    return Finding(level="error", text=str(problem))


def check_options(loaded: Loaded, *, environ: Mapping[str, str]) -> dict[str, tuple[Problem, ...]]:
    """Return the problems of plugins' options in the file, by the item's key path; items without any are left out."""
    declared = loaded.declaration
    found = {
        join("sources", index): _item_problems(loaded, join("sources", index), source, _connector, environ)
        for index, source in enumerate(declared.sources)
    } | {
        join("channels", index): _item_problems(loaded, join("channels", index), channel, _channel, environ)
        for index, channel in enumerate(declared.channels)
    }
    return {key: problems for key, problems in found.items() if problems}


def check_source(
    loaded: Loaded, key: str, source: SourceSpec, *, environ: Mapping[str, str] | None
) -> tuple[Problem, ...]:
    """Return what is wrong with the options of the source at the key path `key`.

    `environ` None leaves it open whether the secrets are there: another process will resolve them.
    """
    return _item_problems(loaded, key, source, _connector, environ)


def _connector(type_: str) -> type[BaseModel]:
    return connectors.load(type_).settings


def _channel(type_: str) -> type[BaseModel]:
    return channels.load(type_).settings


def _item_problems(
    loaded: Loaded,
    key: str,
    item: SourceSpec | ChannelSpec,
    settings_of: Callable[[str], type[BaseModel]],
    environ: Mapping[str, str] | None,
) -> tuple[Problem, ...]:
    try:
        settings = settings_of(item.type)
    except ConfigError as error:
        return tuple(loaded.problem(join(key, "type"), each.message, allowed=each.allowed) for each in error.problems)
    options = join(key, "options")
    plain = [
        loaded.problem(join(options, each), _PLAIN, allowed=_REFERENCE)
        for each in secret.plain_secrets(settings, item.options)
    ]
    resolved, missing = secret.resolve_found(item.options, environ=environ or {})
    gaps = [loaded.problem(join(options, each.key), each.message, allowed=each.allowed) for each in missing]
    wrong = _wrong_options(loaded, options, settings, resolved)
    said = {problem.key for problem in gaps}
    return (*plain, *(gaps if environ is not None else ()), *(problem for problem in wrong if problem.key not in said))


def _wrong_options(
    loaded: Loaded, key: str, settings: type[BaseModel], options: Mapping[str, object]
) -> tuple[Problem, ...]:
    try:
        settings.model_validate(options)
    except ValidationError as error:
        file = str(loaded.path) if loaded.path else None
        return explanation.problems(error, settings, file=file, prefix=key, positions=loaded.positions)
    return ()


def check_coverage(declared: Declaration, stored: Declaration) -> Iterator[Finding]:
    """Yield a warning for each brand that nothing can concern, and for sources without any brand."""
    brands = {brand.name for brand in (*declared.brands, *stored.brands)}
    heard = {query.brand for query in (*declared.queries, *stored.queries)}
    sources = (*declared.sources, *stored.sources)
    heard |= {source.brand for source in sources if source.brand}
    for brand in sorted(brands - heard):
        yield Finding(level="warning", text=f"brand {brand}: no query and no source of its own; nothing concerns it")
    if sources and not brands:
        yield Finding(level="warning", text="there are sources but no brand: what they bring concerns nobody")


def check_sources(sources: Sequence[SourceSpec], *, visit: Callable[[SourceSpec], Visit] | None) -> Iterator[Finding]:
    """Yield what one visit to each source brings; `visit` None means that none is visited."""
    if visit is None:
        if sources:
            yield Finding(level="skipped", text=f"{_count(sources, 'source')} not visited (--offline)")
        return
    for source in sources:
        if not connectors.is_unconfirmed(source):
            yield from _visited(source, visit)


def check_terms(sources: Sequence[SourceSpec]) -> Iterator[Finding]:
    """Yield a warning for each source that is off until somebody confirms that it may be read."""
    for source in sources:
        if connectors.is_unconfirmed(source):
            yield Finding(level="warning", text=f"source {source.name}: {UNCONFIRMED}")


def _visited(source: SourceSpec, visit: Callable[[SourceSpec], Visit]) -> Iterator[Finding]:
    try:
        brought = visit(source)
    except ConfigError as error:
        yield from (_about(f"source {source.name}", problem) for problem in error.problems)
        return
    empty = brought.rejects and not brought.items
    level: Level = "error" if brought.error is not None else "warning" if empty else "fine"
    yield Finding(level=level, text=f"source {source.name}: {brought}")


def check_channels(
    specs: Sequence[ChannelSpec],
    *,
    build: Callable[[ChannelSpec], Channel] | None,
    server: Settings,
    now: datetime,
) -> Iterator[Finding]:
    """Yield whether each channel carried a test message; `build` None means that none is sent."""
    if build is None:
        if specs:
            yield Finding(level="skipped", text=f"{_count(specs, 'channel')} not tried (--send-test sends a message)")
        return
    for spec in specs:
        yield from _tried(spec, build, server, now)


def _tried(
    spec: ChannelSpec, build: Callable[[ChannelSpec], Channel], server: Settings, now: datetime
) -> Iterator[Finding]:
    message = trial(event_id=str(uuid7()), link=server.base_url, locale=server.locale, now=now)
    try:
        build(spec).send(message)
    except ConfigError as error:
        yield from (_about(f"channel {spec.name}", problem) for problem in error.problems)
    except DeliveryError as error:
        hope = "" if error.permanent else " (trying again may help)"
        yield Finding(level="error", text=f"channel {spec.name}: the test message did not arrive: {error}{hope}")
    else:
        yield Finding(level="fine", text=f"channel {spec.name}: took the test message {message.event_id}")


def _about(what: str, problem: Problem) -> Finding:
    return Finding(level="error", text=f"{what}: {problem}")


def _count(items: Sequence[object], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
