"""Trying sources: what they would collect is shown, and nothing is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.error import ConfigError
from config.principal import SYSTEM
from config.settings import Declaration, Settings, SourceSpec
from crawlers.web import trial as tried_out
from groundswell import trying
from groundswell.collecting import make_reader
from groundswell.jobs import Runner
from groundswell.source_file import read_sources
from groundswell.trial import as_result, is_site, look_at, try_source
from storage import declared, jobs, status
from storage.pages import Holds
from storage.request import Tried, TriedItem, TriedPage, TrySource


@pytest.fixture
def house(house):
    return replace(house, declaration=Declaration(server=Settings(allow_private=("127.0.0.1",))))


def _feed(web, path="/feed", **changes):
    return SourceSpec(name="news", type="rss", options={"url": f"{web.url}{path}"}, **changes)


def test_a_feed_shows_its_newest_items_first_and_what_they_lack(house, web):
    trial = try_source(house, _feed(web))
    assert [item.text or item.title for item in trial.items] == ["Parcel found", "Parcel lost"]
    assert (trial.found, trial.error, trial.pages) == (2, None, ())
    assert (trial.fields["date"], trial.fields["author"]) == (2, 0)


def test_what_was_turned_away_is_a_warning_with_an_example(house, web):
    (warning,) = try_source(house, _feed(web, "/cut")).warnings
    assert warning.startswith("turned away: 1 × broken XML (")


@pytest.mark.parametrize(("path", "ending"), [("/gone", ""), ("/busy", "; trying again later may help")])
def test_a_source_that_cannot_be_read_says_why_and_whether_to_try_again(house, web, path, ending):
    trial = try_source(house, _feed(web, path))
    assert trial.found == 0
    assert trial.error.endswith(ending)
    assert look_at(house, _feed(web, path)).error


def test_what_must_be_confirmed_is_not_even_tried(house, web):
    with pytest.raises(ConfigError, match="terms restrict"):
        try_source(house, _feed(web, terms="restricted"))
    assert web.asked == []


class Paged:
    """A connector that reads pages."""

    def start(self):
        return ()

    def read(self, document, link):
        raise NotImplementedError


def test_what_begins_somewhere_and_reads_documents_is_a_site():
    assert is_site(Paged())
    assert not is_site(object())


def test_a_trial_is_the_result_of_a_job_and_nothing_is_stored(house, web):
    runner = Runner(house=house, owner="me")
    runner.catalogue = declared.catalogue(house.db)
    runner.reader = make_reader(runner.catalogue)
    asked = jobs.enqueue(
        house.db, kind="try_source", request=TrySource(source=_feed(web)), by=SYSTEM, now=house.clock()
    )
    runner.run_one()
    done = jobs.get(house.db, asked.id, by=SYSTEM)
    assert Tried.model_validate(done.result) == as_result(try_source(house, _feed(web)))
    states = status.source_status(house.db, by=SYSTEM, now=house.clock())
    assert [(state.name, state.collected) for state in states] == [("forum", 0), ("own", 0)]


def test_a_page_fills_no_result_and_says_nothing_in_half_characters(house, web):
    trial = try_source(house, _feed(web))
    hostile = "\0\ud800" + "x" * 100_000
    page = tried_out.TriedPage(url=f"{web.url}/{hostile}", role="listing", problem=hostile)
    items = tuple(replace(item, rating_given=hostile) for item in trial.items)
    said = as_result(
        replace(trial, pages=(page,), items=items, warnings=(hostile,) * 9_000, error=hostile)
    ).model_dump_json()
    assert len(said) < 110_000
    assert "\\u0000" not in said
    assert said.isascii()


def test_a_trial_leaves_a_host_alone_that_asked_for_it_and_tells_all_sources(house, web):
    paged = SourceSpec(name="talk", type="reviews", options={"start": [f"{web.url}/busy"], "delay": 0})
    assert try_source(house, paged).pages, "it was asked once"
    n = len(web.asked)
    again = try_source(house, paged)
    assert (again.pages, again.found) == ((), 0)
    assert again.error
    assert len(web.asked) == n
    assert Holds(house.db).held(["127.0.0.1"], now=house.clock())


# -- the file -------------------------------------------------------------------------------------


def _file(tmp_path, text):
    path = tmp_path / "source.yaml"
    path.write_text(text, encoding="utf-8")
    return path


WHOLE = """
brands: [{name: Acme}]
sources:
  - {name: one, type: rss, options: {url: "http://a.example/"}}
  - {name: two, type: rss, options: {url: nowhere}}
