from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from config.instant import hour_of
from crawlers.connector import Batch
from crawlers.mention import Mention
from crawlers.normal import search_text
from sentiment.score import Score
from storage import rollups
from storage.database import Database
from storage.intake import Arrival, Reading, store
from storage.schema import brand, mention_brand, mention_revision, metadata, rollup, source, to_judge

BEGIN = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
BOUND = {1: None, 2: None, 3: 3}
"""The sources of the model, and the brand each is bound to."""
KINDS = {1: "news", 2: "social", 3: "review"}


@st.composite
def items(draw):
    return {
        "id": draw(st.sampled_from("abcdef")),
        "text": draw(st.sampled_from(["one", "two", "three"])),
        "brands": draw(st.frozensets(st.sampled_from([1, 2, 3]), max_size=3)),
        "label": draw(st.sampled_from(["negative", "neutral", "positive", "unscored"])),
        "language": draw(st.sampled_from(["en", "uk"])),
        "minutes": draw(st.integers(0, 200)),
        "undated": draw(st.sampled_from([False, False, True])),
    }


batches = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3]), st.booleans(), st.lists(items(), max_size=5, unique_by=lambda one: one["id"])
    ),
    max_size=8,
)


def reading_of(item, source_id):
    mention = Mention(
        platform="p",
        external_id=item["id"],
        kind=KINDS[source_id],
        text=item["text"],
        published_at=BEGIN - timedelta(minutes=item["minutes"]),
        collected_at=BEGIN,
        undated=item["undated"],
    )
    brands = dict.fromkeys(item["brands"], ((0, 3),))
    if BOUND[source_id] and BOUND[source_id] not in brands:
        brands[BOUND[source_id]] = ()
    score = Score(classifier="c", cannot_score=True)
    if item["label"] != "unscored":
        score = Score(classifier="c", **{item["label"]: 1.0})
    return Reading(
        mention=mention,
        language=item["language"],
        search_text=search_text(None, item["text"]),
        brands=brands,
        score=score if brands else None,
    )


class Model:
    """What should be stored, kept in dictionaries."""

    def __init__(self):
        self.posts = {}
        self.judged = set()
        self.revisions = 0

    def take(self, source_id, backfill, readings):
        for reading in readings:
            post = self.posts.get(reading.mention.key)
            if post is None:
                self.posts[reading.mention.key] = post = {
                    "text": reading.mention.text,
                    "at": reading.mention.published_at,
                    "undated": reading.mention.undated,
                    "sources": set(),
                    "rows": {},
                }
                self._put(post, source_id, backfill, reading, reading.brands)
            elif post["text"] != reading.mention.text:
                post["text"] = reading.mention.text
                self.revisions += 1
                self._edit(post, source_id, backfill, reading)
            else:
                more = {key: spans for key, spans in reading.brands.items() if key not in post["rows"]}
                self._put(post, source_id, backfill, reading, more)
            post["sources"].add(source_id)

    def _edit(self, post, source_id, backfill, reading):
        bound = {BOUND[one] for one in post["sources"]}
        stay = {key: () for key, row in post["rows"].items() if not row["spans"] or key in bound}
        self._queue(post, post["rows"])
        earlier, post["rows"] = post["rows"], {}
        self._put(post, source_id, backfill, reading, stay | dict(reading.brands), earlier)

    def _put(self, post, source_id, backfill, reading, brands, earlier=None):
        label = reading.score.label if reading.score else "unscored"
        for key, spans in brands.items():
            before = (earlier or {}).get(key)
            post["rows"][key] = {
                "kind": before["kind"] if before else KINDS[source_id],
                "backfill": before["backfill"] if before else backfill,
                "language": reading.language,
                "label": label,
                "spans": spans,
            }
        self._queue(post, {key: post["rows"][key] for key in brands})

    def _queue(self, post, rows):
        if not post["undated"]:
            self.judged |= {(key, hour_of(post["at"])) for key, row in rows.items() if not row["backfill"]}

    def cells(self):
        return Counter(
            (key, hour_of(post["at"]), row["kind"], row["language"], row["label"])
            for post in self.posts.values()
            if not post["undated"]
            for key, row in post["rows"].items()
        )


