"""Reading: what a page holds, by a recipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from crawlers.connector import Reject
from crawlers.selecting.item import (
    SPAN,
    Values,
    gather,
    is_empty,
    remembered,
    stamp_of,
    to_found,
    value_of,
    values_of,
)
from crawlers.selecting.recipe import FIELDS, PAGE, ROW, Recipe
from crawlers.selecting.sheet import Sheet
from crawlers.selecting.value import address, is_element, page_address, plain, turned
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.web.link import Link
from crawlers.web.site import Extract

if TYPE_CHECKING:
    from parsel import Selector as Node

_INDEX: Final = ("sections", "follow_row", "follow", "follow_next", *ROW)
_ORDER: Final = (*PAGE, *ROW, "detail", *FIELDS, "drop")


def read_page(document: Document, link: Link, recipe: Recipe, *, now: datetime) -> Extract:
    """Return what a page holds, by what it is for. A page's faults are `rejects` and `missed`, never errors."""
    sheet = Sheet(document)
    if _is_broken(sheet, link, recipe):
        detail = f"the answer is no JSON: it begins with {document.text.strip()[:60]!r}"
        return Extract(rejects=(Reject(reason="broken JSON", detail=detail),), missed=_named(_asked(link, recipe)))
    if link.role == "index":
        return _read_index(sheet, link, recipe)
    if link.role == "item":
        return _read_single(sheet, link, recipe, now)
    return _read_listing(sheet, link, recipe, now)


def _asked(link: Link, recipe: Recipe) -> set[str]:
    names = {"index": _INDEX, "listing": ("items", "next"), "item": ("detail_item", *FIELDS)}[link.role]
    return {name for name in names if name in recipe.selectors}


def _is_broken(sheet: Sheet, link: Link, recipe: Recipe) -> bool:
    """Whether only an answer in JSON would do, and this is none."""
    ways = [way for name in _asked(link, recipe) for way in recipe.selectors[name].ways]
    return bool(ways) and all(way.language == "json" for way in ways) and sheet.data.root is None


# -- an index: links to lists ---------------------------------------------------------------------


def _read_index(sheet: Sheet, link: Link, recipe: Recipe) -> Extract:
    found: Counter[str] = Counter()
    links = {each.url: each for each in reversed([*_followed(sheet, link, recipe, found)])}
    for url in _addresses(sheet, "sections", None, recipe, found):
        links.setdefault(url, Link(url=url, role="index", context=link.context))
    links.pop(link.url, None)
    more = next(_addresses(sheet, "follow_next", None, recipe, found), None)
    return Extract(
        links=tuple(reversed(links.values())),
        more=_next(more, sheet, link),
        missed=_named(name for name in _asked(link, recipe) if not found[name]),
    )


def _followed(sheet: Sheet, link: Link, recipe: Recipe, found: Counter[str]) -> Iterator[Link]:
    """Yield the links to lists, each with what its row says of it."""
    if recipe.get("follow_row") is None:
        rows: list[Node | None] = [None]
    else:
        rows = [*sheet.find(recipe.get("follow_row"))]
        found["follow_row"] += len(rows)
    for row in rows:
        said = _said(sheet, row, recipe, found)
        stamp = said.pop("stamp", None)
        for url in _addresses(sheet, "follow", row, recipe, found):
            yield Link(url=url, role="listing", stamp=stamp, context={**link.context, **said})
            if row is not None:
                break  # a row leads to one list, whatever other links it holds


def _said(sheet: Sheet, row: Node | None, recipe: Recipe, found: Counter[str]) -> Values:
    """Return what a row says of the list it leads to: `stamp`, `product`, `url`."""
    said = {}
    for name in ROW:
        value = value_of(sheet, recipe.get(name), row, address if name == "follow_url" else plain)
        if name == "follow_url" and value:
            value = page_address(sheet.base, value, without=recipe.without)
        if value:
            found[name] += 1
            said[name.removeprefix("follow_")] = value
    return said


def _addresses(sheet: Sheet, name: str, node: Node | None, recipe: Recipe, found: Counter[str]) -> Iterator[str]:
    """Yield the addresses of the pages that an option's selector leads to."""
    for href in values_of(sheet, recipe.get(name), node, address):
        url = page_address(sheet.base, href, without=recipe.without)
        if url is not None:
            found[name] += 1
            yield url


# -- a listing: items -----------------------------------------------------------------------------


