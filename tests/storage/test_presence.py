"""What is there, what is gone, and what it said before: any order of batches comes to what a plain list would say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crawlers.connector import Batch
from storage import rollups
from storage.intake import Arrival, Stored, store
from storage.schema import mention, mention_revision, metadata

MINUTE = timedelta(minutes=1)
NAMES = ("a", "b", "c")
SAID = st.tuples(st.sampled_from(("It smokes", "It works")), st.sampled_from((None, 0.2, 0.8)))
STEP = st.fixed_dictionaries(
    {
        "shown": st.dictionaries(st.sampled_from(NAMES), SAID),
        "seen": st.sets(st.sampled_from(NAMES)),
        "gone": st.sets(st.sampled_from(NAMES)),
        "source": st.sampled_from(("feed", "reviews")),
    }
)


@dataclass
class Model:
    """What should be stored: the words and rating of each mention, its earlier ones, and since when it is gone."""

    said: dict[str, tuple[str, float | None]] = field(default_factory=dict)
    earlier: list[tuple[str, str, float | None]] = field(default_factory=list)
    gone: dict[str, datetime] = field(default_factory=dict)

    def take(self, step, now) -> Stored:
        counts = {"new": 0, "changed": 0, "same": 0}
        for name, said in step["shown"].items():
            before = self.said.get(name)
            counts["new" if before is None else "same" if before == said else "changed"] += 1
            if before not in (None, said):
                self.earlier.append((name, *before))
            self.said[name] = said
        for name in {*step["shown"], *step["seen"]} - step["gone"]:
            self.gone.pop(name, None)
        for name in step["gone"] & self.said.keys():
            self.gone.setdefault(name, now)
        return Stored(**counts)


def clear(db):
    with db.write() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name not in {"brand", "source", "source_state"}:
                conn.execute(table.delete())
        if db.is_sqlite:
            conn.exec_driver_sql("INSERT INTO mention_search(mention_search) VALUES ('rebuild')")


def arrival_of(shelf, step):
    platform = "web:shop.example"
    readings = tuple(
        shelf.reading(text, platform=platform, external_id=name, rating=rating)
        for name, (text, rating) in step["shown"].items()
    )
    batch = Batch(
        items=tuple(reading.mention for reading in readings),
        seen=tuple((platform, name) for name in step["seen"]),
        deletions=tuple((platform, name) for name in step["gone"]),
    )
    return Arrival(source_id=shelf.sources[step["source"]], batch=batch, readings=readings)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=8))
def test_any_order_of_batches_comes_to_what_a_plain_list_would_say(db, shelf, now, steps):
    clear(db)
    model = Model()
    for number, step in enumerate(steps):
        at = now + number * MINUTE
        arrival = arrival_of(shelf, step)
        assert store(db, arrival, now=at) == model.take(step, at)
        # A batch that is stored and was not known to be stored comes again.
        assert store(db, arrival, now=at) == Stored(same=len(step["shown"]))
    with db.read() as conn:
        bodies = conn.execute(select(mention)).all()
        names = {row.id: row.external_id for row in bodies}
        earlier = [(names[row.mention_id], row.text, row.rating) for row in conn.execute(select(mention_revision))]
    assert {row.external_id: (row.text, row.rating) for row in bodies} == model.said
    assert {row.external_id: row.deleted_at for row in bodies if row.deleted_at} == model.gone
    assert sorted(earlier, key=repr) == sorted(model.earlier, key=repr)
    assert rollups.verify(db) == []
