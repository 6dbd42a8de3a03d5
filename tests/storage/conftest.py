"""Brands, sources and mentions to read from, stored the way the pipeline stores them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from config.principal import SYSTEM, Principal
from config.settings import Brand, SourceSpec
from crawlers.connector import Batch
from crawlers.mention import Author, Engagement, Mention
from crawlers.normal import search_text
from sentiment.score import Score
from storage.database import Database
from storage.intake import Arrival, Reading, store
from storage.schema import brand, source, source_state


class Shelf:
    """A database with brands and sources, into which a test puts mentions."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db = db
        self.now = now
        self.brands: dict[str, int] = {}
        self.sources: dict[str, int] = {}
        self._numbers: Iterator[int] = count(1)

    def brand(self, name: str, *, enabled: bool = True) -> int:
        declared = Brand(name=name).model_dump(mode="json")
        row = {"name": name, "declared": declared, "managed_by": "person", "enabled": enabled, "updated_at": self.now}
        with self.db.write() as conn:
            self.brands[name] = conn.execute(brand.insert().values(row).returning(brand.c.id)).scalar_one()
        return self.brands[name]

    def source(self, name: str, *, kind: str = "social", of: str | None = None, **changes: Any) -> int:
        spec = SourceSpec(name=name, type="rss", kind=kind, brand=of, every=timedelta(minutes=15))
        row = {"name": name, "type": "rss", "kind": kind, "declared": spec.model_dump(mode="json")}
        row |= {"brand_id": self.brands[of] if of else None, "managed_by": "person", "enabled": True}
        row |= {"created_at": self.now, "updated_at": self.now} | changes
        with self.db.write() as conn:
            key = conn.execute(source.insert().values(row).returning(source.c.id)).scalar_one()
            conn.execute(source_state.insert().values(source_id=key))
        self.sources[name] = key
        return key

    def restrict(self, name: str) -> None:
        """Let a source's terms restrict automatic reading; nobody has confirmed it."""
        spec = SourceSpec(name=name, type="rss", terms="restricted", every=timedelta(minutes=15))
        with self.db.write() as conn:
            conn.execute(source.update().where(source.c.name == name).values(declared=spec.model_dump(mode="json")))

    def reading(
        self,
        text: str = "Nothing works",
        *,
        brands: tuple[str, ...] = ("Lumo",),
        label: str = "negative",
        ago: timedelta = timedelta(hours=1),
        author: str | None = None,
        language: str = "en",
        **fields: Any,
    ) -> Reading:
        values = {"platform": "web:blog.example", "external_id": f"m{next(self._numbers)}", "kind": "social"}
        values |= {"published_at": self.now - ago, "collected_at": self.now} | fields
        item = Mention(
            text=text,
            author=Author(handle=author, name=author.title(), followers=12) if author else None,
            engagement=Engagement(likes=3),
            **values,
        )
        return Reading(
            mention=item,
            language=language,
            search_text=search_text(item.title, text),
            brands={self.brands[name]: ((0, 3),) for name in brands},
            score=_score(label),
        )

    def put(self, *readings: Reading, source: str = "feed", **batch: Any) -> None:
        items = tuple(reading.mention for reading in readings)
        arrival = Arrival(source_id=self.sources[source], batch=Batch(items=items, **batch), readings=readings)
        store(self.db, arrival, now=self.now)

    def say(self, text: str = "Nothing works", *, source: str = "feed", **fields: Any) -> Reading:
        reading = self.reading(text, **fields)
        self.put(reading, source=source)
        return reading


def _score(label: str) -> Score:
    if label == "unscored":
        return Score(classifier="vader", cannot_score=True)
    return Score(classifier="vader", **{label: 1.0})


@pytest.fixture
def shelf(db: Database, now: datetime) -> Shelf:
    """Two brands, and two sources that are open to both."""
    shelf = Shelf(db, now)
    for name in ("Lumo", "Vesna"):
        shelf.brand(name)
    shelf.source("feed")
    shelf.source("reviews", kind="review")
    return shelf


@pytest.fixture
def everybody() -> Principal:
    """Somebody who may see every brand."""
    return SYSTEM


@pytest.fixture
def vesna_only() -> Principal:
    """Somebody who may see one brand."""
    return Principal(name="vera", role="support", brands=frozenset({"Vesna"}))
