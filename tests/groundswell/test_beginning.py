from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.error import ConfigError
from config.settings import Declaration, SourceSpec
from groundswell.answers import Answers, Mail
from groundswell.beginning import Tried, default_file, init, next_steps
from groundswell.visit import Visit

ACME = Answers(brand="Acme", country="US", languages=("en", "pl"), timezone="UTC", words=("Acme",))


def _visit(source: SourceSpec) -> Visit:
    if "Google" in source.name:
        return Visit(error="the server says 404")
    if "Bing" in source.name:
        return Visit(error="no answer in 30 s", passing=True)
    return Visit()


def test_what_answers_or_may_answer_later_is_kept(tmp_path: Path) -> None:
    saved: list[Declaration] = []
    told: list[Tried] = []
    file = tmp_path / "groundswell.yaml"
    done = init(ACME, file=file, visit=_visit, save=saved.append, tell=told.append)
    assert saved == [done.declaration]
    kept = [source.name for source in saved[0].sources]
    assert [tried.source.name for tried in told if tried.kept] == kept
    assert not any("Google" in name for name in kept)
    assert any("Bing" in name for name in kept)
    assert str(told[0]) == "Acme: Google News (en, US): the server says 404 (left out)"
    assert str(told[1]) == "Acme: Bing News (en, US): no answer in 30 s (kept, it will be tried again)"
    assert done.file_written
    assert file.read_text().startswith("# The settings of the Groundswell server.")


def test_a_file_that_is_there_is_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "groundswell.yaml"
    file.write_text("server: {port: 9000}\n")
    done = init(ACME, file=file, visit=_visit, save=lambda _: None)
    assert not done.file_written
    assert file.read_text() == "server: {port: 9000}\n"
    assert any("was there already" in line for line in next_steps(done))


def test_a_save_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def refuse(_: Declaration) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        init(ACME, file=tmp_path / "groundswell.yaml", visit=_visit, save=refuse)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_visited_or_saved_when_an_answer_is_wrong(tmp_path: Path) -> None:
    def never(_: object) -> Visit:
        raise AssertionError

    wrong = replace(
        ACME,
        timezone="Nowhere",
        mail=Mail(to=("a@b.c",), sender="a@b.c", host="mail", username="me", password=None),
    )
    with pytest.raises(ConfigError, match="--timezone: 'Nowhere' is no IANA time zone"):
        init(wrong, file=tmp_path / "x.yaml", visit=never, save=never)
    with pytest.raises(ConfigError, match="--smtp-username and --smtp-password: username and password belong"):
        init(replace(wrong, timezone="UTC"), file=tmp_path / "x.yaml", visit=never, save=never)


def test_the_next_steps_say_what_is_missing(tmp_path: Path) -> None:
    done = init(ACME, file=tmp_path / "groundswell.yaml", visit=_visit, save=lambda _: None)
    lines = next_steps(done)
    assert lines[0] == f"Acme is saved, with {len(done.declaration.sources)} sources and one alert rule."
    assert "No alerts go out yet" in lines[1]
    assert any(line.startswith("Mentions in pl are collected") for line in lines)
    assert lines[-1] == "Start listening: groundswell run"


def test_the_file_is_written_where_it_will_be_sought(tmp_path: Path) -> None:
    assert default_file(None, environ={}, folder=tmp_path) == tmp_path / "groundswell.yaml"
    assert default_file(None, environ={"GROUNDSWELL_CONFIG": "/etc/g.yaml"}, folder=tmp_path) == Path("/etc/g.yaml")
    assert default_file(Path("here.yaml"), environ={}, folder=tmp_path) == Path("here.yaml")
