"""Patterns of addresses, as options of web sources give them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

Pattern = Annotated[
    str,
    Field(
        pattern=r"^(?:https?://|/|\*)\S*$",
        max_length=1_000,
        json_schema_extra={"allowed": "an address or a path in which * stands for anything, such as /product/*"},
    ),
]
"""A path such as `/news/*`, which is compared with path and query, or a whole address; `*` stands for anything."""


def fits(url: str, patterns: Iterable[str]) -> bool:
    """Whether any of `patterns` fits `url`."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return any(fnmatchcase(path if pattern.startswith("/") else url, pattern) for pattern in patterns)
