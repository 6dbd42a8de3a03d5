"""The overview: key figures and their change, where mentions come from, the latest ones that hurt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, distinct, func, or_, select

from config.principal import Principal
from config.settings import SourceKind
from sentiment.score import LABELS, Label
from storage.cells import count
from storage.database import Database
from storage.listing import Filter, list_mentions
from storage.mention_row import MentionRow
from storage.period import Period
from storage.schema import incident, mention, mention_brand, source, source_state
from storage.scope import brand_ids, is_on, serves
from storage.timeline import Bin, Gap, Step, exposures, gaps, timeline

__all__ = [
    "Bin",
    "Figure",
    "Figures",
    "Gap",
    "LanguageRow",
    "SourceRow",
    "Step",
    "brands",
    "by_language",
    "by_source",
    "figures",
    "gaps",
    "latest",
    "timeline",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number in the period, and in the equal period before; None where nothing was read or could be counted."""

    value: float | None
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the overview says first.

    `negative_share` and `positive_share` are of the scored mentions, `unscored_share` of all; 0 to 1.
    `authors` are independent negative voices. `open_incidents` wait for somebody now, whatever the period.
    """

    mentions: Figure
    negative_share: Figure
    positive_share: Figure
    unscored_share: Figure
    authors: Figure
    open_incidents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """What a source brought in the period. `failing`: it is on and its last visit failed."""

    source: str
    kind: SourceKind
    mentions: int
    negative: int
    neutral: int
    positive: int
    unscored: int
    last_success: datetime | None
    failing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """What was written in a language in the period."""

    language: str
    mentions: int
    negative: int
    neutral: int
    positive: int
    unscored: int


def brands(db: Database, *, by: Principal) -> tuple[str, ...]:
    """Return the names of the enabled brands, in order."""
    with db.read() as conn:
        return tuple(brand_ids(conn, by=by).values())


def figures(db: Database, *, by: Principal, brands: tuple[str, ...], period: Period) -> Figures:
    """Return the key figures of the brands (none named: all enabled ones), beside those of the period before."""
    with db.read() as conn:
        ids = list(brand_ids(conn, by=by, names=brands))
        now, before = (_labels(conn, ids, part) for part in (period, period.previous))
        # Missing is not zero: nothing stored of a time that nobody read says nothing.
        known = [
            labels.total() > 0 or exposures(conn, ids, [part])[0] > 0
            for labels, part in ((now, period), (before, period.previous))
        ]
        voices = [_voices(conn, ids, part) for part in (period, period.previous)]
        waiting = _waiting(conn, ids)
    return Figures(
        mentions=Figure(value=now.total() if known[0] else None, before=before.total() if known[1] else None),
        negative_share=Figure(value=_share(now, "negative"), before=_share(before, "negative")),
        positive_share=Figure(value=_share(now, "positive"), before=_share(before, "positive")),
        unscored_share=Figure(value=_unscored(now), before=_unscored(before)),
        authors=Figure(value=voices[0] if known[0] else None, before=voices[1] if known[1] else None),
        open_incidents=waiting,
    )


def by_source(db: Database, *, by: Principal, brands: tuple[str, ...], period: Period) -> tuple[SourceRow, ...]:
    """Return what each source brought, most first; those that are on also when they brought nothing."""
    row = mention_brand.c
    with db.read() as conn:
        ids = list(brand_ids(conn, by=by, names=brands))
        counted = conn.execute(
            select(row.source_id, row.label, func.count())
            .where(row.brand_id.in_(ids), row.published_at >= period.since, row.published_at < period.until)
            .where(~row.hidden, ~row.undated)
            .group_by(row.source_id, row.label)
        )
        counts: dict[int, Counter[str]] = {}
        for source_id, label, n in counted:
            counts.setdefault(source_id, Counter())[label] = n
        known = select(source, source_state.c.last_success, source_state.c.failures)
        known = known.join_from(source, source_state, isouter=True)
        found = conn.execute(known.where(or_(source.c.id.in_(list(counts)), source.c.enabled & serves(ids)))).all()
    shown = [one for one in found if one.id in counts or is_on(one)] if ids else []
    rows = [_source_row(one, counts.get(one.id, Counter())) for one in shown]
    return tuple(sorted(rows, key=lambda one: (-one.mentions, one.source)))


def by_language(db: Database, *, by: Principal, brands: tuple[str, ...], period: Period) -> tuple[LanguageRow, ...]:
    """Return what was written in each language, most first."""
    with db.read() as conn:
        ids = list(brand_ids(conn, by=by, names=brands))
        counted = count(conn, ids, period, "language", "label")
    counts: dict[str, Counter[str]] = {}
    for (language, label), n in counted.items():
        counts.setdefault(language, Counter())[label] += n
    rows = [
        LanguageRow(language=language, mentions=labels.total(), **_split(labels)) for language, labels in counts.items()
    ]
    return tuple(sorted(rows, key=lambda one: (-one.mentions, one.language)))


def latest(
    db: Database, *, by: Principal, brands: tuple[str, ...], label: Label = "negative", limit: int = 8
) -> tuple[MentionRow, ...]:
    """Return the newest mentions with this label."""
    return list_mentions(db, by=by, filter=Filter(brands=brands, labels=(label,)), limit=limit).rows


def _labels(conn: Connection, ids: list[int], period: Period) -> Counter[str]:
    return Counter({label: n for (label,), n in count(conn, ids, period, "label").items()})


def _share(labels: Counter[str], label: Label) -> float | None:
    scored = labels.total() - labels["unscored"]
    return labels[label] / scored if scored else None


def _unscored(labels: Counter[str]) -> float | None:
    return labels["unscored"] / labels.total() if labels.total() else None


def _voices(conn: Connection, ids: list[int], period: Period) -> int:
    """Count authors of negative texts that are no copies, each once; a text without an author is a voice of its own."""
    row = mention_brand.c
    query = (
        select(func.count(distinct(func.coalesce(mention.c.author_id, -mention.c.id))))
        .join_from(mention_brand, mention, mention.c.id == row.mention_id)
        .where(row.brand_id.in_(ids), row.published_at >= period.since, row.published_at < period.until)
        .where(row.label == "negative", row.is_lead, ~row.hidden, ~row.undated)
    )
    return conn.execute(query).scalar_one()


def _waiting(conn: Connection, ids: list[int]) -> int:
    """Count incidents that are not resolved: of these brands, and those of sources, which are everybody's."""
    mine = or_(incident.c.brand_id.in_(ids), incident.c.brand_id.is_(None))
    return conn.execute(select(func.count()).where(incident.c.state != "resolved", mine)).scalar_one()


def _source_row(row: Row[*tuple[Any, ...]], labels: Counter[str]) -> SourceRow:
    return SourceRow(
        source=row.name,
        kind=row.kind,
        mentions=labels.total(),
        last_success=row.last_success,
        failing=bool(row.failures) and is_on(row),
        **_split(labels),
    )


def _split(labels: Counter[str]) -> dict[str, int]:
    return {label: labels[label] for label in LABELS}
