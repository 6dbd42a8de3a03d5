from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from config.error import ConfigError
from config.file import Loaded, data_dir, find, load

GOOD = """
server:
  port: 9000
brands:
  - name: Kyiv Bank
    country: UA
    languages: [uk, ru, "no"]
    timezone: Europe/Kyiv
queries:
  - {name: words, brand: Kyiv Bank, any: [Kyiv Bank, Київ Банк]}
sources:
  - name: news
    type: rss
    brand: Kyiv Bank
    every: 30m
    options:
      url: https://example.org/feed
channels:
  - name: team
    type: slack
    options: {url: {env: SLACK_URL}}
rules:
  - {name: bad hour, brand: Kyiv Bank, window: 2h, channels: [team]}
"""


def _load(folder: Path, text: str, **environ: str) -> Loaded:
    path = folder / "groundswell.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ=environ)


def _said(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _load(folder, text, **environ)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    loaded = _load(tmp_path, GOOD)
    assert loaded.declaration.server.port == 9000
    assert loaded.declaration.brands[0].languages == ("uk", "ru", "no")
    assert loaded.declaration.sources[0].every == timedelta(minutes=30)
    assert loaded.declaration.channels[0].options == {"url": {"env": "SLACK_URL"}}
    problem = loaded.problem("sources[0].options.url", "is wrong")
    assert str(problem) == f"{tmp_path}/groundswell.yaml:17: sources[0].options.url: is wrong"


@pytest.mark.parametrize("text", ["", "# all commented out\n", "brands:\nserver:\n"])
def test_an_empty_file_is_fine(tmp_path: Path, text: str) -> None:
    assert _load(tmp_path, text).declaration.server.port == 8420


def test_no_file_is_fine() -> None:
    assert load(None, environ={"GROUNDSWELL_PORT": "1234"}).declaration.server.port == 1234


def test_everything_wrong_is_said_at_once_in_reading_order(tmp_path: Path) -> None:
    text = """
server: {port: 99999, hots: x}
brands:
  - name: Kyiv Bank
    timezone: Kyiv
    languages: [UK]
  - name: Kyiv Bank
queries:
  - name: words
    brand: Kiev Bank
    any: [1984]
sources:
  - type: rss
    every: 15x
rules:
  - {name: r, window: 10m, channels: [mail], severity: huge}
"""
    assert _said(tmp_path, text, GROUNDSWELL_UNMATCHED_DAYS="x") == [
        "GROUNDSWELL_UNMATCHED_DAYS: 'x' does not fit; allowed: a whole number",
        "groundswell.yaml:2: server.port: 99999 does not fit; allowed: at most 65535",
        (
            "groundswell.yaml:2: server.hots: unknown key 'hots' (did you mean 'host'?); allowed: host, port, "
            "public_url, database, locale, contact, allow_private, unmatched_days"
        ),
        "groundswell.yaml:5: brands[0].timezone: 'Kyiv' is no IANA time zone; allowed: names such as Europe/Kyiv",
        "groundswell.yaml:6: brands[0].languages[0]: 'UK' does not fit; allowed: ISO 639 code, such as en, ru, uk, pl",
        (
            "groundswell.yaml:7: brands[1].name: the name 'Kyiv Bank' is used twice, first in brands[0]; "
            "allowed: brands with different names"
        ),
        (
            "groundswell.yaml:10: queries[0].brand: 'Kiev Bank' is not among the brands of this file "
            "(did you mean 'Kyiv Bank'?); allowed: Kyiv Bank"
        ),
        "groundswell.yaml:11: queries[0].any[0]: 1984 does not fit; allowed: text; quote it if it looks like a number",
        "groundswell.yaml:13: sources[0].name: this key is missing; allowed: a name in one line, without a slash",
        (
            "groundswell.yaml:14: sources[0].every: '15x' is no duration; "
            "allowed: 30s, 15m, 2h, 1d, 1h30m, or a number of seconds"
        ),
        (
            "groundswell.yaml:16: rules[0].channels[0]: 'mail' is not among the channels of this file; "
            "allowed: first declare it under channels"
        ),
        "groundswell.yaml:16: rules[0].window: '10m' does not fit; allowed: at least 1 hour",
        "groundswell.yaml:16: rules[0].severity: 'huge' does not fit; allowed: low, medium, high or critical",
    ]


def test_an_error_ends_by_saying_that_nothing_was_changed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"allowed: at most 65535\. Nothing was changed\.$"):
        _load(tmp_path, "server: {port: 99999}")


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    assert _said(tmp_path, "brand: []\n") == [
        (
            "groundswell.yaml:1: brand: unknown key 'brand' (did you mean 'brands'?); "
            "allowed: server, brands, queries, sources, channels, rules"
        )
    ]


