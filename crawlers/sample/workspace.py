"""The sample workspace: what it declares. The shop, its customers and everything they say are invented."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from config.instant import require_utc
from config.settings import Brand, ChannelSpec, Declaration, Query, Rule, SourceSpec
from crawlers.sample.rhythm import ZONE
from crawlers.sample.stream import STREAMS, Stream

SEED: Final = 20

BRAND: Final = Brand(
    name="Kolvinta",
    country="PL",
    languages=("en", "ru", "uk", "pl"),
    timezone=ZONE,
    accounts=("kolvinta", "kolvinta_help"),
    domains=("kolvinta.example",),
)

QUERIES: Final = (
    Query(
        name="Kolvinta, Latin letters",
        brand=BRAND.name,
        any=("Kolvinta", "Kolvinta's", "Kolvinty", "Kolvincie", "Kolvintę", "Kolvintą", "kolvinta.example"),
    ),
    Query(
        name="Kolvinta, Cyrillic letters",
        brand=BRAND.name,
        any=(
            *("Колвинта", "Колвинты", "Колвинте", "Колвинту", "Колвинтой"),
            *("Колвінта", "Колвінти", "Колвінті", "Колвінту", "Колвінтою"),
        ),
    ),
)

CHANNELS: Final = (ChannelSpec(name="sample log", type="log"),)

RULES: Final = (
    Rule(
        name="Sudden complaints",
        brand=BRAND.name,
        window=timedelta(hours=3),
        min_negatives=12,
        min_share=0.5,
        severity="high",
        channels=tuple(channel.name for channel in CHANNELS),
    ),
)

_NAMES: Final = {
    "reviews": "Sample reviews",
    "forum": "Sample forum",
    "social": "Sample network",
    "news": "Sample news",
    "store": "Sample app store",
    "blog": "Sample blogs",
}
_EVERY: Final = {"reviews": 30, "forum": 35, "social": 20, "news": 60, "store": 40, "blog": 50}


def _source(stream: Stream, options: dict[str, object]) -> SourceSpec:
    return SourceSpec(
        name=_NAMES[stream.name],
        type="sample",
        kind=stream.kind,
        brand=BRAND.name if stream.bound else None,
        every=timedelta(seconds=_EVERY[stream.name]),
        options=options,
    )


def sources(started: datetime) -> tuple[SourceSpec, ...]:
    """Return the sources of a workspace that was first opened at `started` (UTC)."""
    require_utc(started, "started")
    common: dict[str, object] = {"seed": SEED, "started": started.isoformat()}
    return tuple(_source(stream, {"stream": stream.name, **common}) for stream in STREAMS.values())


def declare(started: datetime) -> Declaration:
    """Return everything the sample workspace declares; `started` (UTC) is when it was first opened."""
    return Declaration(brands=(BRAND,), queries=QUERIES, sources=sources(started), channels=CHANNELS, rules=RULES)
