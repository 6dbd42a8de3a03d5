import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from crawlers.cleaning import clean
from crawlers.connector import Batch, Limits, Reject, TemporaryError, Window
from crawlers.connectors.hackernews import HackerNews, HackerNewsSettings

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = Window(since=None, until=NOW)


class Search:
    """Answers as the vendor documents it: newest first, bounded by numericFilters, a page at a time."""

    def __init__(self, site, hits: list[dict]) -> None:
        self.hits = hits
        self.asked: list[dict[str, str]] = []
        site.reply(
            "/search_by_date", lambda asked: site.answer(self.answer(asked.path), Content_Type="application/json")
        )

    def answer(self, path: str) -> bytes:
        params = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        self.asked.append(params)
        found = [hit for hit in self.hits if self.holds(hit, params)]
        found.sort(key=lambda hit: -hit["created_at_i"])
        return json.dumps({"hits": found[: int(params["hitsPerPage"])], "nbHits": len(found)}).encode()

    @staticmethod
    def holds(hit: dict, params: dict[str, str]) -> bool:
        word = params["query"].strip('"').lower()
        for bound in params["numericFilters"].split(","):
            number = int(bound.rpartition("=")[2])
            if ("<=" in bound and hit["created_at_i"] > number) or (">=" in bound and hit["created_at_i"] < number):
                return False
        return word in json.dumps(hit).lower()


def story(number: int, when: datetime, title: str = "Brightcart") -> dict:
    return {"objectID": str(number), "created_at_i": int(when.timestamp()), "title": title, "author": "a"}


@pytest.fixture
def visit(site, make_tools):
    def read(cursor=None, *, words=("brightcart",), window=WHOLE, limits=None, now=NOW, **options) -> list[Batch]:
        settings = HackerNewsSettings(words=words, base_url=f"{site.url}/", **options)
        connector = HackerNews(settings, make_tools(now=now, kind="forum"))
        return list(connector.fetch(cursor, window, limits or Limits()))

    return read


def ids(batches: list[Batch]) -> list[str]:
    return [mention.external_id for batch in batches for mention in batch.items]


def test_stories_and_comments_are_read(site, visit, fixtures) -> None:
    Search(site, json.loads((fixtures / "hackernews_page.json").read_text())["hits"])
    (batch,) = visit()
    asking, story_, comment = (clean(mention, NOW) for mention in batch.items)
    assert comment.key == ("hackernews", "47000003")
    assert comment.text == 'I waited for two weeks & got "no reply".\nNever again, Brightcart.'
    assert comment.title is None
    assert comment.parent == "47000002"
    assert comment.url == "https://news.ycombinator.com/item?id=47000003"
    assert comment.published_at == NOW - HOUR / 2
    assert comment.author.handle == "cartfan"
    assert story_.title == "Brightcart raises prices <again>"
    assert (story_.engagement.likes, story_.engagement.replies) == (57, 12)
    assert (asking.text, asking.author) == ("It has been so since morning.", None)
    assert (batch.covered_from, batch.covered_to, batch.backfill) == (asking.published_at, NOW, True)


def test_the_search_is_asked_as_the_vendor_documents_it(site, visit) -> None:
    search = Search(site, [])
    since = NOW - 24 * HOUR
    visit(words=('say "cheese"',), comments=False, window=Window(since=since, until=NOW))
    assert search.asked[0]["query"] == '"say  cheese"'
    assert search.asked[0]["tags"] == "story"
    assert search.asked[0]["numericFilters"] == (
        f"created_at_i<={int(NOW.timestamp())},created_at_i>={int(since.timestamp())}"
    )


def test_the_next_visit_reads_the_last_two_hours_again(site, visit) -> None:
    search = Search(site, [story(1, NOW - HOUR), story(2, NOW - 3 * HOUR)])
    (first,) = visit()
    search.hits.append(story(3, NOW - HOUR / 2))  # reached the index late
    later = NOW + HOUR
    (second,) = visit(first.cursor, window=Window(since=NOW, until=later), now=later)
    assert ids([second]) == ["1", "3"]
    assert (second.covered_from, second.covered_to, second.backfill) == (NOW - 2 * HOUR, later, False)


def test_an_added_word_is_read_from_the_beginning(site, visit) -> None:
    Search(site, [story(1, NOW - 30 * HOUR), story(2, NOW - 30 * HOUR, "Otherword")])
    (first,) = visit()
    (second,) = visit(first.cursor, words=("brightcart", "otherword"))
    assert ids([second]) == ["1", "2"]
    assert second.backfill


def test_more_results_than_a_search_gives_are_reached_by_their_time(site, visit) -> None:
    # 2,500 items, five a second: pages end in the middle of a second.
    Search(site, [story(number, NOW - timedelta(seconds=number // 5)) for number in range(2500)])
    batches = visit()
    assert sorted(map(int, ids(batches))) == list(range(2500))
    assert [len(batch.items) for batch in batches] == [500] * 5
    assert [batch.cursor is not None for batch in batches] == [False] * 4 + [True]
    times = [mention.published_at for batch in batches for mention in batch.items]
    assert times == sorted(times)


def test_a_limit_reads_the_newest_and_coverage_says_so(site, visit) -> None:
    Search(site, [story(number, NOW - number * HOUR) for number in range(1, 50)])
    (batch,) = visit(limits=Limits(max_items=10))
    assert sorted(map(int, ids([batch]))) == list(range(1, 11))
    assert batch.covered_from == NOW - 10 * HOUR


def test_an_item_with_several_of_the_words_comes_once(site, visit) -> None:
    Search(site, [story(1, NOW - HOUR, "Brightcart or Otherword")])
    assert ids(visit(words=("brightcart", "otherword"))) == ["1"]


def test_a_broken_item_is_rejected_and_its_neighbours_kept(site, visit) -> None:
    site.say("/search_by_date", json.dumps({"hits": [{"objectID": "x"}, story(2, NOW - HOUR)], "nbHits": 2}).encode())
    (batch,) = visit()
    assert ids([batch]) == ["2"]
    assert [reject.reason for reject in batch.rejects] == ["broken item"]


def test_an_item_without_words_is_left_to_cleaning(site, visit) -> None:
    Search(site, [story(1, NOW - HOUR, "") | {"comment_text": None, "x": "brightcart"}])
    (batch,) = visit()
    assert clean(batch.items[0], NOW) == Reject(reason="empty text", external_id="1")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"hits": 3, "nbHits": 1}', b'{"hits": [1], "nbHits": 1}']
)
def test_an_answer_of_another_kind_is_tried_again(site, visit, body: bytes) -> None:
    site.say("/search_by_date", body)
    with pytest.raises(TemporaryError, match="did not answer as the search does"):
        visit()


def test_a_search_that_ignores_its_bounds_does_not_hold_us_forever(site, visit) -> None:
    site.say("/search_by_date", json.dumps({"hits": [story(1, NOW - HOUR)], "nbHits": 99}).encode())
    with pytest.raises(TemporaryError, match="newer than asked for"):
        visit()


def test_being_told_to_wait_is_passed_on(site, visit) -> None:
    site.say("/search_by_date", status=429, Retry_After="60")
    with pytest.raises(TemporaryError) as caught:
        visit()
    assert caught.value.retry_after == timedelta(seconds=60)


def test_settings_need_a_word() -> None:
    with pytest.raises(ValidationError):
        HackerNewsSettings(words=())
