from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from alerts import registry as channels
from alerts.channel import Channel, ChannelTools
from config import secret
from config.settings import ChannelSpec, Declaration, Query, SourceSpec
from crawlers import registry as connectors
from crawlers.connector import Connector, Tools
from groundswell.checking import Finding, Live, check, failed
from groundswell.visit import Visit, visit

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def _connect(spec: SourceSpec) -> Connector:
    kind = connectors.load(spec.type).kind
    tools = Tools(source=spec.name, kind=kind, clock=lambda: NOW, user_agent="test", allow_private=("127.0.0.1",))
    return connectors.build(spec, tools)


def _visit(spec: SourceSpec) -> Visit:
    return visit(lambda: _connect(spec), now=NOW)


def _channel(environ: dict[str, str]):
    def build(spec: ChannelSpec) -> Channel:
        tools = ChannelTools(channel=spec.name, user_agent="test", allow_private=("127.0.0.1",))
        return channels.build(spec.type, secret.resolve(spec.options, environ=environ), tools)

    return build


def _check(
    folder: Path,
    text: str,
    *,
    live: Live | None = None,
    stored: Declaration | None = None,
    environ: dict[str, str] | None = None,
) -> list[Finding]:
    path = folder / "groundswell.yaml"
    path.write_text(text, encoding="utf-8")
    found = check(
        path,
        environ=environ or {},
        data=folder / "var",
        stored=stored or Declaration(),
        live=live or Live(),
        now=NOW,
    )
    return [Finding(level=each.level, text=each.text.replace(f"{folder}/", "")) for each in found]


def _texts(findings: list[Finding], level: str) -> list[str]:
    return [finding.text for finding in findings if finding.level == level]