"""


def test_a_file_may_be_one_source(tmp_path):
    found = read_sources(_file(tmp_path, "name: one\ntype: rss\noptions: {url: 'http://a.example/'}\n"), environ={})
    assert not found.is_whole
    (source,) = found.pick(None)
    found.check((source,), environ={})
    assert source.name == "one"


def test_a_file_may_be_a_whole_configuration_of_which_a_name_picks_one(tmp_path):
    found = read_sources(_file(tmp_path, WHOLE), environ={})
    assert found.is_whole
    assert [source.name for source in found.pick(None)] == ["one", "two"]
    found.check(found.pick("one"), environ={})
    with pytest.raises(ConfigError, match=r"source.yaml:3: sources: there is no source 'tow' in it .*'two'"):
        found.pick("tow")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: one\ntype: rss\nevry: 5m\n", r"source.yaml:3: evry: unknown key 'evry' \(did you mean 'every'\?\)"),
        ("name: one\n  type: [", "source.yaml:2: this is no YAML"),
        ("name: one\ntype: rs\n", "source.yaml:2: type: there is no connector 'rs'"),
        ("name: one\ntype: rss\noptions:\n  url: x y\n", r"source.yaml:4: options.url: 'x y' does not fit"),
        ("name: one\ntype: rss\noptions:\n  url: {env: URL}\n", r"source.yaml:4: options.url: .*variable URL"),
        (WHOLE, r"source.yaml:5: sources\[1\].options.url: 'nowhere' does not fit"),
        ("brands: [{name: Acme}]\n", "source.yaml.*sources: has no source"),
        ("", "source.yaml.*holds no keys|source.yaml.*has no source"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        _checked(tmp_path, text, environ={})


def _checked(tmp_path, text, *, environ):
    found = read_sources(_file(tmp_path, text), environ={})
    found.check(found.pick(None), environ=environ)


def test_whoever_lets_another_process_read_need_not_have_its_secrets(tmp_path):
    _checked(tmp_path, "name: one\ntype: rss\noptions:\n  url: {env: URL}\n", environ=None)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sources(tmp_path / "gone.yaml", environ={})


# -- what is printed ------------------------------------------------------------------------------


def test_the_report_says_what_was_read_found_and_missed(house, web):
    tried = Tried(
        pages=(
            TriedPage(url="https://shop.example/p/1", role="listing", items=2, links=1, missed=("rating",)),
            TriedPage(url="https://shop.example/p/2", role="listing", items=0, links=0, problem="timeout: 30 s"),
        ),
        items=(
            TriedItem(text="Broke\nafter\x1b[2J a day " * 9, author="Olha", rating=0.2, rating_given="1 of 5"),
            TriedItem(title="Good", text="It works", published_at=house.clock(), rating=0.8),
        ),
        found=2,
        fields={"text": 2, "date": 1},
        warnings=("rating: found nothing on 1 of 1 pages that were read",),
    )
    said = trying.report(_feed(web), tried).plain
    assert said.splitlines()[:3] == [
        "news (rss)",
        "  listing  https://shop.example/p/1  items: 2, links: 1",
        "  listing  https://shop.example/p/2  timeout: 30 s",
    ]
    assert "2026-03-10  -                         4/5    Good. It works" in said
    assert "no date     Olha                      1/5    Broke after [2J a day" in said
    assert "2 items, with: text 100%, author 0%, date 50%, rating 0%" in said
    assert "look: rating: found nothing on 1 of 1 pages" in said
    assert "\x1b" not in said


def test_trying_a_file_here_fails_when_nothing_was_found(house, web, tmp_path, capsys):
    text = f"name: news\ntype: rss\noptions: {{url: '{web.url}/feed'}}\n"
    assert trying.try_file(house, read_sources(_file(tmp_path, text), environ={}), None) == 0
    assert "Parcel found" in capsys.readouterr().out
    text = text.replace("/feed", "/gone")
    assert trying.try_file(house, read_sources(_file(tmp_path, text), environ={}), None) == 1
    assert "Nothing was found." in capsys.readouterr().out
    text += "terms: restricted\n"
    assert trying.try_file(house, read_sources(_file(tmp_path, text), environ={}), "news") == 1
    assert "terms restrict automatic reading" in capsys.readouterr().out


def test_a_persons_source_can_be_confirmed(house, web, capsys):
    declared.save(house.db, Declaration(sources=(_feed(web, terms="restricted"),)), by=SYSTEM, now=house.clock())
    trying.confirm(house, "news")
    assert capsys.readouterr().out == "news: confirmed; it is read from now on.\n"
    source = next(one for one in declared.catalogue(house.db).sources if one.item.name == "news")
    assert source.item == _feed(web, terms="restricted", confirmed=True)
    with pytest.raises(ConfigError, match="there is no source 'nws'"):
        trying.confirm(house, "nws")


def test_only_what_is_restricted_is_confirmed_and_what_is_off_stays_off(house, web, capsys):
    def save(**changes):
        declared.save(house.db, Declaration(sources=(_feed(web, **changes),)), by=SYSTEM, now=house.clock())

    save()
    with pytest.raises(ConfigError, match="is not restricted"):
        trying.confirm(house, "news")
    save(terms="restricted")
    declared.set_enabled(house.db, "source", "news", False, by=SYSTEM, now=house.clock())
    trying.confirm(house, "news")
    assert capsys.readouterr().out == "news: confirmed; it is read once it is switched on.\n"
