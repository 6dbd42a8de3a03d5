"""What jobs are asked to do, and what comes of it: the typed contents of the `job` table."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from config.principal import Role
from config.settings import SourceSpec


class Request(BaseModel):
    """What a job was asked to do. Who asks `needs` that role at least."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    needs: ClassVar[Role] = "administrator"


class Collect(Request):
    """Read a source now."""

    source: str


class Collected(BaseModel):
    """What reading a source brought, in mentions."""

    new: int
    changed: int
    same: int
    rejected: int


class SendTest(Request):
    """Send a test message through a channel."""

    channel: str


class Sent(BaseModel):
    """A test message arrived."""

    event_id: str


class TrySource(Request):
    """Show what a source would collect; nothing of it is stored.

    `source` need not be declared. Its secrets are references, as in a stored source: requests are kept as they are.
    """

    source: SourceSpec


class TriedPage(BaseModel):
    """A page that was asked for. `problem` says why it could not be read, `missed` which selectors found nothing."""

    url: str
    role: str
    items: int
    links: int
    missed: tuple[str, ...] = ()
    problem: str | None = None


class TriedItem(BaseModel):
    """An item as it would be taken in: plain text from outside. `text` is its beginning; `published_at` is None where
    the page gives no date; `rating` runs from 0 to 1, `rating_given` is what stood there."""

    text: str
    title: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    rating: float | None = None
    rating_given: str | None = None
    url: str | None = None
    product: str | None = None
    place: str | None = None


class Tried(BaseModel):
    """What a trial came to: the pages, the first items, and in how many of all `found` items each field was found.

    `error` None means that nothing kept it from being read, be it that nothing was found.
    """

    pages: tuple[TriedPage, ...] = ()
    items: tuple[TriedItem, ...] = ()
    found: int = 0
    fields: dict[str, int] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
