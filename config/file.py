"""The configuration file: where it lies, what it says, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from config import document, environment, explanation
from config.error import ConfigError, Problem
from config.settings import Declaration

NAME: Final = "groundswell.yaml"
_KINDS: Final = ("brands", "queries", "sources", "channels", "rules")
_REFERENCES: Final = (
    ("queries", "brand", "brands"),
    ("sources", "brand", "brands"),
    ("rules", "brand", "brands"),
    ("rules", "channels", "channels"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A configuration that is right in itself. Plugins' options are not checked yet: their classes do that.

    `path` is None when there is no file. `positions` maps key paths such as `sources[0].options.url` to lines.
    """

    declaration: Declaration
    path: Path | None = None
    positions: Mapping[str, int] = field(default_factory=dict)

    def problem(self, key: str, message: str, *, allowed: str | None = None) -> Problem:
        """Return a Problem at `key`, with this file and the line where the key stands."""
        file = str(self.path) if self.path else None
        line = document.line_of(self.positions, key)
        return Problem(file=file, line=line, key=key, message=message, allowed=allowed)


def find(given: Path | None, *, environ: Mapping[str, str], folder: Path) -> Path | None:
    """Return the file to load, or None.

    It is `given` (from `--config`), else `GROUNDSWELL_CONFIG`, else groundswell.yaml in `folder` if there is one.
    A file that was named but does not exist is a ConfigError.
    """
    if given is not None:
        return _existing(given, "--config")
    named = environ.get(environment.CONFIG, "").strip()
    if named:
        return _existing(Path(named), environment.CONFIG)
    usual = folder / NAME
    return usual if usual.is_file() else None


def _existing(path: Path, named_by: str) -> Path:
    if path.is_file():
        return path
    message = f"there is no file {str(path)!r}"
    raise ConfigError([Problem(key=named_by, message=message, allowed="the path of a configuration file")])


def data_dir(config_path: Path | None, *, environ: Mapping[str, str], folder: Path) -> Path:
    """Return the data directory: `GROUNDSWELL_DATA`, else `var/` beside the file, else `var/` in `folder`.

    It is absolute; it need not exist yet.
    """
    named = environ.get(environment.DATA, "").strip()
    if named:
        return (folder / Path(named).expanduser()).absolute()
    beside = config_path.absolute().parent if config_path else folder
    return (beside / "var").absolute()


def load(path: Path | None, *, environ: Mapping[str, str]) -> Loaded:
    """Return what the file says, with the server settings of `environ` laid over it; None means no file.

    Raise ConfigError with every problem that was found, not only the first.
    """
    read = document.Document() if path is None else read_document(path)
    raw = {} if read.data is None else read.data
    problems = list(read.problems)
    if not problems:
        problems += _misshapen(raw, path)
    if problems:
        raise ConfigError([*problems, *_environment_problems(environ)])
    return _checked(raw, path, read.positions, environ)


def read_document(path: Path) -> document.Document:
    """Return what a YAML file says, with what is wrong with its form; raise ConfigError where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(document.MOST_BYTES + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigError([Problem(file=str(path), message=message, allowed="a readable YAML file")]) from error
    if len(content) > document.MOST_BYTES:
        allowed = f"at most {document.MOST_BYTES // 1_000_000} MB"
        raise ConfigError([Problem(file=str(path), message="is too large", allowed=allowed)])
    return document.read(content, file=str(path))


def _misshapen(raw: object, path: Path | None) -> list[Problem]:
    if isinstance(raw, dict):
        return []
    keys = ", ".join(Declaration.model_fields)
    return [Problem(file=str(path), line=1, message="holds no keys", allowed=f"the keys {keys}")]


def _checked(
    raw: dict[str, Any], path: Path | None, positions: Mapping[str, int], environ: Mapping[str, str]
) -> Loaded:
    set_by_environ = environment.overrides(environ)
    raw = _without_empty(raw)
    server = raw.get("server", {})
    if isinstance(server, dict):
        raw = {**raw, "server": {**server, **set_by_environ}}
    found = list(_reference_problems(raw))
    try:
        declaration = Declaration.model_validate(raw)
    except ValidationError as error:
        said = explanation.problems(error, Declaration)
        # The model's own check of names has no key; `_reference_problems` says the same with a line.
        found += [problem for problem in said if problem.key or not found]
    if found:
        placed = (_placed(problem, path, positions, set_by_environ) for problem in found)
        raise ConfigError(sorted(placed, key=_reading_order))
    return Loaded(declaration=declaration, path=path, positions=positions)


def _without_empty(raw: dict[str, Any]) -> dict[str, Any]:
    """`brands:` with nothing after it means the same as leaving it out: all of it may be commented out."""
    return {key: value for key, value in raw.items() if value is not None or key not in Declaration.model_fields}


def _placed(
    problem: Problem, path: Path | None, positions: Mapping[str, int], set_by_environ: Mapping[str, Any]
) -> Problem:
    parts = problem.key.split(".")
    name = parts[1].split("[")[0] if parts[0] == "server" and len(parts) > 1 else ""
    if name in set_by_environ:
        return replace(problem, key=environment.variable(name))
    line = document.line_of(positions, problem.key)
    return replace(problem, file=str(path) if path else None, line=line)


def _reading_order(problem: Problem) -> tuple[bool, int]:
    return (problem.file is not None, problem.line or 0)


def _environment_problems(environ: Mapping[str, str]) -> list[Problem]:
    try:
        _checked({}, None, {}, environ)
    except ConfigError as error:
        return list(error.problems)
    return []


def _items(raw: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    items = raw.get(kind)
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield f"{kind}[{index}]", item


def _reference_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that are used twice, and names of things that are not declared.

    It reads the raw data, so that these are reported together with wrong values elsewhere.
    """
    for kind in _KINDS:
        yield from _used_twice(raw, kind)
    for kind, name, target in _REFERENCES:
        known = [item["name"] for _, item in _items(raw, target) if isinstance(item.get("name"), str)]
        for key, item in _items(raw, kind):
            yield from _unknown(f"{key}.{name}", item.get(name), target, known)


def _used_twice(raw: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, item in _items(raw, kind):
        name = item.get("name")
        if isinstance(name, str) and name in first:
            message = f"the name {name!r} is used twice, first in {first[name]}"
            yield Problem(key=f"{key}.name", message=message, allowed=f"{kind} with different names")
        elif isinstance(name, str):
            first[name] = key


def _unknown(key: str, value: object, target: str, known: list[str]) -> Iterator[Problem]:
    several = isinstance(value, list)
    for index, name in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(name, str) and name not in known:
            meant = explanation.did_you_mean(name, known)
            yield Problem(
                key=document.join(key, index) if several else key,
                message=f"{name!r} is not among the {target} of this file{meant}",
                allowed=", ".join(dict.fromkeys(known)) or f"first declare it under {target}",
            )
