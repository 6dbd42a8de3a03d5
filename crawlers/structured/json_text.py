"""JSON as pages carry it: read by the standard library, else by a reader that forgives what people get wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

CUT: Final = "@cut"
"""Key of an object that the end of the text cut off; only `read_json` sets it."""
MAX_DEPTH: Final = 60
MAX_CHARS: Final = 2_000_000  # of a broken block: reading it sign by sign costs a second a megabyte

_GAP: Final = r"[\s\x00-\x20]{0,200}+"
_SKIPPED: Final = re.compile(
    r"(?:[\s\x00-\x20\ufeff]++|//[ \t]*+(?:<!\[CDATA\[|\]\]>|<!--|-->)|/\*[ \t]*+(?:<!\[CDATA\[|\]\]>)[ \t]*+\*/"
    r"|<!\[CDATA\[|\]\]>|<!--[^{\[<]{0,2000}?-->|<!--|-->|//[^\n]*+|/\*.*?(?:\*/|\Z))*+",
    re.DOTALL,
)
_STRAY: Final = re.compile(r"[,;\s\x00-\x20]*+")
_TAILS: Final = ("]]>", "-->", "//", "/*", "*/", ";")
_MOST_TAILS: Final = 4
_PLAIN: Final = {'"': re.compile(r'[^"\\]*+'), "'": re.compile(r"[^'\\]*+")}
_NUMBER: Final = re.compile(r"-?\d++(?:[.,]\d++)?+(?:[eE][-+]?\d++)?+")
_WORD: Final = re.compile(r"[@$\w.-]++")
_QUOTED_NAME: Final = rf"""(?:"[^"\n]{{0,200}}+"|'[^'\n]{{0,200}}+'){_GAP}:"""
_BARE_NAME: Final = rf"[@$\w]{{1,100}}+{_GAP}:"
_BARE_FIRST: Final = re.compile(rf"[\s\[]{{0,200}}+\{{{_GAP}{_BARE_NAME}")


def _end_of_member(names: str) -> re.Pattern[str]:
    return re.compile(
        rf"{_GAP}(?:\Z|,{_GAP}(?:\Z|[,}}\]]|/[/*]|{names})|\}}{_GAP}(?:\Z|[,}}\];<{{]|/[/*])|\]|/[/*])"
        rf"|[\s\x00-\x20]{{1,200}}+{_QUOTED_NAME}"  # a comma is missing
    )


