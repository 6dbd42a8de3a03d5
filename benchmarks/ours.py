"""Groundswell itself: `python ours.py FOLDER SOURCES [--stages]`.

The way of `groundswell import` and of the monitor: a configuration file, a fresh SQLite database, each source visited
under its lease, each batch taken in whole. SOURCES is a JSON list of {"type", "options"}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from meter import Meter, cpu
from posts import BRANDS

from groundswell import collecting, pipeline
from groundswell.bootstrap import House, open_house, prepare
from groundswell.collecting import make_reader, origin_of
from groundswell.ownership import new_owner
from storage import declared

# Stage → the functions of the pipeline that it consists of.
STAGES: Final = {
    "clean": ("clean_all",),
    "known": ("known", "is_news"),
    "language": ("detect",),
    "fold": ("normalise", "searchable"),
    "match": ("match",),
    "sentiment": ("score",),
    "store": ("store",),
}


def configure(folder: Path, sources: list[dict[str, Any]]) -> House:
    """Return a workspace of 21 brands, each with its query, that reads `sources`."""
    document = {
        "server": {"allow_private": ["127.0.0.0/8"]},
        "brands": [{"name": name} for name in BRANDS],
        "queries": [{"name": name, "brand": name, "any": [name, f"{name} online"]} for name in BRANDS],
        "sources": [{"name": f"source {place}", "kind": "forum", **source} for place, source in enumerate(sources)],
    }
    file = folder / "groundswell.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    house = open_house(file, environ=os.environ, folder=folder)
    prepare(house)
    return house


def visit_all(house: House, catalogue: declared.Catalogue) -> int:
    """Visit each source once; return how many mentions are new. Raises RuntimeError when a source cannot be read."""
    reader, owner, new = make_reader(catalogue), new_owner(), 0
    for source in catalogue.sources:
        outcome = collecting.visit(house, reader, origin_of(source, catalogue), source.item, owner=owner)
        if outcome.error or outcome.stored.rejected:
            raise RuntimeError(f"{source.item.name}: {outcome}")
        new += outcome.stored.new
    return new


def watch(module: Any, name: str, spent: dict[str, float]) -> None:
    """Let each call of `module.name` add its CPU seconds to `spent[name]`."""
    function: Callable[..., Any] = getattr(module, name)
    spent[name] = 0.0

    def watched(*args: Any, **kwargs: Any) -> Any:
        before = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] += time.process_time() - before

    setattr(module, name, watched)


def by_stage(spent: dict[str, float], whole: float) -> dict[str, float]:
    """Return CPU seconds by stage; "collect" is what was spent before a batch was taken in and between batches."""
    stages = {stage: sum(spent[name] for name in names) for stage, names in STAGES.items()}
    rest = spent["take_in"] - sum(stages.values())
    return {"collect": whole - spent["take_in"], **stages, "rest": rest}


def main(folder: Path, sources: list[dict[str, Any]], *, stages: bool) -> None:
    """Do the work and tell the result."""
    house = configure(folder, sources)
    catalogue = declared.catalogue(house.db)
    spent: dict[str, float] = {}
    if stages:
        watch(collecting, "take_in", spent)
        for name in (name for names in STAGES.values() for name in names):
            watch(pipeline, name, spent)
    meter, before = Meter(), cpu()
    new = visit_all(house, catalogue)
    meter.tell(new, stages=by_stage(spent, cpu() - before) if stages else None)
    house.db.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), stages="--stages" in sys.argv)
