"""Tables: real ones, with heads, numbers to the right, and a word for an empty list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.markup import Html, element

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its head, the side its cells lean to, and whether it may go when the screen is narrow."""

    head: str
    side: Side = "left"
    minor: bool = False

    @property
    def style(self) -> str | None:
        """The classes of its cells."""
        names = [name for name, on in (("gw-right", self.side == "right"), ("gw-minor", self.minor)) if on]
        return " ".join(names) or None


def table(columns: Sequence[Column], rows: Iterable[Sequence[str | None]], *, caption: str) -> Html:
    """Return a table; `caption` is read to those who cannot see it."""
    heads = (element("th", column.head, scope="col", class_=column.style) for column in columns)
    body = (
        element("tr", *(element("td", cell, class_=column.style) for column, cell in zip(columns, row, strict=True)))
        for row in rows
    )
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *heads)),
            element("tbody", *body),
            class_="gw-table",
        ),
        class_="gw-scroll",
    )


def bar(share: float, text: str, *, style: str) -> Html:
    """Return a share as a small bar that starts at zero, with its figure beside it."""
    fill = element("i", class_=style, style=f"width:{max(0.0, min(1.0, share)) * 100:.1f}%")
    return element(
        "span", element("span", fill, class_="gw-track", aria_hidden="true"), element("span", text), class_="gw-bar"
    )


def panel(title: str, *body: str | None, note: str | None = None) -> Html:
    """Return a titled area."""
    head = element("header", element("h2", title), element("span", note, class_="gw-muted") if note else None)
    return element("section", head, *body, class_="gw-panel")


def empty(what: str, why: str, *more: str | None) -> Html:
    """Return what stands where a list is empty: that it is, why, and what to do."""
    return element("div", element("strong", what), element("p", why), *more, class_="gw-empty")
