"""The gate: the first to see every request, websockets too, and the only one who decides who comes in.

Pure ASGI, because Starlette's convenient middleware does not see websockets.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import page
from dashboard.context import House
from dashboard.origin import Names
from dashboard.route import Door, Doors
from dashboard.shield import Headers as ShieldHeaders
from storage.accounts import has_accounts, session_account
from storage.migration import is_current

SETUP: Final = "/setup"
LOGIN: Final = "/login"
_NO_SESSION: Final = 4401
_NOT_HERE: Final = 4404
_RETRY: Final = timedelta(seconds=3)


class Gate:
    """Lets a request through to `app`, or answers it: unknown paths, foreign origins, no session, not ready yet."""

    def __init__(self, app: ASGIApp, *, house: House, doors: Doors, names: Names, shield: ShieldHeaders) -> None:
        self._app = app
        self._house = house
        self._doors = doors
        self._names = names
        self._shield = shield
        self._ready = False
        self._settled = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "http":
            await self._answer(scope, receive, self._shielded(send))
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = await self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a websocket in, or close it before it opens: the browser then sees 403."""
        connection = HTTPConnection(scope)
        door = self._doors.find(scope["path"])
        if door is None or "WEBSOCKET" not in door.methods:
            await send({"type": "websocket.close", "code": _NOT_HERE})
        elif not self._is_own_page(connection.headers) or not await self._may_enter(connection):
            await send({"type": "websocket.close", "code": _NO_SESSION})
        else:
            await self._app(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that may not go on, None for one that may."""
        door = self._doors.find(request.url.path)
        if door is None:
            return page.not_found(request)
        if request.method not in door.methods:
            return PlainTextResponse("Method not allowed", HTTPStatus.METHOD_NOT_ALLOWED)
        if door.check is not None:
            passed = await to_thread.run_sync(door.check, request)
            return None if passed else PlainTextResponse("Not allowed", HTTPStatus.UNAUTHORIZED)
        if not self._names.is_ours(request.headers.get("host")):
            return PlainTextResponse(_UNKNOWN_NAME, HTTPStatus.MISDIRECTED_REQUEST)
        if door.access == "public" and (door.background or not door.ours):
            return None
        return await self._refusal_of_person(request, door)

    async def _refusal_of_person(self, request: Request, door: Door) -> Response | None:
        if request.method == "POST" and not self._is_own_page(request.headers):
            return PlainTextResponse("This form was not sent from a page of this server.", HTTPStatus.FORBIDDEN)
        if not await to_thread.run_sync(self._is_ready):
            return page.starting(request, retry=_RETRY)
        if not await to_thread.run_sync(self._is_settled):
            return None if door.access == "public" else _to(door, SETUP)
        if door.access == "session" and not await self._may_enter(request):
            return _to(door, f"{LOGIN}?next={quote(page.address(request), safe='')}")
        return None

    async def _may_enter(self, connection: HTTPConnection) -> bool:
        token = connection.cookies.get(self._house.cookie)
        return bool(token) and await to_thread.run_sync(self._is_session, token or "")

    def _is_session(self, token: str) -> bool:
        if not self._is_ready():
            return False
        return session_account(self._house.db, token, now=self._house.clock()) is not None

    def _is_ready(self) -> bool:
        """Whether the database has today's schema; once it had, it stays so."""
        self._ready = self._ready or is_current(self._house.db)
        return self._ready

    def _is_settled(self) -> bool:
        """Whether somebody has an account; once somebody had, it stays so."""
        self._settled = self._settled or has_accounts(self._house.db)
        return self._settled

    def _is_own_page(self, headers: Headers) -> bool:
        return self._names.is_same(headers.get("origin"), headers.get("host"))

    def _shielded(self, send: Send) -> Send:
        ours = {key for key, _ in self._shield}

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = [(key, value) for key, value in message.get("headers", []) if key.lower() not in ours]
                message = {**message, "headers": [*theirs, *self._shield]}
            await send(message)

        return send_shielded


_UNKNOWN_NAME: Final = (
    "This server does not answer to that name. If people reach it there, set server.public_url in groundswell.yaml."
)


def _to(door: Door, target: str) -> Response:
    """Send a reader to the way in; what a page loads in the background is told that the session is over."""
    if door.background:
        return PlainTextResponse("Not logged in", HTTPStatus.UNAUTHORIZED, headers={"cache-control": "no-store"})
    return RedirectResponse(target, HTTPStatus.SEE_OTHER, headers={"cache-control": "no-store"})
