"""The trial of a source as its form shows it: what it would collect, and what to look at. Nothing of it is stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from config.i18n import Translator, mark
from dashboard import label, refusal, stars
from dashboard.markup import Html, element, link
from dashboard.table import Column, bar, empty, panel, table
from dashboard.visitor import Visitor
from storage.request import Tried, TriedItem, TriedPage

TRIAL: Final = "trial"
"""The group of errands that try what is typed into a form."""
_FIELDS: Final = ("text", "author", "date", "rating", "title", "product", "place", "id")
_EXPECTED: Final = frozenset({"text", "author", "date", "rating"})
_FIRST: Final = 5
_EXCERPT: Final = 150
_ROLES: Final = {
    "index": mark("Start page"),
    "listing": mark("List of items"),
    "item": mark("Page of one item"),
}
# What a trial says, in the words it says it in; others are shown as they are.
_WARNINGS: Final = (
    (re.compile(r"(?P<field>\w+): this selector found nothing"), mark("{field}: this selector found nothing.")),
    (
        re.compile(r"(?P<field>\w+): found in (?P<n>\d+) of (?P<found>\d+) items"),
        mark("{field}: found in {n} of {found} items only."),
    ),
    (re.compile(r"(?P<url>\S+) could not be read: (?P<problem>.+)", re.DOTALL), mark("{url}: {problem}")),
    (re.compile(r"no items were found on any page"), mark("No items were found on any page.")),
)
_TURNED_AWAY: Final = re.compile(r"turned away: (?P<times>\d+ ×) (?P<reason>[^(]+?)(?P<detail> \(.*\))?", re.DOTALL)


def report(tried: Tried, when: Html | None, who: Visitor) -> Html:
    """Return what a trial came to; `when` says how long ago that was."""
    t = who.t
    note = t("Nothing of it was stored.")
    return panel(
        t("What it would collect"),
        _sum(tried, when, who),
        _trouble(tried, who),
        _fields(tried, who) if tried.found else None,
        _items(tried.items, who) if tried.items else None,
        _pages(tried.pages, who) if tried.pages else None,
        note=note,
    )


def _sum(tried: Tried, when: Html | None, who: Visitor) -> Html:
    t, n = who.t, len([page for page in tried.pages if page.problem is None])
    if not tried.found:
        return empty(t("Nothing was found"), t("Look at what is said here, change it above, and try again."))
    items = t.plural("{count} item", "{count} items", tried.found, count=who.words.number(tried.found))
    pages = t.plural("on {n} page", "on {n} pages", n) if n else None
    return element("p", element("strong", items), " ", pages, *((" · ", when) if when else ()), class_="gw-found-sum")


# -- what to look at ------------------------------------------------------------------------------


def _trouble(tried: Tried, who: Visitor) -> Html | None:
    t = who.t
    failed = (
        _notice(t("It could not be read:"), (refusal.say_whole(tried.error, t),), "gw-failed") if tried.error else None
    )
    said = tuple(dict.fromkeys(_warning(text, t) for text in tried.warnings))
    looked = _notice(t("Look at this before you save:"), said, "gw-warning") if said else None
    return element("div", failed, looked, class_="gw-stack") if failed or looked else None


def _notice(head: str, lines: Sequence[str], style: str) -> Html:
    entries = (element("li", element("bdi", line[:500])) for line in lines)
    return element("div", element("strong", head), element("ul", *entries), class_=f"gw-notice {style}", role="status")


def _warning(text: str, t: Translator) -> str:
    for pattern, said in _WARNINGS:
        found = pattern.fullmatch(text)
        if found:
            return t(said, **_values(found.groupdict(), t))
    refused = _TURNED_AWAY.fullmatch(text)
    if refused:
        return f"{t('Turned away')}: {refused['times']} {refusal.say(refused['reason'], t)}{refused['detail'] or ''}"
    return text


def _values(found: dict[str, str], t: Translator) -> dict[str, str]:
    said = {"field": label.option(found["field"], t)} if "field" in found else {}
    if "problem" in found:
        said["problem"] = _shorter(found["problem"], found["url"], t)
    return {**found, **said}


def _shorter(problem: str, url: str, t: Translator) -> str:
    """Return why a page could not be read, without its address where that stands before it anyhow."""
    return refusal.say_whole(problem, t).replace(f"{url}: ", "").replace(f"{url} ", "")[:300]


# -- what was found -------------------------------------------------------------------------------


def _fields(tried: Tried, who: Visitor) -> Html:
    """Return in how many items each field was found."""
    t = who.t
    names = [name for name in (*_FIELDS, *tried.fields) if name in tried.fields or name in _EXPECTED]
    rows = (
        part
        for name in dict.fromkeys(names)
        for part in (element("dt", label.option(name, t)), element("dd", _share(tried.fields.get(name, 0), tried, who)))
    )
    return element("section", element("h3", t("Found in the items")), element("dl", *rows, class_="gw-yield"))


def _share(n: int, tried: Tried, who: Visitor) -> Html:
    text = who.t("{n} of {found}", n=who.words.number(n), found=who.words.number(tried.found))
    return bar(n / tried.found, text, style="gw-fill-found")


def _items(items: Sequence[TriedItem], who: Visitor) -> Html:
    """Return the first items, most of them to unfold."""
    t = who.t
    first, more = items[:_FIRST], items[_FIRST:]
    rest = (
        element(
            "details",
            element("summary", t.plural("{n} more item", "{n} more items", len(more)), class_="gw-more"),
            element("div", *(_item(one, who) for one in more), class_="gw-mentions"),
            class_="gw-history",
        )
        if more
        else None
    )
    cards = element("div", *(_item(one, who) for one in first), class_="gw-mentions gw-tried")
    return element("section", element("h3", t("The first items")), cards, rest)


def _item(item: TriedItem, who: Visitor) -> Html:
    t, words = who.t, who.words
    author = element("bdi", item.author) if item.author else t("Unknown author")
    date = words.moment(item.published_at) if item.published_at else t("without a date")
    about = " · ".join(part for part in (item.product, item.place) if part)
    return element(
        "article",
        element(
            "header",
            element("span", author, class_="gw-author" if item.author else "gw-muted"),
            stars.fact(item.rating, item.rating_given, words),
            element("span", date),
            element("bdi", about[:_EXCERPT]) if about else None,
            link(item.url, t("Open the original"), class_="gw-original") if item.url else None,
        ),
        element("h3", item.title[:_EXCERPT], dir="auto") if item.title else None,
        element("p", _excerpt(item.text), class_="gw-text", dir="auto"),
        class_="gw-mention",
    )


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT].rstrip()} …"


# -- what was read --------------------------------------------------------------------------------


def _pages(pages: Sequence[TriedPage], who: Visitor) -> Html:
    t, words = who.t, who.words
    columns = (
        Column(head=t("Page")),
        Column(head=t("What it is"), minor=True),
        Column(head=t("Items"), side="right"),
        Column(head=t("Links"), side="right", minor=True),
    )
    rows = (
        (
            element("span", link(page.url, element("bdi", page.url)), _problem(page, who), class_="gw-two-lines"),
            t(_ROLES[page.role]) if page.role in _ROLES else page.role,
            words.number(page.items) if page.problem is None else "–",
            words.number(page.links) if page.problem is None else "–",
        )
        for page in pages
    )
    title = t("Pages read")
    return element("section", element("h3", title), table(columns, rows, caption=title))


def _problem(page: TriedPage, who: Visitor) -> Html | None:
    if page.problem is None:
        return None
    return element("small", _shorter(page.problem, page.url, who.t), class_="gw-bad")
