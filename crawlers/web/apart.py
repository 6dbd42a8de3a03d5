"""The crawl of a source that is not trusted: in a process of its own, which is given neither database nor secrets.

The process fetches and parses; what to read next, and what is stored, is decided here. Asks go to its standard input,
answers come from its standard output, one JSON document a line; every answer is checked against the nouns it claims to
be before anything of it is used.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

from pydantic import TypeAdapter, ValidationError

from crawlers.connector import TemporaryError, Tools
from crawlers.web.asking import Answer, Ask, EndedError
from crawlers.web.site import Site

LONGEST_LINE: Final = 40_000_000
"""Bytes of one answer: a page of 5 MB, all of it text, in JSON."""
GRACE: Final = 10.0
KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONPATH", "VIRTUAL_ENV")
"""What the process may know of our environment; secrets live there."""

ANSWER: Final = TypeAdapter(Answer)
ASK: Final = TypeAdapter(Ask)


class CrawlApart:
    """Fetches pages of one site in another process. Used by one thread."""

    def __init__(self, site: Site, tools: Tools, *, hosts: frozenset[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="groundswell-apart-")
        self._asked: set[str] = set()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawlers.web.cell"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self._folder.name,
            env=bare_environment(os.environ),
        )
        self._send(json.dumps(order(site, tools, hosts)).encode())
        self._listener = threading.Thread(target=self._listen, name="apart", daemon=True)
        self._listener.start()

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
        self._asked.discard(answer.ask.link.url)
        return answer

    def _ending(self) -> Exception:
        code = self._process.wait(timeout=GRACE)
        if code == 0:
            return EndedError("the crawl's time was up")
        return TemporaryError(f"the process that reads it apart ended with status {code}; tried again later")

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

    def close(self) -> None:
        """End the process."""
        with self._folder:
            with suppress(BrokenPipeError):  # it has ended before
                _pipe(self._process.stdin).close()
            try:
                self._process.wait(timeout=GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._listener.join()
            _pipe(self._process.stdout).close()


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
