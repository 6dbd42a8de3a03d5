"""Serves an invented shop on loopback, in a process of its own: `python storefront.py LISTS`.

An index leads to LISTS pages of 20 products each; each product's page is about 20 KB of what shops write (styles, menu,
scripts, related products) and holds its reviews as schema.org JSON-LD. Everything is made beforehand, so that the
server takes as little as can be from whoever crawls it. The first line of output is, as JSON,
{"url": …, "pages": …, "reviews": …}. It ends when its input ends.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PRODUCTS: Final = 20  # on a list
REVIEWS: Final = (0, 2, 3, 5, 8, 6)  # of one product after the other
SEED: Final = 12
UNTIL: Final = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
SAYINGS: Final = (
    "Arrived on Tuesday as promised, the box was intact and the colour is the one in the pictures.",
    "Broke after two weeks, and the support only sends me the same form again and again.",
    "Does what it says. The manual comes in nine languages, none of which I can read.",
    "My sister has had hers for three years, so I bought one too. No regrets so far.",
    "They sent the wrong size, apologised, and had the right one here within two days.",
    "Far too loud for a small kitchen, otherwise well made and easy to clean.",
)
RULE: Final = ".c{n}{{margin:0 {n}px;padding:{n}px 0;color:#{n:06x};border-bottom:1px solid rgba(0,0,0,.{n})}}"
ENTRY: Final = '<li class="menu__item item--{n}"><a href="/help/{n}">Department {n} and what belongs to it</a></li>'
SCRIPT: Final = 'window.dataLayer.push({{"event":"view","slot":{n},"price":"{n}.99","variant":"classic"}});'
RELATED: Final = (
    '<article class="tile"><img src="/media/{n}-s.jpg" width="180" height="180" alt="" loading="lazy">'
    '<h3 class="tile__title">Another thing you may like, number {n}</h3><p class="tile__price">€{n}.99</p></article>'
)


def frame() -> tuple[str, str]:
    """Return what stands before and after the content of every page: about 18 KB."""
    style = "".join(RULE.format(n=n) for n in range(40))
    menu = "".join(ENTRY.format(n=n) for n in range(60))
    related = "".join(RELATED.format(n=n) for n in range(18))
    script = "".join(SCRIPT.format(n=n) for n in range(25))
    head = f"<head><meta charset='utf-8'><title>Shop</title><style>{style}</style></head>"
    before = f"<!DOCTYPE html><html lang='en'>{head}<body><header><nav><ul>{menu}</ul></nav></header><main>"
    return before, f"</main><section class='related'>{related}</section><script>{script}</script></body></html>"


def contents(lists: int) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of every page."""
    chance = random.Random(SEED)  # noqa: S311 - invented texts need no secrecy
    yield "/", _links(f"/list/{number}" for number in range(lists))
    for number in range(lists):
        products = range(number * PRODUCTS, (number + 1) * PRODUCTS)
        yield f"/list/{number}", _links(f"/product/{product}" for product in products)
        for product in products:
            yield f"/product/{product}", _product(product, chance)


def _links(paths: Iterator[str]) -> str:
    return "".join(f"<article class='product'><h3><a href='{path}'>Have a look</a></h3></article>" for path in paths)


def _product(number: int, chance: random.Random) -> str:
    reviews = [_review(number, place, chance) for place in range(REVIEWS[number % len(REVIEWS)])]
    name = f"Kettle number {number}"
    about = {"@context": "https://schema.org", "@type": "Product", "name": name, "sku": str(number), "review": reviews}
    shown = "".join(f"<div class='review'><p>{one['reviewBody']}</p></div>" for one in reviews)
    return f"<h1>{name}</h1><script type='application/ld+json'>{json.dumps(about)}</script>{shown}"


def _review(number: int, place: int, chance: random.Random) -> dict[str, Any]:
    at = UNTIL - timedelta(minutes=chance.randint(60, 90_000))
    return {
        "@type": "Review",
        "@id": f"#review-{number}-{place}",
        "author": {"@type": "Person", "name": f"Customer {chance.randint(1, 2_000)}"},
        "datePublished": at.isoformat(),
        "reviewBody": " ".join(chance.sample(SAYINGS, k=2)),
        "reviewRating": {"@type": "Rating", "ratingValue": chance.randint(1, 5), "bestRating": 5},
    }


def answers(lists: int) -> dict[bytes, bytes]:
    """Return the whole answer to every path."""
    before, after = frame()
    found = {}
    for path, content in contents(lists):
        body = f"{before}{content}{after}".encode()
        found[path.encode()] = _answer(b"200 OK", body)
    return found


def _answer(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


class Server(asyncio.Protocol):
    """One connection: requests come one after the other, and have no body."""

    missing: Final = _answer(b"404 Not Found", b"no such page")

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that has come in full."""
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            path = request.split(b" ", 2)[1]
            self._transport.write(self._answers.get(path, self.missing))


async def serve(lists: int) -> None:
    """Serve until the input ends."""
    found = answers(lists)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(found), "127.0.0.1", 0)
    products = lists * PRODUCTS
    reviews = sum(REVIEWS[number % len(REVIEWS)] for number in range(products))
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(json.dumps({"url": url, "pages": 1 + lists + products, "reviews": reviews}), flush=True)
    ended = asyncio.Event()
    threading.Thread(target=_wait, args=(loop, ended), daemon=True).start()
    await ended.wait()


def _wait(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
