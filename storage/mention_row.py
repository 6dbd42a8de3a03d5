"""The mention as lists show it: the text with who wrote it, where, and how it was read for one brand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from config.settings import SourceKind
from sentiment.score import Label
from storage.schema import author, brand, mention, mention_brand, mention_revision, source
from storage.upsert import chunks

SAMPLE_PREFIX: Final = "sample:"
"""How the platform names of invented mentions begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionRow:
    r"""A mention as it concerns one brand. Texts, names and addresses are hostile: show them as plain text only.

    `spans` are the matched words as offsets into `title + "\n" + text`, or into `text` where there is no title.
    `rating` runs from 0 to 1, `rating_given` is what the platform wrote. `edits` counts earlier texts (`revisions`).
    `deleted`: the platform says it is gone.
    """

    id: int
    brand: str
    platform: str
    source: str
    kind: SourceKind
    url: str | None
    title: str | None
    text: str
    author: str | None
    author_handle: str | None
    author_url: str | None
    followers: int | None
    language: str
    label: Label
    label_by: str
    unsure: bool
    rating: float | None
    reach: int | None
    likes: int | None
    shares: int | None
    replies: int | None
    product: str | None
    place: str | None
    region: str | None
    published_at: datetime
    collected_at: datetime
    undated: bool
    spans: tuple[tuple[int, int], ...]
    edits: int
    deleted: bool
    invented: bool
    rating_given: str | None = None


def read_rows(conn: Connection, keys: Sequence[tuple[int, int]]) -> tuple[MentionRow, ...]:
    """Return the rows of the pairs (mention id, brand id), in the order given."""
    found: dict[tuple[int, int], MentionRow] = {}
    for part in chunks(keys):
        mentions = mention_brand.c.mention_id.in_({mention_id for mention_id, _ in part})
        brands = mention_brand.c.brand_id.in_({brand_id for _, brand_id in part})
        for row in conn.execute(_WHOLE.where(mentions, brands)):
            found[(row.id, row.brand_id)] = _mention_row(row)
    return tuple(found[key] for key in keys if key in found)


_OF_BRAND: Final = ("brand_id", "language", "label", "label_by", "unsure", "undated", "spans", "published_at")
_OF_MENTION: Final = (
    *(
        "id",
        "platform",
        "kind",
        "url",
        "title",
        "text",
        "rating",
        "rating_given",
        "reach",
        "likes",
        "shares",
        "replies",
    ),
    *("product", "place", "region", "collected_at", "deleted_at"),
)
_EDITS: Final = (
    select(func.count())
    .where(mention_revision.c.mention_id == mention.c.id)
    .correlate(mention)
    .scalar_subquery()
    .label("edits")
)
_WHOLE: Final = (
    select(
        *(mention_brand.c[name] for name in _OF_BRAND),
        *(mention.c[name] for name in _OF_MENTION),
        author.c.handle,
        author.c.name.label("author_name"),
        author.c.url.label("author_url"),
        author.c.followers,
        brand.c.name.label("brand"),
        func.coalesce(source.c.name, "").label("source"),
        _EDITS,
    )
    .join_from(mention_brand, mention, mention.c.id == mention_brand.c.mention_id)
    .join(brand, brand.c.id == mention_brand.c.brand_id)
    .join(author, author.c.id == mention.c.author_id, isouter=True)
    .join(source, source.c.id == mention_brand.c.source_id, isouter=True)
)


def _mention_row(row: Row[*tuple[Any, ...]]) -> MentionRow:
    return MentionRow(
        id=row.id,
        brand=row.brand,
        platform=row.platform,
        source=row.source,
        kind=row.kind,
        url=row.url,
        title=row.title,
        text=row.text,
        author=row.author_name or row.handle,
        author_handle=row.handle,
        author_url=row.author_url,
        followers=row.followers,
        language=row.language,
        label=row.label,
        label_by=row.label_by,
        unsure=row.unsure,
        rating=row.rating,
        reach=row.reach,
        likes=row.likes,
        shares=row.shares,
        replies=row.replies,
        product=row.product,
        place=row.place,
        region=row.region,
        published_at=row.published_at,
        collected_at=row.collected_at,
        undated=row.undated,
        spans=tuple((start, end) for start, end in row.spans),
        edits=row.edits,
        deleted=row.deleted_at is not None,
        invented=row.platform.startswith(SAMPLE_PREFIX),
        rating_given=row.rating_given,
    )
