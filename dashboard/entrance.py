"""Coming in and leaving: the first visit creates the administrator, then login and logout; plain forms of our own."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import available_timezones

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from config.i18n import Translator, translator
from config.zone import is_zone
from dashboard import page
from dashboard.context import House
from dashboard.markup import Html, element, join
from dashboard.route import Endpoint, GuardedRoute
from dashboard.wording import Wording
from storage.account_error import AccountError, LoginError
from storage.accounts import SESSION_LIFETIME, Account, close_session, create_first, has_accounts, open_session, verify

FORM_COOKIE: Final = "groundswell_form"
_LONGEST_FORM: Final = 16_384
_REGIONS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


# Names that browsers still report, and what they are called now.
RENAMED: Final[Mapping[str, str]] = {
    "Europe/Kiev": "Europe/Kyiv",
    "Europe/Uzhgorod": "Europe/Kyiv",
    "Europe/Zaporozhye": "Europe/Kyiv",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
}


def zones() -> tuple[str, ...]:
    """Return the time zones to choose from, by region; historical aliases are left out."""
    known = (zone for zone in available_timezones() if zone.split("/")[0] in _REGIONS and "/" in zone)
    return ("UTC", *sorted(zone for zone in known if zone not in RENAMED))


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
            GuardedRoute(path="/entrance.css", endpoint=_asset("entrance.css"), access="public"),
            GuardedRoute(path="/entrance.js", endpoint=_asset("entrance.js"), access="public"),
            GuardedRoute(path="/favicon.svg", endpoint=_asset("favicon.svg"), access="public"),
        )

    async def setup(self, request: Request) -> Response:
        """Show the first visit's form, or create the administrator with it."""
        if await to_thread.run_sync(has_accounts, self._house.db):
            return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        if request.method != "POST":
            return self._setup_form(request, {}, None)
        fields = await _fields(request)
        t = _t(request)
        if fields is None:
            return self._setup_form(request, {}, _stale(t))
        if fields.get("password") != fields.get("again"):
            return self._setup_form(request, fields, t("The two passwords differ."))
        return await to_thread.run_sync(self._create, request, fields)

    async def login(self, request: Request) -> Response:
        """Show the login form, or open a session with it."""
        if not await to_thread.run_sync(has_accounts, self._house.db):
            return RedirectResponse("/setup", HTTPStatus.SEE_OTHER)
        if request.method != "POST":
            return self._login_form(request, {}, None)
        fields = await _fields(request)
        if fields is None:
            return self._login_form(request, {}, _stale(_t(request)))
        return await to_thread.run_sync(self._verify, request, fields)

    async def logout(self, request: Request) -> Response:
        """Close the session and forget the cookie; a form from elsewhere changes nothing."""
        token = request.cookies.get(self._house.cookie, "")
        fields = await _read(request)
        if token and _is_same(fields.get("leave", ""), leave_token(token)):
            await to_thread.run_sync(close_session, self._house.db, token)
        elif token:
            return PlainTextResponse("This form was not sent from a page of this session.", HTTPStatus.FORBIDDEN)
        response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        response.delete_cookie(self._house.cookie, secure=self._house.is_https, httponly=True, samesite="lax")
        return response

    # -- what the forms do --------------------------------------------------------------------------

    def _create(self, request: Request, fields: Mapping[str, str]) -> Response:
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
            return self._setup_form(request, fields, error.say(_t(request)))
        return self._enter(account, "/")

    def _verify(self, request: Request, fields: Mapping[str, str]) -> Response:
        remote = request.client.host if request.client else ""
        now = self._house.clock()
        try:
            account = verify(
                self._house.db,
                login=fields.get("login", ""),
                password=fields.get("password", ""),
                remote=remote,
                now=now,
            )
        except LoginError as error:
            return self._login_form(request, fields, error.say(_t(request)) + self._patience(request, error))
        return self._enter(account, _target(request))

    def _patience(self, request: Request, error: LoginError) -> str:
        """Say until when trying is no use, where that is so."""
        if error.retry_at is None:
            return ""
        words = Wording(page.language_of(request), "UTC")
        return f" ({words.ago(error.retry_at, self._house.clock())})"

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
        response.delete_cookie(FORM_COOKIE, httponly=True, samesite="lax")
        return response

    # -- the forms ----------------------------------------------------------------------------------

    def _setup_form(self, request: Request, fields: Mapping[str, str], error: str | None) -> Response:
        t = _t(request)
        chosen = fields.get("zone", "UTC")
        options = join(element("option", zone, value=zone, selected=zone == chosen) for zone in zones())
        return self._form(
            request,
            t("Welcome"),
            element("h1", t("Welcome")),
            element("p", t("Nobody has an account here yet. The first one is the administrator's: yours.")),
            _error(error),
            _field(t("Your name"), "name", fields.get("name", ""), autocomplete="name", autofocus=True),
            _field(
                t("Login"),
                "login",
                fields.get("login", ""),
                autocomplete="username",
                hint=t("An e-mail address does well."),
            ),
            _field(
                t("Password"),
                "password",
                "",
                kind="password",
                autocomplete="new-password",
                hint=t("At least 12 characters; a few words in a row do well."),
            ),
            _field(t("Password, once more"), "again", "", kind="password", autocomplete="new-password"),
            element(
                "label",
                element("span", t("Time zone")),
                element(
                    "select",
                    options,
                    name="zone",
                    id="zone",
                    data_given="zone" in fields,
                    data_renamed=json.dumps(dict(RENAMED)),
                ),
            ),
            element("button", t("Create the account"), type="submit"),
            failed=error is not None,
        )

    def _login_form(self, request: Request, fields: Mapping[str, str], error: str | None) -> Response:
        t = _t(request)
        return self._form(
            request,
            t("Log in"),
            element("h1", t("Log in")),
            _error(error),
            _field(t("Login"), "login", fields.get("login", ""), autocomplete="username", autofocus=True),
            _field(t("Password"), "password", "", kind="password", autocomplete="current-password"),
            element("button", t("Log in"), type="submit"),
            failed=error is not None,
        )

    def _form(self, request: Request, title: str, *fields: str | None, failed: bool) -> Response:
        """Return a page with a form; its token is in a cookie and in a field, and both must come back."""
        token = secrets.token_urlsafe(32)
        form = element(
            "form",
            *fields,
            element("input", type="hidden", name="token", value=token),
            method="post",
            action=_action(request),
        )
        script = element("script", src="/entrance.js", defer=True)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
        response = page.render(request, title, form, script, status=status)
        response.set_cookie(FORM_COOKIE, token, secure=self._house.is_https, httponly=True, samesite="lax")
        return response


