from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from alerts import registry as channels
from config.file import load
from config.settings import Brand, ChannelSpec, Query, Rule, Settings, SourceSpec
from crawlers import registry as connectors

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"


def test_the_page_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "settings-docs", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_example_on_the_page_loads(tmp_path: Path) -> None:
    (example,) = re.findall(r"## An example\n\n```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "groundswell.yaml"
    path.write_text(example, encoding="utf-8")
    declaration = load(path, environ={}).declaration
    assert all(getattr(declaration, name) for name in type(declaration).model_fields)


@pytest.mark.parametrize("model", [Settings, Brand, Query, SourceSpec, ChannelSpec, Rule])
def test_every_setting_says_what_it_means(model: type[Settings]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("registry", [connectors, channels])
def test_every_option_of_a_plugin_says_what_it_means(registry) -> None:
    silent = [
        f"{type_}.{key}"
        for type_, schema in registry.schemas().items()
        for key, field in schema.get("properties", {}).items()
        if "description" not in field
    ]
    assert silent == []
