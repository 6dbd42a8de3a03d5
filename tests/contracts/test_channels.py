from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from alerts.channel import ChannelTools
from alerts.registry import CHANNELS, build, check, load, schemas
from config.error import ConfigError
from config.explanation import holds_secret

ROOT = Path(__file__).parents[2]
TOOLS = ChannelTools(channel="Team", user_agent="Groundswell/test")
SECRET = "s3cr3t-value"
SOUNDS_SECRET = re.compile(r"password|secret|token|url")
DOCS = ROOT / "docs" / "channels.md"

every_channel = pytest.mark.parametrize("name", CHANNELS)


def fixture(name: str) -> dict[str, Any]:
    path = ROOT / "tests" / "fixtures" / "alerts" / f"{name}.json"
    assert path.exists(), f"the channel {name} has no fixture: write {path.relative_to(ROOT)}"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def settings_of(name: str) -> type[BaseModel]:
    return load(name).settings


@every_channel
def test_it_has_a_settings_class_that_refuses_what_it_does_not_know(name: str) -> None:
    settings = settings_of(name)
    assert settings.model_config.get("extra") == "forbid"
    assert settings.model_config.get("frozen")
    assert all(field.description for field in settings.model_fields.values())


@every_channel
def test_it_says_what_it_does(name: str) -> None:
    for thing in (load(name), load(name).settings, sys.modules[load(name).__module__]):
        assert inspect.getdoc(thing)


@every_channel
def test_its_secrets_are_marked_as_such(name: str) -> None:
    for field, info in settings_of(name).model_fields.items():
        if SOUNDS_SECRET.search(field):
            assert holds_secret(info.annotation), f"{name}.{field} must be a SecretStr"


@every_channel
def test_its_schema_lets_a_form_hide_its_secrets(name: str) -> None:
    schema = schemas()[name]
    assert set(schema["properties"] if settings_of(name).model_fields else {}) == set(settings_of(name).model_fields)
    for field, info in settings_of(name).model_fields.items():
        assert ("writeOnly" in json.dumps(schema["properties"][field])) is holds_secret(info.annotation)


@every_channel
def test_it_is_one_short_file_of_the_registrys_folder(name: str) -> None:
    source = ROOT / "alerts" / "channels" / f"{name}.py"
    assert CHANNELS[name].startswith(f"alerts.channels.{name}:")
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 80


@every_channel
def test_its_fixture_says_where_it_is_from_and_builds(name: str) -> None:
    assert fixture(name)["origin"]
    channel = build(name, fixture(name)["options"], TOOLS)
    assert list(inspect.signature(channel.send).parameters) == ["message"]


@every_channel
def test_wrong_options_are_named_without_quoting_a_secret(name: str) -> None:
    for case in fixture(name)["refused"]:
        with pytest.raises(ConfigError) as caught:
            check(name, case["options"])
        assert [problem.key for problem in caught.value.problems] == [case["key"]]
        assert SECRET not in str(caught.value)
        assert caught.value.__cause__ is None


@every_channel
def test_it_is_documented_with_every_option(name: str) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert re.search(rf"^\| `{name}` \|", text, re.MULTILINE), f"docs/channels.md has no row for {name}"
    section = text.partition(f"\n## `{name}`\n")[2].partition("\n## ")[0]
    assert section, f"docs/channels.md has no section for {name}"
    for field in settings_of(name).model_fields:
        assert f"| `{field}` |" in section, f"docs/channels.md does not explain {name}.{field}"


def test_every_file_of_the_folder_is_registered() -> None:
    files = {path.stem for path in (ROOT / "alerts" / "channels").glob("*.py")} - {"__init__"}
    assert files == set(CHANNELS)


def test_an_unknown_type_is_refused_with_what_there_is() -> None:
    with pytest.raises(
        ConfigError, match=r"type: unknown channel 'slak'.*'slack'.*allowed: email, log, slack, webhook"
    ):
        build("slak", {}, TOOLS)


def test_a_channel_is_imported_only_when_it_is_used() -> None:
    probe = "import sys, alerts.registry; print([m for m in sys.modules if m.startswith('alerts.channels')])"
    found = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
