from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from groundswell.serving import _beat, _beat_once
from groundswell.supervision import SUPERVISOR
from storage import status
from storage.database import Database, sqlite_url


class Server:
    """Stands for uvicorn's server: it notes that it was asked to end."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def __setattr__(self, name, value) -> None:
        super().__setattr__(name, value)
        if name == "should_exit" and value:
            self.asked.set()


def test_the_dashboard_beats_once_the_database_is_there(house, now):
    _beat_once(house, now)
    (row,) = status.processes(house.db, now=now)
    assert (row.process, row.alive) == ("dashboard", True)


def test_a_database_that_is_away_does_not_keep_an_orphan_running(house, tmp_path):
    away = replace(house, db=Database(sqlite_url(tmp_path)), environ={SUPERVISOR: "1"})  # a folder, not a file

    async def watch() -> None:
        server = Server()
        beats = asyncio.create_task(_beat(server, away))
        await asyncio.wait_for(server.asked.wait(), 5)
        assert not beats.done()
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats

    asyncio.run(watch())
