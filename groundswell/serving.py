"""The dashboard's process: its ASGI application and ours beside it, served by uvicorn."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog
import uvicorn

from dashboard.serving import GuardedRoute, build_app
from groundswell import health
from groundswell.bootstrap import House
from groundswell.ownership import HOST
from groundswell.supervision import is_orphan
from storage import health as health_table
from storage.database import DatabaseError
from storage.migration import is_current

_log: Final = structlog.get_logger("groundswell.serving")
_BEAT: Final = 5.0


def serve(house: House) -> None:
    """Serve until SIGINT or SIGTERM."""
    routes = (
        GuardedRoute(path="/healthz", endpoint=health.healthz(house), access="public", methods=("GET",)),
        # Public at the gate, but it answers this machine alone (groundswell.health).
        GuardedRoute(path="/metrics", endpoint=health.metrics(house), access="public", methods=("GET",)),
    )
    app = build_app(db=house.db, clock=house.clock, settings=house.settings, routes=routes, secret_key=house.secret_key)
    config = uvicorn.Config(
        app,
        host=house.settings.host,
        port=house.settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        ws="websockets-sansio",
    )
    asyncio.run(_serve(uvicorn.Server(config), house))


async def _serve(server: uvicorn.Server, house: House) -> None:
    beats = asyncio.create_task(_beat(server, house))
    try:
        await server.serve()
    finally:
        beats.cancel()
        _say_goodbye(house)


async def _beat(server: uvicorn.Server, house: House) -> None:
    """Tell the database that we live, once it has been prepared."""
    started = house.clock()
    while True:
        try:
            await asyncio.to_thread(_beat_once, house, started)
        except Exception:  # noqa: BLE001 - the boundary of this beat: a database may be away for a while
            _log.exception("beat.failed")
        if is_orphan(house.environ):
            server.should_exit = True
        await asyncio.sleep(_BEAT)


def _beat_once(house: House, started: datetime) -> None:
    if is_current(house.db):
        now = house.clock()
        health_table.beat(house.db, process="dashboard", pid=os.getpid(), host=HOST, started_at=started, now=now)


def _say_goodbye(house: House) -> None:
    """Count as gone at once; a database that is away learns it by our silence."""
    with suppress(DatabaseError):
        if is_current(house.db):
            health_table.silence(house.db, process="dashboard")
