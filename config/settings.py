"""The nouns of the configuration: what an operator may declare, in the file or in the dashboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from config.duration import Duration
from config.zone import require_zone

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        pattern=r"^[^\s/][^/\n\r\t]*$",
        description="a name in one line, without a slash",
        json_schema_extra={"allowed": "a name in one line, without a slash"},
    ),
]
Language = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2,3}$",
        description="ISO 639 code, such as en, ru, uk, pl",
        json_schema_extra={"allowed": "ISO 639 code, such as en, ru, uk, pl"},
    ),
]
SourceKind = Literal["news", "blog", "forum", "review", "social", "store", "mail", "other"]
Terms = Literal["api", "feed", "page", "restricted"]
"""On what terms a source is read: through an interface or a feed made for it, as a public page, or `restricted`: its
terms forbid or limit automatic reading, so that it stays off until the operator confirms."""
Severity = Literal["low", "medium", "high", "critical"]
Locale = Literal["en", "ru", "uk", "pl"]
ManagedBy = Literal["file", "person"]


class Declared(BaseModel):
    """A declared thing: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(Declared):
    """A brand that is listened for."""

    name: Name
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="ISO 3166 code of the home market, such as UA"
    )
    languages: tuple[Language, ...] = Field(default=(), description="languages its customers write in")
    timezone: str = Field(default="UTC", description="IANA zone of its working day, such as Europe/Kyiv")
    accounts: tuple[str, ...] = Field(default=(), description="its own accounts: what they write is no complaint")
    domains: tuple[str, ...] = Field(default=(), description="its own web domains")

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, value: str) -> str:
        return require_zone(value)


class Query(Declared):
    """Which words make a text concern a brand: literal words and phrases."""

    name: Name
    brand: Name = Field(description="the brand that such a text concerns")
    any: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        min_length=1, description="one of these words or phrases must occur"
    )
    none: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=(), description="none of these words or phrases may occur"
    )


class SourceSpec(Declared):
    """A place that is read on a schedule; `options` belong to the connector and are checked by it."""

    name: Name
    type: str = Field(description="the connector, such as rss")
    kind: SourceKind | None = Field(default=None, description="what is written there; the connector's own by default")
    brand: Name | None = Field(default=None, description="every item concerns this brand; left out, the queries decide")
    terms: Terms | None = Field(
        default=None,
        description="on what terms it is read; the connector's own by default; restricted stays off until confirmed",
    )
    confirmed: bool = Field(
        default=False, description="you may read this restricted source, by agreement or because it is your own"
    )
    every: Duration = Field(
        default=timedelta(minutes=15),
        ge=timedelta(seconds=5),
        le=timedelta(days=7),
        description="time between visits, 5s to 7d",
    )
    options: dict[str, Any] = Field(default_factory=dict, description="what the connector needs; each has its own")


class ChannelSpec(Declared):
    """A way to reach people; `options` belong to the channel and are checked by it."""

    name: Name
    type: str = Field(description="the channel, such as slack")
    options: dict[str, Any] = Field(default_factory=dict, description="what the channel needs; each has its own")


class Rule(Declared):
    """When negatives deserve a human: a count and a share of negatives inside a window."""

    name: Name
    brand: Name | None = Field(default=None, description="left out, the rule holds for every brand")
    window: Duration = Field(
        default=timedelta(hours=3),
        ge=timedelta(hours=1),
        le=timedelta(days=7),
        description="how far back it looks, 1h to 7d",
    )
    min_negatives: int = Field(default=10, ge=1, description="independent negative voices in the window")
    min_share: float = Field(
        default=0.5, ge=0, le=1, description="share of negatives among the scored mentions in the window"
    )
    severity: Severity = Field(default="high", description="how urgent an incident of this rule is")
    channels: tuple[Name, ...] = Field(default=(), description="left out, every channel is told")


class Settings(Declared):
    """How the server runs. Brands, sources and rules are not here: they live in the database."""

    host: str = Field(default="127.0.0.1", description="address the dashboard listens on")
    port: int = Field(default=8420, ge=1, le=65535, description="port the dashboard listens on")
    public_url: str | None = Field(
        default=None, description="address people use, for links in messages; by default http://host:port"
    )
    database: str | None = Field(default=None, description="database URL; by default SQLite in the data directory")
    locale: Locale = Field(default="en", description="language of messages sent to channels")
    contact: str | None = Field(
        default=None, description="address named in the crawler's User-Agent, so that site owners can write to you"
    )
    allow_private: tuple[str, ...] = Field(
        default=(), description="hosts or networks that may be reached although their address is private"
    )
    unmatched_days: int = Field(default=30, ge=0, le=365, description="how long items that concern no brand are kept")

    @field_validator("contact")
    @classmethod
    def _contact_fits_a_header(cls, value: str | None) -> str | None:
        if value is not None and not (value.isascii() and value.isprintable()):
            raise ValueError(
                f"{value!r} cannot stand in a User-Agent; allowed: an address of ASCII characters, in one line"
            )
        return value

    @property
    def base_url(self) -> str:
        """Where people find the dashboard, without a closing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class Declaration(Declared):
    """Everything a configuration file may hold."""

    server: Settings = Field(default_factory=Settings)
    brands: tuple[Brand, ...] = ()
    queries: tuple[Query, ...] = ()
    sources: tuple[SourceSpec, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> Self:
        for kind in ("brands", "queries", "sources", "channels", "rules"):
            names = [item.name for item in getattr(self, kind)]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind}: the name {twice[0]!r} is used twice; names must differ")
        return self
