"""What the fields of a form show at first, and what was typed into them.

References to files and variables of the server belong to the configuration file: whoever sits at a browser cannot
type one, so cannot read what the server may read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from config import duration
from config.document import join
from config.error import ConfigError, Problem
from dashboard.form import Field, reference_in, value_at

FORGET: Final = "forget"
"""Beside a secret's own key: whether the stored one is to be removed."""
_LOOKS_REFERRING: Final = re.compile(r"\s*\{\s*[\"']?(env|file|secret)[\"']?\s*:")
_REFUSED: Final = "references to files and variables of the server can stand in the configuration file only"
_ALLOWED: Final = "the value itself; secrets are stored encrypted"
_SIGN: Final = "="


def initial(field: Field, options: Mapping[str, Any]) -> Any:
    """Return what a field's widget shows at first. What is stored under a reference is never shown."""
    stored = value_at(options, field.path)
    if field.kind == "secret" or reference_in(stored) is not None:
        return None if field.kind in ("whole", "number", "choice") else False if field.kind == "switch" else ""
    if field.kind in ("switch", "choice"):
        return field.default if stored is None else stored
    if field.kind in ("whole", "number"):
        return None if stored is None else _as_number(field, stored)
    return "" if stored is None else _written(field, stored)


def collect(fields: Sequence[Field], typed: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were typed, by the fields' keys; what is left empty is left out.

    References in `stored` are kept where nothing was typed over them, and what no page may set is kept too.
    Raise ConfigError with every field that cannot be understood; its plugin may refuse more.
    """
    options: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        try:
            value = _value(field, typed, value_at(stored, field.path))
        except ValueError as error:
            problems.append(Problem(key=field.key, message=str(error)))
            continue
        if value is not None:
            _put(options, field.path, value)
    problems += _strange(options, stored, "")
    if problems:
        raise ConfigError(problems)
    return options


def lines(text: str | None) -> tuple[str, ...]:
    """Return what stands on the lines of a text: each once, without the blanks around it."""
    return tuple(dict.fromkeys(stripped for line in (text or "").splitlines() if (stripped := line.strip())))


# -- what is shown ------------------------------------------------------------------------------


def _as_number(field: Field, stored: Any) -> Any:
    return int(stored) if field.kind == "whole" else float(stored)


def _written(field: Field, stored: Any) -> str:
    if field.kind == "lines":
        return "\n".join(str(one) for one in stored)
    if field.kind == "pairs":
        return "\n".join(f"{name} {_SIGN} {value}" for name, value in stored.items())
    if field.kind == "json":
        return json.dumps(stored, ensure_ascii=False, indent=2)
    if isinstance(stored, timedelta):
        return duration.write(stored)
    return str(stored)


# -- what was typed -----------------------------------------------------------------------------


def _value(field: Field, typed: Mapping[str, Any], stored: Any) -> Any:
    """Return the field's value; None when it is left out. Raise ValueError."""
    raw = typed.get(field.key)
    if field.kind == "path":
        return stored
    is_kept = reference_in(stored) is not None and not typed.get(f"{field.key}.{FORGET}")
    if is_kept and raw in (None, "", False):
        return stored
    if field.kind in ("switch", "choice"):
        return None if raw == field.default and not field.required else raw
    if field.kind in ("whole", "number"):
        return raw
    return _read(field, str(raw or ""))


def _read(field: Field, raw: str) -> Any:
    if _LOOKS_REFERRING.match(raw):
        raise ValueError(f"{_REFUSED}; allowed: {_ALLOWED}")
    if field.kind == "lines":
        return list(lines(raw)) or None
    if field.kind == "pairs":
        return dict(_pair(line) for line in lines(raw)) or None
    text = raw if field.kind == "secret" or not raw.strip() else raw.strip()
    if not text:
        return None
    if field.kind == "json":
        return _parsed(text)
    return duration.write(duration.read(text)) if field.kind == "duration" else text


def _pair(line: str) -> tuple[str, str]:
    name, sign, value = line.partition(_SIGN)
    if not sign or not name.strip():
        raise ValueError(f"{line[:60]!r} does not fit; allowed: name {_SIGN} value, one a line")
    return name.strip(), value.strip()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is no JSON: {error.msg} in line {error.lineno}") from error


def _put(options: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        options = options.setdefault(step, {})
    options[path[-1]] = value


def _strange(value: object, stored: object, key: str) -> Iterator[Problem]:
    """Yield a problem for each reference inside `value` that is not the one that was stored at its place."""
    if reference_in(value) is not None and value != stored:
        yield Problem(key=key, message=_REFUSED, allowed=_ALLOWED)
    elif isinstance(value, Mapping):
        old = stored if isinstance(stored, Mapping) else {}
        for name, inner in value.items():
            yield from _strange(inner, old.get(name), join(key, str(name)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strange(inner, None, join(key, index))
