"""The yield of a source: a site that was rebuilt is read without an error, and less or nothing is found on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from math import exp, log
from statistics import median
from typing import Final

from alerts.decision import Decision
from alerts.incident import Evidence, Incident
from alerts.reason import Reason
from config.instant import require_utc
from config.principal import SYSTEM
from config.settings import Severity
from crawlers.report import Report

LOOKED_AT: Final = 1_000
"""Visits that a decision looks back on, at most: days of them, also of a source that is read every five minutes."""
_ENOUGH: Final = 10  # items that say something together
_POOLED: Final = 5  # groups of so many items that may stand for now
_VISITS: Final = 2  # and how many visits they must come from
_EARLIER_GROUPS: Final = 3
_USUAL: Final = 0.7
_LOST: Final = 0.3
_BACK: Final = 0.5
_ODD: Final = 0.1  # share of earlier groups that may lack a field which is usually there
_CHANCE: Final = 1e-6  # of finding a field so rarely, were all as usual: it is asked for each field at every visit
_EMPTY_VISITS: Final = 3
_EARLIER_VISITS: Final = 10
_CHANCE_OF_EMPTY: Final = 1e-3
_AT_LEAST: Final = timedelta(hours=1)
_RHYTHM: Final = timedelta(days=2)  # in which every source has shown what its nights are like
_WORSE_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A visit that went well: when it began, and its figures."""

    at: datetime
    report: Report

    def __post_init__(self) -> None:
        require_utc(self.at, "at")

    @property
    def is_telling(self) -> bool:
        """Whether a page was parsed: one that was unchanged since the last visit says nothing."""
        return self.report.pages > self.report.unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceYields:
    """What the last visits to a source found. `readings` are newest first, and all since it was last edited."""

    name: str
    enabled: bool
    readings: tuple[Reading, ...]


def decide_yield(yields: SourceYields, current: Incident | None, *, now: datetime) -> Decision:
    """Return what to do about what a source's pages show. `current` is its newest incident of this kind.

    Opens as low when a field that usually most items have is found in few, or when pages are read and nothing at all
    is found on them, visit after visit, and neither can be chance. Becomes medium, told once more, a day later. Calm
    when the field or the items are found again, or when the source is off. Where a person resolved the last one, only
    later visits count: what is found now is the new usual.
    """
    if current is None or not current.is_standing:
        return _judge_new(yields, current, now)
    ended = _ending(yields, current)
    if ended is not None:
        return Decision(kind="calm", severity=current.severity, reason=ended)
    severity: Severity = "medium" if now - current.opened_at >= _WORSE_AFTER else "low"
    if severity == "medium" and current.severity == "low":
        return Decision(kind="escalate", severity=severity, reason=current.reason)
    return Decision(kind="update", severity=current.severity, reason=current.reason)


def evidence_of_yield(decision: Decision, current: Incident | None, *, now: datetime) -> Evidence:
    """Return the time since when less was found as an incident's evidence: it holds no mentions."""
    if current is not None and current.is_standing:
        return Evidence(since=current.evidence.since, until=now)
    return Evidence(since=now - timedelta(seconds=decision.reason.numbers.get("lasting", 0)), until=now)


def _judge_new(yields: SourceYields, latest: Incident | None, now: datetime) -> Decision:
    if not yields.enabled:
        return Decision(kind="none", severity=None, reason=Reason(code="source_disabled"))
    seen = latest.resolved_at if latest is not None and latest.resolved_by != SYSTEM.name else None
    readings = [one for one in yields.readings if one.is_telling and (seen is None or one.at > seen)]
    loss = _nothing_found(readings, now) or _field_lost(readings, now)
    if loss is None:
        return Decision(kind="none", severity=None, reason=Reason(code="source_fine"))
    return Decision(kind="open", severity="low", reason=loss)


def _ending(yields: SourceYields, standing: Incident) -> Reason | None:
    if not yields.enabled:
        return Reason(code="source_disabled")
    readings = [one for one in yields.readings if one.is_telling]
    if standing.reason.code == "items_drop":
        found_again = bool(readings) and readings[0].report.items > 0
    else:
        newest = next(_groups(readings), None)
        found_again = newest is not None and newest.share(standing.reason.about) >= _BACK
    return Reason(code="yield_back") if found_again else None


# -- no items at all --------------------------------------------------------------------------------


