"""A real dashboard in its own process, and a real Chromium that may talk to it alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "artifacts"
START = 60.0


@dataclass
class Watch:
    """What a page did that it should not have done."""

    url: str
    problems: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        """Watch a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))
        page.on("request", self._request)
        page.on("response", self._response)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        ours = (self.url, self.url.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(ours):
            self.problems.append(f"asked elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/setup" not in response.url):
            self.problems.append(f"status {response.status}: {response.url}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium with a new profile; Playwright brings none of its own here.

    For one module at a time: while Playwright runs, no test in this thread could start an event loop.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium: install it with `apt-get install chromium` to run the browser tests")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running dashboard over a filled workspace, before the first visit."""
    folder = tmp_path_factory.mktemp("dashboard")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(Path(__file__).with_name("serve.py")), str(folder), str(port)]
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        )
        try:
            _wait(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)
            log.seek(0)
            written = log.read()
    assert "Traceback" not in written, written


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        assert process.poll() is None, "the dashboard ended before it answered"
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the dashboard did not answer in time")


@pytest.fixture(scope="module")
def watch(dashboard: str) -> Watch:
    """What all pages of the module did that they should not have done."""
    return Watch(url=dashboard)


@pytest.fixture(scope="module")
def person(chromium: Browser, dashboard: str, watch: Watch) -> Iterator[Page]:
    """The page of somebody with a browser in English and a clock in Kyiv."""
    context = chromium.new_context(
        locale="en-GB", timezone_id="Europe/Kyiv", viewport={"width": 1280, "height": 900}, color_scheme="light"
    )
    page = watch.over(context.new_page())
    page.goto(dashboard)
    yield page
    context.close()


@pytest.fixture
def shots() -> Path:
    """Where pictures of pages are left to look at; git ignores the folder."""
    SHOTS.mkdir(exist_ok=True)
    return SHOTS


@pytest.fixture
def dressed(chromium: Browser, person: Page, watch: Watch) -> Iterator[object]:
    """Open the person's session in another dress: dark, or on a telephone."""
    opened: list[BrowserContext] = []

    def dress(*, scheme: str = "light", width: int = 1280, height: int = 900) -> Page:
        context = chromium.new_context(
            storage_state=person.context.storage_state(),
            locale="en-GB",
            timezone_id="Europe/Kyiv",
            viewport={"width": width, "height": height},
            color_scheme=scheme,
        )
        opened.append(context)
        return watch.over(context.new_page())

    yield dress
    for context in opened:
        context.close()
