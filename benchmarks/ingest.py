"""How many mentions a CPU second takes in, beside what else one could run.

`python benchmarks/ingest.py` runs every contender in processes of its own, several rounds in turn, on the same texts,
and prints the medians. obsei runs too where there is a Python that has it (`--obsei PYTHON`, or
GROUNDSWELL_BENCH_OBSEI), or where one may be made for the occasion (`--with-obsei`). `--floor` is the short form for
CI: ours alone, exit status 1 below the floors.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import posts
from meter import Result, machine, read

HERE: Final = Path(__file__).parent
TEXTS, FLOOR_TEXTS = 10_000, 2_000
ENTRIES: Final = 100  # in a feed
OBSEI: Final = ("obsei>=1.1,<2", "vaderSentiment>=3.3.2,<4")
# About half of what is measured: the figures of shared machines are noisy, and a real mistake costs more than half.
FLOORS: Final = {"jsonl": 1_200.0, "rss": 750.0}
PEAK: Final = 200e6


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Something that takes texts in: its name in the table, and the command that a folder is handed to."""

    name: str
    python: str
    script: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Course:
    """The same texts, as each contender wants them."""

    jsonl: Path
    csv: Path
    feeds: tuple[str, ...]


@contextmanager
def lay(folder: Path, number: int) -> Iterator[Course]:
    """Write the texts and serve the feeds as long as the context lasts."""
    items = posts.posts(number, until=datetime.now(UTC))
    jsonl, table, feeds = folder / "posts.jsonl", folder / "posts.csv", folder / "feeds"
    feeds.mkdir()
    posts.write_jsonl(jsonl, items)
    posts.write_csv(table, items)
    posts.write_feeds(feeds, items, ENTRIES)
    command = [sys.executable, str(HERE / "feeds.py"), str(feeds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield Course(jsonl=jsonl, csv=table, feeds=tuple(json.loads(server.stdout.readline())))
        finally:
            server.communicate()


def ours(course: Course) -> list[Contender]:
    """Return Groundswell from a file and from feeds."""
    file = [{"type": "file", "options": {"path": str(course.jsonl)}}]
    feeds = [{"type": "rss", "options": {"url": url}} for url in course.feeds]
    return [_ours("Groundswell, JSONL", file), _ours("Groundswell, RSS", feeds)]


def peers(course: Course, obsei: str | None) -> list[Contender]:
    """Return the others."""
    arguments = (str(course.csv),)
    found = [Contender(name="straight script, CSV", python=sys.executable, script="straight.py", arguments=arguments)]
    if obsei is None:
        return found
    fields = {"created_at": "published_at", "author": "author", "url": "url"}
    file = [{"type": "jsonl", "config": {"path": str(course.jsonl), "fields": fields}}]
    feeds = [{"type": "rss", "config": {"url": url}} for url in course.feeds]
    return [
        *found,
        _obsei(obsei, "obsei + VADER, JSONL", file),
        _obsei(obsei, "obsei + VADER, JSONL, not redacting", file, "--plain"),
        _obsei(obsei, "obsei + VADER, RSS", feeds),
    ]


def _ours(name: str, sources: Sequence[dict[str, Any]]) -> Contender:
    return Contender(name=name, python=sys.executable, script="ours.py", arguments=(json.dumps(sources),))


def _obsei(python: str, name: str, sources: Sequence[dict[str, Any]], *options: str) -> Contender:
    return Contender(name=name, python=python, script="obsei_vader.py", arguments=(json.dumps(sources), *options))


def run(contender: Contender, *options: str) -> Result:
    """Run a contender once in a process of its own, in a fresh folder."""
    # Nobody is to compile its modules in every run.
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="groundswell-bench-") as folder:
        command = [contender.python, str(HERE / contender.script), folder, *contender.arguments, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if done.returncode:
        raise SystemExit(f"{contender.name} failed:\n{done.stderr}")
    return read(done.stdout.splitlines()[-1])


def race(contenders: Sequence[Contender], rounds: int) -> dict[str, list[Result]]:
    """Run each contender `rounds` times, taking turns: what disturbs the machine then disturbs all."""
    results: dict[str, list[Result]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        for contender in contenders:
            print(f"round {number + 1} of {rounds}: {contender.name} ...", file=sys.stderr, flush=True)
            results[contender.name].append(run(contender))
    return results


def print_table(results: dict[str, list[Result]], reference: str) -> None:
    """Print the medians; "times" is how often the reference's rate contains the contender's."""
    print(f"{'':38} {'per CPU s':>10} {'from … to':>15} {'times':>6} {'wall s':>7} {'start s':>8} {'peak MB':>8}")
    best = median(result.rate for result in results[reference])
    for name, of_one in results.items():
        rates = sorted(result.rate for result in of_one)
        middle, spread = median(rates), f"{rates[0]:,.0f} … {rates[-1]:,.0f}"
        wall, start = (median(getattr(result, key) for result in of_one) for key in ("wall", "start"))
        peak = max(result.peak for result in of_one) / 1e6
        print(f"{name:38} {middle:10,.0f} {spread:>15} {best / middle:6.1f} {wall:7.1f} {start:8.2f} {peak:8.0f}")


def print_stages(contenders: Sequence[Contender]) -> None:
    """Run each contender once more with its stages timed, and print microseconds a mention."""
    results = {contender.name: run(contender, "--stages") for contender in contenders}
    names = list(next(iter(results.values())).stages)
    print(f"\n{'CPU microseconds a mention':28}" + "".join(f"{name:>11}" for name in (*names, "together")))
    for name, result in results.items():
        cells = [*result.stages.values(), sum(result.stages.values())]
        print(f"{name:28}" + "".join(f"{cell / result.n * 1e6:11.1f}" for cell in cells))


def below_floor(contenders: Sequence[Contender]) -> list[str]:
    """Run ours twice each; return what is below a floor at its better run."""
    faults = []
    for contender, (kind, floor) in zip(contenders, FLOORS.items(), strict=True):
        results = [run(contender) for _ in range(2)]
        rate, peak = max(result.rate for result in results), max(result.peak for result in results)
        print(f"{contender.name}: {rate:,.0f} mentions per CPU second (floor {floor:,.0f}), peak {peak / 1e6:.0f} MB")
        if rate < floor:
            faults.append(f"{kind}: {rate:,.0f} mentions per CPU second, floor {floor:,.0f}")
        if peak > PEAK:
            faults.append(f"{kind}: peak {peak / 1e6:.0f} MB, ceiling {PEAK / 1e6:.0f} MB")
    return faults


@contextmanager
def obsei_python(arguments: argparse.Namespace) -> Iterator[str | None]:
    """Yield the Python that has obsei: the one named, or one made for the occasion; None without."""
    if not arguments.with_obsei:
        yield arguments.obsei
        return
    with tempfile.TemporaryDirectory(prefix="groundswell-obsei-") as folder:
        print("installing obsei ...", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", *OBSEI], check=False)
        if done.returncode:
            print("obsei could not be installed here, so there is no comparison with it.")
        yield None if done.returncode else python


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floor", action="store_true", help="the short form for CI")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each contender (3)")
    parser.add_argument(
        "--texts", type=int, default=None, help=f"how many texts ({TEXTS:,}; {FLOOR_TEXTS:,} with --floor)"
    )
    parser.add_argument("--obsei", metavar="PYTHON", default=os.environ.get("GROUNDSWELL_BENCH_OBSEI"))
    parser.add_argument("--with-obsei", action="store_true", help="install obsei into a temporary folder first")
    return parser.parse_args()


def main() -> int:
    """Run what is asked for; return the exit status."""
    arguments = parse()
    number = arguments.texts or (FLOOR_TEXTS if arguments.floor else TEXTS)
    print(machine())
    with tempfile.TemporaryDirectory(prefix="groundswell-texts-") as folder, lay(Path(folder), number) as course:
        mine = ours(course)
        if arguments.floor:
            faults = below_floor(mine)
            print("\n".join(f"Below the floor: {fault}" for fault in faults))
            return 1 if faults else 0
        with obsei_python(arguments) as python:
            results = race([*mine, *peers(course, python)], arguments.rounds)
        about = {result.about for of_one in results.values() for result in of_one if result.about}
        print(
            f"{number:,} texts, {arguments.rounds} rounds in turn, medians; {', '.join(sorted(about)) or 'no obsei'}\n"
        )
        print_table(results, mine[0].name)
        print_stages(mine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
