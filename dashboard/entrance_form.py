"""The forms before the login, and reading what they send.

A form's token is in a cookie and in a field, and both must come back: a page elsewhere can know neither.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from config.i18n import Translator
from dashboard import page
from dashboard.markup import Html, element, join
from dashboard.zones import RENAMED, zones

COOKIE: Final = "groundswell_form"
_LONGEST: Final = 16_384
_LONGEST_FIELD: Final = 1_000

Fields = Mapping[str, str]


def setup_form(request: Request, fields: Fields, error: str | None, *, secure: bool) -> Response:
    """Return the page of the first visit; `fields` are what was typed before, `error` what was wrong with it."""
    t = page.translator_of(request)
    chosen = fields.get("zone", "UTC")
    options = join(element("option", zone, value=zone, selected=zone == chosen) for zone in zones())
    select = element(
        "select",
        options,
        name="zone",
        id="zone",
        data_given="zone" in fields,
        data_renamed=json.dumps(dict(RENAMED)),
    )
    rule = t("At least 12 characters; a few words in a row do well.")
    return _page(
        request,
        t("Welcome"),
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
        _field(t("Password"), "password", kind="password", autocomplete="new-password", hint=rule),
        _field(t("Password, once more"), "again", kind="password", autocomplete="new-password"),
        element("label", element("span", t("Time zone")), select),
        element("button", t("Create the account"), type="submit"),
        status=_status(error),
        secure=secure,
    )


def login_form(request: Request, fields: Fields, error: str | None, *, secure: bool) -> Response:
    """Return the login page; arguments as for `setup_form`."""
    t = page.translator_of(request)
    return _page(
        request,
        t("Log in"),
        _error(error),
        _field(t("Login"), "login", fields.get("login", ""), autocomplete="username", autofocus=True),
        _field(t("Password"), "password", kind="password", autocomplete="current-password"),
        element("button", t("Log in"), type="submit"),
        status=_status(error),
        secure=secure,
    )


async def read_form(request: Request) -> Fields | None:
    """Return the fields of a form of ours; None when it does not carry the token of its cookie."""
    fields = await read_fields(request)
    cookie = request.cookies.get(COOKIE, "")
    return fields if cookie and is_same(fields.get("token", ""), cookie) else None


async def read_fields(request: Request) -> Fields:
    """Return the fields of a form, none of one that is too long or no form."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST:
            return {}
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:  # no text, or far too many fields
        return {}
    return {key: values[-1] for key, values in fields.items()}


def is_same(given: str, expected: str) -> bool:
    """Compare in constant time; as bytes, because the function refuses text beyond ASCII."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode(errors="replace"))


def stale(t: Translator) -> str:
    """Say that a form came without its token."""
    return t("This form was open for too long. Please send it again.")


def _page(request: Request, title: str, *fields: str | None, status: HTTPStatus, secure: bool) -> Response:
    token = secrets.token_urlsafe(32)
    form = element(
        "form",
        element("h1", title),
        *fields,
        element("input", type="hidden", name="token", value=token),
        method="post",
        action=page.address(request),
    )
    response = page.render(request, title, form, element("script", src="/entrance.js", defer=True), status=status)
    response.set_cookie(COOKIE, token, secure=secure, httponly=True, samesite="lax")
    return response


def _field(
    label: str,
    name: str,
    value: str = "",
    *,
    kind: str = "text",
    autocomplete: str,
    hint: str | None = None,
    autofocus: bool = False,
) -> Html:
    box = element(
        "input",
        type=kind,
        name=name,
        value=value or None,
        autocomplete=autocomplete,
        required=True,
        autofocus=autofocus,
        maxlength=_LONGEST_FIELD,
        aria_describedby=f"{name}-hint" if hint else None,
    )
    return element("label", element("span", label), box, element("small", hint, id=f"{name}-hint") if hint else None)


def _error(text: str | None) -> Html | None:
    return element("p", text, class_="error", role="alert") if text else None


def _status(error: str | None) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
