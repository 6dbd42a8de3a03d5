import time
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.cleaning import clean
from crawlers.connector import Batch, Limits, PermanentError, TemporaryError, Window
from crawlers.connectors.rss import Rss, RssSettings

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = Window(since=None, until=NOW)
HEAD = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title>'
TAIL = "</channel></rss>"


def item(number: int, *, date: datetime | None = NOW - HOUR, text: str = "Text", guid: str | None = None) -> str:
    dated = f"<pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if date else ""
    return (
        f"<item><title>Item {number}</title><guid>{guid or f'https://x.example/{number}'}</guid>"
        f"{dated}<description>{text}</description></item>"
    )


@pytest.fixture
def visit(site, make_tools):
    """Read the site's /feed once and return the batches."""

    def read(cursor=None, *, window: Window = WHOLE, limits: Limits | None = None, now: datetime = NOW, **options):
        settings = RssSettings(url=f"{site.url}/feed", **options)
        return list(Rss(settings, make_tools(now=now)).fetch(cursor, window, limits or Limits()))

    return read


def say(site, body: str | bytes, content_type: str = "application/rss+xml; charset=utf-8", **headers: str) -> None:
    site.say("/feed", body if isinstance(body, bytes) else body.encode(), Content_Type=content_type, **headers)


def reasons(batches: list[Batch]) -> list[str]:
    return [reject.reason for batch in batches for reject in batch.rejects]


def titles(batches: list[Batch]) -> list[str | None]:
    return [mention.title for batch in batches for mention in batch.items]


def test_an_rss_feed_is_read(site, visit, fixtures) -> None:
    say(site, (fixtures / "rss_news.xml").read_bytes())
    (batch,) = visit()
    first, second, third = batch.items
    assert first.key == ("web:shopwatch.example", "https://www.shopwatch.example/?p=501")
    assert first.published_at == datetime(2026, 3, 10, 11, 30, tzinfo=UTC)
    assert first.author is not None
    assert first.author.handle == "Ann Kovalenko"
    assert (first.kind, first.url) == ("news", "https://www.shopwatch.example/2026/03/late-parcels")
    plain = clean(first, NOW)
    assert plain.title == "Parcels from Brightcart & friends are late"
    assert plain.text == 'Customers wait for two weeks.\n\n"Nobody answers," says one – and shows a chat.'
    assert clean(second, NOW).text == "Порівняли п’ять служб. Результат здивував."
    assert third.key == ("web:blog.shopwatch.example", "https://blog.shopwatch.example/note")
    assert third.undated
    assert third.published_at == third.collected_at == NOW
    assert batch.rejects == ()
    assert batch.backfill


def test_an_atom_feed_is_read(site, visit, fixtures) -> None:
    say(site, (fixtures / "rss_atom.xml").read_bytes(), "application/atom+xml")
    (batch,) = visit(language="pl")
    first, second = (clean(mention, NOW) for mention in batch.items)
    assert first.title == "Cena < 5 zł, czyli <b> w tytule"
    assert first.text == "Paczka dotarła w dwa dni."
    assert first.published_at == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    assert second.title == "Zwroty & reklamacje"
    assert second.published_at == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    assert {first.language, second.language} == {"pl"}


def test_a_json_feed_is_read(site, visit, fixtures) -> None:
    say(site, (fixtures / "rss_jsonfeed.json").read_bytes(), "application/feed+json")
    (batch,) = visit()
    first, second = (clean(mention, NOW) for mention in batch.items)
    assert first.text == "Support answered in five minutes."
    assert first.title is None
    assert second.title == "Is 3 < 5?"
    assert second.text == "A price of <5 is fine & fair."
    assert second.external_id == "/feed#1"
    assert second.url == f"{site.url}/t/1"
    assert second.published_at == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    assert second.author is not None
    assert second.author.handle == "Piotr"


def test_a_second_visit_asks_conditionally_and_covers_the_time_since(site, visit) -> None:
    say(site, HEAD + item(1) + TAIL, ETag='"one"', Last_Modified="Tue, 10 Mar 2026 11:00:00 GMT")
    (first,) = visit()
    site.say("/feed", status=304)
    (second,) = visit(first.cursor, now=NOW + HOUR)
    assert site.asked[1].headers["if-none-match"] == '"one"'
    assert site.asked[1].headers["if-modified-since"] == "Tue, 10 Mar 2026 11:00:00 GMT"
    assert (second.items, second.covered_from, second.covered_to) == ((), NOW, NOW + HOUR)
    (third,) = visit(second.cursor, now=NOW + 2 * HOUR)
    assert site.asked[2].headers["if-none-match"] == '"one"'
    assert third.covered_from == NOW + HOUR
    assert not third.backfill


def test_the_first_visit_covers_from_the_oldest_entry_and_is_backfill(site, visit) -> None:
    say(site, HEAD + item(1) + item(2, date=NOW - 30 * HOUR) + item(3, date=None) + TAIL)
    (batch,) = visit()
    assert (batch.covered_from, batch.covered_to, batch.backfill) == (NOW - 30 * HOUR, NOW, True)


