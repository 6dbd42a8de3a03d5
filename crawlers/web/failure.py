"""Why a page could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one page could not be read.

    `reason` is a short stable phrase (it is counted, and people read it); `detail` holds the specifics, with the
    address. `temporary` says that trying again later helps, `retry_after` is the server's own wish, or ours where it
    gave none and yet wants to be left alone, `status` its answer. `held`: the page was not even asked for, because of
    what its host had answered before.
    """

    reason: str
    detail: str
    temporary: bool
    retry_after: timedelta | None = None
    status: int | None = None
    held: bool = False
