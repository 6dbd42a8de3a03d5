"""The list of mentions: filtered, searched, a page at a time."""

from __future__ import annotations

from typing import Final, cast

import streamlit as st

from config.settings import SourceKind
from dashboard import card, filters, notice
from dashboard.markup import element
from dashboard.table import empty
from dashboard.visitor import Visitor, visitor
from sentiment.score import LABELS, Label
from storage import listing
from storage.listing import Filter, Page, Position, Revision

_LIMIT: Final = 50
_NARROWING: Final = ("q", "sentiment", "source", "kind", "language")


def show() -> None:
    """Show the page."""
    who = visitor()
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.html(element("h1", who.t("Mentions")), width="stretch")
        brands = filters.choose_brand(who)
        span = filters.choose_period(who, default="30d")
    if not brands:
        notice.no_brand(who)
        return
    notice.sample(who)
    wanted = _filter(who, brands, span)
    _show_list(who, wanted)


def _filter(who: Visitor, brands: tuple[str, ...], span: str) -> Filter:
    """Show the row of filters and return what it says."""
    t, words = who.t, who.words
    offered = listing.choices(who.db, by=who.by, brands=brands)
    with st.container(horizontal=True, key="filters", gap="small"):
        text = filters.search("q", t("Search"), placeholder=t("Search words or a “phrase in quotes”"))
        label = filters.select("sentiment", t("Sentiment"), LABELS, say=words.label, nothing=t("Any sentiment"))
        source = filters.select("source", t("Source"), offered.sources, say=str, nothing=t("Any source"))
        kind = filters.select("kind", t("Kind"), offered.kinds, say=words.kind, nothing=t("Any kind"), width=130)
        language = filters.select(
            "language", t("Language"), offered.languages, say=words.language, nothing=t("Any language")
        )
    return Filter(
        brands=brands,
        labels=(cast("Label", label),) if label else (),
        sources=(source,) if source else (),
        kinds=(cast("SourceKind", kind),) if kind else (),
        languages=(language,) if language else (),
        period=filters.period_of(span, words, who.now),
        search=text,
    )


def _show_list(who: Visitor, wanted: Filter) -> None:
    after = _place()
    found = listing.list_mentions(who.db, by=who.by, filter=wanted, after=after, limit=_LIMIT)
    _show_count(who, wanted, is_first=after is None)
    if not found.rows:
        _show_nothing(who)
        return
    st.html(
        card.mention_list(
            found.rows, who.words, who.now, revisions=_revisions(who, found), with_brand=len(wanted.brands) > 1
        )
    )
    _show_steps(who, found, is_first=after is None)


def _place() -> Position | None:
    """Return where in the list the address says we are; nonsense means the beginning."""
    encoded = st.query_params.get("after", "")
    try:
        return Position.decode(encoded) if encoded else None
    except ValueError:
        return None


def _show_count(who: Visitor, wanted: Filter, *, is_first: bool) -> None:
    t = who.t
    count = listing.count_mentions(who.db, by=who.by, filter=wanted)
    number = who.words.number(count.n) + ("" if count.exact else "+")
    text = t.plural("{count} mention", "{count} mentions", count.n, count=number)
    order = t("newest first") if is_first else t("older ones")
    st.html(element("p", element("strong", text), f" · {order}", class_="gw-count gw-muted", role="status"))


def _revisions(who: Visitor, found: Page) -> dict[int, tuple[Revision, ...]]:
    edited = {row.id for row in found.rows if row.edits}
    return {key: listing.revisions(who.db, by=who.by, mention_id=key) for key in edited}


def _show_nothing(who: Visitor) -> None:
    t = who.t
    narrowed = any(name in st.query_params for name in _NARROWING)
    if narrowed:
        st.html(empty(t("No mention fits these filters"), t("Take some away, or look further back in time.")))
        st.button(t("Clear the filters"), on_click=filters.clear, args=(*_NARROWING, "after"))
    else:
        st.html(
            empty(
                t("No mentions in this period"),
                t("Look further back, or see on the page Sources when each was last read."),
            )
        )


def _show_steps(who: Visitor, found: Page, *, is_first: bool) -> None:
    t = who.t
    with st.container(horizontal=True, horizontal_alignment="center"):
        if not is_first:
            st.button(t("Back to the newest"), icon=":material/first_page:", on_click=_go, args=(None,))
        if found.next is not None:
            st.button(t("Show older"), icon=":material/arrow_downward:", on_click=_go, args=(found.next.encode(),))


def _go(place: str | None) -> None:
    if place is None:
        filters.clear("after")
    else:
        st.query_params["after"] = place
