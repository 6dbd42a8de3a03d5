"""The frontier: which pages a visit reads, in which order, and what is remembered of them for the next.

Nothing is kept here that the next visit needs: that stands in the pages, which are stored with each batch. A visit
that is cut off anywhere, by its budget, by a host that asks to be left alone or by a crash, leaves its unread pages
`waiting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Final

from crawlers.connector import Reject
from crawlers.memory import Key, Memory, Page
from crawlers.web.absence import Absence
from crawlers.web.asking import Answer, Ask
from crawlers.web.chain import Chain
from crawlers.web.failure import Failure
from crawlers.web.finding import host_of
from crawlers.web.link import Link
from crawlers.web.rhythm import Rhythm
from crawlers.web.shelf import Shelf
from crawlers.web.site import Site
from crawlers.web.stamp import differs, noted

LONGEST_URL: Final = 2_000
LONGEST_CHAIN: Final = 2_000
"""Pages of one list: a calendar that always has a next month ends here."""
GIVEN_UP: Final = 5
"""Failed tries after which a page no longer holds coverage back; it is still tried, ever more rarely."""
GONE: Final = frozenset({404, 410})
START, CHAIN, WAITING, DUE = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A page to be read in this visit, and the list it belongs to or begins.

    `stands_for` is the URL of a list's first page where only its last one is read, as new items stand there.
    """

    link: Link
    depth: int
    chain: Chain
    stands_for: str | None = None


