import csv
import gzip
import io
import json
import os
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawlers.connector import Batch, Limits, PermanentError, TemporaryError, Window
from crawlers.connectors.file import File, FileSettings
from crawlers.rows import MAX_LINE, Lines, read_csv, read_json

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = Window(since=None, until=NOW)


@pytest.fixture
def read(make_tools):
    def visit(path: Path, cursor=None, *, size: int = 500, now: datetime = NOW, **options) -> list[Batch]:
        connector = File(FileSettings(path=str(path), **options), make_tools(kind="review", now=now))
        return list(connector.fetch(cursor, WHOLE, Limits(batch_size=size)))

    return visit


@pytest.fixture
def write(tmp_path: Path):
    def put(content: str | bytes, name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def texts(batches: list[Batch]) -> list[str]:
    return [mention.text for batch in batches for mention in batch.items]


def rejects(batches: list[Batch]) -> list[tuple[int | None, str]]:
    return [(reject.line, reject.reason) for batch in batches for reject in batch.rejects]


def row(number: int, *, published: datetime = NOW - HOUR) -> str:
    return json.dumps({"id": number, "text": f"Row {number}", "published_at": published.isoformat()}) + "\n"


def test_jsonl_is_read(fixtures: Path, read) -> None:
    (batch,) = read(fixtures / "file_rows.jsonl", language="uk")
    first, second, third = batch.items
    assert first.key == ("file:file_rows.jsonl", "r-1")
    assert first.published_at == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert first.author is not None
    assert (first.author.handle, first.language, first.rating, first.kind) == ("Olena", "uk", 1.0, "review")
    assert (first.engagement.likes, first.engagement.replies, first.engagement.shares) == (3, 1, None)
    assert (first.reach, first.product, first.place, first.region) == (120, "Kettle", "Kyiv 12", "Kyiv")
    assert (second.rating, second.published_at) == (0.25, datetime(2026, 3, 9, 10, 0, tzinfo=UTC))
    assert second.external_id.startswith("sha256:")
    assert (third.external_id, third.undated, third.published_at) == ("3", True, NOW)
    assert (batch.covered_from, batch.covered_to) == (first.published_at, second.published_at)
    assert batch.backfill


def test_csv_is_read_with_any_delimiter_and_lines_in_quotes(fixtures: Path, read) -> None:
    (batch,) = read(fixtures / "file_rows.csv", name="reviews")
    first, second = batch.items
    assert first.text == 'Two lines\nof "text", quoted; with a delimiter'
    assert first.key == ("file:reviews", "c-1")
    assert first.published_at == datetime(2026, 3, 9, tzinfo=UTC)
    assert (second.rating, second.published_at.hour) == (None, 10)


def test_other_column_names_can_be_mapped(write, read) -> None:
    path = write("Отзыв,Оценка,When\nХорошо,4,2026-03-01\n", "a.csv")
    (batch,) = read(path, columns={"text": "Отзыв", "rating": "Оценка", "published_at": "When"})
    assert (batch.items[0].text, batch.items[0].rating) == ("Хорошо", 0.8)


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.ndjson.gz"])
def test_a_gzipped_file_is_read(write, read, name: str) -> None:
    path = write(gzip.compress((row(1) + row(2)).encode()), name)
    (batch,) = read(path)
    assert texts([batch]) == ["Row 1", "Row 2"]
    assert batch.cursor["offset"] == batch.cursor["size"] == path.stat().st_size


def test_wrong_rows_of_jsonl_are_rejected_with_line_and_reason_and_good_rows_go_in(write, read) -> None:
    bad = [
        "{not json}",
        "[1, 2]",
        '{"title": "", "text": "  "}',
        '{"text": "a", "published_at": "someday"}',
        '{"text": "a", "rating": 6}',
        '{"text": "a", "likes": "many"}',
        '{"text": ["a"]}',
        '{"text": "a", "language": "Ukrainian!"}',
        '{"text": "a", "kind": "gossip"}',
        "[" * 100_000,
    ]
    body = row(1) + "\n" + "".join(f"{line}\n" for line in bad) + row(2)
    raw = body.encode() + b'{"text": "\xff\xfe"}\n' + row(3).encode()
    batches = read(write(raw))
    assert texts(batches) == ["Row 1", "Row 2", "Row 3"]
    assert rejects(batches) == [
        (3, "bad JSON"),
        (4, "bad JSON"),
        (5, "empty text"),
        (6, "bad date"),
        (7, "bad rating"),
        (8, "bad number"),
        (9, "bad text"),
        (10, "bad language"),
        (11, "bad kind"),
        (12, "bad JSON"),
        (14, "wrong encoding"),
    ]
    assert "published_at: 'someday' is no date" in batches[0].rejects[3].detail


def test_wrong_rows_of_csv_are_rejected_with_line_and_reason_and_good_rows_go_in(write, read) -> None:
    body = (
        b"id,text,published_at\n"
        b"1,good,2026-03-09\n"
        b"2,too,many,columns\n"
        b"3,few\n"
        b"\n"
        b'4,"never closed,2026-03-09\n'
        b'5,"good, too",2026-03-09\n'
        b"6,\xff\xfe,2026-03-09\n"
        b"7,bad date,2026-33-99\n"
        b"8,,2026-03-09\n"
        b'9,"two\nlines",2026-03-09\n'
        b"10,last,2026-03-09"
    )
    batches = read(write(body, "rows.csv"))
    assert texts(batches) == ["good", "good, too", "two\nlines", "last"]
    assert rejects(batches) == [
        (3, "wrong number of columns"),
        (4, "wrong number of columns"),
        (6, "bad CSV"),
        (8, "wrong encoding"),
        (9, "bad date"),
        (10, "empty text"),
    ]


def test_a_quote_that_is_never_closed_costs_one_row(write, read) -> None:
    rows = "".join(f"{n},row {n}\n" for n in range(2, 2000))
    batches = read(write('id,text\n1,"never closed\n' + rows, "rows.csv"))
    assert len(texts(batches)) == 1998
    assert rejects(batches) == [(2, "bad CSV")]


def test_duplicate_ids_keep_the_first(write, read) -> None:
    batches = read(write(row(1) + row(2) + row(1).replace("Row 1", "Other")))
    assert texts(batches) == ["Row 1", "Row 2"]
    assert rejects(batches) == [(3, "duplicate id")]


def test_a_line_that_is_too_long_is_rejected_and_passed_over(write, read) -> None:
    long = '{"text": "' + "x" * (2 * MAX_LINE) + '"}\n'
    batches = read(write(row(1) + long + row(2)))
    assert texts(batches) == ["Row 1", "Row 2"]
    assert rejects(batches) == [(2, "line too long")]
    batches = read(write("id,text\n1,a\n2," + "x" * (2 * MAX_LINE) + "\n3,b\n", "rows.csv"))
    assert texts(batches) == ["a", "b"]


def test_every_batch_moves_the_cursor_and_a_stopped_visit_goes_on(write, read) -> None:
    path = write("".join(map(row, range(10))))
    batches = read(path, size=4)
    assert [len(batch.items) for batch in batches] == [4, 4, 2]
    assert [batch.covered_to for batch in batches] == [None, None, NOW - HOUR]
    assert batches[-1].cursor["offset"] == path.stat().st_size
    rest = read(path, batches[0].cursor)
    assert texts(rest) == [f"Row {n}" for n in range(4, 10)]
    assert rest[0].backfill
    assert rest[0].covered_from == NOW - HOUR


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_file_that_grows_is_read_on(write, read, kind: str) -> None:
    head, make = ("", row) if kind == "jsonl" else ("id,text\n", lambda n: f"{n},Row {n}\n")
    path = write(head + make(1), f"rows.{kind}")
    (first,) = read(path)
    (nothing,) = read(path, first.cursor)
    assert (nothing.items, nothing.covered_to, nothing.cursor) == ((), None, first.cursor)
    with path.open("a") as file:
        file.write(make(2) + "broken\n")
    (second,) = read(path, first.cursor)
    assert texts([second]) == ["Row 2"]
    assert second.rejects[0].line == (3 if kind == "jsonl" else 4)


def test_new_rows_alert_and_old_ones_are_backfill(write, read) -> None:
    path = write(row(1))
    (first,) = read(path)
    assert first.backfill
    with path.open("a") as file:
        file.write(row(2, published=NOW - 48 * HOUR) + row(3) + row(4, published=NOW - 25 * HOUR))
    old, fresh = read(path, first.cursor)
    assert (texts([old]), old.backfill, old.cursor) == (["Row 2", "Row 4"], True, None)
    assert (texts([fresh]), fresh.backfill) == (["Row 3"], False)
    assert fresh.cursor is not None


@pytest.mark.parametrize("content", [row(7) + row(8) + row(9), row(7), ""])
def test_a_file_that_was_replaced_is_read_anew(write, read, content: str) -> None:
    (first,) = read(write(row(1) + row(2)))
    (second,) = read(write(content), first.cursor)
    assert len(second.items) == content.count("\n")


def test_a_last_line_still_in_writing_is_read_when_it_is_finished(write, read) -> None:
    whole = row(1) + row(2)
    path = write(whole[:-20])
    (first,) = read(path)
    assert (texts([first]), rejects([first])) == (["Row 1"], [(2, "bad JSON")])
    assert read(path, first.cursor)[0].rejects == ()
    path.write_text(whole)
    assert texts(read(path, first.cursor)) == ["Row 2"]


def test_a_last_line_without_its_end_is_read(write, read) -> None:
    assert texts(read(write((row(1) + row(2)).rstrip()))) == ["Row 1", "Row 2"]


@pytest.mark.parametrize(
    ("encoding", "name"), [("windows-1251", "a.csv"), ("utf-8-sig", "a.csv"), ("utf-8-sig", "a.jsonl")]
)
def test_other_encodings_and_byte_order_marks_are_read(write, read, encoding: str, name: str) -> None:
    body = "id,text\n1,Їхало\n" if name.endswith("csv") else '{"id": 1, "text": "Їхало"}\n'
    (batch,) = read(write(body.encode(encoding), name), encoding=encoding.removesuffix("-sig"))
    assert (batch.items[0].external_id, batch.items[0].text) == ("1", "Їхало")


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        ("a,b\n1,2\n", "rows.csv", "none of its columns is called 'text' or 'title'; there are a, b"),
        (b"\xff\xfe,text\n", "rows.csv", "the first line holds no column names"),
        ("x", "rows.xlsx", "the format is not known"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(write, read, content, name: str, problem: str) -> None:
    with pytest.raises(PermanentError, match=problem):
        read(write(content, name))


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path, read) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(PermanentError, match="there is no such file"):
            read(path, format="csv")


@pytest.mark.parametrize("cut", [20, 200])
def test_a_damaged_gzip_file_is_said_to_be_damaged(write, read, cut: int) -> None:
    packed = gzip.compress(os.urandom(1000).hex().encode() + b"\n")
    with pytest.raises(TemporaryError, match="damaged"):
        read(write(packed[:-cut], "rows.jsonl.gz"))


def test_an_empty_file_is_no_error(write, read) -> None:
    for name in ("rows.jsonl", "rows.csv"):
        (batch,) = read(write("", name))
        assert (batch.items, batch.rejects) == ((), ())


@pytest.mark.parametrize(
    "options", [{"encoding": "utf-16"}, {"encoding": "nope"}, {"columns": {"txt": "a"}}, {"rating_max": 0}]
)
def test_wrong_settings_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FileSettings(path="x.csv", **options)


def test_memory_stays_constant(write, make_tools) -> None:
    filler = "x" * 5_000
    path = write("".join(row(number).replace("Row", filler) for number in range(3_000)))
    connector = File(FileSettings(path=str(path)), make_tools())
    tracemalloc.start()
    count = sum(len(batch.items) for batch in connector.fetch(None, WHOLE, Limits(batch_size=50)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3_000
    assert peak < path.stat().st_size / 4


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=2, max_size=2),
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
def test_what_a_csv_writer_writes_is_read_back(records: list[list[str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(records)
    body = out.getvalue().encode()
    rows = list(read_csv(Lines(io.BytesIO(body), number=1), "utf-8", header=["a", "b"], delimiter=delimiter))
    assert [list((row.values or {}).values()) for row in rows] == records
    assert not rows or rows[-1].end == len(body)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_readers(body: bytes) -> None:
    for rows in (
        list(read_json(Lines(io.BytesIO(body)), "utf-8")),
        list(read_csv(Lines(io.BytesIO(body)), "utf-8", header=["a", "b"], delimiter=",")),
    ):
        assert all((row.values is None) == bool(row.reason) for row in rows)
        assert [row.end for row in rows] == sorted(row.end for row in rows)
