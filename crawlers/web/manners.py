"""Manners: what every web source may be told about how it is read."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from config.duration import Duration
from config.settings import Language
from config.zone import require_zone

_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
MEGABYTE: Final = 1_000_000
_HOW: Final[dict[str, JsonValue]] = {"group": "manners"}
"""Forms fold these options away: what they are by default is right for most sites."""

Address = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s@]+$",
        max_length=2000,
        json_schema_extra={"allowed": "an http or https address without a user name"},
    ),
]


class Manners(BaseModel):
    """Options that all web sources share; a connector's own settings build on them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: tuple[Address, ...] = Field(min_length=1, max_length=200, description="addresses where reading begins")
    hosts: tuple[str, ...] = Field(
        default=(),
        description="further hosts whose pages may be read; by default only those of the start addresses",
        json_schema_extra=_HOW,
    )
    language: Language | None = Field(
        default=None,
        description="language of its texts; left out, it is recognised text by text",
        json_schema_extra=_HOW,
    )
    timezone: str = Field(
        default="UTC", description="IANA zone of the dates on its pages, such as Europe/Warsaw", json_schema_extra=_HOW
    )
    pages: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="most pages of one visit; the next goes on from there",
        json_schema_extra=_HOW,
    )
    megabytes: int = Field(
        default=200, ge=1, le=10_000, description="most megabytes of one visit", json_schema_extra=_HOW
    )
    minutes: int = Field(default=20, ge=1, le=1_440, description="most minutes of one visit", json_schema_extra=_HOW)
    at_once: int = Field(
        default=1, ge=1, le=2, description="requests to one host at a time, 1 or 2", json_schema_extra=_HOW
    )
    delay: float = Field(
        default=1.0,
        ge=0,
        le=600,
        description="least seconds between two requests to one host; slow hosts get more",
        json_schema_extra=_HOW,
    )
    hours: str | None = Field(
        default=None,
        description="when it may be read, in its own zone, such as 01:00-06:00; left out, at any hour",
        json_schema_extra=_HOW,
    )
    recheck: Duration = Field(
        default=timedelta(days=1),
        ge=timedelta(minutes=5),
        le=timedelta(days=90),
        description="how often lists are read to their end, to find edited and vanished items",
        json_schema_extra=_HOW,
    )
    misses: int = Field(
        default=3,
        ge=1,
        le=20,
        description="complete readings an item may be missing from before it counts as gone",
        json_schema_extra=_HOW,
    )
    depth: int = Field(
        default=5, ge=1, le=20, description="most links between a start address and a page", json_schema_extra=_HOW
    )
    untrusted: bool = Field(
        default=False,
        description="read it in a process of its own, which is given neither the database nor your secrets",
        json_schema_extra=_HOW,
    )

    @field_validator("start")
    @classmethod
    def _start_names_each_page_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_plain(each) for each in value))

    @field_validator("hosts")
    @classmethod
    def _hosts_are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if not _is_host(each):
                allowed = "names such as reviews.example.com, one by one, without https:// and without a path"
                raise ValueError(f"{each!r} is no host; allowed: {allowed}")
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, value: str) -> str:
        return require_zone(value)

    @field_validator("hours")
    @classmethod
    def _hours_are_a_span(cls, value: str | None) -> str | None:
        if value is not None and (not _HOURS.fullmatch(value) or value[:5] == value[6:]):
            raise ValueError(f"{value!r} is no span of hours; allowed: from-to such as 01:00-06:00 or 22:00-05:30")
        return value

    @property
    def window(self) -> tuple[time, time] | None:
        """The hours in which it may be read, local time of its zone; the second may lie on the next day."""
        if self.hours is None:
            return None
        start, _, end = self.hours.partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)


def _plain(address: str) -> str:
    """Return the address as links to it are written: with a path, without a fragment, its host in small letters."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - it raises for a port that is no number
    except ValueError as error:
        raise ValueError(
            f"{address!r} is no address ({error}); allowed: such as https://example.com/reviews"
        ) from error
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def _is_host(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        parts.port  # noqa: B018 - it raises for a port that is no number
    except ValueError:
        return False
    return bool(parts.hostname) and parts.netloc == text and not set(text) & set("@*\\ ")
