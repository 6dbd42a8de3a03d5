from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from config.principal import Principal
from storage import listing
from storage.listing import Choices, Count, Filter, Position, choices, count_mentions, list_mentions, revisions
from storage.period import Period
from storage.schema import mention_brand, rollup

NOBODY = Principal(name="n", role="viewer", brands=frozenset())


def texts(db, by, **fields):
    return [row.text for row in list_mentions(db, by=by, filter=Filter(**fields)).rows]


def test_a_row_says_all_that_a_page_shows(db, shelf, everybody, now):
    shelf.say(
        "The text", title="Title", author="olha", rating=0.25, reach=50, product="Box", place="Lviv", url="http://x"
    )
    (row,) = list_mentions(db, by=everybody, filter=Filter()).rows
    assert (row.brand, row.source, row.kind, row.platform) == ("Lumo", "feed", "social", "web:blog.example")
    assert (row.title, row.text, row.url, row.spans) == ("Title", "The text", "http://x", ((0, 3),))
    assert (row.author, row.author_handle, row.followers) == ("Olha", "olha", 12)
    assert (row.label, row.label_by, row.unsure, row.language) == ("negative", "vader", False, "en")
    assert (row.rating, row.reach, row.likes, row.shares, row.product, row.place) == (0.25, 50, 3, None, "Box", "Lviv")
    assert (row.published_at, row.collected_at) == (now - timedelta(hours=1), now)
    assert (row.edits, row.deleted, row.invented, row.undated) == (0, False, False, False)


def test_edits_deletions_and_invented_mentions_are_told(db, shelf, everybody, now):
    shelf.say("First", external_id="a", platform="sample:forum")
    shelf.say("Second", external_id="a", platform="sample:forum")
    shelf.put(deletions=(("sample:forum", "a"),))
    (row,) = list_mentions(db, by=everybody, filter=Filter()).rows
    assert (row.text, row.edits, row.deleted, row.invented) == ("Second", 1, True, True)
    (old,) = revisions(db, by=everybody, mention_id=row.id)
    assert (old.text, old.title, old.replaced_at) == ("First", None, now)


def test_earlier_texts_are_shown_to_those_who_may_see_the_brand(db, shelf, everybody, vesna_only):
    for said in ("First", "Second"):
        shelf.say(said, external_id="a")
    (row,) = list_mentions(db, by=everybody, filter=Filter()).rows
    assert revisions(db, by=vesna_only, mention_id=row.id) == ()
    assert revisions(db, by=everybody, mention_id=999) == ()


def test_each_filter_narrows_and_all_of_them_hold(db, shelf, everybody, now):
    shelf.source("forum", kind="forum")
    shelf.say("plain")
    shelf.say("glad", label="positive", author="olha")
    shelf.say("po polsku", language="pl", source="forum", kind="forum", label="unscored")
    shelf.say("about Vesna", brands=("Vesna",))
    shelf.say("old", ago=timedelta(days=3))
    shelf.say("no date", ago=timedelta(0), undated=True)
    assert len(texts(db, everybody)) == 6
    assert texts(db, everybody, labels=("positive", "unscored")) == ["po polsku", "glad"]
    assert texts(db, everybody, sources=("forum",)) == ["po polsku"]
    assert texts(db, everybody, kinds=("forum",)) == ["po polsku"]
    assert texts(db, everybody, languages=("pl",)) == ["po polsku"]
    assert texts(db, everybody, brands=("Vesna",)) == ["about Vesna"]
    assert texts(db, everybody, author="olha") == texts(db, everybody, author="Olha") == ["glad"]
    assert texts(db, everybody, undated=True) == ["no date"]
    assert "no date" not in texts(db, everybody, undated=False)
    week = Period(since=now - timedelta(days=7), until=now - timedelta(days=1))
    assert texts(db, everybody, period=week) == ["old"]
    assert texts(db, everybody, labels=("negative",), search="plai") == ["plain"]
    assert texts(db, everybody, labels=("positive",), search="plai") == []


def test_what_no_column_can_hold_finds_nothing_and_breaks_nothing(db, shelf, everybody):
    shelf.say()
    for odd in ("\0", "\ud800", "'; DROP TABLE mention; --"):
        for field in ("brands", "labels", "sources", "kinds", "languages"):
            assert texts(db, everybody, **{field: (odd,)}) == []
        assert texts(db, everybody, author=odd) == []
    assert len(texts(db, everybody)) == 1


