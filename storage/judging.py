"""Judging again the brands that changed: count the window, ask the detector, store the incident and tell people.

The decision is pure and lives in `alerts`; here are the counting before it and, with `storage.matter`, the writing
after it, in one transaction for each brand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, case, delete, distinct, exists, func, select

from alerts import rule as rules
from alerts.decision import Decision
from alerts.incident import Incident, Quote
from alerts.reason import Reason
from alerts.rule import Detector, Tally
from config.settings import Rule
from crawlers.identity import handles_of
from storage import coverage, incidents
from storage.database import Database
from storage.matter import Matter, settle
from storage.schema import author, incident, mention, mention_brand, source, to_judge

_QUOTES: Final = 5
_QUOTE_LENGTH: Final = 600
_VOICE: Final = func.coalesce(mention.c.author_id, -mention.c.id)
"""Who speaks: the author, or, where nobody is named, each text on its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A rule as it holds for one brand: whom it tells, and whether what it watches is invented.

    `own` are the brand's own accounts: what they write is no complaint.
    """

    brand_id: int
    brand: str
    rule: Rule
    channels: tuple[str, ...]
    invented: bool = False
    own: tuple[str, ...] = ()

    @property
    def group_key(self) -> str:
        """One incident stands at a time for each of these."""
        return f"brand:{self.brand}/rule:{self.rule.name}"


def changed_brands(db: Database, *, until: datetime) -> frozenset[int]:
    """Return the ids of brands whose series changed since they were judged, first at `until` or before."""
    with db.read() as conn:
        changed = select(to_judge.c.brand_id).where(to_judge.c.queued_at <= until).distinct()
        return frozenset(conn.execute(changed).scalars())


def standing_brands(db: Database) -> frozenset[int]:
    """Return the ids of brands with an incident that still stands: they are judged as time passes, too."""
    with db.read() as conn:
        standing = select(incident.c.brand_id).where(incident.c.state != "resolved", incident.c.brand_id.is_not(None))
        return frozenset(conn.execute(standing.distinct()).scalars())


def judge_brand(
    db: Database, brand_id: int, watches: Sequence[Watch], *, detect: Detector, now: datetime
) -> tuple[Incident, ...]:
    """Judge one brand by its rules; return the incidents that people are told of. Clears its queue."""

    def work(conn: Connection) -> tuple[Incident, ...]:
        conn.execute(delete(to_judge).where(to_judge.c.brand_id == brand_id))
        mine = [watch for watch in watches if watch.brand_id == brand_id]
        told = [_judge(conn, watch, detect, now) for watch in mine]
        told += _end_unwatched(conn, brand_id, {watch.group_key for watch in mine}, now)
        return tuple(one for one in told if one)

    return db.commit(work)


def tally(conn: Connection, brand_id: int, since: datetime, until: datetime, *, own: Sequence[str] = ()) -> Tally:
    """Count a brand's window by publication time. A voice is an author (each once) of negative lead texts.

    Left out: copies, hidden rows, history that was filled in afterwards, rows without a date of their own, and what
    the accounts `own` wrote. Clocks differ: what is dated a little after `until` counts as well.
    """
    row, dated = mention_brand.c, ~mention_brand.c.undated
    counted = _window(brand_id, since, own)
    voices = (
        select(func.count(distinct(_VOICE)))
        .join_from(mention_brand, mention, mention.c.id == row.mention_id)
        .where(counted, dated, row.label == "negative")
        .correlate(None)
    )
    # One statement, so that all counts are of one instant while others write.
    counts = conn.execute(
        select(
            voices.scalar_subquery().label("voices"),
            func.count(case((dated, 1))).label("mentions"),
            func.count(case((dated & (row.label != "unscored"), 1))).label("scored"),
            func.count(case((dated & (row.label == "negative"), 1))).label("negatives"),
            func.count(case((row.undated, 1))).label("undated"),
        ).where(counted)
    ).one()
    return Tally(
        since=since,
        until=until,
        negatives=counts.negatives,
        voices=counts.voices,
        scored=counts.scored,
        mentions=counts.mentions,
        undated=counts.undated,
        exposure=_exposure(conn, brand_id, since, until),
    )


def _window(brand_id: int, since: datetime, own: Sequence[str]) -> ColumnElement[bool]:
    row = mention_brand.c
    inside = (row.brand_id == brand_id) & (row.published_at >= since) & ~row.hidden & ~row.backfill & row.is_lead
    return inside & ~_is_by(own) if own else inside


def _is_by(accounts: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of `accounts` wrote the text of a `mention_brand` row."""
    text, writer = mention.alias("text"), author.alias("writer")
    forms = sorted({form for account in accounts for form in handles_of(account)})
    return exists().where(
        text.c.id == mention_brand.c.mention_id,
        writer.c.id == text.c.author_id,
        func.lower(writer.c.handle).in_(forms),
    )


