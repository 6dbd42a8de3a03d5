"""Plain Scrapy: `python plain_scrapy.py FOLDER SOURCE`, where SOURCE is JSON, {"type", "options"}.

The spider that one would write: it reads every page with the same pure function that Groundswell's connector has,
follows what it gives, and yields its items. Scrapy's own event loop and settings, politeness off.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import scrapy
from meter import Meter
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response, TextResponse

from config.settings import SourceSpec
from crawlers import registry
from crawlers.connector import Tools
from crawlers.web.document import Document
from crawlers.web.link import Link
from crawlers.web.site import Site

SETTINGS: Final[dict[str, Any]] = {
    "ROBOTSTXT_OBEY": False,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "WARNING",
}


class Plain(scrapy.Spider):
    """Follows links and yields items."""

    name = "plain"

    def __init__(self, *, site: Site) -> None:
        super().__init__()
        self.site = site

    async def start(self) -> Any:
        """Ask for the first pages."""
        for link in self.site.start():
            yield self.ask(link)

    def ask(self, link: Link) -> scrapy.Request:
        """Return the request for a page."""
        return scrapy.Request(link.url, cb_kwargs={"link": link})

    def parse(self, response: Response, link: Link) -> Iterator[Any]:
        """Read a page."""
        extract = self.site.read(document_of(response), link)
        yield from extract.items
        for further in (*extract.links, *((extract.more,) if extract.more else ())):
            yield self.ask(further)


def document_of(response: Response) -> Document:
    """Return the page as sites read it."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0]
    text = response.text if isinstance(response, TextResponse) else ""
    return Document(url=response.url, body=response.body, text=text, content_type=kind, status=response.status)


def main(source: dict[str, Any]) -> None:
    """Crawl and tell the result."""
    spec = SourceSpec(name="shop", kind="review", **source)
    tools = Tools(source="shop", kind="review", clock=lambda: datetime.now(UTC), user_agent="bench")
    site: Any = registry.build(spec, tools)
    process = CrawlerProcess(SETTINGS)
    crawler = process.create_crawler(Plain)
    process.crawl(crawler, site=site)
    meter = Meter()
    process.start()
    assert crawler.stats is not None
    pages, items = (crawler.stats.get_value(key, 0) for key in ("response_received_count", "item_scraped_count"))
    meter.tell(pages, about=f"{items:,} items")


if __name__ == "__main__":
    main(json.loads(sys.argv[2]))
