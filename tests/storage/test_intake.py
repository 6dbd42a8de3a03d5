from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from crawlers.connector import Batch, Reject, Update
from crawlers.mention import Author, Engagement
from crawlers.normal import search_text
from sentiment.score import Score
from storage import rejects, rollups
from storage.intake import Arrival, Stored, digest, known, store
from storage.listing import Filter, list_mentions, revisions
from storage.schema import (
    author,
    coverage,
    mention,
    mention_brand,
    mention_key,
    mention_revision,
    mention_source,
    metadata,
    reject,
    reject_count,
    rollup,
    score,
    source_state,
    to_judge,
)
from storage.texts import EARLIER_TEXTS

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def bring(shelf, *readings, source="feed", now=None, same=(), rejects=(), **batch):
    """Store readings as one batch of a source; return what it came to."""
    arrival = Arrival(
        source_id=shelf.sources[source],
        batch=Batch(items=tuple(reading.mention for reading in readings), **batch),
        readings=readings,
        same=same,
        rejects=rejects,
    )
    return store(shelf.db, arrival, now=now or shelf.now)


def edited(reading, text, *, brands=None, label="positive"):
    return replace(
        reading,
        mention=replace(reading.mention, text=text),
        search_text=search_text(reading.mention.title, text),
        brands=reading.brands if brands is None else brands,
        score=Score(classifier="vader", **{label: 1.0}),
    )


def rows(db, table, *where):
    with db.read() as conn:
        return conn.execute(select(table).where(*where)).all()


def rename(db, old, new):
    with db.write() as conn:
        conn.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def contents(db):
    """Everything that is stored, by table."""
    with db.read() as conn:
        return {
            table.name: sorted(map(tuple, conn.execute(select(table))), key=repr) for table in metadata.sorted_tables
        }


def found(db, by, typed):
    page = list_mentions(db, by=by, filter=Filter(search=typed))
    return [row.text for row in page.rows]


def test_a_batch_is_stored_with_all_that_follows_from_it(db, shelf, now):
    one = shelf.reading(author="olena", language="uk", url="https://blog.example/1")
    two = shelf.reading("It works", label="positive", brands=("Lumo", "Vesna"), title="Well")
    other = replace(shelf.reading("Rain tomorrow"), brands={}, score=None)
    came = bring(shelf, one, two, other, cursor={"version": 1}, covered_from=now - HOUR, covered_to=now)
    assert came == Stored(new=3)
    bodies = {row.text: row for row in rows(db, mention)}
    assert [bodies[text].matched for text in ("Nothing works", "It works", "Rain tomorrow")] == [True, True, False]
    assert bodies["Nothing works"].url == "https://blog.example/1"
    assert bodies["It works"].search_text == "well it works"
    assert len(rows(db, mention_key)) == len(rows(db, mention_source)) == 3
    assert [(row.handle, row.followers) for row in rows(db, author)] == [("olena", 12)]
    assert sorted((row.brand_id, row.label, row.language) for row in rows(db, mention_brand)) == [
        (shelf.brands["Lumo"], "negative", "uk"),
        (shelf.brands["Lumo"], "positive", "en"),
        (shelf.brands["Vesna"], "positive", "en"),
    ]
    assert sorted(row.label for row in rows(db, score)) == ["negative", "positive"]
    assert sum(row.n for row in rows(db, rollup)) == 3
    assert {row.brand_id for row in rows(db, to_judge)} == set(shelf.brands.values())
    assert [(row.covered_from, row.covered_to) for row in rows(db, coverage)] == [(now - HOUR, now)]
    (state,) = rows(db, source_state, source_state.c.source_id == shelf.sources["feed"])
    assert (state.cursor, state.collected) == ({"version": 1}, 3)


@pytest.mark.parametrize("table", ["mention_key", "score", "rollup", "to_judge", "reject_count", "coverage"])
def test_an_error_in_the_middle_leaves_nothing_at_all(db, shelf, now, everybody, table):
    first = shelf.reading("It smokes")
    bring(shelf, first)
    before = contents(db)
    whole = {"rejects": (Reject(reason="empty text"),), "updates": (), "deletions": (first.mention.key,)}
    whole |= {"cursor": {"version": 1}, "covered_from": now - HOUR, "covered_to": now}
    rename(db, table, "away")
    with pytest.raises(DBAPIError, match=table):
        bring(shelf, edited(first, "It shines"), shelf.reading("New", author="olena"), now=now + HOUR, **whole)
    rename(db, "away", table)
    assert contents(db) == before
    assert found(db, everybody, "smokes") == ["It smokes"]
    assert found(db, everybody, "new") == found(db, everybody, "shines") == []


