"""The commands as a person types them, in a process of their own."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def groundswell(tmp_path):
    """Run a command in an empty folder with a configuration file."""
    (tmp_path / "groundswell.yaml").write_text(
        "brands: [{name: Shopsy}]\n"
        "queries: [{name: shopsy, brand: Shopsy, any: [Shopsy]}]\n"
        "sources: [{name: talk, type: file, every: 1d, options: {path: talk.jsonl}}]\n"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")}

    def run(*arguments, **more):
        command = [sys.executable, "-m", "groundswell", *arguments]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**environ, **more, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def test_a_file_is_imported_and_its_wrong_rows_are_listed_with_their_line(groundswell, tmp_path):
    good = [{"id": n, "text": f"Shopsy is awful {n}", "published_at": "2026-01-05T10:00:00Z"} for n in range(20)]
    lines = [json.dumps(row) for row in good]
    lines.insert(7, "{broken")
    (tmp_path / "old.jsonl").write_text("\n".join(lines) + "\n")
    done = groundswell("import", "old.jsonl", "--kind", "review")
    assert done.returncode == 1
    assert "20 new" in done.stderr
    with (tmp_path / "old.jsonl.rejects.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["line"], row["reason"]) == ("8", "bad JSON")

    again = groundswell("import", "old.jsonl", "--kind", "review")
    assert again.returncode == 0
    assert "0 new" in again.stderr
    assert groundswell("rollups", "verify").returncode == 0


def test_status_says_what_is_there_before_and_after_collecting(groundswell, tmp_path):
    assert "Nothing was collected yet" in groundswell("status").stdout
    (tmp_path / "talk.jsonl").write_text(
        '{"id": 1, "text": "Shopsy was here", "published_at": "2026-01-05T10:00:00Z"}\n'
    )
    collected = groundswell("collect", "--once", "talk")
    assert (collected.returncode, collected.stdout.strip()) == (0, "talk: 1 new, 0 edited, 0 known, 0 rejected")
    after = groundswell("status")
    assert after.returncode == 0
    assert re.search(r"talk +file +1 d +\d+ s ago +1", after.stdout)
    assert "Running: nothing" in after.stdout


def test_an_unknown_source_is_refused_with_what_there_is(groundswell):
    done = groundswell("collect", "--once", "tlak")
    assert done.returncode == 2
    assert "talk" in done.stdout


def test_collecting_without_once_says_what_does_it(groundswell):
    done = groundswell("collect")
    assert done.returncode == 2
    assert "groundswell run" in done.stderr


def test_a_wrong_file_is_refused_with_file_line_key_and_what_is_allowed(groundswell, tmp_path):
    (tmp_path / "groundswell.yaml").write_text("server:\n  port: eighty\nbrand: []\n")
    for command in (("status",), ("run",), ("check", "--offline")):
        done = groundswell(*command)
        said = done.stdout + done.stderr
        assert done.returncode in (1, 2)
        assert "groundswell.yaml:2" in said
        assert "server.port" in said
        assert "brands" in said


def test_check_says_that_nothing_is_wrong(groundswell):
    done = groundswell("check", "--offline")
    assert done.returncode == 0, done.stdout
    assert "Nothing is wrong." in done.stdout


def test_rollups_that_are_off_are_named_and_mended(groundswell, tmp_path):
    import sqlite3
    from contextlib import closing

    (tmp_path / "talk.jsonl").write_text(
        '{"id": 1, "text": "Shopsy was here", "published_at": "2026-01-05T10:00:00Z"}\n'
    )
    groundswell("collect", "--once")
    with closing(sqlite3.connect(tmp_path / "var" / "groundswell.db")) as conn:
        conn.execute("UPDATE rollup SET n = n + 1")
        conn.commit()
    assert groundswell("rollups", "verify").returncode == 1
    assert "1 counts were off" in groundswell("rollups", "rebuild").stdout
    assert groundswell("rollups", "verify").returncode == 0


def test_help_and_version_answer(groundswell):
    assert "status" in groundswell("--help").stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", groundswell("version").stdout)


# -- trying and confirming sources ----------------------------------------------------------------


def test_a_source_is_tried_from_its_file_and_leaves_no_trace(groundswell, tmp_path):
    (tmp_path / "talk.jsonl").write_text(
        '{"id": 1, "text": "Shopsy was here", "published_at": "2026-01-05T10:00:00Z", "author": "olha"}\n'
    )
    done = groundswell("source", "try", "groundswell.yaml", "talk")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"2026-01-05 +olha +- +Shopsy was here", done.stdout)
    assert "1 item, with: text 100%, author 100%, date 100%, rating 0%" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["groundswell.yaml", "talk.jsonl"]


def _post(author, at, text):
    return f"<li><b>{author}</b> <i>{at}</i><p>{text}</p></li>"


PAGES = {
    "/talk": "".join(_post(f"olha{n}", f"2026-01-0{n} 10:00", f"Parcel {n} was <br>lost") for n in range(1, 5))
    + '<a rel="next" href="/talk?page=2">more</a>',
    "/talk?page=2": _post("petro", "2025-12-31 09:00", "Too dear"),
}


class Board(BaseHTTPRequestHandler):
    """A guest book of two pages; everything else is a 404."""

    def do_GET(self):
        page = f"<html><body><ul>{PAGES.get(self.path, '')}</ul></body></html>".encode()
        self.send_response(200 if self.path in PAGES else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


@pytest.fixture
def board():
    with ThreadingHTTPServer(("127.0.0.1", 0), Board) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_web_source_is_tried_and_says_which_selector_found_nothing(groundswell, tmp_path, board):
    text = f"""