@pytest.mark.parametrize("text", ["- a\n", "just words\n", "12\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    assert _said(tmp_path, text) == [
        "groundswell.yaml:1: holds no keys; allowed: the keys server, brands, queries, sources, channels, rules"
    ]


def test_a_section_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    said = _said(tmp_path, "server: 12\nbrands: {name: x}\nqueries: [word]\n")
    assert [line.split(":")[1] for line in said] == ["1", "2", "3"]
    assert said[1].endswith("allowed: a list: one item a line after '- ', or [a, b]")


def test_broken_yaml_and_wrong_variables_are_said_together(tmp_path: Path) -> None:
    said = _said(tmp_path, "a: [\n", GROUNDSWELL_PORT="abc")
    assert said[0].startswith("groundswell.yaml:")
    assert said[1] == "GROUNDSWELL_PORT: 'abc' does not fit; allowed: a whole number"


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path, GOOD, GROUNDSWELL_PORT="9100", GROUNDSWELL_ALLOW_PRIVATE="10.0.0.0/8, intranet", GROUNDSWELL_HOST=""
    )
    server = loaded.declaration.server
    assert (server.port, server.host, server.allow_private) == (9100, "127.0.0.1", ("10.0.0.0/8", "intranet"))


@pytest.mark.parametrize("contact", ["пошта@example.com", '"a\\nb"'])
def test_a_contact_that_no_header_can_hold_is_refused(tmp_path: Path, contact: str) -> None:
    path = tmp_path / "groundswell.yaml"
    path.write_text(f"server:\n  contact: {contact}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"server.contact: .* cannot stand in a User-Agent") as refused:
        load(path, environ={})
    assert refused.value.problems[0].line == 2


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "groundswell.yaml"
    path.write_bytes(b"#" * 5_000_001)
    with pytest.raises(ConfigError, match="is too large; allowed: at most 5 MB"):
        load(path, environ={})


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, environ={})


def test_the_file_is_sought_where_the_documentation_says(tmp_path: Path) -> None:
    named, usual = tmp_path / "named.yaml", tmp_path / "groundswell.yaml"
    named.touch()
    assert find(None, environ={}, folder=tmp_path) is None
    usual.touch()
    assert find(None, environ={}, folder=tmp_path) == usual
    assert find(None, environ={"GROUNDSWELL_CONFIG": str(named)}, folder=tmp_path) == named
    assert find(usual, environ={"GROUNDSWELL_CONFIG": str(named)}, folder=tmp_path) == usual


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    with pytest.raises(ConfigError, match="--config: there is no file"):
        find(missing, environ={}, folder=tmp_path)
    with pytest.raises(ConfigError, match="GROUNDSWELL_CONFIG: there is no file"):
        find(None, environ={"GROUNDSWELL_CONFIG": str(missing)}, folder=tmp_path)


def test_the_data_directory_lies_beside_the_file_unless_named(tmp_path: Path) -> None:
    config = tmp_path / "etc" / "groundswell.yaml"
    assert data_dir(config, environ={}, folder=tmp_path) == tmp_path / "etc" / "var"
    assert data_dir(None, environ={}, folder=tmp_path) == tmp_path / "var"
    assert data_dir(config, environ={"GROUNDSWELL_DATA": "data"}, folder=tmp_path) == tmp_path / "data"
    assert data_dir(config, environ={"GROUNDSWELL_DATA": "/srv/g"}, folder=tmp_path) == Path("/srv/g")


def test_a_reference_of_the_wrong_form_says_what_a_name_is(tmp_path: Path) -> None:
    said = _said(tmp_path, "queries: [{name: q, brand: a/b, any: [x]}]\nrules: [{name: r, brand: /}]\n")
    allowed = "does not fit; allowed: a name in one line, without a slash"
    assert f"groundswell.yaml:1: queries[0].brand: 'a/b' {allowed}" in said
    assert f"groundswell.yaml:2: rules[0].brand: '/' {allowed}" in said
