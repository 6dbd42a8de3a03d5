"""Settings and people in a real browser, over the real monitor and dashboard, with a feed and a webhook on loopback."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
SIGNING_KEY = "a key that nobody must see"
HOSTILE = "Ålesund <b>AS</b> **x** :red[y]"
WAIT = 20_000
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>Lumo lost my parcel</title><link>http://news.example/1</link><guid>1</guid></item></channel></rss>"""
REVIEW = """<div class="review" id="r{n}"><b class="by">{who}</b> <time datetime="2026-03-0{n}">{n} March</time>
<p class="words">{words}</p></div>"""
REVIEWS = (
    ("Ola", "Lumo lost my parcel & nobody answers"),
    ("<b>Jan</b> **x**", "<script>document.title='owned'</script> [click](javascript:alert(1)) **bold**"),
    ("Ewa", "Fine, I would buy it again. " * 20),
)
CONFIG = """\
server:
  port: {port}
  allow_private: [127.0.0.1]
brands:
  - {{name: Kyiv Bank, country: UA, languages: [uk, ru], timezone: Europe/Kyiv}}
queries:
  - {{name: Kyiv Bank, brand: Kyiv Bank, any: [Kyiv Bank, Київ Банк]}}
sources:
  - {{name: City news, type: rss, every: 1h, options: {{url: "{world}/feed.xml"}}}}
channels:
  - {{name: On-call, type: slack, options: {{url: {{env: SLACK_WEBHOOK}}}}}}
rules:
  - {{name: Many negatives, brand: Kyiv Bank, channels: [On-call]}}
"""