def _nothing_found(readings: Sequence[Reading], now: datetime) -> Reason | None:
    """Say so if the last visits found nothing and that is not this source's way.

    A source that only sometimes has something new shows nothing for a while all the time: the more often and the
    longer it did so before, the longer it takes here. It takes two days while no night of the source is known:
    a forum shows much in its first visits, which read all there is, and then nothing until somebody writes.
    """
    empty = list(takewhile(_is_empty, readings))
    earlier = readings[len(empty) :]
    if len(empty) < _EMPTY_VISITS or len(earlier) < _EARLIER_VISITS:
        return None
    is_known = earlier[0].at - earlier[-1].at >= _RHYTHM
    if now - empty[-1].at < (_AT_LEAST if is_known else _RHYTHM):
        return None
    usual = median(one.report.items for one in earlier)
    chance = (sum(map(_is_empty, earlier)) + 1) / (len(earlier) + 2)
    if usual < 1 or chance ** len(empty) > _CHANCE_OF_EMPTY or len(empty) <= 2 * _longest_gap(earlier):
        return None
    numbers = {"visits": len(empty), "usual": usual, "lasting": (now - empty[-1].at).total_seconds()}
    return Reason(code="items_drop", numbers=numbers)


def _is_empty(reading: Reading) -> bool:
    return reading.report.items == 0


def _longest_gap(readings: Iterable[Reading]) -> int:
    """Return the largest number of visits in a row that found nothing."""
    return max((len(list(run)) for empty, run in groupby(readings, _is_empty) if empty), default=0)


# -- a field that is gone ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Visits in a row that showed enough items together to speak of shares."""

    readings: tuple[Reading, ...]

    @property
    def items(self) -> int:
        return sum(one.report.items for one in self.readings)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(name for one in self.readings for name in one.report.fields)

    def share(self, field: str) -> float:
        """The share of the items that have the field, 0 to 1."""
        return sum(one.report.fields.get(field, 0) for one in self.readings) / self.items


def _groups(readings: Iterable[Reading]) -> Iterator[_Group]:
    """Yield the readings in groups of at least `_ENOUGH` items, in their order; too few at the end are left out."""
    gathered: list[Reading] = []
    for one in readings:
        gathered.append(one)
        if sum(each.report.items for each in gathered) >= _ENOUGH:
            yield _Group(readings=tuple(gathered))
            gathered = []


def _field_lost(readings: Sequence[Reading], now: datetime) -> Reason | None:
    """Say which field is found much more rarely than usual, the one that fell deepest; None if none is.

    One visit alone says nothing: a list that is read to its end once a day shows old items, which may lack it.
    """
    groups = list(_groups(one for one in readings if one.report.items))
    for n in range(1, _POOLED + 1):
        newest, earlier = groups[:n], groups[n:]
        if len(earlier) < _EARLIER_GROUPS:
            return None
        if sum(len(group.readings) for group in newest) < _VISITS:
            continue
        lost = [drop for field in _fields(earlier) if (drop := _drop(field, newest, earlier)) is not None]
        if lost:
            worst = max(lost, key=lambda drop: (drop.usual - drop.share, drop.field))
            lasting = (now - newest[-1].readings[-1].at).total_seconds()
            numbers = {"share": worst.share, "usual": worst.usual, "items": worst.items, "lasting": lasting}
            return Reason(code="yield_drop", numbers=numbers, about=worst.field)
    return None


def _fields(groups: Iterable[_Group]) -> list[str]:
    return sorted(frozenset[str]().union(*(group.fields for group in groups)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drop:
    """A field that is found in `share` of the newest `items`, where usually `usual` have it."""

    field: str
    share: float
    usual: float
    items: int


def _drop(field: str, newest: Sequence[_Group], earlier: Sequence[_Group]) -> _Drop | None:
    """Return how a field fell; None if it was not lost.

    The usual is the median of earlier groups, as items of one visit resemble one another; hardly any of those groups
    may have lacked the field, or it is a field that comes and goes.
    """
    if any(group.share(field) >= _LOST for group in newest):
        return None
    shares = [group.share(field) for group in earlier]
    usual = median(shares)
    if usual < _USUAL or sum(share < _LOST for share in shares) > _ODD * len(shares):
        return None
    items = sum(group.items for group in newest)
    share = sum(group.items * group.share(field) for group in newest) / items
    is_chance = chance_of(share, items, usual=usual) > _CHANCE
    return None if is_chance else _Drop(field=field, share=share, usual=usual, items=items)


def chance_of(share: float, n: int, *, usual: float) -> float:
    """Return an upper bound of the chance to find a field in at most `share` of `n` items where `usual` have it.

    Chernoff's bound for a binomial count: exp(-n·D), D being the Kullback-Leibler divergence of the two shares.
    A `usual` of 1 is taken for a little less: nothing is certain after some hundred items.
    """
    usual = min(usual, 0.99)
    if share >= usual:
        return 1.0
    divergence = sum(a * log(a / b) for a, b in ((share, usual), (1 - share, 1 - usual)) if a > 0)
    return exp(-n * divergence)
