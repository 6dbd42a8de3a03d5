"""Opening a workspace from a file or without one, and bringing its database up to date."""

from __future__ import annotations

import pytest

from config.error import ConfigError
from config.principal import SYSTEM
from config.settings import Declaration, SourceSpec
from groundswell.bootstrap import open_house, prepare
from storage import declared, revisions, workspace

FILE = """
brands: [{name: Shopsy}]
sources:
  - {name: news, type: rss, options: {url: "https://news.example/feed"}}
  - {name: talk, type: rss, options: {url: "https://talk.example/feed"}}
"""


@pytest.fixture
def opened(tmp_path, now):
    """Open the workspace of a folder; every database is closed in the end."""
    houses = []

    def open_with(text=None, **environ):
        if text is not None:
            (tmp_path / "groundswell.yaml").write_text(text)
        houses.append(open_house(environ=environ, folder=tmp_path, clock=lambda: now))
        return houses[-1]

    yield open_with
    for house in houses:
        house.db.close()


def _sources(house):
    return {one.item.name: (one.managed_by, one.enabled) for one in declared.catalogue(house.db).sources}


def test_the_file_is_provisioned_once_however_often_it_is_prepared(opened):
    house = opened(FILE)
    first = prepare(house)
    before = revisions.newest(house.db)
    again = prepare(opened())
    assert first.added == ("brand Shopsy", "source news", "source talk")
    assert again == declared.Provisioned()
    assert revisions.newest(house.db) == before


def test_what_leaves_the_file_is_switched_off_and_what_comes_back_is_switched_on(opened):
    prepare(opened(FILE))
    without = FILE[: FILE.index("  - {name: talk")]
    gone = prepare(opened(without))
    assert gone.disabled == ("source talk",)
    assert _sources(opened()) == {"news": ("file", True), "talk": ("file", False)}
    prepare(house := opened(FILE))
    assert _sources(house)["talk"] == ("file", True)


def test_what_a_person_took_over_is_left_alone_by_the_file(opened, now):
    prepare(house := opened(FILE))
    declared.take_over(house.db, "source", "talk", by=SYSTEM, now=now)
    provisioned = prepare(opened(FILE.replace("talk.example", "elsewhere.example")))
    assert provisioned.kept == ("source talk",)
    (talk,) = (one for one in declared.catalogue(house.db).sources if one.item.name == "talk")
    assert talk.item.options == {"url": "https://talk.example/feed"}
    assert prepare(opened("brands: [{name: Shopsy}]")).disabled == ("source news",)
    assert _sources(house)["talk"] == ("person", True)


def test_without_a_file_the_sample_opens_in_a_database_of_its_own(opened, now):
    sample = opened()
    assert prepare(sample) is None
    assert sample.sample
    assert sample.db.path.name == "sample.db"
    assert workspace.sample_started(sample.db) == now
    own = opened(FILE)
    prepare(own)
    assert own.db.path.name == "groundswell.db"
    assert workspace.sample_started(own.db) is None
    assert set(_sources(own)) == {"news", "talk"}


def test_a_sample_whose_first_start_was_cut_off_is_declared_at_the_next(opened, now):
    sample = opened()
    prepare(sample)
    expected = _sources(sample)
    assert len(expected) == 6
    with sample.db.write() as conn:
        for table in ("rule", "query", "source", "channel", "brand"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    prepare(sample)
    assert _sources(sample) == expected
    assert workspace.sample_started(sample.db) == now


def test_the_sample_never_becomes_the_database_of_ones_own_brand(opened, tmp_path):
    prepare(opened())
    with pytest.raises(ConfigError, match="invented mentions only"):
        prepare(opened(FILE, GROUNDSWELL_DATABASE=f"sqlite:///{tmp_path}/var/sample.db"))


def test_an_inventing_source_cannot_be_declared_in_ones_own_workspace(opened):
    with pytest.raises(
        ConfigError, match="never stand beside real ones; allowed: articles, file, hackernews, pages, reviews, rss"
    ):
        prepare(opened("sources: [{name: invented, type: sample, options: {stream: social}}]"))


def test_a_real_source_cannot_be_declared_in_the_sample_workspace(opened, now):
    prepare(sample := opened())
    before = _sources(sample)
    with pytest.raises(ConfigError, match="everything in the sample workspace is invented"):
        declared.save(sample.db, Declaration(sources=(SourceSpec(name="real", type="rss"),)), by=SYSTEM, now=now)
    assert _sources(sample) == before


def test_a_data_directory_that_cannot_be_made_is_said_so(opened, tmp_path):
    (tmp_path / "var").write_text("a file, not a folder")
    with pytest.raises(ConfigError, match="var cannot be made: File exists; allowed: a folder"):
        prepare(opened(FILE))