def _field(
    label: str,
    name: str,
    value: str,
    *,
    kind: str = "text",
    autocomplete: str,
    hint: str | None = None,
    autofocus: bool = False,
) -> Html:
    return element(
        "label",
        element("span", label),
        element(
            "input",
            type=kind,
            name=name,
            value=value or None,
            autocomplete=autocomplete,
            required=True,
            autofocus=autofocus,
            maxlength=1_000,
            aria_describedby=f"{name}-hint" if hint else None,
        ),
        element("small", hint, id=f"{name}-hint") if hint else None,
    )


def _error(text: str | None) -> Html | None:
    return element("p", text, class_="error", role="alert") if text else None


def _stale(t: Translator) -> str:
    return t("This form was open for too long. Please send it again.")


def _t(request: Request) -> Translator:
    return translator(page.language_of(request))


def _action(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _target(request: Request) -> str:
    """Where to go after the login: a path of ours that was asked for, else the overview."""
    asked = request.query_params.get("next", "/")
    parts = urlsplit(asked)
    ours = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if ours and not parts.scheme and not parts.netloc else "/"


async def _fields(request: Request) -> Mapping[str, str] | None:
    """Return the form's fields; None when it does not carry the token of its cookie."""
    fields = await _read(request)
    cookie = request.cookies.get(FORM_COOKIE, "")
    return fields if cookie and _is_same(fields.get("token", ""), cookie) else None


def _is_same(given: str, expected: str) -> bool:
    """Compare in constant time; as bytes, because the function refuses text beyond ASCII."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


async def _read(request: Request) -> Mapping[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:  # no text, or far too many fields
        return {}
    return {key: values[-1] for key, values in fields.items()}


def _asset(name: str) -> Endpoint:
    async def serve(_request: Request) -> Response:
        return FileResponse(page.ASSETS / name, headers={"cache-control": "no-cache"})

    return serve
