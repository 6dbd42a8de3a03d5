from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from config.principal import SYSTEM
from config.settings import Query
from crawlers.connector import Batch, Reject
from crawlers.matching import compile_queries
from crawlers.mention import Author, Mention
from groundswell import alerting
from groundswell.pipeline import Origin, is_history, take_in
from storage import declared, incidents, judging, rollups, sources
from storage.schema import mention, mention_brand, mention_revision, reject_count, score

TEXTS = {
    "bad": "Shopsy lost my parcel, terrible service",
    "good": "I love Shopsy, wonderful people",
    "ru": "Магазин Shopsy потерял мою посылку, никто не отвечает на звонки",
    "none": "Nothing about anybody",
}


@pytest.fixture
def origins(house) -> dict[str, Origin]:
    catalogue = declared.catalogue(house.db)
    other = next(brand.id for brand in catalogue.brands if brand.item.name == "Other")
    found = {}
    for source in catalogue.sources:
        sources.begin(house.db, source.id, owner="test", now=house.clock())
        bound = other if source.item.brand else None
        found[source.item.name] = Origin(source_id=source.id, kind="forum", brand_id=bound)
    return found


@pytest.fixture
def item(now):
    def make(key: str, text: str, **fields) -> Mention:
        base = Mention(
            platform="web:forum.example",
            external_id=key,
            kind="forum",
            text=text,
            author=Author(handle=f"author of {key}"),
            published_at=now - timedelta(minutes=10),
            collected_at=now,
        )
        return replace(base, **fields)

    return make


def _rows(house, table):
    with house.db.read() as conn:
        return conn.execute(select(table)).all()


def test_a_batch_goes_all_the_way(house, reader, origins, item, now):
    batch = Batch(items=tuple(item(key, text) for key, text in TEXTS.items()), cursor={"version": 1, "at": 4})
    taken = take_in(house.db, reader, origins["forum"], batch, now=now)
    assert (taken.stored.new, taken.stored.rejected) == (4, 0)
    by_id = {row.id: row.external_id for row in _rows(house, mention)}
    labels = {by_id[row.mention_id]: row.label for row in _rows(house, mention_brand)}
    assert labels == {"bad": "negative", "good": "positive", "ru": "unscored"}
    assert {by_id[row.mention_id] for row in _rows(house, score)} == {"bad", "good", "ru"}
    assert {row.external_id: row.matched for row in _rows(house, mention)}["none"] is False
    spans = {by_id[row.mention_id]: row.spans for row in _rows(house, mention_brand)}
    assert [TEXTS["good"][start:end] for start, end in spans["good"]] == ["Shopsy"]
    assert rollups.verify(house.db) == []


def test_words_with_signs_in_them_are_found_too(house, reader, origins, item, now):
    reader = replace(reader, matcher=compile_queries([Query(name="signs", brand="Shopsy", any=("at&t", "@shop"))]))
    batch = Batch(items=(item("one", "Is AT&T down?"), item("two", "Thanks, @shop!")))
    take_in(house.db, reader, origins["forum"], batch, now=now)
    assert sorted(row.spans for row in _rows(house, mention_brand)) == [[[3, 7]], [[8, 13]]]


def test_taking_the_same_batch_again_changes_nothing(house, reader, origins, item, now):
    batch = Batch(items=tuple(item(key, text) for key, text in TEXTS.items()))
    take_in(house.db, reader, origins["forum"], batch, now=now)
    before = [_rows(house, table) for table in (mention, mention_brand, score)]
    again = take_in(house.db, reader, origins["forum"], batch, now=now + timedelta(hours=1))
    assert (again.stored.new, again.stored.changed, again.stored.same) == (0, 0, 4)
    assert [_rows(house, table) for table in (mention, mention_brand, score)] == before


