"""The item: what the selectors say of one part of a page, and the find it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from crawlers.connector import Reject
from crawlers.identity import content_id
from crawlers.markup import strip_markup
from crawlers.mention import Engagement
from crawlers.selecting.recipe import FIELDS, Recipe
from crawlers.selecting.selector import Selector
from crawlers.selecting.sheet import Sheet, parse
from crawlers.selecting.value import Reading, absolute, address, inner, is_element, markup, moment, plain, read_count
from crawlers.web.found import Found
from crawlers.when import When

if TYPE_CHECKING:
    from parsel import Selector as Node

Values = dict[str, str]
"""What was found, as it was found, by the option's name. `span` is a date that was read on another page."""

SPAN: Final = "span"
_HOW: Final[Mapping[str, Reading]] = {
    "text": markup,
    "title": markup,
    "url": address,
    "author_url": address,
    "date": moment,
}
# What a change of is worth reading the item's own page for: counts of likes change all the time.
_TELLING: Final = ("title", "text", "rating", "author")
# A list's word for what its item's page may lack is remembered with the page: an excerpt, not a book.
_MOST_REMEMBERED: Final = 20_000


def values_of(sheet: Sheet, selector: Selector | None, node: Node | None, how: Reading) -> Iterator[str]:
    """Yield what the first way gives that gives anything, as `how` reads it, blanks left out."""
    for way in selector.ways if selector else ():
        found = [way.finish(how(piece)) for piece in sheet.follow(way, node)]
        values = [value.strip() for value in found if value and value.strip()]
        if values:
            yield from values
            return


def value_of(sheet: Sheet, selector: Selector | None, node: Node | None, how: Reading = plain) -> str | None:
    """Return the first of `values_of`; None without any."""
    return next(values_of(sheet, selector, node, how), None)


def gather(sheet: Sheet, node: Node, recipe: Recipe, found: Counter[str]) -> Values:
    """Return what the selectors find in `node`, counting it in `found` by the options' names.

    What is to be dropped is taken out of the page last, before the text is read.
    """
    values = {}
    for name in FIELDS:
        value = (
            _text(sheet, node, recipe, found)
            if name == "text"
            else value_of(sheet, recipe.get(name), node, _HOW.get(name, plain))
        )
        if value and name in ("url", "author_url"):
            value = absolute(sheet.base, value, without=recipe.without)
        if value:
            values[name] = value
            found[name] += 1
    return values


def _text(sheet: Sheet, node: Node, recipe: Recipe, found: Counter[str]) -> str:
    """Return all that the text's selector finds: some sites keep what was good and what was bad apart."""
    if is_element(node):
        found["drop"] += drop(sheet, node, recipe)
    selector = recipe.get("text")
    for way in selector.ways if selector else ():
        pieces = _outermost(sheet.follow(way, node))
        texts = [text for piece in pieces if (text := way.finish(markup(piece))) and strip_markup(text).strip()]
        if texts:
            text = ("<br>" if any("<" in each for each in texts) else "\n").join(texts)
            return text if is_element(node) else _without(sheet, text, recipe, found)
    return ""


def _outermost(pieces: list[Node]) -> list[Node]:
    """Return the pieces that lie in none of the others: nothing is to be said twice."""
    elements = {piece.root for piece in pieces if is_element(piece)}
    return [
        piece
        for piece in pieces
        if not is_element(piece) or not any(each in elements for each in piece.root.iterancestors())
    ]


def drop(sheet: Sheet, node: Node, recipe: Recipe) -> int:
    """Take out of the page what lies in `node` and is none of its text; return how many parts that were."""
    dropped = 0
    for selector in recipe.drop:
        for piece in sheet.find(selector, node):
            if is_element(piece) and piece.root is not node.root and piece.root.getparent() is not None:
                piece.drop()
                dropped += 1
    return dropped


def _without(sheet: Sheet, text: str, recipe: Recipe, found: Counter[str]) -> str:
    """Return an HTML text that came in JSON without what is to be dropped."""
    if not recipe.drop or "<" not in text:
        return text
    (body,) = parse(f"<body>{text}</body>").xpath("/html/body")
    found["drop"] += drop(sheet, body, recipe)
    return inner(body)


def is_empty(values: Values, recipe: Recipe) -> bool:
    """Whether nothing is said: a title counts only where it is the item's own."""
    title = recipe.get("title")
    own_title = values.get("title", "") if title and not title.whole_page else ""
    return not strip_markup(values.get("text", "") or own_title).strip()


def when_of(values: Values, recipe: Recipe, now: datetime) -> When | None:
    """Return the date of an item; None where there is none, or none that can be read."""
    from crawlers.date import read_date

    found = None
    if "date" in values:
        found = read_date(
            values["date"], now=now, zone=recipe.zone, languages=recipe.languages, order=recipe.date_order
        )
    return found or _read_span(values.get(SPAN))


def to_found(values: Values, recipe: Recipe, *, page: str, now: datetime) -> tuple[Found, tuple[Reject, ...]]:
    """Return the find that `values` make, and which of them could not be read; `page` is its address by default."""
    from crawlers.rating import read_rating

    given = values.get("rating")
    found = Found(
        text=values.get("text", ""),
        id=values.get("id"),
        url=values.get("url", page),
        own_url="url" in values,
        title=values.get("title"),
        author=values.get("author"),
        author_url=values.get("author_url"),
        published=when_of(values, recipe, now),
        rating=read_rating(given, best=values.get("best", recipe.best)) if given else None,
        product=values.get("product"),
        place=values.get("place"),
        parent=values.get("parent"),
        engagement=Engagement(likes=read_count(values.get("likes", "")), replies=read_count(values.get("replies", ""))),
    )
    unread = {"date": found.published, "rating": found.rating}
    return found, tuple(
        Reject(reason=f"unreadable {name}", detail=values[name][:200], external_id=found.id)
        for name, value in unread.items()
        if name in values and value is None
    )


def remembered(values: Values, recipe: Recipe, now: datetime) -> Values:
    """Return `values` as a link to the item's own page carries them: the date as what it meant when it was read."""
    published = when_of(values, recipe, now)
    kept = {name: value[:_MOST_REMEMBERED] for name, value in values.items() if name not in ("date", SPAN)}
    return kept | ({SPAN: _written_span(published)} if published else {})


def stamp_of(values: Values, recipe: Recipe, now: datetime) -> str | None:
    """Return what changes when the item is edited, as far as its list shows it; None where it shows nothing."""
    published = when_of(values, recipe, now)
    when = published.since.isoformat() if published and not published.relative else ""
    telling = [values.get(name, "") for name in _TELLING]
    return content_id(when, *telling) if when or any(telling) else None


def _written_span(when: When) -> str:
    return f"{when.since.isoformat()}/{when.until.isoformat()}{'/relative' if when.relative else ''}"


def _read_span(text: str | None) -> When | None:
    if not text:
        return None
    since, until, *relative = text.split("/")
    return When(since=datetime.fromisoformat(since), until=datetime.fromisoformat(until), relative=bool(relative))
