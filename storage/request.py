"""What jobs are asked to do, and what comes of it: the typed contents of the `job` table."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """What a job was asked to do."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