def test_storing_the_same_batch_again_changes_nothing(db, shelf, now):
    readings = (shelf.reading(author="olena"), shelf.reading(brands=("Lumo", "Vesna")), shelf.reading(brands=()))
    refused = (Reject(reason="empty text", external_id="m9"),)
    whole = {"cursor": {"version": 1}, "covered_from": now - HOUR, "covered_to": now, "rejects": refused}
    whole["deletions"] = (readings[0].mention.key,)
    whole["updates"] = (Update(platform="web:blog.example", external_id="m2", engagement=Engagement(likes=9)),)
    bring(shelf, *readings, **whole)
    before = contents(db)
    assert bring(shelf, *readings, now=now + HOUR, **whole) == Stored(same=3, rejected=1)
    same = tuple(reading.mention.key for reading in readings)
    assert bring(shelf, now=now + HOUR, same=same, **whole) == Stored(same=3, rejected=1)
    assert contents(db) == before


def test_a_post_that_two_sources_reach_is_stored_once_and_linked_to_both(db, shelf):
    reading = shelf.reading()
    bring(shelf, reading)
    assert bring(shelf, reading, source="reviews") == Stored(same=1)
    assert bring(shelf, source="reviews", same=(reading.mention.key,)) == Stored(same=1)
    assert len(rows(db, mention)) == len(rows(db, mention_brand)) == 1
    assert {row.source_id for row in rows(db, mention_source)} == set(shelf.sources.values())
    assert rows(db, mention_brand)[0].source_id == shelf.sources["feed"]


def test_what_is_known_can_be_asked_for_before_anything_is_read(db, shelf):
    reading = shelf.reading(brands=("Lumo", "Vesna"))
    bring(shelf, reading)
    key = reading.mention.key
    seen = known(db, [key, ("web:blog.example", "nothing"), ("elsewhere", "m1")])
    assert set(seen) == {key}
    assert seen[key].digest == digest(reading.mention)
    assert seen[key].brands == set(shelf.brands.values())


def test_of_one_identity_twice_in_a_batch_the_last_counts(db, shelf):
    reading = shelf.reading()
    assert bring(shelf, reading, edited(reading, "It works after all")) == Stored(new=1)
    assert [row.text for row in rows(db, mention)] == ["It works after all"]


# -- edits --------------------------------------------------------------------------------------


def test_an_edited_text_is_scored_again_and_the_earlier_one_is_kept(db, shelf, now, everybody):
    first = shelf.reading("The lamp smokes", title="Alas")
    bring(shelf, first)
    assert bring(shelf, edited(first, "The lamp shines"), now=now + HOUR) == Stored(changed=1)
    (body,) = rows(db, mention)
    assert (body.text, body.search_text, body.matched) == ("The lamp shines", "alas the lamp shines", True)
    assert [(row.title, row.text, row.replaced_at) for row in rows(db, mention_revision)] == [
        ("Alas", "The lamp smokes", now + HOUR)
    ]
    assert [(row.label, row.scored_at) for row in rows(db, score)] == [("positive", now + HOUR)]
    assert [row.label for row in rows(db, mention_brand)] == ["positive"]
    assert {row.label: row.n for row in rows(db, rollup)} == {"negative": 0, "positive": 1}
    assert rollups.verify(db) == []
    assert found(db, everybody, "shines") == ["The lamp shines"]
    assert found(db, everybody, "smokes") == []
    assert bring(shelf, edited(first, "The lamp shines"), now=now + 2 * HOUR) == Stored(same=1)


def test_a_text_that_changes_at_every_visit_keeps_its_newest_earlier_texts_only(db, shelf, now):
    first, other = shelf.reading("Read 0 times"), shelf.reading("A quiet one")
    bring(shelf, first, other)
    bring(shelf, edited(other, "A quiet one, once edited"), now=now + HOUR)
    for visit in range(1, EARLIER_TEXTS + 6):
        bring(shelf, edited(first, f"Read {visit} times"), now=now + visit * HOUR)
    kept = [row.text for row in rows(db, mention_revision) if row.text.startswith("Read")]
    assert kept == [f"Read {visit} times" for visit in range(5, EARLIER_TEXTS + 5)]
    assert len(rows(db, mention_revision)) == EARLIER_TEXTS + 1


