"""Records: rows and objects with our column names, made into mentions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast, get_args

from config.settings import SourceKind
from crawlers.connector import Reject
from crawlers.identity import content_id, external_id
from crawlers.mention import Author, Engagement, Mention
from crawlers.value import instant_of, language_of, rating_of, text_of, whole_of

# Each column with what reads it and the reason that is given when it cannot be read.
READERS: Final[dict[str, tuple[Callable[[object], Any], str]]] = {
    **dict.fromkeys(("id", "text", "title", "url", "author"), (text_of, "bad text")),
    "published_at": (instant_of, "bad date"),
    "language": (language_of, "bad language"),
    "kind": (lambda value: _kind(text_of(value)), "bad kind"),
    **dict.fromkeys(("rating", "rating_max"), (text_of, "bad rating")),
    **dict.fromkeys(("reach", "likes", "shares", "replies"), (whole_of, "bad number")),
    **dict.fromkeys(("parent", "product", "place", "region"), (text_of, "bad text")),
}
COLUMNS: Final = tuple(READERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for every record of a source, where the record itself does not say."""

    platform: str
    kind: SourceKind
    collected_at: datetime
    language: str | None = None
    rating_max: float = 5


def record_mention(values: Mapping[str, object], defaults: Defaults) -> Mention | Reject:
    """Return the record as a mention, or why it is none; columns that are not ours are not read."""
    read: dict[str, Any] = {}
    for name, (reader, reason) in READERS.items():
        try:
            read[name] = reader(values.get(name))
        except ValueError as error:
            return Reject(reason=reason, detail=f"{name}: {error}", external_id=read.get("id") or None)
    own = external_id(read["id"])
    if not read["text"] and not read["title"]:
        return Reject(reason="empty text", external_id=own)
    try:
        rating = rating_of(read["rating"], read["rating_max"] or defaults.rating_max)
    except ValueError as error:
        return Reject(reason="bad rating", detail=f"rating: {error}", external_id=own)
    return _mention(read, own, rating, defaults)


def _mention(read: Mapping[str, Any], own: str | None, rating: float | None, defaults: Defaults) -> Mention:
    published: datetime | None = read["published_at"]
    made = (read["text"], read["title"], read["author"], read["url"], str(published or ""))
    return Mention(
        platform=defaults.platform,
        external_id=own or content_id(*made),
        kind=read["kind"] or defaults.kind,
        text=read["text"],
        title=read["title"] or None,
        published_at=published or defaults.collected_at,
        collected_at=defaults.collected_at,
        url=read["url"] or None,
        author=Author(handle=read["author"]) if read["author"] else None,
        language=read["language"] or defaults.language,
        rating=rating,
        reach=read["reach"],
        engagement=Engagement(likes=read["likes"], shares=read["shares"], replies=read["replies"]),
        parent=external_id(read["parent"]),
        product=read["product"] or None,
        place=read["place"] or None,
        region=read["region"] or None,
        undated=published is None,
    )


def _kind(text: str) -> SourceKind | None:
    if text and text not in get_args(SourceKind):
        raise ValueError(f"{text[:60]!r} is none of {', '.join(get_args(SourceKind))}")
    return cast("SourceKind", text) if text else None
