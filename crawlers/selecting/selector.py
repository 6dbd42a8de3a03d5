"""The selector: where on a page a value stands, as people write it down.

    selector = way { " || " way }
    way      = [ "page:" ] [ "css:" | "xpath:" | "json:" ] expression [ " | re:" pattern ] [ " | as:" shape ]

Ways are tried in order; the first that finds something counts. CSS is what stands there without a prefix, with the
endings `::text` and `::attr(name)`; `json:` is JMESPath, for answers in JSON. `page:` looks on the whole page instead
of inside the item. `re:` cuts the value: its first group, else all that fits; a value that does not fit is none.
`as:` puts the value into a text: `{}` is the value, `{1}` to `{9}` are the groups of `re:`.

JMESPath has its own `||`, which means the same: after `json:` a further way needs its prefix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["xpath", "json"]

LONGEST: Final = 1_000
LANGUAGES: Final = "allowed: a CSS selector, xpath: and an XPath, or json: and a JMESPath"
_PREFIX: Final = re.compile(r"(page:)?\s*(css:|xpath:|json:)?\s*(?:page:)?")
_WAY: Final = re.compile(r"(?P<head>.*?)(?:\s\|\sre:(?P<cut>.*?))?(?:\s\|\sas:(?P<shape>.*))?", re.DOTALL)
_ABSOLUTE: Final = re.compile(r"[(\s]*/")
_HOLE: Final = re.compile(r"\{([1-9]?)\}")
# A value that is cut is a date, a number, a name: nobody's expression is let loose on a whole page.
_MOST_TO_CUT: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to a value: an XPath (CSS is translated) or a JMESPath, inside the item or on the whole page."""

    language: Language
    expression: str
    whole_page: bool = False
    cut: re.Pattern[str] | None = None
    shape: str | None = None

    def finish(self, value: str) -> str | None:
        """Return `value` as `re:` cuts it and `as:` shapes it; None where it does not fit."""
        groups: tuple[str | None, ...] = ()
        if self.cut is not None:
            found = self.cut.search(value[:_MOST_TO_CUT])
            if found is None:
                return None
            groups = found.groups()
            value = next((group for group in groups if group is not None), found[0])
        return value if self.shape is None else _fill(self.shape, value, groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """The ways to a value, in order of preference."""

    ways: tuple[Way, ...]

    @property
    def whole_page(self) -> bool:
        """Whether it says nothing about a single item."""
        return all(way.whole_page for way in self.ways)


def compile_selector(text: str, *, inside: bool = False) -> Selector:
    """Return what `text` says; raise ValueError with what is wrong and what is allowed.

    `inside`: it is applied to a part of the page, so that an XPath which begins at the page's root is a mistake.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a selector of {len(text)} characters is too long; allowed: at most {LONGEST}")
    return Selector(ways=tuple(_compile_way(way, inside=inside) for way in _split(text)))


def _split(text: str) -> Iterator[str]:
    """Yield the ways; what follows JMESPath without a prefix of its own belongs to it."""
    way: str | None = None
    for part in re.split(r"\s\|\|\s", text):
        if way is not None and _is_json(way) and not any(_prefix(part)[:2]):
            way = f"{way} || {part}"
            continue
        if way is not None:
            yield way
        way = part
    yield way or ""


def _prefix(way: str) -> tuple[bool, str, str]:
    """Return whether the whole page is meant, the language ("" where none is named), and the rest."""
    found = _PREFIX.match(way.strip())
    if found is None:  # every part of it is optional
        return False, "", way
    head = found[0]
    return "page:" in head, (found[2] or "").rstrip(":"), way.strip()[len(head) :].strip()


def _is_json(way: str) -> bool:
    return _prefix(way)[1] == "json"


def _compile_way(text: str, *, inside: bool) -> Way:
    parts = _WAY.fullmatch(text)
    whole_page, language, expression = _prefix(parts["head"] if parts else text)
    if not expression:
        raise ValueError(f"{text!r} names nothing to look for; {LANGUAGES}")
    if language == "json":
        _try_json(expression)
    else:
        expression = expression if language == "xpath" else _xpath_of(expression)
        _try_xpath(expression)
        if inside and not whole_page and language == "xpath" and _ABSOLUTE.match(expression):
            raise ValueError(
                f"the XPath {expression!r} begins at the top of the page; allowed: .//… for what stands inside the "
                "item, or page: before xpath: for what stands outside"
            )
    return Way(
        language="json" if language == "json" else "xpath",
        expression=expression,
        whole_page=whole_page,
        cut=_pattern(parts["cut"]) if parts and parts["cut"] is not None else None,
        shape=_shape(parts["shape"]) if parts and parts["shape"] is not None else None,
    )


def _xpath_of(css: str) -> str:
    from cssselect import SelectorError
    from parsel import css2xpath

    try:
        return css2xpath(css)
    except SelectorError as error:
        raise ValueError(f"{css!r} is no CSS selector: {error}; {LANGUAGES}") from error


def _try_xpath(expression: str) -> None:
    """Raise ValueError for an XPath that cannot be applied to any page."""
    from parsel import Selector as Node

    try:
        Node(text="<p></p>", type="html").xpath(expression)
    except ValueError as error:
        said = str(error).removeprefix("XPath error: ").removesuffix(f" in {expression}")
        raise ValueError(f"{expression!r} is no XPath: {said}; {LANGUAGES}") from error


def _try_json(expression: str) -> None:
    """Raise ValueError for a JMESPath that cannot be applied to any answer."""
    from jmespath.exceptions import JMESPathTypeError  # type: ignore[import-untyped]  # it ships no types
    from parsel import Selector as Node

    try:
        Node(root={}, type="json").jmespath(expression)
    except JMESPathTypeError:
        return  # the empty answer lacks what a function wants
    except ValueError as error:
        said = " ".join(str(error).split("\n")[0].split())
        raise ValueError(f"{expression!r} is no JMESPath: {said.rstrip(':')}; {LANGUAGES}") from error


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text.strip())
    except re.error as error:
        raise ValueError(
            f"{text.strip()!r} is no regular expression: {error}; allowed: such as | re:(\\d+) to cut a number out"
        ) from error


def _shape(text: str) -> str:
    if not _HOLE.search(text):
        raise ValueError(f"{text.strip()!r} has no place for the value; allowed: such as | as:/reviews/{{}}.json")
    return text.strip()


def _fill(shape: str, value: str, groups: tuple[str | None, ...]) -> str:
    def of(hole: re.Match[str]) -> str:
        if not hole[1]:
            return value.strip()
        number = int(hole[1])
        return (groups[number - 1] or "").strip() if number <= len(groups) else ""

    return _HOLE.sub(of, shape)
