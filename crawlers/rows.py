"""Rows of JSONL and CSV files: read one by one in constant memory, each with its line and its end in bytes."""

from __future__ import annotations

import codecs
import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

MAX_LINE: Final = 5_000_000
DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file: `number` counts from 1, `end` is the byte after it."""

    number: int
    end: int
    raw: bytes
    too_long: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it ends as lines do; a last line that does not may still be in writing."""
        return self.raw.endswith(b"\n") or self.too_long


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its values, or the `reason` (short, stable) and `detail` why it has none."""

    line: int
    end: int
    last_line: int
    is_whole: bool = True
    values: Mapping[str, Any] | None = None
    reason: str = ""
    detail: str = ""


class Lines:
    """The lines of a binary stream from `position` on; lines that were read too far can be given back."""

    def __init__(self, stream: BinaryIO, *, position: int = 0, number: int = 0) -> None:
        self._stream = stream
        self._position = position
        self._number = number
        self._returned: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._returned:
            return self._returned.popleft()
        raw = self._stream.readline(MAX_LINE)
        if not raw:
            raise StopIteration
        length = len(raw)
        if not self._number:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        too_long = length >= MAX_LINE and not raw.endswith(b"\n")
        self._position += length + (self._skip() if too_long else 0)
        self._number += 1
        return Line(number=self._number, end=self._position, raw=raw, too_long=too_long)

    def give_back(self, lines: Sequence[Line]) -> None:
        """Let `lines` come again."""
        self._returned.extendleft(reversed(lines))

    def _skip(self) -> int:
        """Pass over the rest of a line that is too long; return its bytes."""
        skipped = 0
        while rest := self._stream.readline(MAX_LINE):
            skipped += len(rest)
            if rest.endswith(b"\n"):
                break
        return skipped


def read_json(lines: Lines, encoding: str) -> Iterator[Row]:
    """Yield one row for each line that is not blank."""
    for line in lines:
        if line.raw.strip():
            yield _json_row(line, encoding)


def _json_row(line: Line, encoding: str) -> Row:
    values: dict[str, Any] | None = None
    reason = detail = ""
    try:
        if line.too_long:
            reason, detail = "line too long", f"more than {MAX_LINE:,} bytes"
        elif isinstance(found := json.loads(line.raw.decode(encoding)), dict):
            values = found
        else:
            reason, detail = "bad JSON", "the line is no object in braces"
    except UnicodeDecodeError as error:
        reason, detail = "wrong encoding", f"not {encoding}: {error.reason} at byte {error.start}"
    except (ValueError, RecursionError) as error:
        reason, detail = "bad JSON", str(error)
    return Row(
        line=line.number,
        end=line.end,
        last_line=line.number,
        is_whole=line.is_whole,
        values=values,
        reason=reason,
        detail=detail,
    )


def read_csv(lines: Lines, encoding: str, *, header: Sequence[str], delimiter: str) -> Iterator[Row]:
    """Yield one row for each record; a record that is broken costs its first line, the next lines are read again."""
    while (record := read_record(lines, encoding, delimiter)) is not None:
        fields, row = record
        if row.reason:
            yield row
        elif fields and len(fields) != len(header):
            detail = f"{len(fields)} instead of {len(header)}"
            yield replace(row, reason="wrong number of columns", detail=detail)
        elif fields:  # a blank line has none
            yield replace(row, values=dict(zip(header, fields, strict=True)))


def read_record(lines: Lines, encoding: str, delimiter: str) -> tuple[list[str], Row] | None:
    """Return the next record's fields and its place (or what is wrong with it); None at the end."""
    taken: list[Line] = []
    fields: list[str] = []
    reason = detail = ""
    try:
        fields = next(csv.reader(_decoded(lines, taken, encoding), delimiter=delimiter, strict=True))
    except StopIteration:
        return None
    except csv.Error as error:
        reason, detail = "bad CSV", str(error)
    except UnicodeDecodeError as error:
        reason, detail = "wrong encoding", f"not {encoding}: {error.reason} at byte {error.start} of the line"
    if any(line.too_long for line in taken):
        reason, detail = "line too long", f"more than {MAX_LINE:,} bytes"
    if reason:
        lines.give_back(taken[1:])
        del taken[1:]
    first, last = taken[0], taken[-1]
    return fields, Row(
        line=first.number,
        end=last.end,
        last_line=last.number,
        is_whole=last.is_whole,
        reason=reason,
        detail=detail,
    )


def _decoded(lines: Lines, taken: list[Line], encoding: str) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line.raw.decode(encoding)


def delimiter_of(line: bytes) -> str:
    """Return the delimiter that stands most often in a header line."""
    return max(DELIMITERS, key=lambda sign: line.count(sign.encode()))