def test_a_feed_that_no_longer_reaches_back_leaves_a_gap(site, visit) -> None:
    say(site, HEAD + item(1) + TAIL)
    (first,) = visit()
    later = NOW + 10 * HOUR
    say(site, HEAD + item(2, date=later - 2 * HOUR) + TAIL)
    (second,) = visit(first.cursor, now=later)
    assert (second.covered_from, second.covered_to, second.backfill) == (later - 2 * HOUR, later, False)


def test_an_empty_feed_is_no_error_and_covers_nothing_at_first(site, visit) -> None:
    say(site, HEAD + TAIL)
    (batch,) = visit()
    assert (batch.items, batch.covered_from, batch.covered_to) == ((), None, None)
    (again,) = visit(batch.cursor, now=NOW + HOUR)
    assert (again.covered_from, again.covered_to) == (NOW, NOW + HOUR)


def test_a_cursor_of_another_address_or_version_is_not_used(site, visit) -> None:
    say(site, HEAD + item(1) + TAIL)
    for cursor in ({"version": 1, "url": "http://old.example", "etag": "x"}, {"version": 9}):
        (batch,) = visit(cursor)
        assert batch.backfill
    assert all("if-none-match" not in asked.headers for asked in site.asked)


def test_only_the_last_batch_moves_the_cursor(site, visit) -> None:
    say(site, HEAD + "".join(map(item, range(5))) + TAIL)
    batches = visit(limits=Limits(batch_size=2))
    assert [len(batch.items) for batch in batches] == [2, 2, 1]
    assert [batch.cursor is not None for batch in batches] == [False, False, True]
    assert [batch.covered_to for batch in batches] == [None, None, NOW]
    assert all(batch.backfill for batch in batches)


def test_what_is_over_the_limit_is_counted(site, visit) -> None:
    say(site, HEAD + "".join(map(item, range(5))) + TAIL)
    batches = visit(limits=Limits(max_items=3))
    assert len(titles(batches)) == 3
    assert batches[-1].rejects[0].detail == "2 entries left out"


def test_an_entry_that_comes_late_is_not_lost(site, visit) -> None:
    say(site, HEAD + item(1) + item(2, date=NOW - 30 * HOUR) + TAIL)
    (batch,) = visit(window=Window(since=NOW - 24 * HOUR, until=NOW))
    assert titles([batch]) == ["Item 1", "Item 2"]


def test_an_old_window_is_backfill_even_on_a_later_visit(site, visit) -> None:
    say(site, HEAD + item(1) + TAIL)
    (first,) = visit()
    (second,) = visit(first.cursor, window=Window(since=None, until=NOW - 48 * HOUR))
    assert second.backfill


def test_broken_xml_keeps_the_neighbours(site, visit) -> None:
    say(site, HEAD + item(1) + item(2, text="Salt & pepper < oil") + item(3) + TAIL)
    batches = visit()
    assert titles(batches) == ["Item 1", "Item 2", "Item 3"]
    assert reasons(batches) == ["broken XML"]
    assert "in line 1" in batches[0].rejects[0].detail


def test_a_feed_cut_off_keeps_what_came_before(site, visit) -> None:
    say(site, HEAD + item(1) + item(2) + "<item><title>Ite")
    batches = visit()
    assert titles(batches)[:2] == ["Item 1", "Item 2"]
    assert reasons(batches) == ["broken XML"]


def test_a_feed_broken_before_its_first_entry_is_tried_again(site, visit) -> None:
    say(site, '<?xml version="1.0"?><rss version="2.0"><channel><title>T')
    with pytest.raises(TemporaryError, match="broken XML"):
        visit()


@pytest.mark.parametrize(
    "body",
    ["<!DOCTYPE html><html><head><title>x</title></head></html>", "<html><body>404</body></html>", "hello", '{"a": 1}'],
)
def test_what_is_no_feed_is_said_to_be_none(site, visit, body: str) -> None:
    say(site, body, "text/html")
    with pytest.raises(PermanentError, match="not a feed"):
        visit()


@pytest.mark.parametrize(
    "body", ["", "  \n", '{"version": "https://jsonfeed.org/version/1.1", "items": [', "[" * 200_000]
)
def test_an_empty_or_cut_off_answer_is_tried_again(site, visit, body: str) -> None:
    say(site, body, "application/json")
    with pytest.raises(TemporaryError):
        visit()


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("windows-1251", "windows-1251", "text/xml"),
        ("windows-1251", "utf-8", "text/xml; charset=windows-1251"),
        ("koi8-u", "koi8-u", "application/rss+xml"),
        ("utf-8", "windows-1251", "text/xml; charset=iso-8859-1"),  # both declarations wrong
        ("utf-8-sig", "utf-8", "text/xml"),
        ("utf-16", "utf-16", "text/xml"),
        ("utf-16-le", "utf-16", "text/xml"),
    ],
)
def test_a_feed_is_decoded_by_what_it_is(site, visit, encoding: str, declared: str, content_type: str) -> None:
    text = HEAD.replace("UTF-8", declared) + item(1, text="Їхало два тижні") + TAIL
    say(site, text.encode(encoding), content_type)
    (batch,) = visit()
    assert batch.items[0].text == "Їхало два тижні"
    assert batch.rejects == ()


