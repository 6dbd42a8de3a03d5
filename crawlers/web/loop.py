"""The loop that crawls run in: one asyncio loop in a thread of its own, with Twisted's reactor installed in it.

Scrapy needs a reactor, and a process has only one: it is started once, at the first crawl, and runs until the process
ends. Its thread is not the monitor's, so that parsing a heavy page holds up neither the schedule nor the heartbeat;
a command line's crawl runs in the very same way.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Final, TypeVar

T = TypeVar("T")

_lock: Final = threading.Lock()
_running: list[asyncio.AbstractEventLoop] = []


def run(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Start `work` in the loop and return its future, from any thread."""
    return asyncio.run_coroutine_threadsafe(work, loop())


def loop() -> asyncio.AbstractEventLoop:
    """Return the loop, started at the first call; raise what keeps it from starting, such as a second reactor."""
    with _lock:
        if not _running:
            _running.append(_start())
        return _running[0]


def _start() -> asyncio.AbstractEventLoop:
    started: Future[asyncio.AbstractEventLoop] = Future()
    threading.Thread(target=_serve, args=(started,), name="crawl", daemon=True).start()
    return started.result()


def _serve(started: Future[asyncio.AbstractEventLoop]) -> None:
    try:
        asyncio.run(_install(started))
    except BaseException as error:  # whoever waits for the loop must hear why there is none
        if started.done():
            raise
        started.set_exception(error)


async def _install(started: Future[asyncio.AbstractEventLoop]) -> None:
    from twisted.internet import asyncioreactor

    here = asyncio.get_running_loop()
    asyncioreactor.install(here)  # type: ignore[no-untyped-call]  # Twisted says nothing about this one
    from twisted.internet import reactor

    # Neither run() nor stop(): the loop runs already, and a reactor that was stopped never starts again.
    reactor.startRunning(installSignalHandlers=False)
    started.set_result(here)
    await asyncio.Event().wait()