def empty(db: Database) -> None:
    with db.write() as conn:
        conn.exec_driver_sql("INSERT INTO mention_search (mention_search) VALUES ('delete-all')")
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
        for key in (1, 2, 3):
            common = {"id": key, "name": str(key), "declared": {}, "managed_by": "person", "enabled": True}
            conn.execute(brand.insert().values(**common, updated_at=BEGIN))
        for key, bound in BOUND.items():
            common = {"id": key, "name": str(key), "declared": {}, "managed_by": "person", "enabled": True}
            common |= {"type": "rss", "kind": KINDS[key], "brand_id": bound, "created_at": BEGIN, "updated_at": BEGIN}
            conn.execute(source.insert().values(**common))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=batches)
def test_whatever_comes_in_the_maintained_counts_are_the_true_ones(sqlite_db, sequence):
    empty(sqlite_db)
    model = Model()
    for step, (source_id, backfill, brought) in enumerate(sequence):
        readings = tuple(reading_of(item, source_id) for item in brought)
        arrival = Arrival(
            source_id=source_id,
            batch=Batch(items=tuple(one.mention for one in readings), backfill=backfill),
            readings=readings,
        )
        store(sqlite_db, arrival, now=BEGIN + timedelta(hours=step))
        model.take(source_id, backfill, readings)
    assert rollups.verify(sqlite_db) == []
    with sqlite_db.write() as conn:
        kept = {tuple(cell): n for n, *cell in conn.execute(select(rollup.c.n, *list(rollup.c)[:5])) if n}
        assert kept == model.cells()
        assert {tuple(row) for row in conn.execute(select(to_judge.c.brand_id, to_judge.c.hour))} == model.judged
        assert len(conn.execute(select(mention_revision)).all()) == model.revisions
        # FTS5 compares its index with the texts, and raises where they differ.
        conn.exec_driver_sql("INSERT INTO mention_search (mention_search, rank) VALUES ('integrity-check', 1)")


def test_a_wrong_cell_is_named_and_counted_afresh(db, shelf):
    shelf.say()
    shelf.say(label="positive")
    with db.write() as conn:
        conn.execute(update(rollup).where(rollup.c.label == "negative").values(n=5))
        conn.execute(rollup.delete().where(rollup.c.label == "positive"))
    negative, positive = rollups.verify(db)
    assert negative == f"brand {shelf.brands['Lumo']}, 2026-03-10 11:00 UTC, social, en, negative: kept 5, counted 1"
    assert positive.endswith("positive: kept 0, counted 1")
    assert rollups.rebuild(db) == 2
    assert rollups.verify(db) == []
    assert rollups.rebuild(db) == 0


def test_hidden_rows_stand_in_no_cell(db, shelf):
    shelf.say()
    with db.write() as conn:
        (row,) = [dict(row) for row in conn.execute(select(mention_brand)).mappings()]
        conn.execute(update(mention_brand).values(hidden=True))
        rollups.move(conn, leaving=[row], entering=[row | {"hidden": True}])
    assert rollups.verify(db) == []
    with db.read() as conn:
        assert conn.execute(select(rollup.c.n)).scalars().all() == [0]


def test_cells_without_a_change_are_not_touched(db, shelf):
    reading = shelf.say()
    row = {"brand_id": 1, "published_at": reading.mention.published_at, "source_kind": "social", "language": "en"}
    row |= {"label": "neutral", "hidden": False, "undated": False}
    with db.write() as conn:
        rollups.move(conn, leaving=[row], entering=[row])
        assert conn.execute(select(rollup.c.label)).scalars().all() == ["negative"]


def test_an_hour_has_one_cell_for_each_kind_language_and_label(shelf, db):
    for changes in ({}, {}, {"language": "uk"}, {"label": "neutral"}, {"kind": "review"}, {"ago": timedelta(hours=2)}):
        shelf.say(**changes)
    with db.read() as conn:
        assert sorted(conn.execute(select(rollup.c.n)).scalars()) == [1, 1, 1, 1, 2]