# A quote ends a name, a member or an element where what follows could follow; any other one belongs to the text.
_ENDS: Final = {
    "name": re.compile(""),  # names hold no quotes
    "member": _end_of_member(_QUOTED_NAME),
    "element": re.compile(rf"{_GAP}(?:\Z|,{_GAP}(?:\Z|[\"'{{\[,\]\-\d]|(?:true|false|null)\b)|\]|/[/*])"),
}
_ENDS_BARE: Final = {**_ENDS, "member": _end_of_member(f"(?:{_QUOTED_NAME}|{_BARE_NAME})")}
_NEXT_OBJECT: Final = re.compile(rf"\}}{_GAP},{_GAP}(?=\{{)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_CODE: Final = re.compile(r"u([0-9A-Fa-f]{4})")
_WORDS: Final[dict[str, str | None]] = {
    "true": "true",
    "false": "false",
    **dict.fromkeys(("null", "undefined", "none", "nan", "infinity", "-infinity")),
}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What a text holds, one after the other. `fault` says what was lost, and where; None where nothing was.

    Numbers are kept as they are written ("4.50"). Of a name that stands twice in an object, both values are kept.
    """

    found: tuple[Any, ...] = ()
    fault: str | None = None


class _FaultError(Exception):
    """The text goes on in a way that cannot be understood, at `at`."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def read_json(text: str) -> Values:
    """Return the values in `text`.

    Forgiven are comments and CDATA around and between, missing, doubled and trailing commas, raw line breaks and
    control signs in strings, quotes that should have been escaped, single quotes, names without quotes, decimal
    commas, several objects in a row, entities instead of quotes, and a missing end.
    """
    if '"' not in text and "&quot;" in text:
        text = unescape(text)
    try:
        return Values(found=(_strictly(_unwrapped(text)),))
    except (ValueError, RecursionError):
        return _Loose(text).read()


def _unwrapped(text: str) -> str:
    """Return `text` without the comments and CDATA marks around it."""
    found = _SKIPPED.match(text)
    text = text[found.end() if found else 0 :].rstrip()
    for _ in range(_MOST_TAILS):
        tail = next(filter(text.endswith, _TAILS), "")
        text = text.removesuffix(tail).rstrip()
    return text


def _strictly(text: str) -> Any:
    return json.loads(text, strict=False, parse_int=str, parse_float=str, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members, all values of a name that stands twice: templates write a `review` for each review."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    given: dict[str, list[Any]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return {name: _joined(values) for name, values in given.items()}


def _joined(values: list[Any]) -> Any:
    """Return the values of one name as one; those that say the same as the first are left out."""
    others = [value for value in values[1:] if value != values[0]]
    if not others:
        return values[0]
    return [each for value in (values[0], *others) for each in (value if isinstance(value, list) else [value])]


class _Loose:
    """Reads one text from left to right. What was read before a fault is kept."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._cut = False  # the text has ended within a value
        self._fault: str | None = None
        self._ends = _ENDS_BARE if _BARE_FIRST.match(text) else _ENDS

    def read(self) -> Values:
        """Return all values up to the end or to a fault."""
        found: list[Any] = []
        if len(self._text) > MAX_CHARS:
            return Values(fault=f"broken, and with {len(self._text):,} characters too long to be mended")
        try:
            while sign := self._skip_stray():
                if found and sign in "]}":  # one brace too many
                    self._at += 1
                else:
                    found.append(self._value("element", 0))
        except _FaultError as error:
            self._note(error)
        if self._cut:
            self._note(_FaultError("it ends too early", len(self._text.rstrip())))
        if not found and self._text.strip():
            self._note(_FaultError("it holds no value", 0))
        return Values(found=tuple(found), fault=self._fault)

    def _note(self, error: _FaultError) -> None:
        if self._fault is None:
            line = self._text.count("\n", 0, error.at) + 1
            column = error.at - self._text.rfind("\n", 0, error.at)
            self._fault = f"line {line}, column {column}: {error}"

    def _skip(self) -> str:
        """Move to the next sign that matters and return it; empty at the end."""
        found = _SKIPPED.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _skip_stray(self) -> str:
        """The same, over commas that nobody needs too."""
        sign = self._skip()
        while sign in {",", ";"}:
            found = _STRAY.match(self._text, self._at)
            self._at = found.end() if found else self._at
            sign = self._skip()
        return sign

    def _value(self, role: str, depth: int) -> Any:
        sign = self._skip()
        if depth > MAX_DEPTH:
            raise _FaultError(f"nested deeper than {MAX_DEPTH}", self._at)
        if sign == "{":
            return self._read_object(depth)
        if sign == "[":
            return self._read_array(depth)
        if sign and sign in "\"'":
            return self._string(role)
        return self._bare(role)

    def _bare(self, role: str) -> str | None:
        """Return a number as it is written, a truth value as a word, None for what stands for nothing."""
        if (number := _NUMBER.match(self._text, self._at)) is not None:
            # In an object a name follows a comma, so that a digit there belongs to the number; not so in an array.
            written = number[0] if role == "member" else number[0].partition(",")[0]
            self._at += len(written)
            self._cut = not self._skip()  # it may lack digits
            return written
        word = _WORD.match(self._text, self._at)
        if word is not None and word[0].lower() in _WORDS:
            self._at = word.end()
            return _WORDS[word[0].lower()]
        if role == "member" and self._skip() in {",", "}"}:
            return None
        self._cut = not self._skip()
        if self._cut:
            return None
        raise _FaultError(f"a value should stand before {self._text[self._at : self._at + 20]!r}", self._at)

    def _read_object(self, depth: int) -> dict[str, Any]:
        found: list[tuple[str, Any]] = []
        self._at += 1
        while (sign := self._skip_stray()) != "}":
            if not sign or (sign == "]" and depth):  # the closing brace is missing
                self._cut = self._cut or (not sign and self._text.rstrip().endswith(","))
                return self._closed(found)
            name = self._name()
            if not self._cut:
                value = self._value("member", depth + 1)
                if not self._cut or isinstance(value, dict | list):
                    found.append((name, value))
            if self._cut:
                return self._closed(found)
        self._at += 1
        return _object(found)

    def _closed(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object without its closing brace; marked, where more of it is missing than that."""
        found = _object(members)
        if self._cut:
            found[CUT] = "true"
        return found

    def _read_array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        while (sign := self._skip_stray()) != "]":
            if not sign or (sign == "}" and depth):  # the closing bracket is missing
                return found
            try:
                value = self._value("element", depth + 1)
            except _FaultError as error:
                self._leap(error)
                continue
            if not self._cut or isinstance(value, dict | list):
                found.append(value)
        self._at += 1
        return found

    def _leap(self, error: _FaultError) -> None:
        """Go on with the next object of a list, so that one fault does not cost all the others; else raise it."""
        following = _NEXT_OBJECT.search(self._text, error.at)
        if following is None:
            raise error
        self._note(error)
        self._at = following.end()

    def _name(self) -> str:
        """Return the name of a member, and move behind its colon."""
        if self._text[self._at] in "\"'":
            name = self._string("name")
        elif (word := _WORD.match(self._text, self._at)) is not None:
            name, self._at = word[0], word.end()
        else:
            raise _FaultError(f"a name should stand before {self._text[self._at : self._at + 20]!r}", self._at)
        if (sign := self._skip()) == ":":
            self._at += 1
        elif sign:
            raise _FaultError(f"a colon should stand after {name[:50]!r}", self._at)
        self._cut = not self._skip()
        return name

    def _string(self, role: str) -> str:
        quote, at, parts = self._text[self._at], self._at + 1, list[str]()
        while (found := _PLAIN[quote].match(self._text, at)) is not None:
            parts.append(found[0])
            at = found.end()
            if at >= len(self._text):
                self._cut = True
                break
            at += 1
            if self._text[at - 1] == "\\":
                part, at = self._escape(at)
                parts.append(part)
            elif self._ends[role].match(self._text, at):
                break
            else:
                parts.append(quote)
        self._at = at
        return _paired("".join(parts))

    def _escape(self, at: int) -> tuple[str, int]:
        """Return what an escape stands for, and where the text goes on; what is none stands for itself."""
        if (code := _CODE.match(self._text, at)) is not None:
            return chr(int(code[1], 16)), code.end()
        sign = self._text[at : at + 1]
        return _ESCAPES.get(sign, sign), at + 1


def _paired(text: str) -> str:
    """Return `text` with surrogates joined to the signs they stand for."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
