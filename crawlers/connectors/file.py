"""Files of rows: JSONL and CSV, plain or gzipped. A file that grows is read on; a file that was replaced, anew."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from config.settings import Language, SourceKind, Terms
from crawlers.connector import Batch, Cursor, Limits, PermanentError, Reject, TemporaryError, Tools, Window
from crawlers.mention import Mention
from crawlers.record import COLUMNS, Defaults, record_mention
from crawlers.rows import Lines, Row, delimiter_of, read_csv, read_json, read_record
from crawlers.value import instant_of

VERSION: Final = 1
HISTORY: Final = timedelta(days=1)
HEAD: Final = 4_096
TAIL: Final = 1_024
REMEMBERED: Final = 200_000
SUFFIXES: Final = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv"}


class FileSettings(BaseModel):
    """Options of a file of rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        min_length=1,
        description="the file; .jsonl or .csv, also with .gz",
        json_schema_extra={"format": "path"},  # of the server: no page may set it
    )
    name: str | None = Field(
        default=None, min_length=1, max_length=80, description="name in its items' identity; by default the file's name"
    )
    format: Literal["jsonl", "csv"] | None = Field(default=None, description="by default as the file's name says")
    encoding: str = Field(default="utf-8", description="such as utf-8 or windows-1251")
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="of CSV; by default what its first line uses"
    )
    language: Language | None = Field(default=None, description="language of rows that name none")
    rating_max: float = Field(default=5, gt=0, description="the best rating, for rows that do not say")
    columns: dict[str, str] = Field(
        default_factory=dict, description="for our column names, the ones that the file uses, where they differ"
    )

    @field_validator("encoding")
    @classmethod
    def _holds_lines(cls, value: str) -> str:
        try:
            fits = '\n,"{'.encode(value) == b'\n,"{'
        except (LookupError, UnicodeError):
            fits = False
        if not fits:
            raise ValueError(
                f"{value!r} is no encoding that keeps line ends as single bytes; use utf-8 or windows-1251"
            )
        return value

    @field_validator("columns")
    @classmethod
    def _names_our_columns(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(value) - set(COLUMNS))
        if unknown:
            raise ValueError(f"there is no column {unknown[0]!r}; ours are {', '.join(COLUMNS)}")
        return value


@dataclass(slots=True)
class _Visit:
    """Where a visit stands."""

    position: int = 0  # in the text, after decompression
    line: int = 0
    header: list[str] | None = None
    delimiter: str = ","
    history: bool = True  # until the end has been reached once
    oldest: datetime | None = None
    newest: datetime | None = None
    seen: set[int] = field(default_factory=set)


