from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.settings import SourceSpec
from crawlers import registry
from crawlers.connector import Tools
from groundswell.answers import Answers
from groundswell.beginning import init
from groundswell.visit import Visit, visit

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def _visit(url: str) -> Visit:
    tools = Tools(source="news", kind="news", clock=lambda: NOW, user_agent="test", allow_private=("127.0.0.1",))
    spec = SourceSpec(name="news", type="rss", options={"url": url})
    return visit(lambda: registry.build(spec, tools), now=NOW)


def test_a_source_that_answers_says_how_much_and_how_new(web) -> None:
    brought = _visit(f"{web.url}/feed")
    assert (brought.items, brought.rejects, brought.error) == (2, 0, None)
    assert str(brought) == "2 items, the newest of 2026-03-10 12:00 UTC"


def test_a_source_with_nothing_answers_all_the_same(web) -> None:
    assert str(_visit(f"{web.url}/empty")) == "it answered, with nothing to take in"


def test_rejected_items_are_counted_with_a_reason(web) -> None:
    brought = _visit(f"{web.url}/cut")
    assert brought.rejects == 1
    assert str(brought).endswith(", 1 rejected (broken XML)")


@pytest.mark.parametrize(("path", "passing"), [("/gone", False), ("/busy", True), ("/page", False)])
def test_a_source_that_fails_says_why_and_whether_it_may_pass(web, path: str, passing: bool) -> None:
    brought = _visit(f"{web.url}{path}")
    assert brought.error
    assert brought.passing is passing


def test_a_brand_begins_with_sources_that_were_really_read(web, tmp_path) -> None:
    paths = {"Google News (en, US)": "/feed", "Reddit": "/busy"}

    def try_here(source: SourceSpec) -> Visit:
        return _visit(web.url + paths.get(source.name.partition(": ")[2], "/gone"))

    answers = Answers(brand="Acme", country="US", languages=("en",), timezone="UTC", words=("Acme",))
    done = init(answers, file=tmp_path / "groundswell.yaml", visit=try_here, save=lambda _: None)
    assert [source.name for source in done.declaration.sources] == ["Acme: Google News (en, US)", "Acme: Reddit"]
    assert str(done.tried[0]) == "Acme: Google News (en, US): 2 items, the newest of 2026-03-10 12:00 UTC"