def test_an_edited_text_is_read_again_and_its_earlier_one_kept(house, reader, origins, item, now):
    take_in(house.db, reader, origins["forum"], Batch(items=(item("a", TEXTS["good"]),)), now=now)
    edited = take_in(house.db, reader, origins["forum"], Batch(items=(item("a", TEXTS["bad"]),)), now=now)
    assert edited.stored.changed == 1
    assert [row.label for row in _rows(house, mention_brand)] == ["negative"]
    assert [row.text for row in _rows(house, mention_revision)] == [TEXTS["good"]]
    assert rollups.verify(house.db) == []


def test_a_bound_source_needs_no_match_and_adds_its_brand_to_what_was_known(house, reader, origins, item, now):
    batch = Batch(items=(item("a", TEXTS["bad"]),))
    take_in(house.db, reader, origins["forum"], batch, now=now)
    take_in(house.db, reader, origins["own"], batch, now=now)
    assert len(_rows(house, mention)) == 1
    assert len(_rows(house, mention_brand)) == 2


def test_bad_items_are_counted_by_reason_and_their_neighbours_go_in(house, reader, origins, item, now):
    batch = Batch(
        items=(item("a", TEXTS["bad"]), item("b", "   "), item("a", TEXTS["bad"])),
        rejects=(Reject(reason="broken XML", detail="line 3"),),
    )
    taken = take_in(house.db, reader, origins["forum"], batch, now=now)
    assert taken.stored.new == 1
    assert {row.reason: row.n for row in _rows(house, reject_count)} == {
        "broken XML": 1,
        "empty text": 1,
        "duplicate id": 1,
    }


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("<p>Shopsy is <b>awful</b></p><script>alert(1)</script>", "Shopsy is awful"),
        ("Shop\u200bsy is a\u202ewful", "Shopsy is awful"),
        ("Shopsy " + "x" * 200_000, None),
    ],
)
def test_odd_texts_are_taken_in_as_plain_text(house, reader, origins, item, now, text, stored):
    take_in(house.db, reader, origins["forum"], Batch(items=(item("a", text),)), now=now)
    (row,) = _rows(house, mention)
    assert stored is None or row.text == stored
    assert len(row.text) <= 100_000
    assert len(_rows(house, mention_brand)) == 1


def test_a_future_date_becomes_the_time_of_collection_and_is_flagged(house, reader, origins, item, now):
    odd = item("a", TEXTS["bad"], published_at=now + timedelta(days=400))
    take_in(house.db, reader, origins["forum"], Batch(items=(odd,)), now=now)
    (row,) = _rows(house, mention)
    assert (row.published_at, row.undated) == (now, True)
    assert judging.changed_brands(house.db, until=now) == frozenset()


def test_old_batches_are_history_whatever_the_connector_says(item, now):
    assert not is_history(Batch(items=(item("a", "x"),)), now)
    assert is_history(Batch(items=(item("a", "x", published_at=now - timedelta(days=2)),)), now)
    assert is_history(Batch(items=(item("a", "x"),), backfill=True), now)
    assert not is_history(Batch(), now)


def _wave(item, n):
    return tuple(item(f"w{i}", f"Shopsy is a horrible scam number {i}, I hate it") for i in range(n))


def test_a_wave_opens_one_incident_and_history_opens_none(house, reader, origins, item, now):
    covered = {"covered_from": now - timedelta(hours=6), "covered_to": now}
    history = Batch(items=_wave(item, 5), backfill=True, **covered)
    take_in(house.db, reader, origins["forum"], history, now=now)
    catalogue = declared.catalogue(house.db)
    assert alerting.judge_changed(house, catalogue) == ()

    fresh = tuple(replace(one, external_id=f"fresh {one.external_id}") for one in _wave(item, 5))
    take_in(house.db, reader, origins["forum"], Batch(items=fresh, **covered), now=now)
    (told,) = alerting.judge_changed(house, catalogue)
    assert (told.brand, told.evidence.voices) == ("Shopsy", 5)
    assert alerting.judge_changed(house, catalogue) == ()
    assert len(incidents.list_incidents(house.db, by=SYSTEM)) == 1
