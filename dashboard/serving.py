"""The ASGI application: Streamlit's pages behind the gate, with our own routes beside them."""

from __future__ import annotations

import importlib
import importlib.util
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

import streamlit as st
from altair.utils.schemapi import disable_debug_mode
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from streamlit import config as streamlit_config

from config.instant import Clock
from config.settings import Settings
from dashboard import theme
from dashboard.context import House, furnish
from dashboard.entrance import Entrance
from dashboard.gate import Gate
from dashboard.navigation import PATHS, report_failure
from dashboard.origin import Names
from dashboard.route import STREAMLIT, Doors, GuardedRoute, doors_of
from dashboard.shell import Shell, read_shell
from dashboard.shield import shield
from storage.database import Database
from storage.vault import KeySource

__all__ = ["GuardedRoute", "build_app"]

SCRIPT: Final = Path(__file__).parent / "main.py"


def build_app(
    *,
    db: Database,
    clock: Clock,
    settings: Settings,
    routes: Sequence[GuardedRoute] = (),
    secret_key: KeySource | None = None,
) -> ASGIApp:
    """Return the dashboard as an ASGI application, for one server in this process.

    `routes` come beside the pages; each declares its access, and ValueError refuses one that clashes or
    declares nothing. The database is never migrated here: until it is ready, visitors see that it is starting.
    `secret_key` encrypts the secrets that people type; without it none can be stored.
    """
    house = House(db=db, clock=clock, settings=settings, secret_key=secret_key)
    furnish(house)
    _configure()
    shell = read_shell(_static())
    own = (*Entrance(house).routes(), _font(), *_pages(shell))
    doors = Doors((*STREAMLIT, *doors_of(own, ours=True), *doors_of(routes, ours=False)))
    gate = Middleware(
        Gate,
        house=house,
        doors=doors,
        names=Names(settings),
        shield=shield(is_https=house.is_https, scripts=shell.scripts),
    )
    return st.App(
        SCRIPT,
        routes=[_route(route) for route in (*own, *routes)],
        middleware=[gate],
        on_script_error=report_failure,
        lifespan=_lifespan,
    )


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[None]:
    """Load beside the first visits what the first chart would wait for."""
    threading.Thread(target=importlib.import_module, args=("pandas",), name="warm-up", daemon=True).start()
    yield


def _configure() -> None:
    """Set Streamlit's options over whatever a file or the environment of this machine may say."""
    for name, value in theme.options().items():
        streamlit_config.set_option(name, value, "groundswell")
    disable_debug_mode()  # Altair checks each part of a chart against its schema; the tests do that once for all


def _static() -> Path:
    found = importlib.util.find_spec("streamlit")
    if found is None or found.origin is None:
        raise RuntimeError("Streamlit is not installed; run scripts/start again")
    return Path(found.origin).parent / "static"


def _font() -> GuardedRoute:
    """Return the route of the typeface that Streamlit brings, for the small pages before the login."""
    path = next((_static() / "static" / "media").glob("SourceSansVF-Upright*.woff2"))

    async def serve(_request: Request) -> Response:
        return FileResponse(path, media_type="font/woff2", headers={"cache-control": "public, max-age=604800"})

    return GuardedRoute(path="/entrance.woff2", endpoint=serve, access="public", background=True)


def _pages(shell: Shell) -> tuple[GuardedRoute, ...]:
    async def show(_request: Request) -> Response:
        return HTMLResponse(shell.document, HTTPStatus.OK, headers={"cache-control": "no-store"})

    return tuple(GuardedRoute(path=path, endpoint=show, access="session") for path in PATHS)


def _route(route: GuardedRoute) -> Route:
    return Route(route.path, route.endpoint, methods=list(route.methods))