def test_an_item_in_a_wrong_encoding_is_rejected_and_its_neighbours_are_kept(site, visit) -> None:
    parts = [item(1, text="Їхало").encode(), item(2, text="Їхало").encode("cp1251"), item(3, text="Добре").encode()]
    say(site, HEAD.encode() + b"".join(parts) + TAIL.encode())
    batches = visit()
    assert titles(batches) == ["Item 1", "Item 3"]
    assert [(reject.reason, reject.external_id) for reject in batches[0].rejects] == [
        ("wrong encoding", "https://x.example/2")
    ]


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "hex", "no-such-charset"])
def test_a_feed_cannot_choose_a_codec_that_is_no_charset(site, visit, charset: str) -> None:
    say(site, HEAD.encode() + item(1).encode() + b"\xff" + TAIL.encode(), f"text/xml; charset={charset}")
    assert titles(visit()) == ["Item 1"]


def test_duplicate_ids_keep_the_first(site, visit) -> None:
    say(site, HEAD + item(1) + item(2, guid="https://x.example/1") + item(3) + TAIL)
    batches = visit()
    assert titles(batches) == ["Item 1", "Item 3"]
    assert reasons(batches) == ["duplicate id"]


def test_numbers_as_ids_do_not_clash_between_feeds_of_one_site(site, visit, make_tools) -> None:
    body = (HEAD + item(1, guid="7") + TAIL).encode()
    site.say("/feed", body)
    site.say("/other", body)
    (one,) = visit()
    (two,) = Rss(RssSettings(url=f"{site.url}/other"), make_tools()).fetch(None, WHOLE, Limits())
    assert one.items[0].external_id != two.items[0].external_id


def test_a_missing_or_future_date_is_taken_in_and_flagged(site, visit) -> None:
    say(site, HEAD + item(1, date=None) + item(2, date=NOW + 48 * HOUR) + TAIL)
    (batch,) = visit()
    cleaned = [clean(mention, NOW) for mention in batch.items]
    assert [(mention.undated, mention.published_at) for mention in cleaned] == [(True, NOW)] * 2
    assert batch.covered_from is None


def test_a_date_that_cannot_be_read_counts_as_missing(site, visit) -> None:
    say(site, HEAD + item(1).replace(" GMT</pubDate>", " maybe, 99:99</pubDate>").replace("Tue, 10", "Xyz, 77") + TAIL)
    (batch,) = visit()
    assert batch.items[0].undated


def test_long_zero_width_and_right_to_left_texts_are_taken_in(site, visit) -> None:
    texts = ["я" * 100_000, "Roz\u200betka", "שלום \u202eעולם", "&lt;p&gt;HTML&lt;/p&gt;"]
    say(site, HEAD + "".join(item(n, text=text) for n, text in enumerate(texts)) + TAIL)
    (batch,) = visit()
    assert [clean(mention, NOW).text for mention in batch.items] == ["я" * 100_000, "Rozetka", "שלום עולם", "HTML"]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    + "".join(f'<!ENTITY {chr(n + 1)} "{f"&{chr(n)};" * 10}">' for n in range(ord("b"), ord("k")))
    + ']><rss version="2.0"><channel><item><title>&k;</title><guid>https://x.example/1</guid></item></channel></rss>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<rss version="2.0"><channel><item><title>A &x; B</title></item></channel></rss>'
)


@pytest.mark.parametrize("body", [BOMB, BOMB.replace("<!ENTITY", "\n<!ENTITY"), BOMB.encode("utf-16"), OUTSIDE])
def test_an_entity_bomb_does_no_harm(site, visit, body: str | bytes) -> None:
    say(site, body)
    start = time.process_time()
    (batch,) = visit()
    assert time.process_time() - start < 1
    assert len(batch.items[0].title or "") < 100
    assert "root:" not in (batch.items[0].title or "")


def test_entities_that_hide_from_the_scissors_are_refused(site, visit) -> None:
    say(site, '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "]"><!ENTITY b "<">' + HEAD[38:] + item(1) + TAIL)
    with pytest.raises(PermanentError, match="unsafe XML"):
        visit()


def test_the_size_cap_is_the_sources_own(site, visit) -> None:
    say(site, HEAD + item(1, text="x" * 20_000) + TAIL)
    with pytest.raises(PermanentError, match="too large"):
        visit(max_bytes=10_000)


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_names_the_address(site, visit, status: int) -> None:
    site.say("/feed", status=status)
    with pytest.raises((PermanentError, TemporaryError), match=f"{site.url}/feed answered {status}"):
        visit()


def test_items_without_id_and_link_keep_their_identity(site, visit) -> None:
    say(site, HEAD + "<item><title>Only a title</title></item>" + TAIL)
    assert visit()[0].items[0].key == visit()[0].items[0].key
