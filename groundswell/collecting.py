"""One visit to one source, under its lease: read it batch by batch, and store each batch with its cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from config.error import ConfigError, in_words
from config.secret_key import SecretKeyError
from config.settings import SourceSpec
from crawlers.connector import (
    Batch,
    CollectError,
    Connector,
    Limits,
    NotNowError,
    PermanentError,
    TemporaryError,
    Window,
)
from crawlers.matching import compile_queries
from groundswell import plugins
from groundswell.bootstrap import House
from groundswell.pipeline import Origin, Reader, Taken, take_in
from sentiment.registry import build as build_classifier
from storage import sources
from storage.declared import Catalogue, Declared
from storage.intake import Stored
from storage.pages import Remembered
from storage.visits import Tally

OVERLAP: Final = timedelta(hours=1)
"""Publication time that is read again at every visit: platforms publish late and out of order."""
_log: Final = structlog.get_logger("groundswell.collecting")

KeepOn = Callable[[], bool]
Progress = Callable[[Batch, Taken], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a visit came to. `error` None means that it went well; `busy` that somebody else reads the source
    at present, or that it asked to be left alone for a while."""

    stored: Stored
    error: str | None = None
    permanent: bool = False
    busy: bool = False


def make_reader(catalogue: Catalogue) -> Reader:
    """Return what reading texts needs, for the enabled brands and queries."""
    brands = {brand.item.name: brand.id for brand in catalogue.brands if brand.enabled}
    queries = [query.item for query in catalogue.queries if query.enabled and query.item.brand in brands]
    return Reader(matcher=compile_queries(queries), classifier=build_classifier("vader"), brand_ids=brands)


def origin_of(source: Declared[SourceSpec], catalogue: Catalogue) -> Origin:
    """Return where a source's batches come from."""
    ids = {brand.item.name: brand.id for brand in catalogue.brands if brand.enabled}
    bound = ids.get(source.item.brand) if source.item.brand else None
    return Origin(source_id=source.id, kind=plugins.kind_of(source.item), brand_id=bound)


def visit(
    house: House,
    reader: Reader,
    origin: Origin,
    spec: SourceSpec,
    *,
    owner: str,
    keep_on: KeepOn = lambda: True,
    progress: Progress = lambda _batch, _taken: None,
) -> Outcome:
    """Read a source from where it was left. What was stored before an error stays stored.

    `keep_on` is asked between batches: when it says no, the visit ends there and goes on another time. A source whose
    terms restrict that and that nobody confirmed is not read, and nothing is recorded of it.
    """
    if plugins.is_unconfirmed(spec):
        return Outcome(stored=Stored(), error=plugins.UNCONFIRMED, permanent=True)
    lease = sources.begin(house.db, origin.source_id, owner=owner, now=house.clock())
    if lease is None:
        return Outcome(stored=Stored(), busy=True)
    tally = Tally()
    wish: timedelta | None = None
    try:
        connector = plugins.build_connector(house, spec, Remembered(house.db, origin.source_id))
        for batch, taken in _batches(house, reader, origin, connector, lease, keep_on):
            wish = batch.retry_after
            tally = tally.plus(batch, taken.stored)
            progress(batch, taken)
    except NotNowError as error:
        sources.postpone(house.db, lease, wait=error.wait, now=house.clock())
        return Outcome(stored=tally.stored, busy=True)
    except (CollectError, ConfigError, SecretKeyError) as error:
        return _failed(house, lease, spec, error, tally)
    except Exception as error:  # noqa: BLE001 - the boundary of this visit: a broken connector must not stop the others
        _log.exception("source.broken", source=spec.name)
        return _failed(house, lease, spec, PermanentError(f"the connector broke: {in_words(error)}"), tally)
    sources.succeed(house.db, lease, now=house.clock(), tally=tally, retry_after=wish)
    total = tally.stored
    if total.new or total.changed or total.rejected:
        _log.info("source.read", source=spec.name, new=total.new, changed=total.changed, rejected=total.rejected)
    return Outcome(stored=total)


class _LeaseLostError(TemporaryError):
    """Another process took the source over while this one was away for too long."""


def _batches(
    house: House, reader: Reader, origin: Origin, connector: Connector, lease: sources.Visit, keep_on: KeepOn
) -> Iterator[tuple[Batch, Taken]]:
    now = renewed = house.clock()
    window = Window(since=_since(lease.last_success), until=now)
    with closing(connector.fetch(lease.cursor, window, Limits())) as batches:
        for batch in batches:
            yield batch, take_in(house.db, reader, origin, batch, now=house.clock())
            if house.clock() - renewed > sources.LEASE / 3:
                renewed = house.clock()
                if not sources.renew(house.db, lease, now=renewed):
                    raise _LeaseLostError("another process reads this source now; it goes on from here")
            if not keep_on():
                return


def _since(last_success: datetime | None) -> datetime | None:
    return last_success - OVERLAP if last_success else None


def _failed(house: House, lease: sources.Visit, spec: SourceSpec, error: Exception, tally: Tally) -> Outcome:
    permanent = not isinstance(error, TemporaryError)
    wish = error.retry_after if isinstance(error, TemporaryError) else None
    if not isinstance(error, _LeaseLostError):
        sources.fail(
            house.db, lease, error=str(error), permanent=permanent, now=house.clock(), tally=tally, retry_after=wish
        )
    _log.warning("source.failed", source=spec.name, error=str(error), permanent=permanent)
    return Outcome(stored=tally.stored, error=str(error), permanent=permanent)
