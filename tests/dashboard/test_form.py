from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from alerts import registry as channels
from config.duration import Duration
from config.error import ConfigError
from crawlers import registry as connectors
from dashboard import label
from dashboard.entry import collect, initial
from dashboard.form import can_be_made, fields_of, grouped, value_at
from dashboard.proof import prove

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXAMPLES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("connector", "rss"): [{"url": "https://a.example/feed"}, {"url": "http://a.example", "language": "uk"}],
    ("connector", "hackernews"): [{"words": ["Kyiv Bank", "київ"], "comments": False}],
    ("connector", "pages"): [
        {"start": ["https://forum.example/viewforum.php?f=5"], "preset": "phpbb", "recheck": "6h", "text": ".mine"},
        {
            "start": ["https://a.example/reviews", "https://a.example/more"],
            "items": ".review",
            "text": ".pros, .cons",
            "rating": ".stars::attr(class) | re:s(\\d) || page:json:rating",
            "best": "10",
            "drop": ["q", ".signature"],
            "order": "oldest",
        },
    ],
    ("connector", "reviews"): [
        {
            "start": ["https://shop.example/product/1"],
            "best": 10,
            "comments": True,
            "delay": 2.5,
            "hours": "01:00-06:00",
        },
        {
            "start": ["https://shop.example/sitemap.xml"],
            "pages_like": ["/product/*"],
            "follow": [".product a"],
            "hosts": ["reviews.example"],
            "untrusted": True,
        },
    ],
    ("connector", "articles"): [
        {"start": ["https://news.example"], "comments": False, "newer_than": "3d", "articles_like": ["/news/"]},
    ],
    ("connector", "file"): [
        {"path": "rows.csv", "format": "csv", "delimiter": ";", "rating_max": 10, "columns": {"text": "body"}}
    ],
    ("connector", "sample"): [{"stream": "forum", "seed": 3, "started": "2026-03-10T12:30:00+00:00"}],
    ("channel", "email"): [
        {
            "host": "mail.example",
            "port": 2525,
            "security": "ssl",
            "username": "bot",
            "password": "s3cret",
            "ca_file": "/etc/ca.pem",
            "sender": "Groundswell <alerts@a.example>",
            "to": ["on-call@a.example", "Lead <lead@a.example>"],
        },
        {"host": "mail.example", "sender": "a@a.example", "to": ["b@a.example"]},
    ],
    ("channel", "log"): [{}],
    ("channel", "slack"): [{"url": "https://hooks.slack.com/services/T0/B0/x"}],
    ("channel", "webhook"): [{"url": "https://a.example/in?token=1", "secret": "0123456789abcdef"}],
}
REGISTRIES = {"connector": connectors, "channel": channels}
PLUGINS = [("connector", name) for name in connectors.CONNECTORS] + [("channel", name) for name in channels.CHANNELS]
CASES = [(registry, name, options) for (registry, name), several in EXAMPLES.items() for options in several]


def schema_of(registry: str, name: str) -> dict[str, Any]:
    """As the monitor publishes it: through JSON."""
    return json.loads(json.dumps(REGISTRIES[registry].schemas()[name]))


def fields_by_key(schema):
    return {field.key: field for field in fields_of(schema)}


@pytest.mark.parametrize("plugin", PLUGINS, ids="-".join)
def test_every_plugin_has_a_form_without_raw_json(plugin):
    assert plugin in EXAMPLES, "give an example of its options"
    fields = fields_by_key(schema_of(*plugin))
    assert not [key for key, field in fields.items() if field.kind == "json"]
    assert all(field.description for field in fields.values())


@pytest.mark.parametrize(("registry", "name", "options"), CASES)
def test_options_survive_being_shown_and_saved(registry, name, options):
    fields = fields_of(schema_of(registry, name))
    shown = {field.key: initial(field, options) for field in fields}
    hidden = {field.key: value_at(options, field.path) for field in fields if field.kind == "secret"}
    saved = collect(fields, shown | hidden, options)
    settings = REGISTRIES[registry].load(name).settings
    assert settings.model_validate(saved) == settings.model_validate(options)
    prove(registry, name, saved)


@pytest.mark.parametrize(("registry", "name", "options"), CASES)
def test_no_form_shows_a_secret(registry, name, options):
    for field in fields_of(schema_of(registry, name)):
        if field.kind == "secret":
            assert initial(field, options) == ""


def test_stored_secrets_are_kept_when_nothing_is_typed():
    fields = fields_of(schema_of("channel", "webhook"))
    stored = {"url": {"secret": "channel/x/url"}, "secret": {"secret": "channel/x/secret"}}
    assert collect(fields, {"url": "", "secret": ""}, stored) == stored
    typed = collect(fields, {"url": "https://b.example/in", "secret": ""}, stored)
    assert typed == {"url": "https://b.example/in", "secret": {"secret": "channel/x/secret"}}
    prove("channel", "webhook", typed)


def test_a_stored_secret_can_be_removed_where_it_is_optional():
    fields = fields_of(schema_of("channel", "email"))
    stored = {"password": {"secret": "channel/x/password"}}
    assert collect(fields, {"password": "", "password.forget": True}, stored) == {}


