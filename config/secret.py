"""References to secrets in plugins' options: the file names where a secret is, never the secret itself.

A reference is a mapping with one key, anywhere inside a plugin's `options`:

    password: {env: SMTP_PASSWORD}          # the value of an environment variable
    webhook: {file: /run/secrets/slack}     # what the file holds, without the line break at its end
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from config.document import join
from config.error import ConfigError, Problem
from config.explanation import holds_secret, model_in

_KINDS: Final = ("env", "file")
_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where a secret is to be found: `kind` is `env` or `file`, `key` the path inside the options."""

    key: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"the variable {self.name}" if self.kind == "env" else f"the file {self.name}"


def _as_reference(value: object, key: str) -> Reference | None:
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, name),) = value.items()
        if kind in _KINDS and isinstance(name, str):
            return Reference(key=key, kind=kind, name=name)
    return None


def _children(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, Mapping):
        yield from ((str(name), inner) for name, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from enumerate(value)


def resolve(options: Mapping[str, Any], *, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return `options` with every reference replaced by its secret.

    Raise ConfigError with one Problem for each secret that is missing; their keys are paths inside `options`.
    The result must not be stored or logged.
    """
    resolved, problems = resolve_found(options, environ=environ)
    if problems:
        raise ConfigError(problems)
    return resolved


def resolve_found(
    options: Mapping[str, Any], *, environ: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return what `resolve` returns, with None for each secret that is missing, and a Problem for each of them."""
    problems: list[Problem] = []
    resolved = {name: _resolved(value, name, environ, problems) for name, value in options.items()}
    return resolved, tuple(problems)


def _resolved(value: object, key: str, environ: Mapping[str, str], problems: list[Problem]) -> object:
    reference = _as_reference(value, key)
    if reference is not None:
        try:
            return _secret(reference, environ)
        except ValueError as error:
            problems.append(Problem(key=key, message=str(error), allowed="a reference to a secret that is there"))
            return None
    if isinstance(value, Mapping):
        return {name: _resolved(inner, join(key, str(name)), environ, problems) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(inner, join(key, index), environ, problems) for index, inner in enumerate(value)]
    return value


def _secret(reference: Reference, environ: Mapping[str, str]) -> str:
    if reference.kind == "file":
        return _from_file(Path(reference.name).expanduser())
    value = environ.get(reference.name, "")
    if not value:
        raise ValueError(f"the environment variable {reference.name} is not set")
    return value


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"the secret's file {path} cannot be read: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise ValueError(f"the secret's file {path} is larger than {_MOST_BYTES} bytes")
    try:
        text = content.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"the secret's file {path} is no UTF-8 text") from error
    if not text:
        raise ValueError(f"the secret's file {path} is empty")
    return text


def plain_secrets(settings: type[BaseModel], options: Mapping[str, Any]) -> list[str]:
    """Return the keys in `options` where a secret is written out instead of referred to.

    A field is a secret when `settings`, the plugin's own class, types it as SecretStr.
    """
    return list(_plain(settings, options, ""))


def _plain(settings: type[BaseModel], options: Mapping[str, Any], parent: str) -> Iterator[str]:
    for name, info in settings.model_fields.items():
        for spelled in {name, info.alias or name} & set(options):
            key, value = join(parent, spelled), options[spelled]
            inner = model_in(info.annotation)
            if inner is not None:
                yield from _plain_inside(inner, value, key)
            elif holds_secret(info.annotation):
                yield from _written_out(value, key)


def _plain_inside(settings: type[BaseModel], value: object, key: str) -> Iterator[str]:
    if isinstance(value, Mapping) and settings.model_fields.keys() & value.keys():
        yield from _plain(settings, value, key)
    else:
        for step, inner in _children(value):
            yield from _plain_inside(settings, inner, join(key, step))


def _written_out(value: object, key: str) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple):
        if _as_reference(value, key) is None:
            for step, inner in _children(value):
                yield from _written_out(inner, join(key, step))
    elif value not in (None, ""):
        yield key