server: {{allow_private: [127.0.0.1]}}
sources:
  - name: guests
    type: pages
    options:
      start: ["{board}/talk"]
      delay: 0
      items: li
      next: "a[rel=next]::attr(href)"
      text: p
      author: b
      date: i
      rating: .stars
  - {{name: gone, type: pages, options: {{start: ["{board}/gone"], delay: 0, items: li, text: p}}}}
"""
    (tmp_path / "site.yaml").write_text(text)
    done = groundswell("source", "try", "site.yaml", "guests")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"listing  {board}/talk  items: 4, links: 1" in done.stdout
    assert f"listing  {board}/talk?page=2  items: 1, links: 0" in done.stdout
    assert re.search(r"2026-01-03 +olha3 +- +Parcel 3 was lost", done.stdout), done.stdout
    assert "5 items, with: text 100%, author 100%, date 100%, rating 0%" in done.stdout
    assert "look: rating: " in done.stdout
    both = groundswell("source", "try", "site.yaml")
    assert both.returncode == 1
    assert f"look: {board}/gone could not be read" in both.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["groundswell.yaml", "site.yaml"]


def test_a_source_that_shows_nothing_or_whose_file_is_wrong_fails_with_the_place(groundswell, tmp_path):
    (tmp_path / "one.yaml").write_text("name: talk\ntype: file\noptions: {path: gone.jsonl}\n")
    done = groundswell("source", "try", "one.yaml")
    assert done.returncode == 1
    assert "Nothing was found." in done.stdout
    (tmp_path / "one.yaml").write_text("name: talk\ntype: file\noptions:\n  pth: gone.jsonl\n")
    done = groundswell("source", "try", "one.yaml")
    assert done.returncode == 2
    assert "one.yaml:4: options.pth: unknown key 'pth' (did you mean 'path'?)" in done.stderr


def test_only_a_persons_source_is_confirmed_from_the_command_line(groundswell, tmp_path):
    path = tmp_path / "groundswell.yaml"
    path.write_text(path.read_text().replace("type: file,", "type: file, terms: restricted,"))
    (tmp_path / "talk.jsonl").write_text("")
    refused = groundswell("collect", "--once", "talk")
    assert refused.returncode == 1
    assert refused.stdout.startswith("talk: its terms restrict automatic reading, so it is not read")
    off = "talk:\n  off: its terms restrict automatic reading; confirm with confirmed: true"
    assert off in groundswell("status").stdout
    assert f"source {refused.stdout.strip()}" in groundswell("check").stdout
    done = groundswell("source", "confirm", "talk")
    assert done.returncode == 2
    assert "belongs to the configuration file" in done.stderr
    path.write_text(path.read_text().replace("terms: restricted,", "terms: restricted, confirmed: true,"))
    assert groundswell("collect", "--once", "talk").returncode == 0
