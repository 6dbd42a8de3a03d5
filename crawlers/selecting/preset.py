"""The preset: the selectors of an engine that many sites run, as a data file in `crawlers/presets`.

Presets are of engines, never of sites: whether a site may be read is its owner's say, and the operator's to look up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from config.settings import SourceKind

PresetName = Literal[
    "discourse", "magento", "phpbb", "prestashop", "woocommerce", "wordpress", "wordpress_api", "xenforo"
]

PRESETS: Final[tuple[PresetName, ...]] = get_args(PresetName)
FOLDER: Final = Path(__file__).resolve().parent.parent / "presets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a preset's file says.

    `versions` are the engine's that it was written for, `start` what a start address looks like, `dates` how dates
    are read. `kind` is advice for the source's own `kind`. `options` are options of the `pages` connector; those of
    the source win over them.
    """

    engine: str
    about: str
    versions: str
    kind: SourceKind
    start: str
    dates: str
    options: Mapping[str, Any]


@cache
def load_preset(name: PresetName) -> Preset:
    """Return the preset called `name`."""
    import yaml

    told = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return Preset(**cast("dict[str, Any]", told))
