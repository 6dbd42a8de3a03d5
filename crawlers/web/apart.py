"""The crawl of a source that is not trusted: in a process of its own, which is given neither database nor secrets.

The process fetches and parses; what to read next, and what is stored, is decided here. Asks go to its standard input,
answers come from its standard output, one JSON document a line; every answer is checked against the nouns it claims to
be before anything of it is used.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import IO, Final

from pydantic import TypeAdapter, ValidationError

from crawlers.connector import TemporaryError, Tools
from crawlers.web.asking import Answer, Ask, EndedError
from crawlers.web.finding import host_of
from crawlers.web.site import Site

LONGEST_LINE: Final = 40_000_000
"""Bytes of one answer: a page of 5 MB, all of it text, in JSON."""
GRACE: Final = 7.0  # seconds that it is given to end by itself: more than its crawl takes
UNHEARD: Final = 16
"""Answers that may wait to be taken; whoever says more is not listened to until they are."""
COMPLAINTS: Final = 20
LONGEST_COMPLAINT: Final = 300
KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONPATH", "VIRTUAL_ENV")
"""What the process may know of our environment; secrets live there."""

ANSWER: Final = TypeAdapter(Answer)
ASK: Final = TypeAdapter(Ask)


class CrawlApart:
    """Fetches pages of one site in another process. Used by one thread."""

    def __init__(self, site: Site, tools: Tools, *, hosts: frozenset[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="groundswell-apart-")
        self._hosts = hosts
        self._asked: set[str] = set()
        self._lines: queue.Queue[bytes | None] = queue.Queue(UNHEARD)
        self._complaints: deque[str] = deque(maxlen=COMPLAINTS)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawlers.web.cell"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder.name,
            env=bare_environment(os.environ),
            start_new_session=True,  # a group of its own: what it starts ends with it
        )
        self._threads = [
            threading.Thread(target=work, name="apart", daemon=True) for work in (self._listen, self._heed)
        ]
        for thread in self._threads:
            thread.start()
        self._send(json.dumps(order(site, tools, hosts)).encode())

    def ask(self, asks: Sequence[Ask]) -> None:
        """Ask for pages; returns at once."""
        for ask in asks:
            self._asked.add(ask.link.url)
            self._send(ASK.dump_json(ask))

    def answer(self, seconds: float) -> Answer | None:
        """Return the next answer; None when there was none for so many seconds.

        Raises EndedError when the crawl has ended, TemporaryError when the process broke or said what makes no sense.
        """
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        if line is None:
            raise self._ending()
        return self._checked(line)

    def _checked(self, line: bytes) -> Answer:
        try:
            answer = ANSWER.validate_json(line)
        except ValidationError as error:
            told = f"the process that reads it apart gave an answer that makes no sense ({error.error_count()} faults)"
            raise TemporaryError(f"{told}; the visit ends here, tried again later") from error
        if answer.ask.link.url not in self._asked:
            raise TemporaryError("the process that reads it apart answered what nobody asked; the visit ends here")
        if answer.extract is not None and host_of(answer.url) not in self._hosts:
            raise TemporaryError("the process that reads it apart answered for another site; the visit ends here")
        self._asked.discard(answer.ask.link.url)
        return answer

    def _ending(self) -> Exception:
        try:
            code = self._process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            return TemporaryError(
                "the process that reads it apart says nothing more and does not end; the visit ends here"
            )
        if code == 0:
            return EndedError("the crawl's time was up")
        self._threads[1].join(GRACE)
        last = next((line for line in reversed(self._complaints) if line), "it gave no reason")
        return TemporaryError(f"the process that reads it apart ended with status {code} ({last}); tried again later")

    def _send(self, line: bytes) -> None:
        try:
            _pipe(self._process.stdin).write(line + b"\n")
            _pipe(self._process.stdin).flush()
        except BrokenPipeError:
            return  # it has ended: `answer` says why

    def _listen(self) -> None:
        out = _pipe(self._process.stdout)
        while line := out.readline(LONGEST_LINE):
            self._lines.put(line)
        self._lines.put(None)

    def _heed(self) -> None:
        """Keep the last of what it complains about."""
        complaints = _pipe(self._process.stderr)
        while line := complaints.readline(LONGEST_COMPLAINT):
            self._complaints.append(line.decode("utf-8", "replace").strip())

    def close(self) -> None:
        """End the process."""
        with self._folder:
            with suppress(BrokenPipeError):  # it has ended before
                _pipe(self._process.stdin).close()
            self._let_end(GRACE)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._let_end(1.0)
            if not any(thread.is_alive() for thread in self._threads):
                _pipe(self._process.stdout).close()
                _pipe(self._process.stderr).close()

    def _let_end(self, seconds: float) -> None:
        """Wait until it has said all, for so many seconds at most; what it still says is nobody's answer."""
        until = monotonic() + seconds
        while any(thread.is_alive() for thread in self._threads) and monotonic() < until:
            with suppress(queue.Empty):
                self._lines.get(timeout=0.02)


def order(site: Site, tools: Tools, hosts: frozenset[str]) -> dict[str, object]:
    """Return what the process is told at its start, as JSON: which site, how it is read, by whom."""
    kind = type(site)
    return {
        "site": f"{kind.__module__}:{kind.__qualname__}",
        "options": site.manners.model_dump_json(),
        "source": tools.source,
        "kind": tools.kind,
        "user_agent": tools.user_agent,
        "allow_private": tools.allow_private,
        "hosts": sorted(hosts),
    }


def bare_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of `environ` is no secret."""
    return {name: environ[name] for name in KEPT if name in environ}


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("the process was started without pipes")
    return stream
