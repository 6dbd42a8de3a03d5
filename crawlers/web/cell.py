"""The process in which a source that is not trusted is read: `python -m crawlers.web.cell`, started by `apart`.

It has its order and its asks from standard input, writes answers to standard output, and ends when the input does. It
knows no database and no secret; its memory, its time and its files are bounded, so that a page that breaks a parser, or
makes it swallow all there is, breaks this process alone.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from importlib import import_module
from typing import IO, Final

from config.instant import system_clock
from crawlers.connector import Tools
from crawlers.web.apart import ANSWER, ASK
from crawlers.web.asking import Answer, EndedError
from crawlers.web.crawl import Crawl
from crawlers.web.site import Site

MEMORY: Final = 2 * 1024**3
PULSE: Final = 0.5


def bound(minutes: int) -> None:
    """Bound what this process may take: address space, processor seconds, no file to write, no core dump."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, minutes * 60),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def build(order: dict[str, str]) -> Site:
    """Return the site that the order names."""
    module, _, name = order["site"].partition(":")
    kind = getattr(import_module(module), name)
    return kind(kind.settings.model_validate_json(order["options"]), tools_of(order))  # type: ignore[no-any-return]  # found by name


def tools_of(order: dict[str, str]) -> Tools:
    """Return the tools of the order; the clock is this process's own."""
    return Tools(
        source=order["source"],
        kind=order["kind"],  # type: ignore[arg-type]  # one of ours: the order comes from `apart`
        clock=system_clock,
        user_agent=order["user_agent"],
        allow_private=tuple(order["allow_private"]),
    )


def main() -> None:
    """Fetch and parse what is asked for, until the input ends."""
    asks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not stand between the answers
    sys.stdout = sys.stderr
    order = json.loads(asks.readline())
    site = build(order)
    bound(site.manners.minutes + 1)
    crawl = Crawl(site, tools_of(order), hosts=frozenset(order["hosts"]))
    ended = threading.Event()
    threading.Thread(target=_hear, args=(asks, crawl, ended), daemon=True).start()
    try:
        while not ended.is_set():
            answer = crawl.answer(PULSE)
            if answer is not None:
                answers.write(written(answer) + b"\n")
                answers.flush()
    except EndedError:
        return
    finally:
        crawl.close()


def written(answer: Answer) -> bytes:
    """Return an answer as JSON. Half a character, which scripts of pages may name, becomes a replacement character."""
    text = json.dumps(ANSWER.dump_python(answer, mode="json"), ensure_ascii=False)
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.encode()


def _hear(asks: IO[bytes], crawl: Crawl, ended: threading.Event) -> None:
    for line in asks:
        crawl.ask([ASK.validate_json(line)])
    ended.set()


if __name__ == "__main__":
    main()
