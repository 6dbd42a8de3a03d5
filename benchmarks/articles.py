"""How well the text of articles is read: `python benchmarks/articles.py FOLDER [--floor 0.95]`.

FOLDER (or the environment's GROUNDSWELL_PAGES) is laid out as scrapinghub's article-extraction-benchmark (MIT):
`html/<id>.html.gz` beside `ground-truth.json`, which holds `{"<id>": {"articleBody": ..., "url": ...}}`. The measure is
the one of that benchmark: runs of four words, counted with repetitions, in a page's true text and in the text read;
precision and recall of each page, then their means, and F1 of the means. `page F1` is the mean of the pages' own F1,
which is stricter. Read beside ours, in the same run: trafilatura as it comes, set to precision, and readability. Ours
reads the whole article (headline, author, date, address and comments too), the others the text alone.

Its pages are mostly English; it says nothing about Russian, Ukrainian or Polish.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Final

from meter import machine

sys.path.insert(0, str(Path(__file__).parents[1]))

RUN: Final = 4
WORD: Final = re.compile(r"\w+")
Reader = Callable[["Page"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page with the text that people found on it."""

    url: str
    html: str
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a reader came to on all pages; `rate` is pages per second."""

    precision: float
    recall: float
    page_f1: float
    rate: float

    @property
    def f1(self) -> float:
        """F1 of mean precision and mean recall."""
        return _f1(self.precision, self.recall)


def pages(folder: Path) -> list[Page]:
    """Return the folder's pages; raise OSError where they are not there."""
    truths = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Page(url=truth.get("url") or f"https://{key}.example/", html=_html(folder, key), truth=truth["articleBody"])
        for key, truth in sorted(truths.items())
    ]


def _html(folder: Path, key: str) -> str:
    return gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace")


def compare(truth: str, read: str) -> tuple[float, float]:
    """Return precision and recall of the text `read`, each from 0 to 1."""
    wanted, got = _runs(truth), _runs(read)
    right = (wanted & got).total()
    return (right / got.total() if got else float(not wanted)), (right / wanted.total() if wanted else 1.0)


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))) if words else Counter()


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def measure(reader: Reader, read: Sequence[Page]) -> Figures:
    """Return how well and how fast `reader` reads."""
    reader(read[0])  # libraries load, caches fill
    start = time.perf_counter()
    texts = [reader(page) for page in read]
    seconds = time.perf_counter() - start
    scores = [compare(page.truth, text) for page, text in zip(read, texts, strict=True)]
    return Figures(
        precision=fmean(precision for precision, _ in scores),
        recall=fmean(recall for _, recall in scores),
        page_f1=fmean(_f1(*score) for score in scores),
        rate=len(read) / seconds,
    )


def readers() -> Iterator[tuple[str, Reader]]:
    """Yield the contenders, ours first."""
    from lxml.html import fromstring
    from readability import Document
    from trafilatura import extract

    yield "groundswell", _ours
    yield "trafilatura", lambda page: extract(page.html, include_comments=False) or ""
    yield "trafilatura, precise", lambda page: extract(page.html, include_comments=False, favor_precision=True) or ""
    yield "readability-lxml", lambda page: "\n".join(fromstring(Document(page.html).summary()).itertext())


def _ours(page: Page) -> str:
    from crawlers.reading.article import Article, read_article
    from crawlers.web.document import Document

    document = Document(url=page.url, body=page.html.encode(), text=page.html)
    found = read_article(document, now=datetime.now(UTC))
    return found.text if isinstance(found, Article) else ""


def main() -> int:
    """Print the table; return 0, 1 below the floor, 2 without pages."""
    options = argparse.ArgumentParser(description="How well the text of articles is read.")
    options.add_argument("folder", nargs="?", default=os.environ.get("GROUNDSWELL_PAGES"), type=Path)
    options.add_argument("--floor", type=float, default=0.0, help="least F1 of ours; below it the exit status is 1")
    given = options.parse_args()
    logging.disable(logging.CRITICAL)
    try:
        read = pages(given.folder) if given.folder else []
    except OSError as error:
        print(f"no pages: {error}", file=sys.stderr)
        return 2
    if not read:
        print("no pages: name their folder, or set GROUNDSWELL_PAGES (its layout stands in this file)", file=sys.stderr)
        return 2
    return _show(read, given.floor)


def _show(read: Sequence[Page], floor: float) -> int:
    print(f"{len(read)} pages; {machine()}\n")
    print("| reader | F1 | precision | recall | page F1 | pages/s |\n|---|---:|---:|---:|---:|---:|")
    ours = 0.0
    for name, reader in readers():
        found = measure(reader, read)
        ours = ours or found.f1
        cells = f"{found.f1:.3f} | {found.precision:.3f} | {found.recall:.3f} | {found.page_f1:.3f} | {found.rate:.0f}"
        print(f"| {name} | {cells} |", flush=True)
    print("\nMostly English pages: nothing is known from them about other languages.")
    if ours < floor:
        print(f"F1 {ours:.3f} is below the floor of {floor}", file=sys.stderr)
    return int(ours < floor)


if __name__ == "__main__":
    sys.exit(main())
