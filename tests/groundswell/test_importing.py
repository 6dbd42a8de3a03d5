from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest

from config.error import ConfigError
from crawlers.connector import Reject
from groundswell.importing import import_file, write_rejects
from storage import declared


@pytest.fixture
def rows(tmp_path):
    file = tmp_path / "old.jsonl"
    row = {"id": 1, "text": "Shopsy is awful", "published_at": "2026-01-05T10:00:00Z"}
    file.write_text(f"{json.dumps(row)}\n")
    return file


def _import(house, file, **more):
    return import_file(house, file, **{"brand": None, "kind": None, "name": None, **more})


def test_an_import_becomes_a_source_that_is_switched_off_and_may_be_repeated(house, rows):
    assert _import(house, rows) == 0
    assert _import(house, rows, kind="review") == 0
    (source,) = (one for one in declared.catalogue(house.db).sources if one.item.name == "old.jsonl")
    assert (source.item.type, source.item.kind, source.enabled) == ("file", "review", False)


def test_an_import_never_takes_the_place_of_a_source_that_is_read(house, rows):
    with pytest.raises(ConfigError, match="--name: there is a source 'forum' already"):
        _import(house, rows, name="forum")
    (forum,) = (one for one in declared.catalogue(house.db).sources if one.item.name == "forum")
    assert (forum.item.type, forum.enabled) == ("rss", True)


def test_nothing_real_is_imported_into_the_sample_workspace(house, rows):
    with pytest.raises(ConfigError, match="holds invented mentions only"):
        _import(replace(house, sample=True), rows)


@pytest.mark.parametrize(("flag", "value"), [("kind", "gossip"), ("name", "a/b")])
def test_a_wrong_flag_is_named_with_what_is_allowed(house, rows, flag, value):
    with pytest.raises(ConfigError, match=f"--{flag}: .*allowed: "):
        _import(house, rows, **{flag: value})


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\tx"])
def test_a_refused_row_is_never_a_formula(tmp_path, cell):
    target = tmp_path / "old.rejects.csv"
    write_rejects(target, [Reject(reason="bad date", detail=cell, external_id=cell, line=3)])
    with target.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {"line": "3", "reason": "bad date", "detail": f"'{cell}", "id": f"'{cell}"}


def test_a_folder_that_cannot_be_written_does_not_undo_the_import(house, rows, tmp_path, capsys):
    rows.write_text(rows.read_text() + "{broken\n")
    (tmp_path / "old.jsonl.rejects.csv").mkdir()
    assert _import(house, rows) == 1
    assert "cannot be written" in capsys.readouterr().err
