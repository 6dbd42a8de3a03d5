"""What `groundswell status` prints, as a support lead reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.principal import SYSTEM
from config.settings import Declaration, SourceSpec
from crawlers.connector import Batch, Reject
from crawlers.report import Report
from groundswell.standing import show_status
from storage import declared, sources
from storage.intake import Arrival, Stored, store
from storage.pages import Remembered
from storage.visits import Tally

HOUR = timedelta(hours=1)
PAGES = {"start": ["https://talk.example/"], "items": "li", "text": "p"}


@pytest.fixture
def board(house, now):
    """The id of a web source of the house."""
    spec = SourceSpec(name="board", type="pages", options=PAGES)
    declared.save(house.db, Declaration(sources=(spec,)), by=SYSTEM, now=now)
    return next(one.id for one in declared.catalogue(house.db).sources if one.item.name == "board")


def visited(house, source_id, at, *, error=None, wait=None, **came):
    visit = sources.begin(house.db, source_id, owner="m", now=at)
    if error is None:
        tally = Tally(stored=Stored(**came), news=True)
        sources.succeed(house.db, visit, now=at, tally=tally, retry_after=wait)
    else:
        sources.fail(house.db, visit, error=error, permanent=False, now=at)


def refuse(house, source_id, at, *rejects):
    store(house.db, Arrival(source_id=source_id, batch=Batch(), readings=(), rejects=rejects), now=at)


def shown(house, capsys):
    code = show_status(house)
    return code, capsys.readouterr().out.splitlines()


def row_of(lines, name):
    (row,) = [line for line in lines if line.startswith(f"{name} ")]
    return row.split()


def test_a_source_has_one_line_with_what_is_normal_for_it(house, board, now, capsys):
    for hours, new in ((6, 4), (5, 6), (4, 8)):
        visited(house, board, now - hours * HOUR, new=new, same=10, lags=(1_200.0,))
    visited(house, board, now - 3 * HOUR, error="503")
    visited(house, board, now - 2 * HOUR, new=1, same=11, lags=(1_200.0,))
    code, lines = shown(house, capsys)
    assert code == 0
    assert lines[0].split("  ")[-1].strip() == "Lag"
    told = ["board", "pages", "15", "min", "2", "h", "ago", "0", "0", "80%", "of", "5", "12", "16", "20", "min"]
    assert row_of(lines, "board") == told
    assert row_of(lines, "forum")[-4:] == ["-"] * 4
    assert "board:" not in lines, "where all is well there is nothing to say"


def test_a_failing_source_says_why_and_for_how_many_visits(house, board, now, capsys):
    for minutes in (3, 2, 1):
        visited(house, board, now - timedelta(minutes=minutes), error="nothing could be read: \x1b[2J no connection")
    code, lines = shown(house, capsys)
    assert code == 1
    at = lines.index("board:")
    assert lines[at + 1].startswith("  the last 3 visits failed: nothing could be read: ")
    assert "\x1b" not in "".join(lines), "texts from outside do not steer the terminal"
    declared.set_enabled(house.db, "source", "board", False, by=SYSTEM, now=now)
    assert shown(house, capsys)[0] == 0, "what is switched off needs nobody"


def test_what_was_rejected_is_told_by_reason_with_the_newest_example(house, board, now, capsys):
    closed = [Reject(reason="robots.txt forbids it", detail=f"/closed/{n} is closed") for n in range(3)]
    refuse(house, board, now - 2 * HOUR, *closed, Reject(reason="empty text", external_id="r7"))
    refuse(house, board, now - HOUR, Reject(reason="broken row", detail="7 fields\nnot 5", line=8))
    code, lines = shown(house, capsys)
    assert code == 0
    at = lines.index("board:")
    assert lines[at + 1 : at + 5] == [
        "  rejected 3: robots.txt forbids it; the newest 2 h ago: /closed/2 is closed",
        "  rejected 1: broken row; the newest 1 h ago: 7 fields not 5, line 8",
        "  rejected 1: empty text; the newest 2 h ago: r7",
        "",
    ]
    assert row_of(lines, "board")[-5] == "5"


def test_a_field_that_is_found_less_than_usual_is_told(house, board, now, capsys):
    for hours, rated in ((6, 20), (5, 19), (4, 20), (3, 1)):
        visit = sources.begin(house.db, board, owner="m", now=now - hours * HOUR)
        report = Report(pages=2, items=20, fields={"text": 20, "rating": rated})
        sources.succeed(house.db, visit, now=now - hours * HOUR, tally=Tally(report=report))
    code, lines = shown(house, capsys)
    assert code == 0
    assert lines[lines.index("board:") + 1] == "  rating: found in 5% of items, usually in 100%"


def test_hosts_that_are_left_alone_are_told_once_with_the_reason(house, board, now, capsys):
    spec = SourceSpec(name="other board", type="pages", options=PAGES)
    declared.save(house.db, Declaration(sources=(spec,)), by=SYSTEM, now=now)
    memory = Remembered(house.db, board)
    memory.hold("talk.example", until=now + HOUR, reason="the site asked to wait: /1 answered 429")
    memory.hold("nobody.example", until=now + HOUR, reason="read by no source")
    _, lines = shown(house, capsys)
    until = f"{now + HOUR:%Y-%m-%d %H:%M} UTC"
    for name in ("board:", "other board:"):
        assert lines[lines.index(name) + 1] == f"  waits for talk.example, which is left alone until {until}"
    held = [line for line in lines if "left alone until" in line and not line.startswith(" ")]
    assert held == [f"talk.example left alone until {until}: the site asked to wait: /1 answered 429"]
    later = replace(house, clock=lambda: now + HOUR)
    assert not any("left alone" in line for line in shown(later, capsys)[1])


def test_a_source_outside_of_its_hours_says_when_it_is_read_again(house, board, now, capsys):
    visited(house, board, now, wait=HOUR)
    _, lines = shown(house, capsys)
    note = lines[lines.index("board:") + 1]
    assert note == f"  not read before {now + HOUR:%Y-%m-%d %H:%M} UTC, at its own wish or because of its hours"