@dataclass
class World:
    """What the house talks to: a feed, and a webhook that keeps what it was sent."""

    url: str
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments):
            pass

        def do_GET(self):
            if self.path.startswith("/reviews"):
                self._answer(_reviews(last=self.path.endswith("page=2")), "text/html; charset=utf-8")
            elif self.path == "/feed.xml":
                self._answer(FEED)
            else:
                self.send_error(404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posts.append((dict(self.headers), body))
            self._answer(b"ok")

        def _answer(self, body, content_type="application/rss+xml"):
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found = World(url=f"http://127.0.0.1:{server.server_port}")
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def _reviews(*, last: bool) -> bytes:
    """A page of reviews without markup for machines: three, and two more behind a link."""
    chosen = list(enumerate(REVIEWS, 1))[:2] if last else list(enumerate(REVIEWS, 1))
    parts = (
        REVIEW.format(n=n + 3 * last, who=escape(who), words=f"{escape(words)}{' again' * last}")
        for n, (who, words) in chosen
    )
    following = "" if last else '<a class="next" href="/reviews?page=2">More</a>'
    return f"<!doctype html><html><body>{''.join(parts)}{following}</body></html>".encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def dashboard(folder: Path, world: World) -> Iterator[str]:
    """The address of the real thing: monitor and dashboard, started by one command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "groundswell.yaml").write_text(CONFIG.format(port=port, world=world.url), encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "SLACK_WEBHOOK": f"{world.url}/slack"}
    environ |= {"GROUNDSWELL_DATA": str(folder / "var")}
    command = [sys.executable, "-m", "groundswell", "--config", str(folder / "groundswell.yaml"), "run"]
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
            log.seek(0)
            written = log.read()
    assert "Traceback" not in written, written
    assert SIGNING_KEY not in written


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    threading_event = threading.Event()
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        threading_event.wait(0.2)
    raise AssertionError(log.read_text())


def settle(page: Page) -> None:
    """Wait until a page has said everything, and nothing stands twice: in the run before, and in this one."""
    app = page.locator('[data-testid="stApp"]')
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT)
    expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=WAIT)  # parts of the run before
    expect(page.locator(".stHtml h1").first).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(400)


def shoot(page: Page, path: Path) -> None:
    """Take a picture of the whole page: Streamlit scrolls inside, so the window grows instead."""
    size = page.viewport_size
    tall = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(size["height"], tall + 40), 3_000)})
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    page.set_viewport_size(size)


def section(page: Page, url: str, name: str, more: str = "") -> None:
    page.goto(f"{url}/settings?section={name}{more}")
    settle(page)


def save(page: Page) -> None:
    settle(page)  # what was typed is on its way until the page is at rest
    page.get_by_role("button", name="Save", exact=True).click()


def try_it(page: Page) -> None:
    settle(page)
    page.get_by_role("button", name="Try it", exact=True).click()


def said(page: Page, text: str) -> None:
    expect(page.locator(".gw-notice", has_text=text).first).to_be_visible(timeout=WAIT)
    settle(page)


def item(page: Page, name: str):
    return page.locator('[class*="st-key-item-"]', has=page.get_by_text(name, exact=True))


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.keyboard.type(option)  # long lists draw only what is in sight
    page.get_by_role("option", name=option, exact=True).click()


def test_the_file_s_items_are_there_and_say_whose_they_are(person, dashboard):
    for name, value in {"name": "Ada", "login": "ada", "password": PASSWORD, "again": PASSWORD}.items():
        person.fill(f"[name={name}]", value)
    person.get_by_role("button", name="Create the account").click()
    settle(person)
    section(person, dashboard, "brand")
    expect(item(person, "Kyiv Bank")).to_contain_text("managed by file")
    expect(item(person, "Kyiv Bank")).to_contain_text("Ukraine")
    assert item(person, "Kyiv Bank").get_by_role("button", name="Edit").count() == 0
    section(person, dashboard, "channel")
    item(person, "On-call").locator("summary").click()
    expect(item(person, "On-call")).to_contain_text("from the variable SLACK_WEBHOOK")


def test_a_brand_is_added_with_its_words(person, dashboard, shots):
    section(person, dashboard, "brand")
    person.get_by_role("button", name="Add a brand").click()
    expect(person.get_by_role("textbox", name="Name of the brand")).to_be_visible(timeout=WAIT)
    settle(person)
    save(person)
    said(person, "Not saved")
    expect(person.locator(".gw-wrong").first).to_be_visible()
    settle(person)
    shoot(person, shots / "settings-wrong.png")
    person.get_by_role("textbox", name="Name of the brand").fill("Lumo")
    person.get_by_role("textbox", name="Words people use for it").fill("Lumo\nЛюмо\n\nLumo")
    person.get_by_role("textbox", name="Not when these words occur").fill("lumo font")
    person.get_by_role("textbox", name="Own accounts").fill("@lumo\n@lumo_help")
    choose(person, "Country", "Poland")
    shoot(person, shots / "settings-brand-form.png")
    save(person)
    said(person, "Lumo is saved")
    expect(item(person, "Lumo")).to_contain_text("Люмо")
    expect(item(person, "Lumo")).to_contain_text("Poland")
    section(person, dashboard, "query")
    expect(item(person, "Lumo")).to_contain_text("not with: lumo font")


def test_a_brand_s_words_are_edited_with_it(person, dashboard):
    section(person, dashboard, "brand", "&edit=Lumo")
    words = person.get_by_role("textbox", name="Words people use for it")
    expect(words).to_have_value("Lumo\nЛюмо")
    words.fill("Lumo\nЛюмо\nЛюмі")
    save(person)
    said(person, "Lumo is saved")
    expect(item(person, "Lumo")).to_contain_text("Люмі")


def test_a_name_of_any_kind_is_text_and_a_taken_one_is_refused(person, dashboard):
    section(person, dashboard, "brand", "&add=new")
    person.get_by_role("textbox", name="Name of the brand").fill("Lumo")
    save(person)
    expect(person.locator(".gw-wrong").first).to_contain_text("This name is taken", timeout=WAIT)
    settle(person)
    person.get_by_role("textbox", name="Name of the brand").fill(HOSTILE.replace("/", ""))
    save(person)
    said(person, "is saved")
    row = item(person, HOSTILE.replace("/", ""))
    expect(row).to_be_visible()
    row.get_by_role("button", name="Edit").click()
    expect(person.get_by_role("heading", name=HOSTILE.replace("/", ""))).to_be_visible(timeout=WAIT)
    settle(person)
    person.get_by_role("button", name="Cancel").click()
    settle(person)
    row.get_by_role("button", name="Switch off").click()
    said(person, "is switched off")
    expect(row).to_contain_text("switched off")


def test_a_source_is_added_and_read_at_once(person, dashboard, world, shots):
    section(person, dashboard, "source", "&add=new")
    expect(person.get_by_role("combobox", name="What is read?")).to_be_visible()
    person.get_by_role("combobox", name="What is read?").click()
    expect(person.get_by_role("option", name="Hacker News")).to_be_visible()
    offered = person.get_by_role("option").all_inner_texts()
    assert [name.strip() for name in offered] == [
        "Articles of newspapers and blogs",
        "Feed (RSS, Atom, JSON)",
        "Hacker News",
        "Reviews on web pages (schema.org)",
        "Web pages, by selectors",
    ]
    assert not [name for name in offered if "sample" in name.casefold() or "on the server" in name]
    person.get_by_role("option", name="Feed (RSS, Atom, JSON)").click()
    expect(person.get_by_role("textbox", name="Name of the source")).to_be_visible(timeout=WAIT)
    settle(person)
    person.get_by_role("textbox", name="Name of the source").fill("Lumo news")
    person.get_by_role("textbox", name="Address *").fill("{file: /etc/passwd}")
    save(person)
    expect(person.locator(".gw-wrong").first).to_contain_text("configuration file only", timeout=WAIT)
    settle(person)
    person.get_by_role("textbox", name="Address *").fill(f"{world.url}/feed.xml")
    choose(person, "Brand", "Lumo")
    shoot(person, shots / "settings-source-form.png")
    save(person)
    said(person, "Lumo news is saved")
    row = item(person, "Lumo news")
    person.wait_for_timeout(2_500)  # the monitor looks for changes each second, and reads a new source by itself
    row.get_by_role("button", name="Read now").click()
    expect(row.locator(".gw-errand.gw-done, .gw-errand.gw-failed").first).to_be_visible(timeout=WAIT)
    expect(row.locator(".gw-errand").first).to_contain_text(re.compile("Read: |being read at present"))


def test_a_source_of_pages_is_tried_before_it_is_saved(person, dashboard, world, shots):
    section(person, dashboard, "source", "&add=new")
    choose(person, "What is read?", "Web pages, by selectors")
    expect(person.get_by_role("textbox", name="Start addresses *")).to_be_visible(timeout=WAIT)
    settle(person)
    expect(person.get_by_label("Pages a visit")).to_be_hidden()  # folded away with its defaults
    shoot(person, shots / "settings-pages-form.png")
    fill = {
        "Start addresses *": f"{world.url}/reviews\n{world.url}/missing",
        "Items": ".review",
        "Text": ".words",
        "Author": ".by",
        "Date": "time[",
        "Rating": ".stars",
        "Next page": "a.next",
    }
    for name, text in fill.items():
        person.get_by_role("textbox", name=name, exact=True).fill(text)
    try_it(person)
    said(person, "Not tried")
    assert person.locator(".gw-wrong").count() == 1
    shoot(person, shots / "settings-pages-wrong.png")
    person.get_by_role("textbox", name="Date", exact=True).fill("time::attr(datetime)")
    try_it(person)
    report = person.locator(".gw-panel", has_text="What it would collect")
    expect(report).to_contain_text("5 items on 2 pages", timeout=2 * WAIT)
    settle(person)
    warnings = report.locator(".gw-notice.gw-warning li").all_inner_texts()
    assert "Rating: this selector found nothing." in warnings
    assert any(f"{world.url}/missing: no such page" in warning for warning in warnings)
    assert report.locator("dt", has_text="Author").locator("xpath=following-sibling::dd[1]").inner_text() == "5 of 5"
    assert report.locator("dt", has_text="Rating").locator("xpath=following-sibling::dd[1]").inner_text() == "0 of 5"
    expect(report).to_contain_text("Lumo lost my parcel & nobody answers")
    expect(report).to_contain_text("Jan **x**")
    expect(report).to_contain_text("<script>document.title='owned'</script> [click]")
    assert person.title() != "owned"
    expect(person.get_by_role("textbox", name="Items", exact=True)).to_have_value(".review")
    shoot(person, shots / "settings-pages-tried.png")
    save(person)
    expect(person.locator(".gw-wrong").first).to_be_visible(timeout=WAIT)  # it still needs a name
    settle(person)
    person.get_by_role("textbox", name="Name of the source").fill("Lumo reviews")
    save(person)
    said(person, "Lumo reviews is saved")
    section(person, dashboard, "source", "&edit=Lumo+reviews")
    expect(person.get_by_role("textbox", name="Items", exact=True)).to_have_value(".review")
    assert report.count() == 0


def test_a_restricted_source_waits_until_it_is_confirmed(person, dashboard, shots):
    section(person, dashboard, "source", "&edit=Lumo+reviews")
    person.get_by_text("On what terms it is read").click()
    settle(person)
    choose(person, "Terms", "Restricted: its terms limit automatic reading")
    try_it(person)
    said(person, "Not tried")
    expect(person.locator(".gw-wrong").first).to_contain_text("only when this is confirmed")
    shoot(person, shots / "settings-restricted-form.png")
    save(person)
    said(person, "Lumo reviews is saved")
    row = item(person, "Lumo reviews")
    expect(row).to_contain_text("off until confirmed")
    assert row.get_by_role("button", name="Read now").count() == 0
    person.goto(f"{dashboard}/sources")
    settle(person)
    expect(person.locator(".gw-source-row", has_text="Lumo reviews")).to_contain_text("off until confirmed")
    section(person, dashboard, "source")
    shoot(person, shots / "settings-restricted.png")
    settle(person)
    row.get_by_role("button", name="We may read it…").click()
    settle(person)
    person.get_by_role("button", name="We may read it", exact=True).click()
    said(person, "Lumo reviews is confirmed")
    expect(row.get_by_role("button", name="Read now")).to_be_visible()


def test_a_channel_is_added_its_secrets_are_kept_and_never_shown(person, dashboard, world, folder, shots):
    section(person, dashboard, "channel", "&add=new")
    choose(person, "How are people reached?", "Webhook")
    expect(person.get_by_label("Signing key *")).to_be_visible(timeout=WAIT)
    settle(person)
    person.get_by_role("textbox", name="Name of the channel").fill("Ops hook")
    person.get_by_label("Address *").fill(f"{world.url}/hook")
    person.get_by_label("Signing key *").fill("too short")
    save(person)
    expect(person.locator(".gw-wrong").first).to_be_visible(timeout=WAIT)
    settle(person)
    assert "too short" not in person.locator(".gw-wrong").first.inner_text()
    person.get_by_label("Signing key *").fill(SIGNING_KEY)
    save(person)
    said(person, "Ops hook is saved")
    row = item(person, "Ops hook")
    row.locator("summary").click()
    expect(row).to_contain_text("stored encrypted")
    person.wait_for_timeout(2_500)
    row.get_by_role("button", name="Send a test message").click()
    expect(row.locator(".gw-errand").first).to_contain_text("The test message was sent", timeout=WAIT)
    assert len(world.posts) == 1
    row.get_by_role("button", name="Edit").click()
    key = person.get_by_label("Signing key *")
    expect(key).to_have_value("", timeout=WAIT)
    expect(key).to_have_attribute("placeholder", "stored; leave empty to keep it")
    expect(key).to_have_attribute("type", "password")
    settle(person)
    shoot(person, shots / "settings-channel-form.png")
    save(person)
    said(person, "Ops hook is saved")
    assert SIGNING_KEY not in person.content()
    assert SIGNING_KEY.encode() not in _whole(folder / "var")
    person.wait_for_timeout(1_500)
    row.get_by_role("button", name="Send a test message").click()
    for _ in range(50):
        if len(world.posts) == 2:
            break
        person.wait_for_timeout(200)
    assert len(world.posts) == 2, "the secrets are still there after saving without typing them"


def _whole(data: Path) -> bytes:
    with sqlite3.connect(data / "groundswell.db") as db:
        db.execute("PRAGMA wal_checkpoint(FULL)")
    return b"".join(path.read_bytes() for path in data.iterdir() if path.is_file())


def test_an_item_of_the_file_is_taken_over_and_edited(person, dashboard):
    section(person, dashboard, "brand")
    item(person, "Kyiv Bank").get_by_role("button", name="Take over…").click()
    person.get_by_role("button", name="Take over", exact=True).click()
    said(person, "Kyiv Bank is yours now")
    assert "managed by file" not in item(person, "Kyiv Bank").inner_text()
    item(person, "Kyiv Bank").get_by_role("button", name="Edit").click()
    words = person.get_by_role("textbox", name="Words people use for it")
    expect(words).to_have_value("Kyiv Bank\nКиїв Банк", timeout=WAIT)
    settle(person)
    words.fill("Kyiv Bank")
    save(person)
    said(person, "Kyiv Bank is saved")


def test_a_rule_is_added(person, dashboard, shots):
    section(person, dashboard, "rule", "&add=new")
    person.get_by_role("textbox", name="Name of the rule").fill("Few are enough")
    person.get_by_role("spinbutton", name="Negative voices *").fill("3")
    choose(person, "Severity *", "Critical")
    choose(person, "Channels", "Ops hook")
    person.keyboard.press("Escape")
    shoot(person, shots / "settings-rule-form.png")
    save(person)
    said(person, "Few are enough is saved")
    row = item(person, "Few are enough")
    expect(row).to_contain_text("3 negative voices or more in 3 hours, and 50% of what was scored")
    expect(row).to_contain_text("tells Ops hook")


def test_a_colleague_is_added_comes_in_and_sees_only_the_brand(person, dashboard, chromium: Browser, watch, shots):
    person.goto(f"{dashboard}/people")
    settle(person)
    person.get_by_role("button", name="Add a colleague").click()
    expect(person.get_by_role("textbox", name="Login *")).to_be_visible(timeout=WAIT)
    person.get_by_role("textbox", name="Name *").fill("Marek <i>Nowak")
    person.get_by_role("textbox", name="Login *").fill("marek")
    person.get_by_text("Sees every brand", exact=True).click()
    choose(person, "Or only these brands", "Lumo")
    person.keyboard.press("Escape")
    shoot(person, shots / "people-form.png")
    person.get_by_role("button", name="Add", exact=True).click()
    said(person, "Marek <i>Nowak may come in")
    password = person.locator('[data-testid="stCode"] code').inner_text().strip()
    assert re.fullmatch(r"(\w{5}-){3}\w{5}", password)
    shoot(person, shots / "people-once.png")
    person.get_by_role("button", name="I have passed it on").click()
    expect(person.locator('[data-testid="stCode"]')).to_have_count(0, timeout=WAIT)
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = watch.over(context.new_page())
    page.goto(dashboard)
    page.fill("[name=login]", "marek")
    page.fill("[name=password]", password)
    page.locator("button[type=submit]").click()
    settle(page)
    section(page, dashboard, "brand", "&edit=Lumo")
    expect(item(page, "Lumo")).to_be_visible()
    assert item(page, "Kyiv Bank").count() == 0
    assert page.get_by_role("button", name="Edit").count() == 0
    assert page.locator('[data-testid="stForm"]').count() == 0
    page.goto(f"{dashboard}/people")
    settle(page)
    expect(page.get_by_text("For administrators").first).to_be_visible()
    _disable(person)
    page.reload()
    expect(page).to_have_url(re.compile("/login"), timeout=WAIT)
    context.close()


def _disable(person: Page) -> None:
    item(person, "Marek <i>Nowak").get_by_role("button", name="Change").click()
    expect(person.get_by_role("heading", name="Marek <i>Nowak")).to_be_visible(timeout=WAIT)
    settle(person)
    person.get_by_role("button", name="Disable…").click()
    person.get_by_role("button", name="Disable", exact=True).click()
    said(person, "Marek <i>Nowak is kept out")


def test_the_last_administrator_cannot_give_it_up(person, dashboard):
    person.goto(f"{dashboard}/people?person=1")
    settle(person)
    assert person.get_by_role("button", name="Disable…").count() == 0
    choose(person, "Role", "Viewer")
    save(person)
    said(person, "Ada is the last administrator")


def test_pictures_are_left_to_look_at(dashboard, dressed, shots):
    pages = {
        "settings-brands": "/settings",
        "settings-words": "/settings?section=query",
        "settings-sources": "/settings?section=source",
        "settings-rules": "/settings?section=rule",
        "settings-channels": "/settings?section=channel",
        "settings-brand": "/settings?section=brand&edit=Lumo",
        "settings-channel": "/settings?section=channel&edit=Ops+hook",
        "people": "/people",
        "person": "/people?person=2",
    }
    for scheme, width, mark in (("light", 1280, ""), ("dark", 1280, "-dark"), ("light", 390, "-narrow")):
        page = dressed(scheme=scheme, width=width, height=900 if width > 400 else 844)
        for name, path in pages.items():
            page.goto(dashboard + path)
            settle(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name}{mark} is {wide} pixels wide"
            shoot(page, shots / f"{name}{mark}.png")
        section(page, dashboard, "source", "&edit=Lumo+reviews")
        page.get_by_text("How it is read", exact=True).click()
        try_it(page)
        expect(page.locator(".gw-panel", has_text="What it would collect")).to_contain_text("5 items", timeout=2 * WAIT)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shoot(page, shots / f"settings-tried{mark}.png")


def test_no_page_broke_a_rule_or_asked_anybody_else(watch):
    assert list(dict.fromkeys(watch.problems)) == []
