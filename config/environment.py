"""The server's settings as environment variables: `GROUNDSWELL_HOST`, `GROUNDSWELL_PORT` and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_origin

from config.settings import Settings

PREFIX: Final = "GROUNDSWELL_"
CONFIG: Final = "GROUNDSWELL_CONFIG"
DATA: Final = "GROUNDSWELL_DATA"
SECRET_KEY: Final = "GROUNDSWELL_SECRET_KEY"  # noqa: S105 - a variable's name, no secret
SECRET_KEY_FILE: Final = "GROUNDSWELL_SECRET_KEY_FILE"  # noqa: S105 - the same

OTHERS: Final[Mapping[str, str]] = {
    CONFIG: "the configuration file, when `--config` is not given",
    DATA: "the data directory; by default `var/` beside the configuration file",
    SECRET_KEY: "the key that encrypts secrets typed in the dashboard (44 characters, base64)",
    SECRET_KEY_FILE: "a file that holds this key",
}
"""Variables that are no server settings, and what each means."""


def variable(field: str) -> str:
    """Return the name of the variable that sets the server setting `field`."""
    return f"{PREFIX}{field.upper()}"


def is_list(field: str) -> bool:
    """Whether the variable of `field` holds several values, set apart by commas."""
    return get_origin(Settings.model_fields[field].annotation) is tuple


def overrides(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the server settings that `environ` sets, unchecked. An empty variable counts as not set."""
    found: dict[str, Any] = {}
    for field in Settings.model_fields:
        value = environ.get(variable(field), "").strip()
        if value:
            found[field] = _several(value) if is_list(field) else value
    return found


def _several(value: str) -> list[str]:
    return [part for part in (part.strip() for part in value.split(",")) if part]
