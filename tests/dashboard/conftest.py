"""A dashboard on loopback: the real gate and entrance over small pages, and once the whole application."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from config.settings import Settings
from dashboard.context import House
from dashboard.entrance import Entrance
from dashboard.gate import Gate
from dashboard.origin import Names
from dashboard.route import STREAMLIT, Doors, GuardedRoute, doors_of
from dashboard.shield import shield
from storage.database import Database

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An application on loopback."""

    url: str
    house: House

    def client(self, **more: object) -> httpx.Client:
        """A browser of sorts: keeps cookies, follows nothing, sends its origin."""
        headers = {"origin": self.url, "accept-language": "en"}
        return httpx.Client(base_url=self.url, headers=headers, **more)

    def settle(self, client: httpx.Client) -> httpx.Response:
        """Make the first visit."""
        return send(
            client,
            "/setup",
            name="Ada Kowalska",
            login="ada@example.com",
            password=PASSWORD,
            again=PASSWORD,
            zone="Europe/Kyiv",
        )


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Open a form and send it, with the token that its page carries."""
    page = client.get(path).text
    token = page.split('name="token" value="')[1].split('"')[0]
    # The token is in the cookie, too; named here, because a client keeps a Secure cookie from plain http.
    return client.post(path, data={**fields, "token": token}, headers={"cookie": f"groundswell_form={token}"})


@contextlib.contextmanager
def listen(app: ASGIApp, house: House) -> Iterator[Served]:
    """Serve `app` from a thread on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Served(url=f"http://127.0.0.1:{port}", house=house)
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def send_form() -> Callable[..., httpx.Response]:
    """How tests send a form."""
    return send


@pytest.fixture
def listening() -> Callable[[ASGIApp, House], AbstractContextManager[Served]]:
    """How tests serve an application."""
    return listen


@pytest.fixture
def house(sqlite_db: Database, now: datetime) -> House:
    """A house at the usual address."""
    return House(db=sqlite_db, clock=lambda: now, settings=Settings())


@pytest.fixture
def gated() -> Callable[..., ASGIApp]:
    """The gate and the entrance over pages that only say where one is."""

    def build(house: House, *more: GuardedRoute) -> ASGIApp:
        async def echo(request: Request) -> Response:
            return PlainTextResponse(f"inside {request.url.path}")

        async def stream(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.close()

        pages = tuple(GuardedRoute(path=path, endpoint=echo, access="session") for path in ("/", "/mentions"))
        own = (*Entrance(house).routes(), *pages)
        doors = Doors((*STREAMLIT, *doors_of(own, ours=True), *doors_of(more, ours=False)))
        guard = Middleware(
            Gate,
            house=house,
            doors=doors,
            names=Names(house.settings),
            shield=shield(is_https=house.is_https, scripts=()),
        )
        routes = [Route(route.path, route.endpoint, methods=list(route.methods)) for route in (*own, *more)]
        inner = [Route("/static/app.js", echo), Route("/media/{name}", echo), Route("/_stcore/host-config", echo)]
        streams = [WebSocketRoute("/_stcore/stream", stream), WebSocketRoute("/elsewhere", stream)]
        return Starlette(routes=[*routes, *inner, *streams], middleware=[guard])

    return build


@pytest.fixture
def served(house: House, gated: Callable[..., ASGIApp]) -> Iterator[Served]:
    """The gate on loopback, before the first visit."""
    with listen(gated(house), house) as running:
        yield running
