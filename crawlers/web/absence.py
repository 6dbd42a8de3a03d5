"""The absence: what readings of a list did not show any more, and when that means that it is gone.

Partial readings only raise a suspicion, which is remembered at the list's first page; complete ones count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawlers.memory import Key, Page
from crawlers.web.chain import Chain, merged, still_missing, suspect
from crawlers.web.chain import count as count_missing
from crawlers.web.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Counts absences in the lists of a site. `sweeps` is the site's; `misses` make an item gone."""

    shelf: Shelf
    sweeps: bool
    misses: int

    def compare(self, chain: Chain, before: Sequence[Key], now: Sequence[Key]) -> Sequence[Key]:
        """Compare what stood on a page with what stands there: return what may stand on the next page now.

        What surely is missing is remembered at the list's first page, as its own page forgets it now.
        """
        chain.note(before=before, now=now)
        root = self.shelf.get(chain.root)
        if root is None or not self.sweeps:
            return ()
        lost, lower = chain.lost(before)
        missing = suspect(still_missing(root.missing, now), lost)
        if missing != root.missing:
            self.shelf.keep(replace(root, missing=missing))
        return lower

    def lower(self, page: Page, keys: Sequence[Key]) -> Page:
        """Remember of a page what may stand there now; it is to be shown, whatever its server says of changes."""
        page = replace(page, keys=merged(keys, page.keys), etag=None, last_modified=None)
        self.shelf.keep(page)
        return page

    def end(self, chain: Chain, page: Page, *, lower: Sequence[Key], leftover: str | None) -> tuple[Key, ...]:
        """Take in that a list was read to its end, which is `page`; return what is gone.

        `lower` was pushed off that page; `leftover` was the next one when the list was longer.
        """
        left = self._leave(chain, leftover)
        if not self.sweeps:
            return ()
        if chain.whole:
            return self._count(chain, left)
        self._suspect(chain, self.shelf[page.url], (*lower, *left))
        return ()

    def _count(self, chain: Chain, left: Sequence[Key]) -> tuple[Key, ...]:
        root = self.shelf.get(chain.root)
        if root is None:
            return ()
        chain.note(before=left, now=())
        absent = chain.absent(root.missing, size=root.size)
        if not chain.full:
            self.shelf.keep(replace(root, missing=suspect(root.missing, absent)))
            return ()
        missing, gone = count_missing(root.missing, absent, self.misses)
        self.shelf.keep(replace(root, missing=missing, size=len(chain.seen)))
        return tuple(gone)

    def _suspect(self, chain: Chain, page: Page, keys: Sequence[Key]) -> None:
        """What the end of a list showed no more, where its beginning was not read: the whole list will tell."""
        root = self.shelf.get(chain.root)
        if not keys:
            return
        if not (chain.oldest_first or page.gone):
            self.lower(replace(page, keys=()), (*page.keys, *keys))
        elif root is not None:
            self.shelf.keep(replace(root, missing=suspect(root.missing, keys)))

    def _leave(self, chain: Chain, url: str | None) -> list[Key]:
        """A list that got shorter has pages no more: return what stood on them."""
        left: list[Key] = []
        while url is not None and url not in chain.urls:
            page = self.shelf.recall(url)
            if page is None or page.root or page.gone:
                break
            chain.urls.add(url)
            left += page.keys
            self.shelf.keep(replace(page, gone=True, waiting=False, due_at=None))
            url = page.more
        return left