def test_a_good_configuration_is_tried_for_real(tmp_path: Path, web) -> None:
    text = f"""
brands: [{{name: Acme}}]
queries: [{{name: words, brand: Acme, any: [acme]}}]
sources:
  - {{name: news, type: rss, options: {{url: "{web.url}/feed"}}}}
channels:
  - {{name: team, type: slack, options: {{url: {{env: HOOK}}}}}}
"""
    environ = {"HOOK": f"{web.url}/hook"}
    found = _check(tmp_path, text, live=Live(visit=_visit, channel=_channel(environ)), environ=environ)
    assert not failed(found)
    assert [finding.level for finding in found] == ["fine", "fine", "fine"]
    assert found[1].text == "source news: 2 items, the newest of 2026-03-10 12:00 UTC"
    assert found[2].text.startswith("channel team: took the test message ")
    assert "Test message: this channel works" in json.loads(web.posted[0])["text"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["groundswell.yaml"]


def test_sources_and_channels_that_fail_are_errors(tmp_path: Path, web) -> None:
    stored = Declaration(
        sources=(SourceSpec(name="gone", type="rss", options={"url": f"{web.url}/gone"}),),
        channels=(ChannelSpec(name="team", type="slack", options={"url": f"{web.url}/nowhere"}),),
    )
    found = _check(tmp_path, "", stored=stored, live=Live(visit=_visit, channel=_channel({})))
    gone, team = _texts(found, "error")
    assert gone.startswith("source gone: ")
    assert "404" in gone
    assert team.startswith("channel team: the test message did not arrive: ")
    assert failed(found)
    assert _texts(found, "warning") == ["there are sources but no brand: what they bring concerns nobody"]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    text = """
sources: [{name: news, type: rss, options: {url: "https://news.example/feed"}}]
channels: [{name: log, type: log}]
brands: [{name: Acme}]
"""
    found = _check(tmp_path, text)
    assert _texts(found, "skipped") == [
        "1 source not visited (--offline)",
        "1 channel not tried (--send-test sends a message)",
    ]
    assert _texts(found, "warning") == ["brand Acme: no query and no source of its own; nothing concerns it"]
    assert not failed(found)


def test_wrong_options_are_named_with_line_key_and_what_is_allowed(tmp_path: Path) -> None:
    text = """
sources:
  - name: one
    type: rrs
  - name: two
    type: rss
    options:
      url: ftp://news.example
      langauge: en
channels:
  - name: three
    type: slack
    options:
      url: https://hooks.example/very-secret
  - name: four
    type: webhook
    options:
      url: {env: NOT_SET}
      secret: {env: SHORT}
"""
    found = _check(tmp_path, text, environ={"SHORT": "hunter2"})
    errors = _texts(found, "error")
    assert [error.split(": ")[:2] for error in errors] == [
        ["groundswell.yaml:4", "sources[0].type"],
        ["groundswell.yaml:8", "sources[1].options.url"],
        ["groundswell.yaml:9", "sources[1].options.langauge"],
        ["groundswell.yaml:14", "channels[0].options.url"],
        ["groundswell.yaml:18", "channels[1].options.url"],
        ["groundswell.yaml:19", "channels[1].options.secret"],
    ]
    assert "allowed: " in errors[0]
    assert errors[2].endswith("unknown key 'langauge' (did you mean 'language'?); allowed: url, language, max_bytes")
    assert errors[3].endswith("a secret stands here in plain text; allowed: a reference: {env: NAME} or {file: /path}")
    assert "the environment variable NOT_SET is not set" in errors[4]
    assert not any("hunter2" in error or "very-secret" in error for error in errors)


def test_items_with_wrong_options_are_not_tried(tmp_path: Path, web) -> None:
    text = f"""
brands: [{{name: Acme}}]
queries: [{{name: words, brand: Acme, any: [acme]}}]
sources:
  - {{name: bad, type: rss, options: {{}}}}
  - {{name: good, type: rss, options: {{url: "{web.url}/feed"}}}}
"""
    found = _check(tmp_path, text, live=Live(visit=_visit))
    assert [finding.level for finding in found] == ["fine", "error", "fine"]
    assert found[2].text.startswith("source good: 2 items")


def test_a_file_that_cannot_be_read_ends_the_check(tmp_path: Path) -> None:
    stored = Declaration(queries=(), sources=(SourceSpec(name="x", type="rss"),))
    found = _check(tmp_path, "server: {port: 0}\nbrand: x\n", stored=stored)
    assert [finding.level for finding in found] == ["error", "error"]
    assert found[0].text.startswith("groundswell.yaml:1: server.port: 0 does not fit")


def test_stored_items_count_as_covered(tmp_path: Path) -> None:
    stored = Declaration(queries=(Query(name="words", brand="Acme", any=("acme",)),))
    assert _texts(_check(tmp_path, "brands: [{name: Acme}]", stored=stored), "warning") == []


def test_wrong_options_of_stored_items_are_errors(tmp_path: Path) -> None:
    stored = Declaration(
        sources=(SourceSpec(name="odd", type="rss", options={"nonsense": 1}),),
        channels=(ChannelSpec(name="team", type="slack", options={"url": {"env": "NOT_SET"}}),),
    )
    errors = _texts(_check(tmp_path, "", stored=stored, live=Live(visit=_visit, channel=_channel({}))), "error")
    assert errors[0].startswith("source odd: ")
    assert "nonsense" in "".join(errors)
    assert errors[-1].startswith("channel team: url: the environment variable NOT_SET is not set")


def test_without_a_file_the_defaults_are_checked(tmp_path: Path) -> None:
    found = list(check(None, environ={}, data=tmp_path, stored=Declaration(), live=Live(), now=NOW))
    assert [(finding.level, finding.text) for finding in found] == [("fine", "no configuration file: defaults")]


def test_a_key_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    key = tmp_path / "var" / "secret.key"
    key.write_text("+" * 43 + "=")
    key.chmod(0o644)
    assert _texts(_check(tmp_path, ""), "warning") == [
        "var/secret.key: other users may read the key; chmod 600 makes it yours alone"
    ]


def test_a_key_that_is_none_is_an_error(tmp_path: Path) -> None:
    errors = _texts(_check(tmp_path, "", environ={"GROUNDSWELL_SECRET_KEY": "short"}), "error")
    assert errors[0].startswith("GROUNDSWELL_SECRET_KEY holds no usable key")


def test_a_data_directory_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    assert _texts(_check(tmp_path, ""), "error")[0].startswith("data directory: var cannot be written")
