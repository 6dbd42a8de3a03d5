"""A page's reviews and comments, from all its markup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from crawlers.connector import Reject
from crawlers.structured.doubles import without_doubles
from crawlers.structured.identity import Name, read_name
from crawlers.structured.jsonld import read_json_ld
from crawlers.structured.microdata import read_microdata
from crawlers.structured.node import Node, Syntax
from crawlers.structured.rdfa import read_rdfa
from crawlers.structured.review import BODIES, Reading, has_content, to_found
from crawlers.structured.subject import Subject, announced, is_branch, names_of, read_subject
from crawlers.web.document import Document
from crawlers.web.found import Found

Kind = Literal["review", "comment", "post"]
"""`review`: a review of something; `comment`: one on an article, a post or a review; `post`: the first of a thread."""

TYPES: Final[dict[Kind, frozenset[str]]] = {
    "review": frozenset({"review", "userreview", "criticreview", "employerreview"}),
    "comment": frozenset({"comment", "usercomments"}),
    "post": frozenset({"discussionforumposting"}),
}
MAX_TEXTS: Final = 10_000_000
"""Characters of all texts of a page's items: more than any page holds whose texts stand on it once."""
_HOLDING: Final = ("review", "reviews", "associatedreview")
_ANSWERED: Final = ("comment", "comments")
_ANSWERING: Final = TYPES["comment"] | TYPES["post"]
_PRODUCTS: Final = frozenset({"product", "productgroup", "productmodel", "individualproduct", "service"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What a page's markup says. `announced` is how many reviews it claims that its subject has; `subject` what the
    whole page is about, where that is clear."""

    items: tuple[Found, ...] = ()
    rejects: tuple[Reject, ...] = ()
    subject: Subject | None = None
    announced: int | None = None


def read_markup(
    document: Document, reading: Reading, *, kinds: Sequence[Kind] = ("review",), known: Subject | None = None
) -> Markup:
    """Return a page's items of these `kinds`, each once, in the order of the page. Raises nothing for its faults.

    `known` is what the linking page said of the subject, for pages that do not say it. Nothing is ever fetched.
    """
    nodes: list[Node] = []
    rejects: list[Reject] = []
    for read in (read_json_ld, read_microdata, read_rdfa):
        some, faults = read(document)
        nodes.extend(some)
        rejects.extend(faults)
    page = _Page(nodes, document.url, reading, known)
    found, fault = _bounded(page.items(kinds), document.url)
    rejects += [fault] if fault else []
    items = without_doubles(found)
    return Markup(items=items, rejects=tuple(rejects), subject=page.subject, announced=page.announced)


def _bounded(items: Iterator[tuple[Syntax, Found]], url: str) -> tuple[list[tuple[Syntax, Found]], Reject | None]:
    """Return the items until their texts come to MAX_TEXTS, and a Reject where they do: thousands of reviews that all
    refer to one long text would be gigabytes."""
    kept: list[tuple[Syntax, Found]] = []
    left = MAX_TEXTS
    for syntax, found in items:
        left -= len(found.text) + len(found.title or "")
        if left < 0:
            detail = f"{url}: {len(kept):,} items were read; the texts of all have over {MAX_TEXTS:,} characters"
            return kept, Reject(reason="too large a page", detail=detail)
        kept.append((syntax, found))
    return kept, None


class _Page:
    """The nodes of one page, and what they are to one another."""

    def __init__(self, nodes: list[Node], url: str, reading: Reading, known: Subject | None) -> None:
        self._nodes = nodes
        self._url = url
        self._reading = reading
        self._about: dict[Node, Node] = {}
        self._parents: dict[Node, Node] = {}
        self._subjects: dict[Node, Subject | None] = {}
        self._relate()
        self.subject = self._main() or known

    def _relate(self) -> None:
        """Note of each review what it is about, said from either side, and of each comment what it answers."""
        for node in self._nodes:
            for review in node.nodes(*_HOLDING):
                self._about.setdefault(review, node)
                review.types = review.types or frozenset({"review"})
            for comment in node.nodes(*_ANSWERED):
                self._parents.setdefault(comment, node)
        for node in self._nodes:
            for subject in node.nodes("itemreviewed", "about"):
                if "aggregaterating" in node.types:
                    subject.values.setdefault("aggregaterating", [node])
                elif self._subject(subject) is not None or node not in self._about:
                    self._about[node] = subject

    def _subject(self, node: Node) -> Subject | None:
        if node not in self._subjects:
            self._subjects[node] = read_subject(node)
        return self._subjects[node]

    def _main(self) -> Subject | None:
        """Return what the page is about: what all its reviews are about, else its only rated thing, else its only
        product."""
        reviewed = [node for node in self._about.values() if node.types.isdisjoint(_ANSWERING)]
        rated = [node for node in self._nodes if "aggregaterating" in node.values]
        products = [node for node in self._nodes if node.types & _PRODUCTS or is_branch(node)]
        for group in (reviewed, rated, products):
            subjects = set(filter(None, map(self._subject, group)))
            if len(subjects) == 1:
                return subjects.pop()
            if subjects:
                return None
        return None

    @property
    def announced(self) -> int | None:
        """How many reviews the page says there are of its subject; None where it is about several, or does not say."""
        counts = {
            count
            for node in self._nodes
            if (count := announced(node)) is not None and self.subject == self._subject(node)
        }
        counts |= {count for node in dict.fromkeys(self._about.values()) if (count := announced(node)) is not None}
        return counts.pop() if len(counts) == 1 else None

    def items(self, kinds: Sequence[Kind]) -> Iterator[tuple[Syntax, Found]]:
        """Yield the items with their syntax; those that the end of the page cut off are left out."""
        types = frozenset[str]().union(*(TYPES[kind] for kind in kinds))
        nodes = [
            node for node in dict.fromkeys(self._nodes) if node.types & types and not node.cut and has_content(node)
        ]
        names = self._names(nodes)
        for node in nodes:
            parent = self._parents.get(node)
            yield (
                node.syntax,
                to_found(
                    node,
                    names[node],
                    self._subject_of(node),
                    self._url,
                    self._reading,
                    parent=names[parent].id if parent in names else None,
                ),
            )

    def _subject_of(self, node: Node) -> Subject:
        about = self._about.get(node)
        own = self._subject(about) if about is not None else None
        if own is None and about is None and (named := node.text("itemreviewed")):
            own = Subject(product=named)
        return own or self.subject or Subject()

    def _names(self, nodes: list[Node]) -> dict[Node, Name]:
        """Return what the site calls each item; a name that two different items of one syntax bear is none."""
        names = {node: read_name(node, self._url, self._others(node)) for node in nodes}
        bearers: dict[tuple[str, str | None], set[tuple[str | None, str | None]]] = defaultdict(set)
        for node, name in names.items():
            for each in (name.id, name.url):
                bearers[node.syntax, each].add((node.text("author"), node.text(*BODIES)))
        shared = {key for key, items in bearers.items() if len(items) > 1}
        return {
            node: Name(
                id=None if (node.syntax, name.id) in shared else name.id,
                url=None if (node.syntax, name.url) in shared else name.url,
                own_url=name.own_url and (node.syntax, name.url) not in shared,
            )
            for node, name in names.items()
        }

    def _others(self, node: Node) -> frozenset[str]:
        about = self._about.get(node)
        return names_of(about) if about is not None else frozenset()