def test_scores_of_an_earlier_text_go_with_it(db, shelf, now):
    first = shelf.reading()
    bring(shelf, replace(first, score=Score(classifier="old", negative=1.0)))
    bring(shelf, edited(first, "It works"), now=now + HOUR)
    assert [row.classifier for row in rows(db, score)] == ["vader"]


def test_an_edit_moves_a_mention_from_one_brand_to_another(db, shelf, now):
    first = shelf.reading(brands=("Lumo",))
    bring(shelf, first)
    bring(shelf, edited(first, "It was Vesna", brands={shelf.brands["Vesna"]: ((7, 12),)}), now=now + HOUR)
    assert [(row.brand_id, row.spans) for row in rows(db, mention_brand)] == [(shelf.brands["Vesna"], [[7, 12]])]
    assert rollups.verify(db) == []
    bring(shelf, edited(first, "It was nobody", brands={}), now=now + 2 * HOUR)
    assert rows(db, mention_brand) == []
    assert [row.matched for row in rows(db, mention)] == [False]
    assert rollups.verify(db) == []
    assert len(rows(db, mention_revision)) == 2


def test_an_edit_keeps_date_source_and_history_of_what_was_stored(db, shelf, now):
    first = shelf.reading(ago=3 * HOUR)
    bring(shelf, first, backfill=True)
    later = edited(first, "Edited", brands={shelf.brands["Lumo"]: ((0, 1),), shelf.brands["Vesna"]: ((2, 3),)})
    later = replace(later, mention=replace(later.mention, published_at=now, undated=True))
    bring(shelf, later, source="reviews", now=now + HOUR)
    kept = {row.brand_id: row for row in rows(db, mention_brand)}
    lumo, vesna = kept[shelf.brands["Lumo"]], kept[shelf.brands["Vesna"]]
    assert (lumo.published_at, lumo.undated, lumo.backfill) == (now - 3 * HOUR, False, True)
    assert lumo.source_id == shelf.sources["feed"]
    assert (vesna.published_at, vesna.undated, vesna.backfill) == (now - 3 * HOUR, False, False)
    assert vesna.source_id == shelf.sources["reviews"]
    assert rollups.verify(db) == []


def rated(reading, rating, given=None, **more):
    return replace(reading, mention=replace(reading.mention, rating=rating, rating_given=given, **more))


def test_an_edited_rating_is_an_edit_though_the_words_stay(db, shelf, now, everybody):
    plain = shelf.reading("It smokes")
    first = rated(plain, 0.2, "1 of 5", product="Lamp")
    bring(shelf, first)
    better = rated(plain, 0.8, "★★★★☆" * 20)
    assert known(db, [plain.mention.key])[plain.mention.key].digest != digest(better.mention)
    assert bring(shelf, better, now=now + HOUR) == Stored(changed=1)
    (body,) = rows(db, mention)
    assert (body.text, body.rating, body.rating_given, body.product) == ("It smokes", 0.8, "★★★★☆" * 12, "Lamp")
    assert [(row.text, row.rating, row.rating_given) for row in rows(db, mention_revision)] == [
        ("It smokes", 0.2, "1 of 5")
    ]
    (shown,) = list_mentions(db, by=everybody, filter=Filter()).rows
    assert (shown.rating_given, shown.edits) == ("★★★★☆" * 12, 1)
    (earlier,) = revisions(db, by=everybody, mention_id=shown.id)
    assert (earlier.text, earlier.rating, earlier.rating_given) == ("It smokes", 0.2, "1 of 5")
    assert bring(shelf, better, now=now + 2 * HOUR) == Stored(same=1)
    assert bring(shelf, rated(plain, 0.8, "80 %"), now=now + 2 * HOUR) == Stored(same=1)
    assert bring(shelf, rated(plain, None), now=now + 2 * HOUR) == Stored(changed=1)
    assert [row.rating for row in rows(db, mention)] == [None]