def _exposure(conn: Connection, brand_id: int, since: datetime, until: datetime) -> float:
    if until <= since:
        return 0.0
    shares = coverage.usual_shares(conn, brand_id, until + timedelta(minutes=5))
    return coverage.exposure(shares, coverage.of_sources(conn, shares, since, until), since, until)


def _judge(conn: Connection, watch: Watch, detect: Detector, now: datetime) -> Incident | None:
    latest = incidents.newest(conn, watch.group_key)
    since, until = rules.judged_window(watch.rule, latest, now=now)
    counted = tally(conn, watch.brand_id, since, until, own=watch.own)
    decision = detect(watch.rule, counted, latest, now=now)
    matter = Matter(
        group_key=watch.group_key,
        cause="negatives",
        subject=watch.brand,
        channels=watch.channels,
        invented=watch.invented,
        brand_id=watch.brand_id,
        brand=watch.brand,
    )
    quotes = _quotes(conn, watch, since) if decision.kind in ("open", "escalate", "update") else ()
    return settle(conn, matter, decision, latest, rules.evidence_of(counted, quotes), now=now)


def _quotes(conn: Connection, watch: Watch, since: datetime) -> tuple[Quote, ...]:
    """Return the negatives that reach furthest, one an author."""
    row = mention_brand.c
    furthest = (func.coalesce(mention.c.reach, 0).desc(), row.published_at.desc(), row.mention_id.desc())
    ranked = (
        select(row.mention_id, row.source_id, func.row_number().over(partition_by=_VOICE, order_by=furthest).label("n"))
        .join_from(mention_brand, mention, mention.c.id == row.mention_id)
        .where(_window(watch.brand_id, since, watch.own), row.label == "negative", ~row.undated)
        .subquery()
    )
    order = (func.coalesce(mention.c.reach, 0).desc(), mention.c.published_at.desc(), mention.c.id.desc())
    found = conn.execute(
        select(mention, author.c.handle, author.c.name.label("author_name"), source.c.name.label("source_name"))
        .join_from(ranked, mention, mention.c.id == ranked.c.mention_id)
        .join(author, author.c.id == mention.c.author_id, isouter=True)
        .join(source, source.c.id == ranked.c.source_id, isouter=True)
        .where(ranked.c.n == 1)
        .order_by(*order)
        .limit(_QUOTES)
    )
    return tuple(
        Quote(
            mention_id=one.id,
            text=_short(f"{one.title}. {one.text}" if one.title else one.text),
            published_at=one.published_at,
            author=one.author_name or one.handle,
            url=one.url,
            source=one.source_name,
        )
        for one in found
    )


def _end_unwatched(conn: Connection, brand_id: int, keys: set[str], now: datetime) -> list[Incident | None]:
    """End what no rule watches any more: nobody would ever judge it again. Whoever was told of it is told."""
    ended = []
    for standing in incidents.standing(conn, brand_id):
        if standing.group_key not in keys:
            decision = Decision(kind="calm", severity=standing.severity, reason=Reason(code="rule_off"))
            matter = Matter(
                group_key=standing.group_key,
                cause=standing.cause,
                subject=standing.subject,
                channels=incidents.told_channels(conn, standing.id),
                invented=standing.invented,
                brand_id=brand_id,
                brand=standing.brand,
            )
            ended.append(settle(conn, matter, decision, standing, standing.evidence, now=now))
    return ended


def _short(text: str) -> str:
    """Return a quote that says where it was cut, between words."""
    return text if len(text) <= _QUOTE_LENGTH else f"{text[:_QUOTE_LENGTH].rsplit(None, 1)[0]}…"
