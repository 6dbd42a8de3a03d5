from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import pytest

from crawlers.connector import CollectError, Limits, TemporaryError, Tools
from crawlers.connectors.pages import Pages
from crawlers.web.apart import ANSWER, CrawlApart, bare_environment
from crawlers.web.asking import Answer, Ask
from crawlers.web.crawl import Crawl
from crawlers.web.document import Document
from crawlers.web.link import Link
from crawlers.web.site import Extract
from crawlers.web.trial import Trial, try_out
from crawlers.web.visiting import visit

REVIEW = '<li><b>Anna</b><time datetime="2026-03-{day:02}T10:00:00Z"></time><p>Parcel {n} came late</p></li>'


class Shop(BaseHTTPRequestHandler):
    """Three pages of reviews, a redirect to the first, and what else a shop has."""

    protocol_version = "HTTP/1.1"
    robots = ""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        self.server.asked.append((name, self.headers.get("If-None-Match"), self.headers.get("User-Agent")))
        if name == "robots.txt":
            self._send(200, self.server.robots)
        elif name == "old":
            self._send(302, "", Location="/1")
        elif name in {"1", "2", "3"} and self.headers.get("If-None-Match") == f'"{name}"':
            self._send(304, "", ETag=f'"{name}"')
        elif name in {"1", "2", "3"}:
            page = int(name)
            items = "".join(REVIEW.format(day=20 - page, n=10 * page + n) for n in range(5))
            more = f'<a class="next" href="/{page + 1}">next</a>' if page < 3 else ""
            self._send(200, f"<html><body><ul>{items}</ul>{more}</body></html>", ETag=f'"{name}"')
        elif name == "odd":
            self._send(304, "")
        elif name == "busy":
            self._send(429, "", **{"Retry-After": "120"})
        elif name == "slow":
            self.server.slow.set()
            self.server.over.wait(30)
        elif name == "picture":
            self._send(200, "\x89PNG", **{"Content-Type": "image/png"})
        else:
            self._send(404, "no such page")

    def _send(self, status: int, text: str, **headers: str) -> None:
        body = text.encode("latin-1")
        self.send_response(status)
        for header, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.asked, server.robots = [], ""
    server.slow, server.over = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def tools_for(shop: ThreadingHTTPServer) -> Tools:
    return Tools(
        source="A shop",
        kind="review",
        clock=lambda: datetime(2026, 3, 20, 12, 0, tzinfo=UTC),
        user_agent="Groundswell/test (+social@example.com)",
        allow_private=(f"127.0.0.1:{shop.server_port}",),
    )


def site(shop: ThreadingHTTPServer, path: str = "1", **options: object) -> Pages:
    given = {"items": "li", "text": "p", "author": "b", "date": "time::attr(datetime)", "next": "a.next", "delay": 0}
    start = (f"http://127.0.0.1:{shop.server_port}/{path}",)
    return Pages(Pages.settings.model_validate({"start": start, **given, **options}), tools_for(shop))


def tried(shop: ThreadingHTTPServer, path: str = "1", **options: object) -> Trial:
    return try_out(site(shop, path, **options), tools_for(shop))


@pytest.mark.parametrize("untrusted", [False, True])
def test_a_list_is_read_page_by_page_in_this_process_and_apart_from_it(
    shop: ThreadingHTTPServer, untrusted: bool
) -> None:
    trial = tried(shop, untrusted=untrusted)
    assert trial.error is None
    assert trial.found == len(trial.items) == 15
    assert trial.fields == {"text": 15, "author": 15, "date": 15}
    assert [page.url.rpartition("/")[2] for page in trial.pages] == ["1", "2", "3"]
    assert [name for name, _, _ in shop.asked] == ["robots.txt", "1", "2", "3"]
    assert {agent for _, _, agent in shop.asked} == {"Groundswell/test (+social@example.com)"}


def test_a_redirect_is_followed(shop: ThreadingHTTPServer) -> None:
    assert tried(shop, "old").found == 15


def test_a_second_crawl_in_the_same_process_asks_conditionally(shop: ThreadingHTTPServer) -> None:
    first = f"http://127.0.0.1:{shop.server_port}/1"
    crawl = Crawl(site(shop), tools_for(shop), hosts=frozenset({"127.0.0.1"}))
    crawl.ask([Ask(link=Link(url=first, role="listing"), etag='"1"')])
    answer = crawl.answer(30)
    crawl.close()
    assert answer is not None
    assert answer.unchanged


def test_a_page_that_claims_not_to_have_changed_although_it_was_never_read_is_not_taken_for_read(
    shop: ThreadingHTTPServer,
) -> None:
    assert "answered 304" in (tried(shop, "odd").error or "")


def test_a_loop_that_cannot_start_says_why_at_once() -> None:
    broken = "from twisted.internet import reactor; from crawlers.web import loop; loop.loop()"
    ended = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, timeout=30, check=False)
    assert "ReactorAlreadyInstalledError" in ended.stderr


def test_robots_txt_is_obeyed(shop: ThreadingHTTPServer) -> None:
    shop.robots = "User-agent: *\nDisallow: /2\n"
    trial = tried(shop)
    assert trial.found == 5
    assert next(page.problem for page in trial.pages if page.problem).startswith("robots.txt forbids it")
    assert "2" not in [name for name, _, _ in shop.asked]


