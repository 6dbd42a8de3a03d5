"""The frontier: which pages a visit reads, in which order, and what is remembered of them for the next.

Nothing is kept here that the next visit needs: that stands in the pages, which are stored with each batch. A visit
that is cut off anywhere, by its budget, by a host that asks to be left alone or by a crash, leaves its unread pages
`waiting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final

from crawlers.connector import Reject
from crawlers.memory import Key, Memory, Page
from crawlers.web.asking import Answer, Ask
from crawlers.web.chain import Chain, merged, still_missing, suspect
from crawlers.web.chain import count as count_missing
from crawlers.web.failure import Failure
from crawlers.web.finding import host_of
from crawlers.web.link import Link
from crawlers.web.site import Site
from crawlers.web.stamp import differs, noted

LONGEST_URL: Final = 2_000
LONGEST_CHAIN: Final = 2_000
"""Pages of one list: a calendar that always has a next month ends here."""
GIVEN_UP: Final = 5
"""Failed tries after which a page no longer holds coverage back; it is still tried, ever more rarely."""
FRESH: Final = timedelta(days=7)
"""How long a page with one item is looked at again: edits and comments come early."""
RAREST: Final = timedelta(days=30)
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
        self._pages: dict[str, Page] = {}
        self._unsaved: dict[str, Page] = {}
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
            self._pages.setdefault(page.url, page)
            if page.url not in self._asked:
                self._expect_again(page)

    def _begin_at_starts(self) -> None:
        """Expect the start pages, those unread for longest first; where there are many, others come in between."""
        starts = {link.url: link for link in self._starts}
        self._learn(starts)
        read = {url: self._pages[url].read_at if url in self._pages else None for url in starts}
        in_turn = sorted(starts.values(), key=lambda link: (read[link.url] is not None, read[link.url] or self._now))
        most = max(1, self._manners.pages // 2)
        for place, link in enumerate(in_turn):
            self._expect(link, depth=0, order=START if place < most else DUE)

    def next(self) -> Task | None:
        """Return the next page to read; None while there is none."""
        return heappop(self._tasks)[3] if self._tasks else None

    def ask(self, task: Task) -> Ask:
        """Return the request of a task: conditional, where the page was read with the same options before."""
        page = self._pages[task.link.url]
        earlier = self._parsed_since is not None and page.read_at is not None and page.read_at < self._parsed_since
        if page.read_at is None or earlier:
            return Ask(link=task.link)
        return Ask(link=task.link, etag=page.etag, last_modified=page.last_modified)

    def take_unsaved(self) -> tuple[Page, ...]:
        """Return the pages to be stored with the next batch, each once."""
        pages, self._unsaved = tuple(self._unsaved.values()), {}
        return pages

    def _expect(self, link: Link, *, depth: int, order: int, by: str | None = None) -> None:
        page = self._pages.get(link.url)
        if page is None:
            stamp = noted(None, by=by, stamp=link.stamp) if by and link.stamp is not None else None
            page = Page(url=link.url, role=link.role, depth=depth, stamp=stamp, context=dict(link.context))
            page = replace(page, due_at=self._now)
        elif depth == 0:
            tail = page.tail if page.root else None
            page = replace(page, role=link.role, root=True, tail=tail, gone=False, context=dict(link.context))
        self._keep(page)
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
        first = page if page.root else self._root_of(page)
        full = self._is_overdue(first) and not (page.root and page.url in self._resumed)
        searching = page.root and page.waiting and page.stamp is not None and page.read_at is not None
        target = page
        if page.root and page.tail and not full:
            self._learn([page.tail])
            target = self._pages.get(page.tail, page)
        whole = page.root and target is page
        chain = Chain(root=first.url, started=self._now, full=full, searching=searching, whole=whole)
        self._asked.add(page.url)
        link = Link(url=target.url, role=page.role, context=page.context)
        return Task(link=link, depth=page.depth, chain=chain, stands_for=None if target is page else page.url)

    def _is_overdue(self, page: Page) -> bool:
        return page.role == "item" or page.full_at is None or self._now - page.full_at >= self._interval(page)

    def _root_of(self, page: Page) -> Page:
        if page.tail is None:
            return page
        self._learn([page.tail])
        return self._pages.get(page.tail, page)

    def _interval(self, page: Page) -> timedelta:
        """How long a list need not be read in full: ever longer for threads that nobody answers any more."""
        if page.stamp is None or page.read_at is None or page.full_at is None:
            return self._manners.recheck
        return min(max(self._manners.recheck, (self._now - page.read_at)), RAREST)

    def _push(self, order: int, task: Task) -> None:
        task.chain.urls.add(task.link.url)
        self._asked.add(task.link.url)
        read_at = self._pages[task.link.url].read_at
        unread_since = read_at.timestamp() if order == DUE and read_at else 0.0  # the longest unread comes first
        heappush(self._tasks, (order, unread_since, next(self._turns), task))

    # -- what came of it ---------------------------------------------------------------------

    def extracted(self, task: Task, answer: Answer, keys: Sequence[Key], *, news: bool) -> Step:
        """Take in a page that was read: `keys` are its items, `news` whether any is new or changed."""
        extract = answer.extract
        if extract is None:
            raise ValueError("the answer holds no extract")
        step = Step()
        page = self._pages[task.link.url]
        before = self._keys_by(page) if self._site.sweeps else ()
        links = self._usable(extract.links, task, step)
        fresh = self._notice(links, task, step)
        more = self._usable((extract.more,), task, step, deeper=0) if extract.more else ()
        following = more[0] if more else None
        read = replace(
            self._as_read(page, task.link),
            etag=answer.etag,
            last_modified=answer.last_modified,
            keys=tuple(keys),
            links=tuple(link.url for link in links if link.role == "item") if self._site.sweeps else (),
            more=following.url if following else None,
        )
        self._keep(read)
        self._settle(task)
        chain = task.chain
        chain.oldest_first = extract.oldest_first
        lower = self._account(chain, before, (*keys, *step.seen))
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
        page = self._pages[task.link.url]
        before = self._keys_by(page)
        step.seen += self._keys_by(page, gone=False)
        self._keep(self._as_read(page, task.link))
        self._settle(task)
        lower = self._account(task.chain, before, step.seen)
        self._go_on(
            task, self._following(page), lively=task.chain.searching, step=step, lower=lower, leftover=page.more
        )
        return step

    def _following(self, page: Page) -> Link | None:
        """Return the link to the next page, as the page gave it when it was read."""
        if page.more is None:
            return None
        self._learn([page.more])
        known = self._pages.get(page.more, page)
        return Link(url=page.more, role=known.role, context=known.context)

    def failed(self, task: Task, failure: Failure) -> Step:
        """Take in a page that could not be read: it is tried again, sooner or later."""
        step = Step()
        page = self._pages[task.link.url]
        if page.url != task.chain.root and not page.root and failure.status in GONE:
            self._lose_place(task, page, step)
            return step
        early = page.fails > 0 and page.due_at is not None and page.due_at > self._now
        fails = page.fails + (not early)  # start pages are asked for at every visit, but that is no new finding
        gone = failure.status in GONE and fails >= self._manners.misses
        if gone:
            step.deletions += self._keys_of_list(page)
        due = page.due_at if early and page.due_at else self._now + self._pause(failure, fails)
        error = f"{failure.reason}: {failure.detail}"[:500]
        waiting = failure.temporary and fails < GIVEN_UP
        self._keep(replace(page, fails=fails, error=error, waiting=waiting, gone=gone, due_at=due))
        self._put_off(task, due)
        return step

    def _pause(self, failure: Failure, fails: int) -> timedelta:
        """How long a page that failed so often in a row is not tried again."""
        if failure.temporary:
            return failure.retry_after or min(timedelta(minutes=2) * 2 ** min(fails, 12), self._manners.recheck)
        more: int = 2 ** min(max(fails - self._manners.misses, 0), 12)
        return min(self._manners.recheck * more, max(RAREST, self._manners.recheck))

    def _put_off(self, task: Task, due: datetime) -> None:
        """A list that cannot be read to its end is not begun again before the page that failed is tried again."""
        root = self._pages.get(task.chain.root)
        if root is not None and task.chain.full and root.url != task.link.url and root.role != "item":
            self._keep(replace(root, full_at=min(due - self._interval(root), self._now)))

    def held(self, task: Task, until: datetime) -> None:
        """Take in that a page was not asked for, because its host asked to be left alone `until` then."""
        page = self._pages[task.link.url]
        self._keep(replace(page, due_at=until))

    def _lose_place(self, task: Task, page: Page, step: Step) -> None:
        """A further page of a list is there no more: the list got shorter, and ends before it."""
        root = self._pages.get(task.chain.root)
        if root is not None and root.tail == page.url:  # where new items stand is found from its first page
            self._keep(replace(root, tail=None, full_at=None, waiting=True, due_at=self._now))
        task.chain.urls.discard(page.url)
        self._end(task, step, lower=(), leftover=page.url)

    def _settle(self, task: Task) -> None:
        """The last page of a list was read for its first: that one is up to date."""
        if task.stands_for is not None:
            root = self._pages[task.stands_for]
            self._keep(self._as_read(root, replace(task.link, url=root.url)))

    def _account(self, chain: Chain, before: Sequence[Key], now: Sequence[Key]) -> Sequence[Key]:
        """Compare what stood on a page with what stands there: return what may stand on the next page now.

        What surely is missing is remembered at the list's first page, as its own page forgets it now.
        """
        chain.note(before=before, now=now)
        root = self._pages.get(chain.root)
        if root is None or not self._site.sweeps:
            return ()
        lost, lower = chain.lost(before)
        missing = suspect(still_missing(root.missing, now), lost)
        if missing != root.missing:
            self._keep(replace(root, missing=missing))
        return lower

    def _keys_by(self, page: Page, *, gone: bool = True) -> tuple[Key, ...]:
        """Return the items that stood on a page or on pages of one item that it led to, with those given up or not."""
        self._learn(page.links)
        linked = (self._pages[url] for url in page.links if url in self._pages)
        here = (other for other in linked if other.role == "item" and (gone or not other.gone))
        return tuple(dict.fromkeys((*page.keys, *(key for other in here for key in other.keys))))

    def _keys_of_list(self, page: Page) -> list[Key]:
        keys, passed = list(page.keys), {page.url}
        while page.more is not None and page.more not in passed:
            passed.add(page.more)
            self._learn([page.more])
            if page.more not in self._pages:
                break
            page = self._pages[page.more]
            keys += page.keys
        return keys

    def _as_read(self, page: Page, link: Link) -> Page:
        return replace(
            page,
            read_at=self._now,
            waiting=False,
            gone=False,
            fails=0,
            error=None,
            due_at=self._due(page, link) if page.root else None,
            full_at=page.full_at or self._now if page.role == "item" else page.full_at,
        )

    def _due(self, page: Page, link: Link) -> datetime | None:
        """When a page that was read now is read again by itself."""
        if link.role == "item":
            known_since = page.full_at or self._now
            return self._now + self._manners.recheck if self._now - known_since < FRESH else None
        if page.stamp is None:
            return self._now
        quiet = self._now - page.read_at if page.read_at else timedelta(0)
        return self._now + min(max(self._manners.recheck, 2 * quiet), RAREST)

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
        self._learn(link.url for link in links)
        return sum([self._is_fresh(link, task, step) for link in links])

    def _is_fresh(self, link: Link, task: Task, step: Step) -> bool:
        page = self._pages.get(link.url)
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
            self._keep(replace(self._pages[link.url], waiting=True, due_at=self._now, gone=False))
            self._expect_again(self._pages[link.url])
        return changed

    def _note(self, page: Page, stamp: str) -> None:
        if stamp != page.stamp:
            self._keep(replace(page, stamp=stamp))

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
        nth = self._pages[task.link.url].nth + 1
        endless = nth >= LONGEST_CHAIN or len(chain.urls) >= LONGEST_CHAIN
        if following is None or following.url in chain.urls or endless:
            if following is not None and endless:
                step.rejects.append(Reject(reason="list without end", detail=following.url[:500]))
            self._end(task, step, lower=lower, leftover=leftover)
            return
        self._learn([following.url])
        known = self._pages.get(following.url)
        if known is not None and lower:
            known = self._with_lower(known, lower)
        if following.url in self._asked:
            return  # it begins a list of its own, which is read in this visit anyhow
        if not (chain.full or lively or known is None or known.read_at is None):
            return
        page = known or Page(url=following.url, role=following.role, root=False, depth=task.depth, keys=tuple(lower))
        waiting = lively or page.waiting or page.read_at is None  # else it is read again for its edits alone
        page = replace(page, context=dict(following.context), waiting=waiting, due_at=self._now, gone=False)
        if not page.root:
            page = replace(page, tail=chain.root, nth=nth)
        self._keep(page)
        self._push(CHAIN if waiting else DUE, Task(link=following, depth=task.depth, chain=chain))

    def _with_lower(self, page: Page, keys: Sequence[Key]) -> Page:
        """Remember of a page what may stand there now; it is to be shown, whatever its server says of changes."""
        page = replace(page, keys=merged(keys, page.keys), etag=None, last_modified=None)
        self._keep(page)
        return page

    def _end(self, task: Task, step: Step, *, lower: Sequence[Key], leftover: str | None) -> None:
        """Take in that a list was read to its end: a reading of the whole one tells what is missing."""
        chain = task.chain
        left = self._leave(chain, leftover)
        if self._site.sweeps:
            if chain.whole:
                self._count(chain, left, step)
            else:
                self._keep_in_mind(task, (*lower, *left))
        root = self._pages.get(chain.root)
        if root is not None and chain.full and root.role != "item":
            self._keep(replace(root, full_at=chain.started))

    def _count(self, chain: Chain, left: Sequence[Key], step: Step) -> None:
        root = self._pages.get(chain.root)
        if root is None:
            return
        chain.note(before=left, now=())
        absent = chain.absent(root.missing, size=root.size)
        if not chain.full:
            self._keep(replace(root, missing=suspect(root.missing, absent)))
            return
        missing, gone = count_missing(root.missing, absent, self._manners.misses)
        step.deletions += gone
        self._keep(replace(root, missing=missing, size=len(chain.seen)))

    def _keep_in_mind(self, task: Task, keys: Sequence[Key]) -> None:
        """What the end of a list showed no more, where its beginning was not read: the whole list will tell."""
        page, root = self._pages[task.link.url], self._pages.get(task.chain.root)
        if not keys:
            return
        if not (task.chain.oldest_first or page.gone):
            self._with_lower(replace(page, keys=()), (*page.keys, *keys))
        elif root is not None:
            self._keep(replace(root, missing=suspect(root.missing, keys)))

    def _leave(self, chain: Chain, url: str | None) -> list[Key]:
        """A list that got shorter has pages no more: return what stood on them."""
        left: list[Key] = []
        while url is not None and url not in chain.urls:
            self._learn([url])
            page = self._pages.get(url)
            if page is None or page.root or page.gone:
                break
            chain.urls.add(url)
            left += page.keys
            self._keep(replace(page, gone=True, waiting=False, due_at=None))
            url = page.more
        return left

    def _remember_tail(self, task: Task) -> None:
        root = self._pages.get(task.chain.root)
        if root is not None and root.url != task.link.url:
            self._keep(replace(root, tail=task.link.url, read_at=self._now))

    def _learn(self, urls: Iterable[str]) -> None:
        unknown = [url for url in urls if url not in self._pages]
        if unknown:
            for url, page in self._memory.recall(unknown).items():
                self._pages.setdefault(url, page)

    def _keep(self, page: Page) -> None:
        self._pages[page.url] = page
        self._unsaved[page.url] = page
