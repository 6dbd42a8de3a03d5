from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from config.principal import SYSTEM
from config.settings import Brand, Declaration, Query, Rule, Settings, SourceSpec
from groundswell.bootstrap import House
from groundswell.monitor import make_reader
from groundswell.pipeline import Reader
from storage import declared
from storage.database import Database

DECLARATION = Declaration(
    brands=(Brand(name="Shopsy", languages=("en",)), Brand(name="Other")),
    queries=(Query(name="shopsy", brand="Shopsy", any=("Shopsy",)), Query(name="other", brand="Other", any=("Other",))),
    sources=(
        SourceSpec(name="forum", type="rss", kind="forum", options={"url": "https://forum.example/feed"}),
        SourceSpec(name="own", type="rss", brand="Other", options={"url": "https://own.example/feed"}),
    ),
    rules=(Rule(name="wave", min_negatives=3),),
)


@pytest.fixture
def house(sqlite_db: Database, tmp_path: Path, now: datetime) -> House:
    """A house with two brands, a free source and one that is bound to a brand."""
    declared.save(sqlite_db, DECLARATION, by=SYSTEM, now=now)
    return House(
        db=sqlite_db,
        declaration=Declaration(server=Settings()),
        data=tmp_path,
        config_path=None,
        environ={},
        clock=lambda: now,
        sample=False,
    )


@pytest.fixture
def reader(house: House) -> Reader:
    """What reading texts needs, for those brands."""
    return make_reader(declared.catalogue(house.db))
