"""Groundswell's own crawl: `python our_crawl.py FOLDER SOURCE [--stored] [--again N]`.

Without more, one visit as `crawlers.web.visiting` makes it, its batches counted and dropped: what plain Scrapy does.
`--stored` has them read, matched, scored and stored in a fresh SQLite database, as the monitor does. `--again N` makes
N scheduled visits in this one process, stored as well, and prints the resident memory in bytes after each, as one JSON
list. SOURCE is JSON, {"type", "options"}.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from meter import Meter

from config.settings import SourceSpec
from crawlers import registry
from crawlers.connector import Batch, Cursor, Limits, Tools, Window
from crawlers.web.visiting import visit
from groundswell import collecting
from groundswell.bootstrap import House, open_house, prepare
from groundswell.collecting import make_reader, origin_of
from groundswell.ownership import new_owner
from storage import declared

AHEAD: Final = 64
EVERY: Final = timedelta(minutes=15)
RUDE: Final[dict[str, Any]] = {
    "ROBOTSTXT_OBEY": False,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
}
BOUNDS: Final[dict[str, Any]] = {"pages": 100_000, "megabytes": 10_000, "minutes": 60, "delay": 0}
ALL: Final = Limits(max_items=10**9)


def open_crawl(site: Any, tools: Tools, hosts: frozenset[str]) -> Any:
    """Return a crawl without politeness."""
    from crawlers.web.crawl import Crawl

    return Crawl(site, tools, hosts=hosts, overrides=RUDE)


def be_rude(connector: str) -> None:
    """Let a connector make 16 requests at a time; what it asks for and how it reads stay as they are."""
    polite: Any = registry.load(connector)

    class Rude(polite):
        def fetch(self, cursor: Cursor | None, _window: Window | None, _limits: Limits) -> Generator[Batch, None, None]:
            return visit(self, self._tools, cursor, ALL, fetch=open_crawl, ahead=AHEAD)

    globals()["Rude"] = Rude
    registry.CONNECTORS[connector] = f"{__name__}:Rude"


def crawl(spec: SourceSpec) -> tuple[int, int]:
    """Visit the source once, and return how many pages and items that were."""
    allowed = ("127.0.0.0/8",)
    tools = Tools(
        source=spec.name, kind="review", clock=lambda: datetime.now(UTC), user_agent="bench", allow_private=allowed
    )
    pages = items = 0
    for batch in registry.build(spec, tools).fetch(None, Window(since=None, until=tools.clock()), ALL):
        items += len(batch.items)
        pages += batch.report.pages if batch.report else 0
    return pages, items


def configure(folder: Path, source: dict[str, Any]) -> House:
    """Return a workspace that reads one shop."""
    document = {
        "server": {"allow_private": ["127.0.0.0/8"]},
        "brands": [{"name": "Shop"}],
        "sources": [{"name": "shop", "kind": "review", "brand": "Shop", **source}],
    }
    file = folder / "groundswell.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    house = open_house(file, environ=os.environ, folder=folder)
    prepare(house)
    return house


def visits(house: House, number: int) -> Iterator[int]:
    """Visit the source as often as that, each time a quarter of an hour later; yield how many mentions were new."""
    catalogue = declared.catalogue(house.db)
    (source,) = catalogue.sources
    reader, owner, begun = make_reader(catalogue), new_owner(), house.clock()
    for time in range(number):
        later = replace(house, clock=lambda at=begun + time * EVERY: at)
        outcome = collecting.visit(later, reader, origin_of(source, catalogue), source.item, owner=owner)
        if outcome.error or outcome.busy:
            raise RuntimeError(f"visit {time + 1}: {outcome}")
        yield outcome.stored.new


def main(arguments: argparse.Namespace) -> None:
    """Do what is asked for and tell the result."""
    source = json.loads(arguments.source)
    source["options"] = {**BOUNDS, **source["options"]}
    be_rude(source["type"])
    if not (arguments.stored or arguments.again):
        meter = Meter()
        pages, items = crawl(SourceSpec(name="shop", kind="review", **source))
        meter.tell(pages, about=f"{items:,} items")
        return
    house = configure(Path(arguments.folder), source)
    if arguments.again:
        process = psutil.Process()
        print(json.dumps([process.memory_info().rss for _new in visits(house, arguments.again)]))
    else:
        meter = Meter()
        items = sum(visits(house, 1))
        meter.tell(arguments.stored, about=f"{items:,} items")
    house.db.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("source")
    parser.add_argument("--stored", type=int, metavar="PAGES", help="store what comes; the pages that the shop has")
    parser.add_argument("--again", type=int, metavar="N", help="make N visits")
    main(parser.parse_args())