def test_nobody_sees_a_brand_that_is_not_theirs(db, shelf, everybody, vesna_only):
    shelf.say("for both", brands=("Lumo", "Vesna"))
    shelf.say("Lumo's")
    assert texts(db, vesna_only) == ["for both"]
    assert texts(db, vesna_only, brands=("Lumo",)) == []
    assert texts(db, NOBODY) == []
    assert count_mentions(db, by=vesna_only, filter=Filter()) == Count(n=1, exact=True)
    assert count_mentions(db, by=NOBODY, filter=Filter()) == Count(n=0, exact=True)
    assert [row.brand for row in list_mentions(db, by=everybody, filter=Filter(search="both")).rows] == [
        "Vesna",
        "Lumo",
    ]


def test_hidden_mentions_are_not_listed(db, shelf, everybody):
    shelf.say()
    with db.write() as conn:
        conn.execute(mention_brand.update().values(hidden=True))
    assert texts(db, everybody) == []


def test_a_disabled_brand_is_listed_when_it_is_asked_for(db, shelf, everybody):
    shelf.brand("Gone", enabled=False)
    shelf.say("of old", brands=("Gone",))
    assert texts(db, everybody) == []
    assert texts(db, everybody, brands=("Gone",)) == ["of old"]


def test_pages_join_without_gap_or_overlap_even_at_one_instant(db, shelf, everybody):
    both = ("Lumo", "Vesna")
    for n in range(7):
        shelf.put(*(shelf.reading(f"{n}{half}", brands=both, ago=timedelta(hours=n // 3)) for half in "ab"))
    seen, after = [], None
    while True:
        page = list_mentions(db, by=everybody, filter=Filter(), after=after, limit=3)
        seen += [(row.published_at, row.id, row.brand) for row in page.rows]
        if page.next is None:
            break
        assert len(page.rows) == 3
        after = Position.decode(page.next.encode())
    assert len(seen) == len(set(seen)) == 28
    assert seen == sorted(seen, reverse=True)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**31),
)
def test_a_position_survives_a_url(at, mention_id, brand_id):
    position = Position(published_at=at, mention_id=mention_id, brand_id=brand_id)
    assert Position.decode(position.encode()) == position


@given(st.text(max_size=90) | st.from_regex(r"-?\d{1,25}\.-?\d{1,25}\.\d{1,25}", fullmatch=True))
def test_a_made_up_position_is_refused_or_harmless(typed):
    try:
        position = Position.decode(typed)
    except ValueError:
        return
    assert position.published_at.tzinfo is UTC


def test_a_made_up_position_lists_like_any_other(db, shelf, everybody):
    shelf.say()
    for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        after = Position(published_at=at, mention_id=2**63 - 1, brand_id=2**63 - 1)
        list_mentions(db, by=everybody, filter=Filter(), after=after)


def test_counts_are_exact_up_to_a_bound(db, shelf, everybody, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 3)
    shelf.put(*(shelf.reading(str(n)) for n in range(3)))
    assert count_mentions(db, by=everybody, filter=Filter()) == Count(n=3, exact=True)
    shelf.say()
    assert count_mentions(db, by=everybody, filter=Filter()) == Count(n=3, exact=False)


def test_choices_are_what_occurred(db, shelf, everybody, vesna_only):
    shelf.source("only Lumo", of="Lumo")
    shelf.say(language="uk")
    shelf.say(language="pl", brands=("Vesna",), kind="review")
    assert choices(db, by=everybody) == Choices(
        sources=("feed", "only Lumo", "reviews"), kinds=("review", "social"), languages=("pl", "uk")
    )
    assert choices(db, by=vesna_only) == Choices(sources=("feed", "reviews"), kinds=("review",), languages=("pl",))
    with db.write() as conn:
        conn.execute(rollup.update().values(n=0))
    assert choices(db, by=everybody).languages == ()


def test_a_list_is_driven_by_its_index_and_reads_only_what_it_shows(sqlite_db, now):
    period = Period(since=now - timedelta(days=7), until=now)
    after = Position(published_at=now, mention_id=5, brand_id=1)
    with sqlite_db.read() as conn:
        where = listing._conditions(conn, Filter(labels=("negative",), languages=("uk",), period=period))
        query = listing._newest(1, where, after, 51).compile(conn, compile_kwargs={"literal_binds": True})
        plan = " ".join(row.detail for row in conn.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    assert "USING COVERING INDEX ix_mention_brand_list (brand_id=? AND published_at" in plan
    assert "TEMP B-TREE" not in plan