def test_a_page_that_is_no_text_has_nothing_on_it(shop: ThreadingHTTPServer) -> None:
    trial = tried(shop, "picture")
    assert trial.found == 0
    assert trial.warnings


def test_a_site_that_asks_to_wait_is_not_asked_again(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(TemporaryError) as raised:
        list(visit(site(shop, "busy"), tools_for(shop), None, Limits()))
    assert raised.value.retry_after is not None
    assert raised.value.retry_after.total_seconds() == 120
    assert [name for name, _, _ in shop.asked] == ["robots.txt", "busy"]


def test_a_site_that_is_not_there_says_so(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(CollectError, match="no such page"):
        list(visit(site(shop, "nowhere"), tools_for(shop), None, Limits()))


def test_a_private_address_is_refused(shop: ThreadingHTTPServer) -> None:
    tools = Tools(source="x", kind="review", clock=tools_for(shop).clock, user_agent="Groundswell/test")
    trial = try_out(site(shop), tools)
    assert "private address" in (trial.error or "")
    assert not shop.asked


def test_the_process_apart_is_given_no_secrets() -> None:
    environ = {"PATH": "/bin", "GROUNDSWELL_SECRET_KEY": "x", "SLACK_TOKEN": "x", "DATABASE_URL": "x", "LANG": "C"}
    assert bare_environment(environ) == {"PATH": "/bin", "LANG": "C"}


def test_a_process_apart_that_breaks_ends_the_visit_and_says_so(shop: ThreadingHTTPServer) -> None:
    crawl = CrawlApart(site(shop), tools_for(shop), hosts=frozenset())
    crawl._process.kill()
    with pytest.raises(TemporaryError, match="ended with status -9"):
        crawl.answer(30)
    crawl.close()


@pytest.mark.parametrize("line", [b"{}", b"no JSON", b'{"ask": {"link": {"url": "x", "role": "thief"}}, "url": "x"}'])
def test_an_answer_from_apart_that_makes_no_sense_ends_the_visit(shop: ThreadingHTTPServer, line: bytes) -> None:
    crawl = CrawlApart(site(shop), tools_for(shop), hosts=frozenset())
    crawl._lines.put(line)
    with pytest.raises(TemporaryError, match="makes no sense"):
        crawl.answer(30)
    crawl.close()


@pytest.mark.parametrize("kind", [Crawl, CrawlApart])
def test_a_crawl_that_is_closed_gives_up_what_is_under_way(shop: ThreadingHTTPServer, kind: type) -> None:
    before = open_sockets()
    crawl = kind(site(shop, "slow"), tools_for(shop), hosts=frozenset({"127.0.0.1"}))
    crawl.ask(
        [Ask(link=Link(url=f"http://127.0.0.1:{shop.server_port}/{name}", role="listing")) for name in ("slow", "1")]
    )
    assert shop.slow.wait(20)
    begun = monotonic()
    crawl.close()
    assert monotonic() - begun < 4
    shop.over.set()
    assert "1" not in [name for name, _, _ in shop.asked]
    if kind is Crawl:
        crawl._running.result(5)
    else:
        assert crawl._process.returncode is not None
    assert open_sockets() <= before + 1  # the server's end of the connection


def open_sockets() -> int:
    folder = Path("/proc/self/fd")
    return sum(str(each.readlink()).startswith("socket:") for each in folder.iterdir() if each.is_symlink())


class Loud(Pages):
    """Prints what it reads, and breaks on what it does not like."""

    def read(self, document: Document, link: Link) -> Extract:
        sys.stdout.write("a line between the answers\n")
        if document.url.endswith("/2"):
            raise RuntimeError("half a character: \ud800")
        return super().read(document, link)


def test_what_a_reader_prints_or_breaks_on_does_not_end_the_visit_apart(
    shop: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(__file__).parent
    monkeypatch.setattr(Loud, "__module__", "test_crawl")
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{folder.parents[2]}")
    loud = Loud(site(shop, untrusted=True).manners, tools_for(shop))
    trial = try_out(loud, tools_for(shop))
    assert trial.error is None
    assert trial.found == 5
    assert [bool(page.problem) for page in trial.pages] == [False, True]


def test_a_process_apart_that_breaks_says_why(shop: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loud, "__module__", "no_such_module")
    crawl = CrawlApart(Loud(site(shop).manners, tools_for(shop)), tools_for(shop), hosts=frozenset())
    with pytest.raises(TemporaryError, match=r"ended with status 1 \(ModuleNotFoundError: .*no_such_module"):
        crawl.answer(30)
    crawl.close()


def test_an_answer_from_apart_for_another_site_ends_the_visit(shop: ThreadingHTTPServer) -> None:
    first = f"http://127.0.0.1:{shop.server_port}/1"
    crawl = CrawlApart(site(shop), tools_for(shop), hosts=frozenset({"shop.example"}))
    crawl._asked.add(first)
    answer = Answer(ask=Ask(link=Link(url=first, role="listing")), url="https://other.example/", extract=Extract())
    crawl._lines.put(ANSWER.dump_json(answer))
    with pytest.raises(TemporaryError, match="for another site"):
        crawl.answer(30)
    crawl.close()
