"""Every connector has what the registry promises: settings, words about itself, a fixture, a row in the docs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from config.error import ConfigError
from config.settings import SourceKind, SourceSpec, Terms
from crawlers.connector import Tools
from crawlers.registry import CONNECTORS, build, check, load, schemas

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOOLS = Tools(source="A source", kind="news", clock=lambda: NOW, user_agent="Groundswell/test")
LEAST: dict[str, dict[str, Any]] = {
    "rss": {"url": "https://example.com/feed"},
    "hackernews": {"words": ["brand"]},
    "pages": {"start": ["https://example.com/"], "items": "li", "text": "p"},
    "reviews": {"start": ["https://example.com/p/1"]},
    "articles": {"start": ["https://example.com/feed"]},
    "file": {"path": "rows.jsonl"},
    "sample": {"stream": None, "started": NOW.isoformat()},
}

every_connector = pytest.mark.parametrize("name", CONNECTORS)


def options_of(name: str) -> dict[str, Any]:
    options = dict(LEAST[name])
    if name == "sample":
        from crawlers.sample.stream import STREAMS

        options["stream"] = next(iter(STREAMS))
    return options


def settings_of(name: str) -> type[BaseModel]:
    return load(name).settings


@every_connector
def test_it_has_a_settings_class_that_refuses_what_it_does_not_know(name: str) -> None:
    settings = settings_of(name)
    assert issubclass(settings, BaseModel)
    assert settings.model_config.get("extra") == "forbid"
    assert settings.model_config.get("frozen")
    assert all(field.description for field in settings.model_fields.values())


@every_connector
def test_its_kind_is_one_of_ours(name: str) -> None:
    assert load(name).kind in get_args(SourceKind)


@every_connector
def test_it_says_on_what_terms_it_reads(name: str) -> None:
    assert load(name).terms in get_args(Terms)


@every_connector
def test_it_says_what_it_does(name: str) -> None:
    found = load(name)
    for thing in (found, found.settings, sys.modules[CONNECTORS[name].partition(":")[0]]):
        assert inspect.getdoc(thing)


@every_connector
def test_it_has_a_fixture_and_the_fixture_says_where_it_comes_from(name: str) -> None:
    folder = ROOT / "tests" / "fixtures" / "crawlers"
    found = list(folder.glob(f"{name}*"))
    assert found, f"the connector {name} has no fixture: write {folder.relative_to(ROOT)}/{name}_…"
    said = (folder / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in said for path in found)


@every_connector
def test_it_has_a_row_in_the_docs_and_every_option_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|.*(?:confirmed|unconfirmed)", DOCS, re.MULTILINE)
    chapter = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert chapter, f"docs/connectors.md has no chapter on {name}"
    for option in settings_of(name).model_fields:
        assert f"| `{option}` |" in chapter[1], f"docs/connectors.md does not explain {name}'s option {option}"


@every_connector
def test_it_is_built_from_its_options(name: str) -> None:
    spec = SourceSpec(name="A source", type=name, options=options_of(name))
    assert type(build(spec, TOOLS)).__name__ == CONNECTORS[name].partition(":")[2]


@every_connector
def test_an_unknown_option_is_named(name: str) -> None:
    spec = SourceSpec(name="A source", type=name, options={**options_of(name), "colour": "red"})
    with pytest.raises(ConfigError, match=r"sources\.A source\.options\.colour"):
        check(spec)


def test_every_connector_has_a_schema() -> None:
    found = schemas()
    assert set(found) == set(CONNECTORS)
    assert all(schema["type"] == "object" for schema in found.values())


def test_an_unknown_type_is_answered_with_those_there_are() -> None:
    names = ", ".join(sorted(CONNECTORS))
    with pytest.raises(ConfigError, match=rf"sources\.A source\.type.*'telepathy'.*{names}"):
        check(SourceSpec(name="A source", type="telepathy"))
    with pytest.raises(ConfigError, match="'telepathy'"):
        load("telepathy")


def test_client_libraries_load_only_when_they_are_used() -> None:
    code = (
        "import sys, crawlers.registry as r; r.schemas(); "
        "sys.exit(','.join(m for m in ('feedparser', 'scrapy', 'praw', 'tweepy', 'lxml') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", [{"url": "ftp://example.com"}, {}, {"url": "https://x.example", "max_bytes": 1}])
def test_wrong_options_of_a_feed_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"sources\.A source\.options"):
        build(SourceSpec(name="A source", type="rss", options=option), TOOLS)
