"""A mention reads like a message: who, where, when, how far it reaches; the text; then how it feels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from dashboard import badge, stars
from dashboard.markup import Html, Span, element, highlight, join, link, outside
from dashboard.wording import Wording
from storage.listing import Revision
from storage.mention_row import MentionRow

_SHOWN: Final = 420
_BEFORE_MATCH: Final = 120
_LONGEST: Final = 20_000


def mention_list(
    rows: Iterable[MentionRow],
    words: Wording,
    now: datetime,
    *,
    revisions: dict[int, tuple[Revision, ...]] | None = None,
    with_brand: bool = False,
) -> Html:
    """Return mentions one under another; `revisions` holds the earlier texts of those that were edited."""
    earlier = revisions or {}
    cards = (_card(row, words, now, earlier.get(row.id, ()), with_brand=with_brand) for row in rows)
    return element("div", *cards, class_="gw-mentions")


def _card(row: MentionRow, words: Wording, now: datetime, earlier: Sequence[Revision], *, with_brand: bool) -> Html:
    title_length = len(row.title) + 1 if row.title else 0
    return element(
        "article",
        _head(row, words, now, _change(row, earlier, words), with_brand=with_brand),
        element("h3", highlight(row.title, row.spans), dir="auto") if row.title else None,
        _text(row.text, row.spans, title_length, words),
        _foot(row, words),
        _history(earlier, words) if earlier else None,
        class_="gw-mention",
        lang=row.language if len(row.language) <= 3 else None,  # noqa: PLR2004 - ISO 639
    )


def _head(row: MentionRow, words: Wording, now: datetime, change: Html | None, *, with_brand: bool) -> Html:
    t = words.t
    name = row.author or t("Unknown author")
    return element(
        "header",
        badge.sentiment(row.label, words, note=_by(row, words)),
        element("span", t("unsure"), class_="gw-tag", title=t("The classifier was not sure.")) if row.unsure else None,
        link(row.author_url, element("bdi", name), class_="gw-author"),
        element("span", element("bdi", row.source), title=words.kind(row.kind), class_="gw-source"),
        words.when(row.published_at, now),
        change,
        badge.tag(t("undated"), title=t("The date was missing or in the future; this is when it was collected."))
        if row.undated
        else None,
        badge.tag(t("deleted"), title=t("The platform says that this is gone.")) if row.deleted else None,
        badge.tag(row.brand) if with_brand else None,
        badge.invented(words) if row.invented else None,
    )


def _change(row: MentionRow, earlier: Sequence[Revision], words: Wording) -> Html | None:
    """Return how the author changed the rating since it was first seen; None where it is as it was."""
    t = words.t
    first = next((item for item in reversed(earlier) if item.rating is not None), None)
    if first is None or first.rating is None or row.rating is None or row.rating == first.rating:
        return None
    before, after = (stars.said(one.rating, one.rating_given, words) or "" for one in (first, row))
    way = element("span", element("bdi", before), " → ", element("bdi", after))
    if row.rating > first.rating:
        why = t("The author raised the rating: somebody was won back.")
        return element("span", "★ ", t("raised"), " ", way, class_="gw-tag gw-fine", title=why)
    return element("span", t("lowered"), " ", way, class_="gw-tag", title=t("The author lowered the rating."))


def _by(row: MentionRow, words: Wording) -> str:
    if row.label == "unscored":
        return words.t("No classifier here reads this language yet, so nothing is claimed.")
    return words.t("Read by {classifier}", classifier=row.label_by)


def _text(text: str, spans: Sequence[Span], offset: int, words: Wording) -> Html:
    """Return the text, or the part around the first match with the whole behind one click."""
    if len(text) <= _SHOWN:
        return element("p", highlight(text, spans, offset=offset), class_="gw-text", dir="auto")
    first = min((start - offset for start, _ in spans if start >= offset), default=0)
    start = max(0, min(first - _BEFORE_MATCH, len(text) - _SHOWN)) if first > _SHOWN - 60 else 0
    piece = text[start : start + _SHOWN]
    part = join(["… " if start else "", highlight(piece, spans, offset=offset + start), " …"])
    whole = highlight(text[:_LONGEST], [span for span in spans if span[1] - offset <= _LONGEST], offset=offset)
    cut = words.t("The rest is left out here: open the original.") if len(text) > _LONGEST else None
    return element(
        "details",
        element(
            "summary",
            element("p", part, class_="gw-text", dir="auto"),
            element("span", words.t("Show all"), class_="gw-more"),
        ),
        element("p", whole, class_="gw-text", dir="auto"),
        element("p", cut, class_="gw-muted") if cut else None,
        class_="gw-long",
    )


def _foot(row: MentionRow, words: Wording) -> Html:
    rating = stars.fact(row.rating, row.rating_given, words)
    facts = [*([rating] if rating else []), *(element("span", fact) for fact in _facts(row, words))]
    original = link(row.url, words.t("Open the original"), class_="gw-original") if outside(row.url) else None
    return element("footer", *facts, original)


def _facts(row: MentionRow, words: Wording) -> Iterable[str]:
    t = words.t
    if row.followers is not None:
        yield t.plural("{count} follower", "{count} followers", row.followers, count=words.short_number(row.followers))
    if row.reach is not None:
        yield t.plural(
            "reached {count} person", "reached {count} people", row.reach, count=words.short_number(row.reach)
        )
    if row.likes:
        yield t.plural("{count} like", "{count} likes", row.likes, count=words.short_number(row.likes))
    if row.shares:
        yield t.plural("{count} share", "{count} shares", row.shares, count=words.short_number(row.shares))
    if row.replies:
        yield t.plural("{count} reply", "{count} replies", row.replies, count=words.short_number(row.replies))
    yield words.language(row.language)
    yield from dict.fromkeys(name for name in (row.product, row.place, row.region) if name)


def _history(earlier: Sequence[Revision], words: Wording) -> Html:
    t = words.t
    entries = (
        element(
            "li",
            _until(item, words),
            element(
                "p", "\n".join(part for part in (item.title, item.text[:2_000]) if part), class_="gw-text", dir="auto"
            ),
        )
        for item in earlier
    )
    summary = element("summary", t.plural("edited {n}×", "edited {n}×", len(earlier)), class_="gw-more")
    return element("details", summary, element("ol", *entries), class_="gw-history")


def _until(item: Revision, words: Wording) -> Html:
    """Return until when an earlier text stood, and how it rated."""
    t = words.t
    rating = stars.fact(item.rating, item.rating_given, words)
    until = t("until {when}", when=words.moment(item.replaced_at))
    return element("span", until, *((" · ", rating) if rating else ()), class_="gw-muted")
