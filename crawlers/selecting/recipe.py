"""The recipe: everything that is declared about a site's pages, ready to be applied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from crawlers.selecting.selector import Selector, compile_selector

DateOrder = Literal["dmy", "mdy", "ymd"]

FIELDS: Final = (
    "id",
    "title",
    "author",
    "author_url",
    "date",
    "rating",
    "best",
    "url",
    "product",
    "place",
    "likes",
    "replies",
    "parent",
    "text",
)
"""What is read of an item; the text last, because parts of the page are dropped for its sake."""
ROW: Final = ("follow_stamp", "follow_product", "follow_url")
INSIDE: Final = (*FIELDS, "detail", *ROW)
"""Selectors that look inside an item or a row, unless `page:` is said."""
PAGE: Final = ("sections", "follow_row", "follow", "follow_next", "items", "next", "detail_item")
"""Selectors that look on the whole page (`follow` inside a row, where there is `follow_row`)."""
NUMBER: Final = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")
COUNTER: Final = re.compile(r"(?P<name>[^\s=&#?+]{1,60})=(?P<second>\d{1,6})(?:\+(?P<step>\d{1,6}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A query parameter that counts pages: its value on the second page, and what each further page adds."""

    name: str
    second: int
    step: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a site's pages are read. `selectors` go by the names in PAGE and INSIDE; `best` is the best rating where it
    is a fixed number; `without` are query parameters that name no other page; `zone` is an IANA name."""

    selectors: Mapping[str, Selector]
    drop: tuple[Selector, ...] = ()
    best: str | None = None
    counter: Counter | None = None
    without: tuple[str, ...] = ()
    oldest_first: bool = False
    zone: str = "UTC"
    languages: tuple[str, ...] = ()
    date_order: DateOrder | None = None

    def get(self, name: str) -> Selector | None:
        """Return the selector of an option; None where none is declared."""
        return self.selectors.get(name)


def compile_all(options: Mapping[str, str | None]) -> dict[str, Selector]:
    """Return the selectors of those `options` that are declared, by name; raise ValueError for a wrong one."""
    return {
        name: compile_selector(text, inside=name in INSIDE)
        for name, text in options.items()
        if text and not (name == "best" and is_number(text))
    }


def is_number(text: str) -> bool:
    """Whether the best rating is given as it is, such as 5 or 10."""
    return NUMBER.fullmatch(text.strip()) is not None


def read_counter(text: str) -> Counter:
    """Return what `page=2` or `start=20+20` says; raise ValueError for anything else."""
    found = COUNTER.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} counts no pages; allowed: the parameter with its value on the second page, such as page=2, "
            "or start=20+20 where each page adds 20"
        )
    return Counter(name=found["name"], second=int(found["second"]), step=int(found["step"] or 1))