def test_what_has_no_rating_keeps_the_digest_that_it_always_had(shelf):
    item = shelf.reading("Text", title="Title").mention
    assert digest(item) == blake2b(b"Title\0Text", digest_size=16).hexdigest()
    assert digest(replace(item, rating_given="unreadable")) == digest(item)


def test_a_rewrite_with_nothing_new_to_read_keeps_no_earlier_text(db, shelf, now, everybody):
    """As after an upgrade: the digest of what has a rating was made without it."""
    reading = rated(shelf.reading("It smokes"), 0.2, "1 of 5")
    bring(shelf, reading)
    with db.write() as conn:
        conn.execute(mention_key.update().values(digest="an earlier one"))
    assert bring(shelf, reading, now=now + HOUR) == Stored(changed=1)
    assert rows(db, mention_revision) == []
    assert found(db, everybody, "smokes") == ["It smokes"]
    assert bring(shelf, reading, now=now + HOUR) == Stored(same=1)


@pytest.mark.parametrize("unstorable", ["\0", "\ud800", ""])
def test_a_rating_as_given_is_kept_as_far_as_it_can_be(db, shelf, unstorable):
    bring(shelf, rated(shelf.reading(), 0.5, f"{unstorable}"), rated(shelf.reading(), 0.5, f"5{unstorable}/10"))
    assert [row.rating_given for row in sorted(rows(db, mention), key=lambda row: row.id)] == [None, "5/10"]


# -- bound sources ------------------------------------------------------------------------------


def bound(shelf, reading, brand, **more):
    return replace(reading, brands={shelf.brands[brand]: ()} | more)


def test_a_bound_brand_survives_an_edit_that_another_source_brings(db, shelf, now):
    shelf.source("Lumo's own reviews", of="Lumo")
    first = shelf.reading("Nothing works")
    bring(shelf, bound(shelf, first, "Lumo"), source="Lumo's own reviews")
    bring(shelf, edited(first, "Nothing works at all", brands={}), now=now + HOUR)
    assert [(row.brand_id, row.spans) for row in rows(db, mention_brand)] == [(shelf.brands["Lumo"], [])]
    assert [row.matched for row in rows(db, mention)] == [True]
    assert rollups.verify(db) == []


def test_a_bound_brand_that_its_words_named_as_well_survives_an_edit_without_them(db, shelf, now):
    shelf.source("Lumo's own reviews", of="Lumo")
    first = shelf.reading("Lumo smokes")
    bring(shelf, first, source="Lumo's own reviews")
    bring(shelf, edited(first, "It smokes", brands={}), now=now + HOUR)
    assert [(row.brand_id, row.spans) for row in rows(db, mention_brand)] == [(shelf.brands["Lumo"], [])]


def test_a_bound_source_brings_its_brand_to_a_known_text(db, shelf, now):
    shelf.source("Vesna's own reviews", of="Vesna")
    first = shelf.reading("Nothing works", ago=2 * HOUR)
    bring(shelf, first)
    later = replace(first, mention=replace(first.mention, published_at=now))
    assert bring(shelf, bound(shelf, later, "Vesna"), source="Vesna's own reviews") == Stored(same=1)
    kept = {row.brand_id: row for row in rows(db, mention_brand)}
    assert kept[shelf.brands["Lumo"]].spans == [[0, 3]]
    assert kept[shelf.brands["Vesna"]].source_id == shelf.sources["Vesna's own reviews"]
    assert kept[shelf.brands["Vesna"]].published_at == now - 2 * HOUR
    assert rows(db, mention_revision) == []
    assert rollups.verify(db) == []


def test_an_item_that_concerned_nobody_counts_as_matched_when_a_bound_source_brings_it(db, shelf):
    shelf.source("Vesna's own reviews", of="Vesna")
    first = shelf.reading("Rain tomorrow")
    bring(shelf, replace(first, brands={}, score=None))
    bring(shelf, bound(shelf, first, "Vesna"), source="Vesna's own reviews")
    assert [row.matched for row in rows(db, mention)] == [True]
    assert [row.label for row in rows(db, score)] == ["negative"]


# -- counts, deletions, rejects -----------------------------------------------------------------


