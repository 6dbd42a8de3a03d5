"""The review: a node of that type, made a find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from itertools import islice
from typing import Final, Literal

from crawlers.cleaning import clean_line, clean_text
from crawlers.mention import Engagement
from crawlers.rating import Rating
from crawlers.structured.identity import Name
from crawlers.structured.microdata import stars
from crawlers.structured.node import Node, absolute
from crawlers.structured.subject import Subject
from crawlers.web.found import Found
from crawlers.when import When

BODIES: Final = ("reviewbody", "description", "text", "articlebody", "comment_text", "abstract")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?=[-_]|$)")
_COUNT: Final = re.compile(r"\d{1,12}")
_STARRED: Final = "descendant-or-self::*[contains(@class, 'star') or contains(@class, 'rating')]"
_INITIAL: Final = re.compile(r"https?://")
_MOST_TRIED: Final = 20  # values of one rating, kinds of one counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How values are to be understood. `now` is the moment of reading; `best` the best rating where a page names none;
    `zone` an IANA name; `languages` those of its dates; `order` that of day and month where it is not clear."""

    now: datetime
    zone: str = "UTC"
    languages: tuple[str, ...] = ()
    order: Literal["dmy", "mdy", "ymd"] | None = None
    best: float | None = None


def to_found(node: Node, name: Name, subject: Subject, page: str, reading: Reading, parent: str | None = None) -> Found:
    """Return the find that a review or comment is, as it stands on `page`."""
    text = _text(node)
    author, author_url = _author(node, page)
    return Found(
        text=text,
        id=name.id,
        url=name.url or page,
        own_url=name.own_url,
        title=_title(node, text, subject, author),
        author=author,
        author_url=author_url,
        published=_published(node, reading),
        rating=read_rating_of(node, reading),
        product=subject.product,
        place=subject.place,
        region=subject.region,
        language=_language(node),
        parent=parent,
        engagement=_engagement(node),
    )


def _text(node: Node) -> str:
    """Return the text with the notes on what is good and bad below it, as HTML."""
    return "\n".join(filter(None, (_html(node, node.text(*BODIES)), *_notes(node))))


def _notes(node: Node) -> Iterator[str]:
    for sign, names in (("+", ("positivenotes", "pros")), ("\u2212", ("negativenotes", "cons"))):
        for value in (each for name in names for each in node.values.get(name, ())):
            for note in _listed(value):
                yield f"{sign} {_html(node, note)}"


def _listed(value: str | Node) -> Iterator[str]:
    """Yield the entries of a list, which may be a thing of its own, with things in it."""
    if isinstance(value, str):
        yield from (line.strip() for line in value.splitlines() if line.strip())
    elif "itemlistelement" in value.values:
        yield from value.texts("itemlistelement")
    elif (name := value.text("name", "item", "text")) is not None:
        yield name


def _html(node: Node, text: str | None) -> str:
    """Return `text` as HTML: in JSON-LD it is that, or reads the same; elsewhere it is what people see."""
    return text if node.syntax == "JSON-LD" and text else escape(text or "", quote=False)


def _title(node: Node, text: str, subject: Subject, author: str | None) -> str | None:
    """Return the title, where it is more than the product's name, the author's, or how the text begins."""
    title = _html(node, node.text("name", "headline", "summary"))
    plain = clean_line(title, 1_000)
    taken = {clean_line(each or "", 1_000).casefold() for each in (subject.product, subject.place, author)}
    if not plain or plain.casefold() in taken:
        return None
    begins = clean_line(text[: 4 * len(title) + 200], 2_000)
    return None if begins.startswith(plain.rstrip("….")) else title


def _author(node: Node, page: str) -> tuple[str | None, str | None]:
    """Return the author's name, and the address of their page."""
    for name in ("author", "creator", "reviewer", "publisher"):
        for value in node.values.get(name, ()):
            written = value if isinstance(value, str) else value.text("name", "alternatename") or _full_name(value)
            plain = clean_line(unescape(written or "") if node.syntax == "JSON-LD" else _html(node, written), 200)
            if plain and not _INITIAL.match(plain):
                return plain, None if isinstance(value, str) else absolute(page, value.text("url", "sameas"))
    return None, None


def _full_name(person: Node) -> str:
    return " ".join(filter(None, (person.text("givenname"), person.text("familyname"))))


def _published(node: Node, reading: Reading) -> When | None:
    from crawlers.date import read_date

    for written in node.texts("datepublished", "datecreated", "uploaddate", "dtreviewed", "datemodified"):
        found = read_date(
            clean_line(written, 300),
            now=reading.now,
            zone=reading.zone,
            languages=reading.languages,
            order=reading.order,
        )
        if found is not None:
            return found
    return None


def read_rating_of(node: Node, reading: Reading) -> Rating | None:
    """Return the rating as a whole; those of single aspects only where there is no other."""
    from crawlers.rating import read_rating

    for given, best, worst in _ratings(node):
        default = None if reading.best is None else f"{reading.best:g}"
        if (found := read_rating(given, best=best or default, worst=worst)) is not None:
            return found
    return None


def _ratings(node: Node) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield what may be the rating, with the best and the worst there is, the likeliest first."""
    things = sorted(node.nodes("reviewrating", "rating"), key=lambda rating: "reviewaspect" in rating.values)
    for rating in things:
        best, worst = rating.text("bestrating", "best"), rating.text("worstrating", "worst")
        for given in (*islice(rating.texts("ratingvalue", "value", "name"), _MOST_TRIED), *_starred(rating)):
            yield given, best, worst
    for value in (*node.values.get("reviewrating", ()), *node.values.get("rating", ()), *_direct(node)):
        if isinstance(value, str):
            yield value, node.text("bestrating"), node.text("worstrating")
    if not things:
        for given in _starred(node):
            yield given, None, None


def _direct(node: Node) -> list[str | Node]:
    return node.values.get("ratingvalue", [])


def _starred(node: Node) -> Iterator[str]:
    """Yield what elements that look like stars say without words."""
    if node.element is not None:
        for element in node.element.xpath(_STARRED)[:5]:
            if (shown := stars(element)) is not None:
                yield shown


def _language(node: Node) -> str | None:
    for value in node.values.get("inlanguage", ()):
        written = value if isinstance(value, str) else value.text("alternatename", "identifier") or ""
        if found := _LANGUAGE.match(written.strip().lower()):
            return found[0]
    return None


def _engagement(node: Node) -> Engagement:
    likes = _count(node.text("upvotecount", "likecount"))
    for counter in node.nodes("interactionstatistic"):
        kind = (counter.text("interactiontype") or "").lower() + "".join(
            kind for each in islice(counter.nodes("interactiontype"), _MOST_TRIED) for kind in each.types
        )
        if likes is None and ("likeaction" in kind and "dislike" not in kind):
            likes = _count(counter.text("userinteractioncount"))
    return Engagement(likes=likes, replies=_count(node.text("commentcount")))


def _count(written: str | None) -> int | None:
    found = _COUNT.fullmatch(written.strip()) if written else None
    return int(found[0]) if found else None


def has_content(node: Node) -> bool:
    """Whether a node says anything of a review: some are mere mentions of one that stands elsewhere."""
    return node.text(*BODIES, "name", "headline", "summary") is not None or bool(
        node.values.keys() & {"reviewrating", "rating", "author", "positivenotes", "negativenotes"}
    )


def plain_text(found: Found) -> str:
    """Return the text by which two readings of one review are told: letters and digits only, in small letters."""
    return re.sub(r"\W+", "", clean_text(found.text)).casefold()
