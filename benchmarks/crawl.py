"""How many pages a second a crawl reads, and in how much memory, beside plain Scrapy doing the same work.

`python benchmarks/crawl.py` serves a shop of 5,000 pages on loopback and has it crawled, politeness off, by every
contender in processes of its own, several rounds in turn, and prints the medians. Plain Scrapy reads each page with
the very function that Groundswell's connector has, so that what is compared is the crawling. `--memory` makes 200
scheduled visits in one process instead and prints its resident memory after the 20th and the 200th. `--floor` is the
short form for CI: fewer pages, exit status 1 below the floor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from meter import Result, machine, read

HERE: Final = Path(__file__).parent
LISTS, FLOOR_LISTS, MEMORY_LISTS = 238, 24, 1  # 20 products each: 4,999, 505 and 22 pages
VISITS, EARLY = 200, 20
AIM, FLOOR = 0.8, 0.6  # of plain Scrapy's pages per second; in CI a short run on a shared machine is noisy
GROWTH: Final = 0.10
PLAIN, OURS, STORED = "plain Scrapy", "Groundswell's crawl", "Groundswell, matched, scored, stored"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What is crawled: its first page, and what there is to be found."""

    url: str
    pages: int
    reviews: int

    @property
    def source(self) -> str:
        """The source that reads it, for the contenders."""
        return json.dumps(source_of(self.url))


def source_of(url: str) -> dict[str, Any]:
    """Return the source that reads the shop in full."""
    lists, products = (f"article.product a[href^='/{path}/']" for path in ("list", "product"))
    return {"type": "reviews", "options": {"start": [f"{url}/"], "through": [lists], "follow": [products]}}


@contextmanager
def open_shop(lists: int) -> Iterator[Shop]:
    """Serve a shop as long as the context lasts."""
    command = [sys.executable, str(HERE / "storefront.py"), str(lists)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield Shop(**json.loads(server.stdout.readline()))
        finally:
            server.communicate()


def commands(shop: Shop) -> dict[str, tuple[str, ...]]:
    """Return the contenders: script and options."""
    return {
        PLAIN: ("plain_scrapy.py",),
        OURS: ("our_crawl.py",),
        STORED: ("our_crawl.py", "--stored", str(shop.pages)),
    }


def run(shop: Shop, script: str, *options: str) -> str:
    """Run a contender once in a process of its own, in a fresh folder; return its last line of output."""
    with tempfile.TemporaryDirectory(prefix="groundswell-crawl-") as folder:
        command = [sys.executable, str(HERE / script), folder, shop.source, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{script} failed:\n{done.stderr}")
    return done.stdout.splitlines()[-1]


def race(shop: Shop, names: Sequence[str], rounds: int) -> dict[str, list[Result]]:
    """Run each contender `rounds` times, taking turns: what disturbs the machine then disturbs all."""
    results: dict[str, list[Result]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            print(f"round {number + 1} of {rounds}: {name} ...", file=sys.stderr, flush=True)
            results[name].append(check(shop, name, read(run(shop, *commands(shop)[name]))))
    return results


def check(shop: Shop, name: str, result: Result) -> Result:
    """Return the result, unless something of the shop is missing: who reads less is not faster."""
    found = (result.n, result.about)
    if found != (wanted := (shop.pages, f"{shop.reviews:,} items")):
        raise SystemExit(f"{name} read {found}, but the shop has {wanted}")
    return result


def speed(results: Sequence[Result]) -> float:
    """Return the median of pages per second."""
    return median(result.n / result.wall for result in results)


def print_table(results: dict[str, list[Result]]) -> None:
    """Print the medians; "share" is of plain Scrapy's pages per second."""
    print(f"{'':38} {'pages/s':>8} {'from … to':>13} {'share':>6} {'pages/CPU s':>12} {'start s':>8} {'peak MB':>8}")
    best = speed(results[PLAIN])
    for name, of_one in results.items():
        speeds = sorted(result.n / result.wall for result in of_one)
        middle, spread = median(speeds), f"{speeds[0]:,.0f} … {speeds[-1]:,.0f}"
        rate, start = (median(getattr(result, key) for result in of_one) for key in ("rate", "start"))
        peak = max(result.peak for result in of_one) / 1e6
        print(f"{name:38} {middle:8,.0f} {spread:>13} {middle / best:6.2f} {rate:12,.0f} {start:8.2f} {peak:8.0f}")


def compare(rounds: int, lists: int, names: Sequence[str]) -> float:
    """Run the race, print it, and return Groundswell's share of plain Scrapy's pages per second."""
    with open_shop(lists) as shop:
        results = race(shop, names, rounds)
        print(f"{shop.pages:,} pages, {shop.reviews:,} reviews, {rounds} rounds in turn, medians\n")
    print_table(results)
    return speed(results[OURS]) / speed(results[PLAIN])


def remember() -> int:
    """Make many visits in one process and print its memory; return the exit status."""
    with open_shop(MEMORY_LISTS) as shop:
        print(f"{VISITS} scheduled visits of {shop.pages} pages in one process ...", file=sys.stderr, flush=True)
        sizes: list[int] = json.loads(run(shop, "our_crawl.py", "--again", str(VISITS)))
    early, late = sizes[EARLY - 1] / 1e6, sizes[-1] / 1e6
    growth = late / early - 1
    print(f"resident memory after visit {EARLY}: {early:.1f} MB, after visit {VISITS}: {late:.1f} MB ({growth:+.1%})")
    print(f"aim: within {GROWTH:.0%}")
    return int(abs(growth) > GROWTH)


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floor", action="store_true", help="the short form for CI")
    parser.add_argument("--memory", action="store_true", help="200 visits in one process instead")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each contender (3)")
    parser.add_argument("--lists", type=int, help=f"lists of 20 products ({LISTS}; {FLOOR_LISTS} with --floor)")
    return parser.parse_args()


def main() -> int:
    """Run what is asked for; return the exit status."""
    arguments = parse()
    print(machine())
    if arguments.memory:
        return remember()
    if arguments.floor:
        share = compare(arguments.rounds, arguments.lists or FLOOR_LISTS, (PLAIN, OURS))
        print(f"\n{share:.2f} of plain Scrapy's speed (floor {FLOOR})")
        return int(share < FLOOR)
    share = compare(arguments.rounds, arguments.lists or LISTS, (PLAIN, OURS, STORED))
    print(f"\n{share:.2f} of plain Scrapy's speed (aim: {AIM})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