def test_updates_change_counts_and_nothing_else(db, shelf, now):
    reading = shelf.reading(reach=100)
    bring(shelf, reading)
    before = contents(db)
    updates = (
        Update(platform="web:blog.example", external_id="m1", engagement=Engagement(likes=7, replies=2), reach=None),
        Update(platform="web:blog.example", external_id="unknown", engagement=Engagement(likes=1)),
    )
    assert bring(shelf, updates=updates, now=now + HOUR) == Stored()
    (body,) = rows(db, mention)
    assert (body.likes, body.shares, body.replies, body.reach) == (7, None, 2, 100)
    after = contents(db)
    assert {name for name in after if after[name] != before[name]} == {"mention"}


def test_deletions_are_marked_once_and_stay_counted(db, shelf, now):
    bring(shelf, shelf.reading(), shelf.reading())
    gone = (("web:blog.example", "m1"), ("web:blog.example", "unknown"))
    bring(shelf, deletions=gone)
    bring(shelf, deletions=gone, now=now + HOUR)
    assert {row.external_id: row.deleted_at for row in rows(db, mention)} == {"m1": now, "m2": None}
    assert sum(row.n for row in rows(db, rollup)) == 2


def test_what_any_source_shows_again_is_not_gone(db, shelf, now):
    here, edit, seen, gone = (shelf.reading() for _ in range(4))
    bring(shelf, here, edit, seen, gone)
    bring(shelf, deletions=tuple(one.mention.key for one in (here, edit, seen, gone)), source="reviews")
    bring(shelf, edited(edit, "It works"), same=(here.mention.key,), source="reviews", now=now + HOUR)
    bring(shelf, seen=(seen.mention.key, ("web:blog.example", "unknown"), ("\0", "\ud800")), now=now + HOUR)
    left = {row.external_id: row.deleted_at for row in rows(db, mention)}
    assert left == {"m1": None, "m2": None, "m3": None, "m4": now}


def test_what_a_batch_both_shows_and_calls_gone_is_gone_since_the_first_time(db, shelf, now):
    reading = shelf.reading()
    both = {"seen": (reading.mention.key,), "deletions": (reading.mention.key,)}
    bring(shelf, reading, **both)
    bring(shelf, reading, **both, now=now + HOUR)
    assert [row.deleted_at for row in rows(db, mention)] == [now]


def test_how_late_new_items_come_is_told_without_history_and_undated_ones(shelf):
    late, later = shelf.reading(ago=HOUR), shelf.reading(ago=2 * HOUR)
    assert bring(shelf, late, later, shelf.reading(undated=True)).lags == (3600.0, 7200.0)
    assert bring(shelf, late).lags == ()
    assert bring(shelf, shelf.reading(ago=HOUR), backfill=True).lags == ()


def test_refusals_are_counted_by_reason_each_item_once(db, shelf, now):
    refused = (
        Reject(reason="empty text", external_id="a"),
        Reject(reason="empty text", external_id="b", detail="x" * 9000),
        Reject(reason="broken row", line=7),
    )
    assert bring(shelf, rejects=refused) == Stored(rejected=3)
    bring(shelf, rejects=(*refused[:2], Reject(reason="too long", external_id="a")), now=now + HOUR)
    bring(shelf, rejects=refused[:1], source="reviews")
    mine = reject_count.c.source_id == shelf.sources["feed"]
    assert {row.reason: row.n for row in rows(db, reject_count, mine)} == {
        "empty text": 2,
        "broken row": 1,
        "too long": 1,
    }
    assert max(len(row.detail) for row in rows(db, reject)) == 2000
    assert len(rows(db, reject)) == 5


def test_only_the_newest_refusals_are_kept_in_words(db, shelf, monkeypatch):
    monkeypatch.setattr(rejects, "KEPT", 3)
    bring(shelf, rejects=[Reject(reason="broken row", line=n) for n in range(5)])
    bring(shelf, rejects=[Reject(reason="broken row", line=5)], source="reviews")
    assert sorted(row.line for row in rows(db, reject)) == [2, 3, 4, 5]
    assert sum(row.n for row in rows(db, reject_count)) == 6


# -- what is judged, and what is not ------------------------------------------------------------


def test_undated_mentions_are_listed_but_stand_in_no_cell_and_in_no_queue(db, shelf):
    bring(shelf, shelf.reading(undated=True))
    assert [row.undated for row in rows(db, mention_brand)] == [True]
    assert rows(db, rollup) == rows(db, to_judge) == []
    assert rollups.verify(db) == []