@dataclass(slots=True, kw_only=True)
class Step:
    """What reading one page came to, besides its items."""

    seen: list[Key] = field(default_factory=list)
    deletions: list[Key] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class Frontier:
    """The pages of one visit that began at `now`; `parsed_since` is when the site's options last changed."""

    def __init__(self, site: Site, memory: Memory, *, now: datetime, parsed_since: datetime | None) -> None:
        self._site = site
        self._memory = memory
        self._now = now
        self._parsed_since = parsed_since
        self._manners = site.manners
        self._shelf = Shelf(memory)
        self._rhythm = Rhythm(now=now, recheck=self._manners.recheck, misses=self._manners.misses)
        self._absence = Absence(shelf=self._shelf, sweeps=site.sweeps, misses=self._manners.misses)
        self._tasks: list[tuple[int, float, int, Task]] = []
        self._turns = count()
        self._resumed: set[str] = set()
        self._asked: set[str] = set()
        self._starts = site.start()
        self.hosts: frozenset[str] = frozenset(
            {host_of(link.url) for link in self._starts} | {host_of(f"//{host}") for host in self._manners.hosts}
        )

    # -- what to read ------------------------------------------------------------------------

    def begin(self) -> None:
        """Gather what is to be read: the start pages, then what waits, then what is due."""
        due = self._memory.due(now=self._now, limit=self._manners.pages)
        self._resumed = {page.tail for page in due if not page.root and page.tail}
        self._begin_at_starts()
        for page in due:
            self._shelf.add(page)
            if page.url not in self._asked:
                self._expect_again(page)

    def _begin_at_starts(self) -> None:
        """Expect the start pages, those unread for longest first; where there are many, others come in between."""
        starts = {link.url: link for link in self._starts}
        self._shelf.learn(starts)
        known = {url: self._shelf.get(url) for url in starts}
        read = {url: page.read_at if page else None for url, page in known.items()}
        in_turn = sorted(starts.values(), key=lambda link: (read[link.url] is not None, read[link.url] or self._now))
        most = max(1, self._manners.pages // 2)
        for place, link in enumerate(in_turn):
            self._expect(link, depth=0, order=START if place < most else DUE)

    def next(self) -> Task | None:
        """Return the next page to read; None while there is none."""
        return heappop(self._tasks)[3] if self._tasks else None

    def ask(self, task: Task) -> Ask:
        """Return the request of a task: conditional, where the page was read with the same options before."""
        page = self._shelf[task.link.url]
        earlier = self._parsed_since is not None and page.read_at is not None and page.read_at < self._parsed_since
        if page.read_at is None or earlier:
            return Ask(link=task.link)
        return Ask(link=task.link, etag=page.etag, last_modified=page.last_modified)

    def take_unsaved(self) -> tuple[Page, ...]:
        """Return the pages to be stored with the next batch, each once."""
        return self._shelf.take_unsaved()

    def _expect(self, link: Link, *, depth: int, order: int, by: str | None = None) -> None:
        page = self._shelf.get(link.url)
        if page is None:
            stamp = noted(None, by=by, stamp=link.stamp) if by and link.stamp is not None else None
            page = Page(url=link.url, role=link.role, depth=depth, stamp=stamp, context=dict(link.context))
            page = replace(page, due_at=self._now)
        elif depth == 0:
            tail = page.tail if page.root else None
            page = replace(page, role=link.role, root=True, tail=tail, gone=False, context=dict(link.context))
        self._shelf.keep(page)
        self._push_reading(order, page)

    def _expect_again(self, page: Page) -> None:
        self._push_reading(WAITING if page.waiting else DUE, page)

    def _push_reading(self, order: int, page: Page) -> None:
        task = self._task_of(page)
        # The last page of its list may be asked for already, as it was left unread: then that is the reading.
        if task.stands_for is None or task.link.url not in self._asked:
            self._push(order, task)

    def _task_of(self, page: Page) -> Task:
        """Return the reading of a list's first page, of its last where new items stand there, or of a left page."""
        first = page if page.root else self._shelf.root_of(page)
        full = self._rhythm.is_overdue(first) and not (page.root and page.url in self._resumed)
        searching = page.root and page.waiting and page.stamp is not None and page.read_at is not None
        target = page
        if page.root and page.tail and not full:
            target = self._shelf.recall(page.tail) or page
        whole = page.root and target is page
        chain = Chain(root=first.url, started=self._now, full=full, searching=searching, whole=whole)
        self._asked.add(page.url)
        link = Link(url=target.url, role=page.role, context=page.context)
        return Task(link=link, depth=page.depth, chain=chain, stands_for=None if target is page else page.url)

    def _push(self, order: int, task: Task) -> None:
        task.chain.urls.add(task.link.url)
        self._asked.add(task.link.url)
        read_at = self._shelf[task.link.url].read_at
        unread_since = read_at.timestamp() if order == DUE and read_at else 0.0  # the longest unread comes first
        heappush(self._tasks, (order, unread_since, next(self._turns), task))

    # -- what came of it ---------------------------------------------------------------------

    def extracted(self, task: Task, answer: Answer, keys: Sequence[Key], *, news: bool) -> Step:
        """Take in a page that was read: `keys` are its items, `news` whether any is new or changed."""
        extract = answer.extract
        if extract is None:
            raise ValueError("the answer holds no extract")
        step = Step()
        page = self._shelf[task.link.url]
        before = self._shelf.keys_by(page) if self._site.sweeps else ()
        links = self._usable(extract.links, task, step)
        fresh = self._notice(links, task, step)
        more = self._usable((extract.more,), task, step, deeper=0) if extract.more else ()
        following = more[0] if more else None
        emptied = not keys and not links and (bool(page.keys) or _is_unmarked(page))
        read = replace(
            self._as_read(page, task.link),
            # A page that suddenly shows nothing is read in full until it shows something again: "unchanged" would hide
            # that its site has changed.
            etag=None if emptied else answer.etag,
            last_modified=None if emptied else answer.last_modified,
            keys=tuple(keys),
            links=tuple(link.url for link in links if link.role == "item") if self._site.sweeps else (),
            more=following.url if following else None,
        )
        self._shelf.keep(read)
        self._settle(task)
        chain = task.chain
        chain.oldest_first = extract.oldest_first
        lower = self._absence.compare(chain, before, (*keys, *step.seen))
        chain.searching = chain.searching and not (news or fresh)
        lively = bool(news or fresh or extract.oldest_first or chain.searching)
        empty = not extract.items and not links
        self._go_on(task, None if empty else following, lively=lively, step=step, lower=lower, leftover=page.more)
        if extract.oldest_first and following is None and not empty:
            self._remember_tail(task)
        return step

    def unchanged(self, task: Task) -> Step:
        """Take in a page that has not changed: what stood on it is still there."""
        step = Step()
        page = self._shelf[task.link.url]
        before = self._shelf.keys_by(page)
        step.seen += self._shelf.keys_by(page, gone=False)
        self._shelf.keep(self._as_read(page, task.link))
        self._settle(task)
        lower = self._absence.compare(task.chain, before, step.seen)
        self._go_on(
            task, self._following(page), lively=task.chain.searching, step=step, lower=lower, leftover=page.more
        )
        return step

    def _following(self, page: Page) -> Link | None:
        """Return the link to the next page, as the page gave it when it was read."""
        if page.more is None:
            return None
        known = self._shelf.recall(page.more) or page
        return Link(url=page.more, role=known.role, context=known.context)

    def failed(self, task: Task, failure: Failure) -> Step:
        """Take in a page that could not be read: it is tried again, sooner or later."""
        step = Step()
        page = self._shelf[task.link.url]
        if page.url != task.chain.root and not page.root and failure.status in GONE:
            self._lose_place(task, page, step)
            return step
        early = page.fails > 0 and page.due_at is not None and page.due_at > self._now
        fails = page.fails + (not early)  # start pages are asked for at every visit, but that is no new finding
        gone = failure.status in GONE and fails >= self._manners.misses
        if gone:
            step.deletions += self._shelf.keys_of_list(page)
        due = page.due_at if early and page.due_at else self._now + self._rhythm.pause(failure, fails)
        error = f"{failure.reason}: {failure.detail}"[:500]
        waiting = failure.temporary and fails < GIVEN_UP
        self._shelf.keep(replace(page, fails=fails, error=error, waiting=waiting, gone=gone, due_at=due))
        self._put_off(task, due)
        return step

    def _put_off(self, task: Task, due: datetime) -> None:
        """A list that cannot be read to its end is not begun again before the page that failed is tried again."""
        root = self._shelf.get(task.chain.root)
        if root is not None and task.chain.full and root.url != task.link.url and root.role != "item":
            self._shelf.keep(replace(root, full_at=min(due - self._rhythm.interval(root), self._now)))

    def held(self, task: Task, until: datetime) -> None:
        """Take in that a page was not asked for, because its host asked to be left alone `until` then."""
        page = self._shelf[task.link.url]
        self._shelf.keep(replace(page, due_at=until))

    def _lose_place(self, task: Task, page: Page, step: Step) -> None:
        """A further page of a list is there no more: the list got shorter, and ends before it."""
        root = self._shelf.get(task.chain.root)
        if root is not None and root.tail == page.url:  # where new items stand is found from its first page
            self._shelf.keep(replace(root, tail=None, full_at=None, waiting=True, due_at=self._now))
        task.chain.urls.discard(page.url)
        self._end(task, step, lower=(), leftover=page.url)

    def _settle(self, task: Task) -> None:
        """The last page of a list was read for its first: that one is up to date."""
        if task.stands_for is not None:
            root = self._shelf[task.stands_for]
            self._shelf.keep(self._as_read(root, replace(task.link, url=root.url)))

    def _as_read(self, page: Page, link: Link) -> Page:
        return replace(
            page,
            read_at=self._now,
            waiting=False,
            gone=False,
            fails=0,
            error=None,
            due_at=self._rhythm.due(page, link.role) if page.root else None,
            full_at=page.full_at or self._now if page.role == "item" else page.full_at,
        )

    # -- links -------------------------------------------------------------------------------

    def _usable(self, links: Iterable[Link], task: Task, step: Step, *, deeper: int = 1) -> tuple[Link, ...]:
        """Return the links that may be followed, each once; the others are rejected with a reason."""
        kept: dict[str, Link] = {}
        for link in links:
            reason = self._objection(link, task.depth + deeper)
            if reason is None:
                kept.setdefault(link.url, link)
            else:
                step.rejects.append(Reject(reason=reason, detail=link.url[:500]))
        return tuple(kept.values())

    def _objection(self, link: Link, depth: int) -> str | None:
        if len(link.url) > LONGEST_URL:
            return "address too long"
        if not link.url.startswith(("http://", "https://")):
            return "not http or https"
        if host_of(link.url) not in self.hosts:
            return "another site"
        return "too many links away" if depth > self._manners.depth else None

    def _notice(self, links: Sequence[Link], task: Task, step: Step) -> int:
        """Expect what is new or has changed; return how many. Of the others, what stood on them is still there."""
        self._shelf.learn(link.url for link in links)
        return sum([self._is_fresh(link, task, step) for link in links])

    def _is_fresh(self, link: Link, task: Task, step: Step) -> bool:
        page = self._shelf.get(link.url)
        by = task.chain.root
        if page is None:
            self._expect(link, depth=task.depth + 1, order=WAITING, by=by)
            return True
        if self._site.sweeps and page.role == "item" and not page.gone:
            step.seen += page.keys
        if link.url in self._asked:
            return False
        changed = link.stamp is not None and differs(page.stamp, by=by, stamp=link.stamp)
        if link.stamp is not None:
            self._note(page, noted(page.stamp, by=by, stamp=link.stamp))
        # What was given up is tried again now and then, as long as something leads there.
        again = page.gone and page.root and (page.due_at is None or page.due_at <= self._now)
        if changed or again:
            self._shelf.keep(replace(self._shelf[link.url], waiting=True, due_at=self._now, gone=False))
            self._expect_again(self._shelf[link.url])
        return changed

    def _note(self, page: Page, stamp: str) -> None:
        if stamp != page.stamp:
            self._shelf.keep(replace(page, stamp=stamp))

    # -- lists -------------------------------------------------------------------------------

    def _go_on(
        self,
        task: Task,
        following: Link | None,
        *,
        lively: bool,
        step: Step,
        lower: Sequence[Key],
        leftover: str | None,
    ) -> None:
        """Follow the list to its next page, or end it there; `lower` may stand on that page now."""
        chain = task.chain
        nth = self._shelf[task.link.url].nth + 1
        endless = nth >= LONGEST_CHAIN or len(chain.urls) >= LONGEST_CHAIN
        if following is None or following.url in chain.urls or endless:
            if following is not None and endless:
                step.rejects.append(Reject(reason="list without end", detail=following.url[:500]))
            self._end(task, step, lower=lower, leftover=leftover)
            return
        known = self._shelf.recall(following.url)
        if known is not None and lower:
            known = self._absence.lower(known, lower)
        if following.url in self._asked:
            return  # it begins a list of its own, which is read in this visit anyhow
        if not (chain.full or lively or known is None or known.read_at is None):
            return
        page = known or Page(url=following.url, role=following.role, root=False, depth=task.depth, keys=tuple(lower))
        waiting = lively or page.waiting or page.read_at is None  # else it is read again for its edits alone
        page = replace(page, context=dict(following.context), waiting=waiting, due_at=self._now, gone=False)
        if not page.root:
            page = replace(page, tail=chain.root, nth=nth)
        self._shelf.keep(page)
        self._push(CHAIN if waiting else DUE, Task(link=following, depth=task.depth, chain=chain))

    def _end(self, task: Task, step: Step, *, lower: Sequence[Key], leftover: str | None) -> None:
        """Take in that a list was read to its end: a reading of the whole one tells what is missing."""
        chain = task.chain
        step.deletions += self._absence.end(chain, self._shelf[task.link.url], lower=lower, leftover=leftover)
        root = self._shelf.get(chain.root)
        if root is not None and chain.full and root.role != "item":
            self._shelf.keep(replace(root, full_at=chain.started))

    def _remember_tail(self, task: Task) -> None:
        root = self._shelf.get(task.chain.root)
        if root is not None and root.url != task.link.url:
            self._shelf.keep(replace(root, tail=task.link.url, read_at=self._now))


def _is_unmarked(page: Page) -> bool:
    """Whether the last reading left nothing to ask conditionally with."""
    return page.read_at is not None and page.etag is None and page.last_modified is None