class File:
    """Reads a file of rows. Every batch moves the cursor, so that a reader may stop between any two."""

    settings: ClassVar[type[BaseModel]] = FileSettings
    kind: ClassVar[SourceKind] = "other"
    terms: ClassVar[Terms] = "feed"

    def __init__(self, options: FileSettings, tools: Tools) -> None:
        self._options = options
        self._tools = tools
        self._path = Path(options.path).expanduser()
        plain = self._path.with_suffix("") if self._path.suffix == ".gz" else self._path
        self._format = options.format or SUFFIXES.get(plain.suffix.lower())
        self._platform = f"file:{options.name or self._path.name}"

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield the rows that are new since the cursor.

        A file ends by itself, so `limits.max_items` is not applied, and `window` neither. The cursor tells
        progress: `offset` of `size` bytes on the disk. A last line without a line end that is wrong is read
        again when the file has grown. Raises PermanentError when there is no such file or it has no text column.
        """
        del window
        if self._format is None:
            raise PermanentError(
                f"{self._path}: the format is not known; name the file .jsonl or .csv, or set `format`"
            )
        with self._open() as (stream, disk):
            size = os.fstat(disk.fileno()).st_size
            visit = self._resume(stream, disk, cursor, size)
            if visit is None:
                yield Batch(cursor=cursor)
                return
            yield from self._read(stream, disk, visit, size, limits.batch_size)

    def to_mention(self, values: Mapping[str, Any], now: datetime) -> Mention | Reject:
        """Return one row as a mention, or why it is none."""
        own = {name: values.get(self._options.columns.get(name, name)) for name in COLUMNS}
        defaults = Defaults(
            platform=self._platform,
            kind=self._tools.kind,
            collected_at=now,
            language=self._options.language,
            rating_max=self._options.rating_max,
        )
        return record_mention(own, defaults)

    @contextmanager
    def _open(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """Open the file: the text's bytes, and the bytes on the disk."""
        if not self._path.is_file():
            raise PermanentError(f"{self._path}: there is no such file; nothing was read")
        try:
            with self._path.open("rb") as disk:
                packed = self._path.suffix == ".gz"
                yield cast("BinaryIO", gzip.GzipFile(fileobj=disk)) if packed else disk, disk
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise TemporaryError(f"{self._path}: the gzip file is damaged or not complete ({error})") from error
        except PermissionError as error:
            raise PermanentError(f"{self._path}: this may not be read ({error.strerror})") from error

    def _resume(self, stream: BinaryIO, disk: BinaryIO, cursor: Cursor | None, size: int) -> _Visit | None:
        """Return where to go on; the beginning for another file than the cursor's; None when nothing is new."""
        if cursor is None or cursor.get("version") != VERSION or size < cursor["offset"]:
            return _Visit()
        if _fingerprint(disk, cursor["offset"]) != cursor["fingerprint"]:
            return _Visit()
        if not cursor["history"] and size == cursor["size"]:
            return None
        stream.seek(cursor["position"])
        return _Visit(
            position=cursor["position"],
            line=cursor["line"],
            header=cursor["header"],
            delimiter=cursor["delimiter"],
            history=cursor["history"],
            oldest=instant_of(cursor["oldest"]),
            newest=instant_of(cursor["newest"]),
        )

    def _read(
        self, stream: BinaryIO, disk: BinaryIO, visit: _Visit, size: int, batch_size: int
    ) -> Generator[Batch, None, None]:
        now = self._tools.clock()
        items: list[Mention] = []
        rejects: list[Reject] = []
        for row in self._rows(Lines(stream, position=visit.position, number=visit.line), visit):
            taken = self._take(row, visit, now)
            if isinstance(taken, Mention):
                items.append(taken)
            else:
                rejects.append(taken)
                if not row.is_whole:
                    break  # perhaps still in writing: the cursor stays before it
            visit.position, visit.line = row.end, row.last_line
            if len(items) + len(rejects) >= batch_size:
                yield from _batches(items, rejects, self._cursor(disk, visit, size), now, history=visit.history)
                items, rejects = [], []
        history, covered = visit.history, (visit.oldest, visit.newest)
        visit.history, visit.oldest, visit.newest = False, None, None  # the end is reached
        cursor = self._cursor(disk, visit, size)
        yield from _batches(items, rejects, cursor, now, history=history, covered=covered)

    def _rows(self, lines: Lines, visit: _Visit) -> Iterator[Row]:
        encoding = self._options.encoding
        if self._format == "jsonl":
            return read_json(lines, encoding)
        if visit.header is None and not self._read_header(lines, visit):
            return iter(())
        return read_csv(lines, encoding, header=visit.header or [], delimiter=visit.delimiter)

    def _read_header(self, lines: Lines, visit: _Visit) -> bool:
        """Read the column names; return False for an empty file."""
        first = next(lines, None)
        if first is None:
            return False
        lines.give_back([first])
        visit.delimiter = self._options.delimiter or delimiter_of(first.raw)
        fields, row = read_record(lines, self._options.encoding, visit.delimiter) or ([], None)
        if row is None or row.reason:
            raise PermanentError(
                f"{self._path}: the first line holds no column names ({row.detail if row else 'empty'})"
            )
        names = [name.strip() for name in fields]
        header = [name.lower() if name.lower() in COLUMNS else name for name in names]
        wanted = [self._options.columns.get(name, name) for name in ("text", "title")]
        if not set(wanted) & set(header):
            raise PermanentError(
                f"{self._path}: none of its columns is called {wanted[0]!r} or {wanted[1]!r}; there are "
                f"{', '.join(names)[:300]}. Say in `columns` which one holds the text"
            )
        visit.header, visit.position, visit.line = header, row.end, row.last_line
        return True

    def _take(self, row: Row, visit: _Visit, now: datetime) -> Mention | Reject:
        if row.values is None:
            return Reject(reason=row.reason, detail=row.detail, line=row.line)
        mention = self.to_mention(row.values, now)
        if isinstance(mention, Reject):
            return replace(mention, line=row.line)
        mark = hash(mention.external_id)
        if mark in visit.seen:
            return Reject(reason="duplicate id", external_id=mention.external_id, line=row.line)
        if len(visit.seen) >= REMEMBERED:  # memory stays constant; the store knows every id
            visit.seen.clear()
        visit.seen.add(mark)
        if not mention.undated and mention.published_at <= now:
            visit.oldest = min(visit.oldest or mention.published_at, mention.published_at)
            visit.newest = max(visit.newest or mention.published_at, mention.published_at)
        return mention

    def _cursor(self, disk: BinaryIO, visit: _Visit, size: int) -> Cursor:
        offset = disk.tell() if self._path.suffix == ".gz" else visit.position
        return {
            "version": VERSION,
            "size": size,
            "offset": offset,
            "fingerprint": _fingerprint(disk, offset),
            "position": visit.position,
            "line": visit.line,
            "header": visit.header,
            "delimiter": visit.delimiter,
            "history": visit.history,
            "oldest": visit.oldest and visit.oldest.isoformat(),
            "newest": visit.newest and visit.newest.isoformat(),
        }


def _batches(
    items: list[Mention],
    rejects: list[Reject],
    cursor: Cursor,
    now: datetime,
    *,
    history: bool,
    covered: tuple[datetime | None, datetime | None] = (None, None),
) -> Generator[Batch, None, None]:
    """Yield what was read as one batch, or as two where old rows must not alert and new ones must."""
    old = [item for item in items if history or item.published_at < now - HISTORY]
    fresh = [item for item in items if not (history or item.published_at < now - HISTORY)]
    last = Batch(
        items=tuple(fresh or old),
        rejects=tuple(rejects),
        covered_from=covered[0],
        covered_to=covered[1],
        cursor=cursor,
        backfill=history or (bool(old) and not fresh),
    )
    if old and fresh:
        yield Batch(items=tuple(old), backfill=True)
    yield last


def _fingerprint(disk: BinaryIO, offset: int) -> str:
    """Return what tells this file's first `offset` bytes on the disk from another's: their beginning and end."""
    number = disk.fileno()
    seen = os.pread(number, min(HEAD, offset), 0) + os.pread(number, min(TAIL, offset), max(0, offset - TAIL))
    return hashlib.sha256(seen).hexdigest()[:32]
