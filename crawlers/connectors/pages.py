"""Pages without markup for machines: forums, comments, reviews, read by selectors that the source declares."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, ClassVar, Final, Literal, Self, get_args

from pydantic import Field, JsonValue, field_validator, model_validator

from config.settings import SourceKind, Terms
from crawlers.connector import Batch, Cursor, Limits, Tools, Window
from crawlers.selecting.preset import PresetName, load_preset
from crawlers.selecting.recipe import INSIDE, PAGE, DateOrder, Recipe, compile_all, is_number, read_counter
from crawlers.web.document import Document
from crawlers.web.link import Link
from crawlers.web.manners import Manners
from crawlers.web.site import Extract

_SELECTORS: Final = (*PAGE, *INSIDE)
_WAY: Final[dict[str, JsonValue]] = {"group": "way"}
_MORE: Final[dict[str, JsonValue]] = {"group": "more"}
"""Forms fold these options away, under `way` those that lead to the pages with items; most sites need few of them."""


class PagesSettings(Manners):
    """Options of a source that is read by selectors.

    A selector is CSS (with `::text` and `::attr(name)`), `xpath:…`, or `json:…` (JMESPath); the module
    `crawlers.selecting.selector` says the rest. The options of a preset stand here as if they had been given; those
    of the source win.
    """

    preset: PresetName | None = Field(
        default=None, description="selectors made for a common engine; what is given here wins over them"
    )
    sections: str | None = Field(
        default=None, description="links to further start pages, such as categories", json_schema_extra=_WAY
    )
    follow_row: str | None = Field(
        default=None, description="each row of a start page: a thread, a product", json_schema_extra=_WAY
    )
    follow: str | None = Field(
        default=None, description="links from start pages to the pages that hold items", json_schema_extra=_WAY
    )
    follow_stamp: str | None = Field(
        default=None,
        description="in a row: what changes when there is something new behind its link, such as the number of replies",
        json_schema_extra=_WAY,
    )
    follow_product: str | None = Field(
        default=None, description="in a row: name of the product behind its link", json_schema_extra=_WAY
    )
    follow_url: str | None = Field(
        default=None,
        description="in a row: address to show to people, where the link leads to data",
        json_schema_extra=_WAY,
    )
    follow_next: str | None = Field(default=None, description="link to the next start page", json_schema_extra=_WAY)
    items: str | None = Field(default=None, description="each review, post or comment of a page")
    next: str | None = Field(default=None, description="link to the next page of items")
    next_count: str | None = Field(
        default=None,
        description="where pages are only counted: the parameter with its value on the second page, such as page=2; "
        "next then says whether there is one",
        json_schema_extra=_WAY,
    )
    detail: str | None = Field(
        default=None, description="in an item: link to its own page, which is read too", json_schema_extra=_WAY
    )
    detail_item: str | None = Field(
        default=None,
        description="the item on its own page; left out, the whole page is the item",
        json_schema_extra=_WAY,
    )
    id: str | None = Field(default=None, description="in an item: the site's own name for it", json_schema_extra=_MORE)
    text: str | None = Field(default=None, description="in an item: its text")
    title: str | None = Field(default=None, description="in an item: its title", json_schema_extra=_MORE)
    author: str | None = Field(default=None, description="in an item: who wrote it")
    author_url: str | None = Field(
        default=None, description="in an item: link to who wrote it", json_schema_extra=_MORE
    )
    date: str | None = Field(default=None, description="in an item: when it was written")
    rating: str | None = Field(default=None, description="in an item: its rating")
    best: str | None = Field(
        default=None, description="the best rating: a number such as 10, or a selector", json_schema_extra=_MORE
    )
    url: str | None = Field(default=None, description="in an item: link to itself", json_schema_extra=_MORE)
    product: str | None = Field(
        default=None, description="in an item: the product it is about", json_schema_extra=_MORE
    )
    place: str | None = Field(
        default=None, description="in an item: the branch or town it is about", json_schema_extra=_MORE
    )
    likes: str | None = Field(default=None, description="in an item: how many liked it", json_schema_extra=_MORE)
    replies: str | None = Field(default=None, description="in an item: how many answered it", json_schema_extra=_MORE)
    parent: str | None = Field(
        default=None, description="in an item: the id of what it answers", json_schema_extra=_MORE
    )
    drop: tuple[str, ...] | None = Field(
        default=None,
        description="in an item: what is none of its text, such as quotes and signatures",
        json_schema_extra=_MORE,
    )
    order: Literal["newest", "oldest"] | None = Field(
        default=None, description="which items stand first; newest by default", json_schema_extra=_MORE
    )
    date_order: DateOrder | None = Field(
        default=None, description="order of day, month and year in dates such as 03/04/2026", json_schema_extra=_MORE
    )
    drop_parameters: tuple[str, ...] | None = Field(
        default=None,
        description="parameters of addresses that name no other page, such as a session's",
        json_schema_extra=_WAY,
    )

    @model_validator(mode="before")
    @classmethod
    def _add_the_preset(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("preset") not in get_args(PresetName):
            return given
        own = {name: value for name, value in given.items() if value is not None}
        return {**load_preset(given["preset"]).options, **own}

    @field_validator("best", mode="before")
    @classmethod
    def _best_may_be_a_number(cls, value: object) -> object:
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator(*_SELECTORS)
    @classmethod
    def _selectors_can_be_applied(cls, value: str | None, info: Any) -> str | None:
        if value is None or not value.strip():
            return value and ""  # an empty one switches off the preset's
        compile_all({info.field_name: value})
        return value

    @field_validator("drop")
    @classmethod
    def _dropped_parts_can_be_found(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        compile_all({f"drop {number}": each for number, each in enumerate(value or ())})
        return value

    @field_validator("next_count")
    @classmethod
    def _count_is_readable(cls, value: str | None) -> str | None:
        if value:
            read_counter(value)
        return value

    @model_validator(mode="after")
    def _selectors_belong_together(self) -> Self:
        if not self.items or not self.text:
            missing = "items" if not self.items else "text"
            raise ValueError(f"the selector {missing!r} is missing; allowed: a preset, or the selectors items and text")
        if self.follow_row and not self.follow:
            raise ValueError("follow_row stands alone; allowed: together with follow, the link in each row")
        if not self.follow and (self.sections or self.follow_next):
            raise ValueError("sections and follow_next stand alone; allowed: together with follow, the links to items")
        if self.next_count and not self.next:
            raise ValueError(
                "next_count stands alone; allowed: together with next, which stands only on pages that are not the last"
            )
        return self

    @property
    def recipe(self) -> Recipe:
        """What is declared, ready to be applied."""
        return Recipe(
            selectors=compile_all({name: getattr(self, name) for name in _SELECTORS}),
            drop=tuple(compile_all({each: each for each in self.drop or ()}).values()),
            best=self.best if self.best and is_number(self.best) else None,
            counter=read_counter(self.next_count) if self.next_count else None,
            without=self.drop_parameters or (),
            oldest_first=self.order == "oldest",
            zone=self.timezone,
            languages=(self.language,) if self.language else (),
            date_order=self.date_order,
        )


class Pages:
    """Reads forums, comments and reviews by declared selectors.

    With `follow` the start pages are indexes: they lead to threads, products or posts, and only these hold items.
    """

    settings: ClassVar[type[PagesSettings]] = PagesSettings
    kind: ClassVar[SourceKind] = "forum"
    terms: ClassVar[Terms] = "page"
    sweeps: ClassVar[bool] = True

    def __init__(self, options: PagesSettings, tools: Tools) -> None:
        self._options = options
        self._tools = tools
        self._recipe = options.recipe

    @property
    def manners(self) -> Manners:
        """How it is to be read."""
        return self._options

    def start(self) -> tuple[Link, ...]:
        """Return the start pages: indexes where links are followed, else the lists themselves."""
        role: Literal["index", "listing"] = "index" if self._options.follow else "listing"
        return tuple(Link(url=url, role=role) for url in self._options.start)

    def read(self, document: Document, link: Link) -> Extract:
        """Return what the selectors find on a page."""
        from crawlers.selecting.reading import read_page

        return read_page(document, link, self._recipe, now=self._tools.clock())

    def fetch(self, cursor: Cursor | None, window: Window, limits: Limits) -> Generator[Batch, None, None]:
        """Yield what a visit brings."""
        from crawlers.web.visiting import visit

        del window  # pages have no windows of time: what is new is told by what is remembered
        return visit(self, self._tools, cursor, limits)