def _read_listing(sheet: Sheet, link: Link, recipe: Recipe, now: datetime) -> Extract:
    found: Counter[str] = Counter()
    more = _turn(sheet, link, recipe, found)  # before parts of the page are taken out
    nodes = sheet.find(recipe.get("items"))
    found["items"] = len(nodes)
    items: list[Found] = []
    links: dict[str, Link] = {}
    rejects: list[Reject] = []
    for values, own_page in _gathered(sheet, nodes, recipe, found):
        if own_page is not None:
            links[own_page] = _to_own_page(own_page, values, link, recipe, now)
            continue
        item, faults = _finish(values, link, recipe, sheet.document.url, now)
        items += [item] if item else []
        rejects += faults
    asked = _asked(link, recipe) | (_asked_of_items(recipe, own_pages=bool(links)) if nodes else set())
    return Extract(
        items=_told_apart(items),
        links=tuple(links.values()),
        more=more,
        oldest_first=recipe.oldest_first,
        rejects=tuple(rejects),
        missed=_named(name for name in asked if not found[name]),
    )


def _asked_of_items(recipe: Recipe, *, own_pages: bool) -> set[str]:
    """Return the selectors that should find something in items: on their own pages all the rest may still be found."""
    declared = {name for name in (*FIELDS, "detail") if name in recipe.selectors} | ({"drop"} if recipe.drop else set())
    return {"detail"} if own_pages else declared


def _to_own_page(url: str, values: Values, link: Link, recipe: Recipe, now: datetime) -> Link:
    context = {**link.context, **remembered(values, recipe, now)}
    return Link(url=url, role="item", stamp=stamp_of(values, recipe, now), context=context)


def _gathered(sheet: Sheet, nodes: list[Node], recipe: Recipe, found: Counter[str]) -> list[tuple[Values, str | None]]:
    """Return what each item says, and the address of its own page where it has one.

    Answers often stand inside what they answer. So the last is read first, and an inner one is taken out of the page
    once it is read: what remains of the outer one is its own.
    """
    sheet.look_around(recipe.selectors.values())
    elements = {node.root for node in nodes if is_element(node)}
    gathered = []
    for node in reversed(nodes):
        own_page = next(_addresses(sheet, "detail", node, recipe, found), None)
        values = gather(sheet, node, recipe, found)
        gathered.append((values, own_page))
        if is_element(node) and any(each in elements for each in node.root.iterancestors()):
            node.drop()
    return gathered[::-1]


def _turn(sheet: Sheet, link: Link, recipe: Recipe, found: Counter[str]) -> Link | None:
    """Return the next page of a list: the one that is linked, or the one that the counter comes to."""
    if recipe.counter is None:
        return _next(next(_addresses(sheet, "next", None, recipe, found), None), sheet, link)
    if value_of(sheet, recipe.get("next"), None) is None:
        return None
    found["next"] += 1
    return _next(turned(sheet.document.url, recipe.counter), sheet, link)


def _next(url: str | None, sheet: Sheet, link: Link) -> Link | None:
    if url is None or url in (link.url, sheet.document.url):
        return None
    return Link(url=url, role=link.role, context=link.context)


def _told_apart(items: Iterable[Found]) -> tuple[Found, ...]:
    """Return the items, none of which claims an address for its own that another has too."""
    items = tuple(items)
    addresses = Counter(item.url for item in items)
    return tuple(replace(item, own_url=item.own_url and addresses[item.url] == 1) for item in items)


# -- an item's own page ---------------------------------------------------------------------------


def _read_single(sheet: Sheet, link: Link, recipe: Recipe, now: datetime) -> Extract:
    """Return the item of a page that is its alone: what its list said of it fills the gaps."""
    found: Counter[str] = Counter()
    node = next(iter(sheet.find(recipe.get("detail_item"))), None)
    found["detail_item"] += node is not None
    sheet.look_around(recipe.selectors.values())
    own = gather(sheet, node or sheet.whole(recipe.get("text")), recipe, found)
    values = {"url": sheet.document.url, **own}
    item, rejects = _finish(values, link, recipe, sheet.document.url, now)
    missed = {name for name in _asked(link, recipe) if not found[name] and name not in link.context}
    if SPAN in link.context:
        missed.discard("date")
    return Extract(items=(item,) if item else (), rejects=rejects, missed=_named(missed))


def _finish(
    values: Values, link: Link, recipe: Recipe, page: str, now: datetime
) -> tuple[Found | None, tuple[Reject, ...]]:
    """Return the find that `values` make together with what the link says, and what could not be read."""
    told = {name: value for name, value in link.context.items() if name != "url"}
    if is_empty({**told, **values}, recipe):
        return None, (Reject(reason="empty text", external_id=values.get("id")),)
    return to_found({**told, **values}, recipe, page=link.context.get("url", page), now=now)


def _named(missed: Iterable[str]) -> tuple[str, ...]:
    """Return names of options in the order in which people know them."""
    wanted = set(missed)
    return tuple(name for name in _ORDER if name in wanted)