def test_references_of_the_file_are_kept_and_can_be_typed_over():
    fields = fields_of(schema_of("channel", "email"))
    stored = {"host": {"env": "SMTP_HOST"}, "port": {"env": "PORT"}, "password": {"file": "/run/secrets/smtp"}}
    shown = {field.key: initial(field, stored) for field in fields}
    assert (shown["host"], shown["port"], shown["password"]) == ("", None, "")
    assert collect(fields, shown, stored) == stored
    assert collect(fields, shown | {"host": "mail.example"}, stored)["host"] == "mail.example"


@pytest.mark.parametrize("kind", ["env", "file", "secret"])
def test_a_reference_cannot_be_typed(kind):
    text = fields_of(schema_of("connector", "rss"))
    with pytest.raises(ConfigError, match="configuration file only"):
        collect(text, {"url": f"{{{kind}: HOME}}"}, {})
    pairs = fields_of(schema_of("connector", "file"))
    with pytest.raises(ConfigError, match="configuration file only"):
        collect(pairs, {"columns": f"{kind} = HOME"}, {})


def test_a_reference_cannot_be_moved_to_another_option():
    fields = fields_of(schema_of("connector", "file"))
    with pytest.raises(ConfigError, match="configuration file only"):
        collect(fields, {"columns": "env = TOKEN"}, {"columns": {"env": "OTHER"}})


def test_no_page_sets_a_path_on_the_server():
    fields = fields_of(schema_of("connector", "file"))
    assert collect(fields, {"path": "/etc/passwd"}, {"path": "rows.csv"}) == {"path": "rows.csv"}
    assert collect(fields, {"path": "/etc/passwd"}, {}) == {}
    assert not can_be_made(schema_of("connector", "file"))
    assert can_be_made(schema_of("channel", "email"))


def test_what_is_wrong_is_said_by_its_option_and_quotes_no_secret():
    with pytest.raises(ConfigError) as caught:
        prove("channel", "webhook", {"url": "https://a.example", "secret": "short and dear"})
    (problem,) = caught.value.problems
    assert problem.key == "secret"
    assert "dear" not in str(problem)
    with pytest.raises(ConfigError, match="url: this key is missing"):
        prove("connector", "rss", {})


class _Inner(BaseModel):
    depth: int = Field(ge=1, le=9)
    words: dict[str, str] = {}


class _Odd(BaseModel):
    wait: Duration
    often: Duration | None = None
    inner: _Inner
    maybe: _Inner | None = None
    either: int | str = 1
    many: list[_Inner] = []
    token: SecretStr | None = None
    on: bool


def test_forms_know_durations_nested_options_and_what_has_no_simpler_form():
    fields = fields_by_key(_Odd.model_json_schema())
    assert {key: field.kind for key, field in fields.items()} == {
        "wait": "duration",
        "often": "duration",
        "inner.depth": "whole",
        "inner.words": "pairs",
        "maybe.depth": "whole",
        "maybe.words": "pairs",
        "either": "json",
        "many": "json",
        "token": "secret",
        "on": "switch",
    }
    assert (fields["inner.depth"].lowest, fields["inner.depth"].highest) == (1, 9)
    assert [key for key, field in fields.items() if field.required] == ["wait", "inner.depth", "on"]
    options = {"wait": "90s", "inner": {"depth": 3, "words": {"a": "b = c"}}, "many": [{"depth": 1}], "on": True}
    shown = {field.key: initial(field, options) for field in fields.values()}
    saved = collect(tuple(fields.values()), shown, options)
    assert _Odd.model_validate(saved) == _Odd.model_validate(options)
    assert saved["wait"] == "1m30s"


@pytest.mark.parametrize(
    ("key", "typed", "wrong"),
    [
        ("wait", "soon", "no duration"),
        ("inner.words", "no sign", "name = value"),
        ("many", "[{]", "no JSON"),
        ("many", '[{"env": "HOME"}]', "configuration file only"),
    ],
)
def test_what_cannot_be_understood_is_said(key, typed, wrong):
    fields = fields_of(_Odd.model_json_schema())
    with pytest.raises(ConfigError, match=wrong) as caught:
        collect(fields, {key: typed}, {})
    assert caught.value.problems[0].key.startswith(key)


WEB = ("reviews", "pages", "articles")


@pytest.mark.parametrize("name", WEB)
def test_a_web_source_s_form_begins_with_what_is_needed(name):
    fields = fields_of(schema_of("connector", name))
    groups = grouped(fields, label.GROUPS)
    in_sight = [field.key for field in groups[None]]
    assert in_sight[0] == "start"
    assert len(in_sight) <= 8
    assert list(groups)[-1] == "manners"
    assert {"pages", "megabytes", "delay", "misses", "untrusted"} <= {field.key for field in groups["manners"]}
    assert set(groups) <= {None, *label.GROUPS}
    assert sum(map(len, groups.values())) == len(fields)


def test_every_option_and_choice_of_a_web_source_has_a_name():
    for name in WEB:
        for field in fields_of(schema_of("connector", name)):
            assert field.key in label.OPTIONS
            assert all(choice in label.CHOICES[field.key] for choice in field.choices)


def test_what_must_be_filled_in_is_never_folded_away():
    schema = {"properties": {"a": {"type": "string", "group": "x"}}, "required": ["a"]}
    assert [field.group for field in fields_of(schema)] == [None]
    assert [field.group for field in fields_of({**schema, "required": []})] == ["x"]