def test_history_fills_the_series_and_is_never_judged(db, shelf, now):
    first = shelf.reading()
    bring(shelf, first, backfill=True)
    bring(shelf, edited(first, "It works"), now=now + HOUR)
    assert [row.n for row in rows(db, rollup, rollup.c.n > 0)] == [1]
    assert rows(db, to_judge) == []


def test_every_touched_hour_is_queued_once(db, shelf, now):
    bring(shelf, shelf.reading(ago=5 * MINUTE), shelf.reading(ago=10 * MINUTE), shelf.reading(ago=HOUR))
    bring(shelf, shelf.reading(ago=5 * MINUTE), now=now + MINUTE)
    hour = now.replace(minute=0)
    assert sorted((row.hour, row.queued_at) for row in rows(db, to_judge)) == [(hour - HOUR, now), (hour, now)]


def test_a_source_without_a_state_gets_one_with_its_cursor(db, shelf):
    with db.write() as conn:
        conn.execute(source_state.delete())
    bring(shelf, shelf.reading(), cursor={"version": 1})
    bring(shelf, shelf.reading())
    assert [(row.cursor, row.collected, row.failures) for row in rows(db, source_state)] == [({"version": 1}, 2, 0)]


# -- authors ------------------------------------------------------------------------------------


def test_what_a_platform_leaves_out_about_an_author_stays(db, shelf):
    def by(who):
        reading = shelf.reading()
        return replace(reading, mention=replace(reading.mention, author=who))

    bring(shelf, by(Author(handle="olena", name="Olena", followers=10)), by(Author(handle="ivan")))
    bring(shelf, by(Author(handle="olena", url="https://a.example/o", followers=11)), by(Author(handle="ivan")))
    kept = {row.handle: (row.name, row.url, row.followers) for row in rows(db, author)}
    assert kept == {"olena": ("Olena", "https://a.example/o", 11), "ivan": (None, None, None)}
    with db.read() as conn:
        assert conn.execute(select(func.count(mention.c.author_id.distinct()))).scalar_one() == 2


# -- two writers at once ------------------------------------------------------------------------


def test_writers_of_overlapping_batches_store_every_mention_once(db, shelf, now):
    readings = [shelf.reading(author=f"a{n % 7}", brands=("Lumo", "Vesna")[: 1 + n % 2]) for n in range(60)]
    batches = [readings[start : start + 30] for start in (0, 10, 20, 30, 5, 25)]

    def write(n):
        order = batches[n] if n % 2 else batches[n][::-1]
        return bring(shelf, *order, source=("feed", "reviews")[n % 2], covered_from=now - n * HOUR, covered_to=now)

    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(write, range(len(batches))))
    assert sum(stored.new for stored in came) == 60
    assert sum(stored.same for stored in came) == 6 * 30 - 60
    assert len(rows(db, mention)) == len(rows(db, mention_key)) == 60
    assert len(rows(db, author)) == 7
    assert rollups.verify(db) == []


def test_writers_that_edit_the_same_mentions_leave_the_roll_ups_right(db, shelf, now):
    readings = [shelf.reading(brands=("Lumo",)) for _ in range(12)]
    bring(shelf, *readings)
    to_vesna = {shelf.brands["Vesna"]: ((0, 1),)}

    def edit(n):
        brands = to_vesna if n % 2 else None
        again = [edited(r, f"Text {n}", brands=brands, label=("neutral", "positive")[n % 2]) for r in readings]
        return bring(shelf, *(again if n % 3 else again[::-1]), now=now + n * MINUTE)

    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(edit, range(1, 7)))
    assert [stored.changed for stored in came] == [12] * 6
    assert len(rows(db, mention_brand)) == 12
    assert len(rows(db, mention_revision)) == 72
    assert rollups.verify(db) == []


def test_a_refusal_of_what_cannot_be_stored_harms_nothing(shelf):
    odd = [Reject(reason=f"x{char}", detail=f"at {char}", external_id=f"{char}id") for char in ("\0", "\ud800")]
    bring(shelf, shelf.reading(), rejects=tuple(odd))
    assert bring(shelf, rejects=tuple(odd)).rejected == 2
