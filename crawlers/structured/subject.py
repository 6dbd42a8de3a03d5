"""The subject: what a review is about, a product or a branch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from crawlers.structured.node import Node

_NUMBER: Final = re.compile(r"(?<!\d)\d{1,3}(?:[ \u00a0\u202f.,]?\d{3}){0,4}(?!\d)")
_MOST_NAMES: Final = 50
_BUSINESS: Final = re.compile(
    r"localbusiness|.*(?:business|store|shop|restaurant|hotel|station|dealer|office|clinic|branch|establishment|center)"
    r"|bakery|bar(?:orpub)?|pub|brewery|cafe\w*|dentist|pharmacy|hospital|hostel|motel|resort|library|museum|place"
    r"|physician|notary|attorney|electrician|locksmith|plumber|optician|lodging\w*|campground|winery|casino|gym\w*"
    r"|accommodation|apartment|touristattraction|school|bankorcreditunion|automatedteller|medicalorganization"
)
# Companies without a door to walk in are neither a product nor a place.
_COMPANIES: Final = frozenset(
    {"organization", "corporation", "onlinebusiness", "onlinestore", "website", "webpage", "brand", "person", "ngo"}
)
_PAGES: Final = frozenset(
    {"itempage", "productpage", "collectionpage", "aboutpage", "profilepage", "breadcrumblist", "itemlist", "listitem"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is reviewed: a `product`, or a branch: its `place` (name and street) and `region`."""

    product: str | None = None
    place: str | None = None
    region: str | None = None

    @property
    def context(self) -> dict[str, str]:
        """What a link to further reviews says of it."""
        said = {"product": self.product, "place": self.place, "region": self.region}
        return {name: value for name, value in said.items() if value}

    @classmethod
    def of_context(cls, context: Mapping[str, str]) -> Subject:
        """Return what the linking page knew."""
        return cls(product=context.get("product"), place=context.get("place"), region=context.get("region"))


def read_subject(node: Node) -> Subject | None:
    """Return the product or branch that a node describes; None where it describes neither, or does not name it."""
    if is_branch(node):
        place = _place(node)
        return Subject(place=place, region=_region(node)) if place else None
    if node.types & (_COMPANIES | _PAGES):
        return None
    name = node.text("name", "headline") or node.text("sku", "mpn", "productid") or _offered(node)
    return Subject(product=name) if name else None


def is_branch(node: Node) -> bool:
    """Whether it has a door to walk in: a kind of LocalBusiness, or a street in its address."""
    if node.types & {"onlinestore", "onlinebusiness"}:
        return False
    if any(map(_BUSINESS.fullmatch, node.types)):
        return True
    return any(address.text("streetaddress") for address in node.nodes("address"))


def announced(node: Node) -> int | None:
    """Return how many reviews a node says it has."""
    for rating in node.nodes("aggregaterating"):
        for written in rating.texts("reviewcount"):
            if found := _NUMBER.search(written):
                return int(re.sub(r"\D", "", found[0]))
    return None


def names_of(node: Node) -> frozenset[str]:
    """Return the node's own addresses and numbers, the first 50, which some makers give to its reviews too."""
    named = node.texts("url", "sku", "mpn", "productid", "identifier", "gtin", "gtin13", "gtin8")
    return frozenset(filter(None, (node.id, *islice(named, _MOST_NAMES))))


def _place(node: Node) -> str | None:
    parts = [node.text("name", "legalname"), *_address(node)]
    return ", ".join(dict.fromkeys(filter(None, parts))) or None


def _address(node: Node) -> Iterator[str | None]:
    for address in node.nodes("address"):
        yield address.text("streetaddress")
        yield address.text("addresslocality")
        return
    yield node.text("address")


def _region(node: Node) -> str | None:
    return next(
        (
            found
            for address in node.nodes("address")
            if (found := address.text("addressregion", "addresslocality", "addresscountry"))
        ),
        None,
    )


def _offered(node: Node) -> str | None:
    for offer in node.nodes("offers"):
        if name := offer.text("name") or next((item.text("name") for item in offer.nodes("itemoffered")), None):
            return name
    return None
