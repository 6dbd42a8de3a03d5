"""Coming in and leaving: the first visit creates the administrator, then login and logout; plain forms of our own."""

from __future__ import annotations

import hashlib
import hmac
from http import HTTPStatus
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from config.zone import is_zone
from dashboard import page
from dashboard.context import House
from dashboard.entrance_form import COOKIE, Fields, is_same, login_form, read_fields, read_form, setup_form, stale
from dashboard.route import Endpoint, GuardedRoute
from dashboard.wording import Wording
from storage.account_error import AccountError, LoginError
from storage.accounts import SESSION_LIFETIME, Account, close_session, create_first, has_accounts, open_session, verify


def leave_token(session_token: str) -> str:
    """Return the token that the logout form of this session carries; only its own pages can know it."""
    return hmac.new(session_token.encode(), b"leave", hashlib.sha256).hexdigest()


class Entrance:
    """The routes of coming in and leaving."""

    def __init__(self, house: House) -> None:
        self._house = house

    def routes(self) -> tuple[GuardedRoute, ...]:
        """Return the routes, each with its access."""
        form = ("GET", "POST")
        return (
            GuardedRoute(path="/setup", endpoint=self.setup, access="public", methods=form),
            GuardedRoute(path="/login", endpoint=self.login, access="public", methods=form),
            GuardedRoute(path="/logout", endpoint=self.logout, access="public", methods=("POST",)),
            *(_asset(name) for name in ("entrance.css", "entrance.js", "favicon.svg")),
        )

    async def setup(self, request: Request) -> Response:
        """Show the first visit's form, or create the administrator with it."""
        if await to_thread.run_sync(has_accounts, self._house.db):
            return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        if request.method != "POST":
            return self._setup_form(request, {})
        fields = await read_form(request)
        t = page.translator_of(request)
        if fields is None:
            return self._setup_form(request, {}, stale(t))
        if fields.get("password") != fields.get("again"):
            return self._setup_form(request, fields, t("The two passwords differ."))
        return await to_thread.run_sync(self._create, request, fields)

    async def login(self, request: Request) -> Response:
        """Show the login form, or open a session with it."""
        if not await to_thread.run_sync(has_accounts, self._house.db):
            return RedirectResponse("/setup", HTTPStatus.SEE_OTHER)
        if request.method != "POST":
            return self._login_form(request, {})
        fields = await read_form(request)
        if fields is None:
            return self._login_form(request, {}, stale(page.translator_of(request)))
        return await to_thread.run_sync(self._verify, request, fields)

    async def logout(self, request: Request) -> Response:
        """Close the session and forget the cookie; a form from elsewhere changes nothing."""
        token = request.cookies.get(self._house.cookie, "")
        fields = await read_fields(request)
        if token and not is_same(fields.get("leave", ""), leave_token(token)):
            return PlainTextResponse("This form was not sent from a page of this session.", HTTPStatus.FORBIDDEN)
        if token:
            await to_thread.run_sync(close_session, self._house.db, token)
        response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        response.delete_cookie(self._house.cookie, secure=self._house.is_https, httponly=True, samesite="lax")
        return response

    def _setup_form(self, request: Request, fields: Fields, error: str | None = None) -> Response:
        return setup_form(request, fields, error, secure=self._house.is_https)

    def _login_form(self, request: Request, fields: Fields, error: str | None = None) -> Response:
        return login_form(request, fields, error, secure=self._house.is_https)

    def _create(self, request: Request, fields: Fields) -> Response:
        zone = fields.get("zone", "UTC")
        try:
            account = create_first(
                self._house.db,
                login=fields.get("login", ""),
                name=fields.get("name", ""),
                password=fields.get("password", ""),
                locale=page.language_of(request),
                timezone=zone if is_zone(zone) else "UTC",
                now=self._house.clock(),
            )
        except AccountError as error:
            return self._setup_form(request, fields, error.say(page.translator_of(request)))
        return self._enter(account, "/")

    def _verify(self, request: Request, fields: Fields) -> Response:
        try:
            account = verify(
                self._house.db,
                login=fields.get("login", ""),
                password=fields.get("password", ""),
                remote=request.client.host if request.client else "",
                now=self._house.clock(),
            )
        except LoginError as error:
            return self._login_form(request, fields, self._say(request, error))
        return self._enter(account, _target(request))

    def _say(self, request: Request, error: LoginError) -> str:
        """Return what is wrong, and until when trying is no use, where that is so."""
        words = Wording(page.language_of(request), "UTC")
        if error.retry_at is None:
            return error.say(words.t)
        return f"{error.say(words.t)} ({words.ago(error.retry_at, self._house.clock())})"

    def _enter(self, account: Account, target: str) -> Response:
        token = open_session(self._house.db, account.id, now=self._house.clock())
        response = RedirectResponse(target, HTTPStatus.SEE_OTHER, headers={"cache-control": "no-store"})
        response.set_cookie(
            self._house.cookie,
            token,
            max_age=round(SESSION_LIFETIME.total_seconds()),
            secure=self._house.is_https,
            httponly=True,
            samesite="lax",
        )
        response.delete_cookie(COOKIE, secure=self._house.is_https, httponly=True, samesite="lax")
        return response


def _target(request: Request) -> str:
    """Where to go after the login: a path of ours that was asked for, else the overview."""
    asked = request.query_params.get("next", "/")
    parts = urlsplit(asked)
    ours = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if ours and not parts.scheme and not parts.netloc else "/"


def _asset(name: str) -> GuardedRoute:
    async def serve(_request: Request) -> Response:
        return FileResponse(page.ASSETS / name, headers={"cache-control": "no-cache"})

    endpoint: Endpoint = serve
    return GuardedRoute(path=f"/{name}", endpoint=endpoint, access="public", background=True)
