"""The shelf: the pages of a source as this visit knows them, those that it changed apart, to be stored."""

from __future__ import annotations

from collections.abc import Iterable

from crawlers.memory import Key, Memory, Page


class Shelf:
    """Pages by URL. What is remembered of a page is asked for once, when it is first learned of."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._pages: dict[str, Page] = {}
        self._unsaved: dict[str, Page] = {}

    def __getitem__(self, url: str) -> Page:
        return self._pages[url]

    def get(self, url: str | None) -> Page | None:
        """Return a page that this visit knows already."""
        return self._pages.get(url) if url is not None else None

    def learn(self, urls: Iterable[str]) -> None:
        """Recall what is remembered of `urls`."""
        unknown = [url for url in urls if url not in self._pages]
        if unknown:
            for page in self._memory.recall(unknown).values():
                self.add(page)

    def recall(self, url: str | None) -> Page | None:
        """Return a page, remembered or known; None where there is none."""
        if url is not None:
            self.learn([url])
        return self.get(url)

    def add(self, page: Page) -> None:
        """Take in a page as it is remembered; what this visit knows of it stays."""
        self._pages.setdefault(page.url, page)

    def keep(self, page: Page) -> None:
        """Take in a page as it is now; it will be stored."""
        self._pages[page.url] = page
        self._unsaved[page.url] = page

    def take_unsaved(self) -> tuple[Page, ...]:
        """Return the pages to be stored with the next batch, each once."""
        pages, self._unsaved = tuple(self._unsaved.values()), {}
        return pages

    def root_of(self, page: Page) -> Page:
        """Return the first page of the list that a further page belongs to."""
        return self.recall(page.tail) or page

    def keys_by(self, page: Page, *, gone: bool = True) -> tuple[Key, ...]:
        """Return the items that stood on a page or on pages of one item that it led to, with those given up or not."""
        self.learn(page.links)
        linked = (self._pages[url] for url in page.links if url in self._pages)
        here = (other for other in linked if other.role == "item" and (gone or not other.gone))
        return tuple(dict.fromkeys((*page.keys, *(key for other in here for key in other.keys))))

    def keys_of_list(self, page: Page) -> list[Key]:
        """Return the items of a list that begins at `page`."""
        keys, passed = list(page.keys), {page.url}
        while page.more not in passed and (following := self.recall(page.more)) is not None:
            passed.add(following.url)
            page = following
            keys += page.keys
        return keys
