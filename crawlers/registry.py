"""The connectors there are. Each loads when first used, so that its client library costs nothing before."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar, Final, Protocol, cast

from pydantic import BaseModel, ValidationError

from config import explanation
from config.error import ConfigError, Problem
from config.settings import SourceKind, SourceSpec, Terms
from crawlers.connector import Connector, Tools

CONNECTORS: Final[dict[str, str]] = {
    "rss": "crawlers.connectors.rss:Rss",
    "hackernews": "crawlers.connectors.hackernews:HackerNews",
    "pages": "crawlers.connectors.pages:Pages",
    "reviews": "crawlers.connectors.reviews:Reviews",
    "articles": "crawlers.connectors.articles:Articles",
    "file": "crawlers.connectors.file:File",
    "sample": "crawlers.connectors.sample:Sample",
}


class ConnectorClass(Protocol):
    """A connector's class: what it may be asked before there is a source."""

    settings: ClassVar[type[BaseModel]]
    kind: ClassVar[SourceKind]
    terms: ClassVar[Terms]

    def __call__(self, options: Any, tools: Tools) -> Connector:
        """Return the connector of one source."""
        ...


def load(connector: str) -> ConnectorClass:
    """Return the class registered under the type `connector`; raise ConfigError for an unknown one."""
    if connector not in CONNECTORS:
        raise ConfigError([_unknown(connector)])
    module, _, name = CONNECTORS[connector].partition(":")
    return cast("ConnectorClass", getattr(import_module(module), name))


def check(spec: SourceSpec) -> BaseModel:
    """Return the source's options as its connector's settings; raise ConfigError naming every wrong key."""
    try:
        settings = load(spec.type).settings
    except ConfigError as error:
        raise ConfigError([_unknown(spec.type, key=f"sources.{spec.name}.type")]) from error
    try:
        return settings.model_validate(spec.options)
    except ValidationError as error:
        raise ConfigError(explanation.problems(error, settings, prefix=f"sources.{spec.name}.options")) from error


def build(spec: SourceSpec, tools: Tools) -> Connector:
    """Return the connector that reads `spec`; raise ConfigError for an unknown type or wrong options."""
    options = check(spec)
    return load(spec.type)(options, tools)


def terms_of(spec: SourceSpec) -> Terms | None:
    """Return on what terms a source is read: as declared, else its connector's own; None for an unknown connector."""
    if spec.terms is not None or spec.type not in CONNECTORS:
        return spec.terms
    return load(spec.type).terms


def is_unconfirmed(spec: SourceSpec) -> bool:
    """Whether the terms of a source restrict automatic reading and nobody confirmed that it may be read: it is off."""
    return not spec.confirmed and terms_of(spec) == "restricted"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every connector's options, by type; forms are drawn from it."""
    return {connector: load(connector).settings.model_json_schema() for connector in CONNECTORS}


def _unknown(connector: str, key: str = "type") -> Problem:
    return Problem(key=key, message=f"there is no connector {connector!r}", allowed=", ".join(sorted(CONNECTORS)))
