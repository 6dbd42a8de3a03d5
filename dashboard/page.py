"""The small pages outside the application: login, first visit, starting, not found. Rendered here, no script needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote

from babel import negotiate_locale
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from config.i18n import LOCALES, Translator, translator
from dashboard.markup import Html, element, join
from dashboard.wording import LOCALE_NAMES

NAME: Final = "Groundswell"
ASSETS: Final = Path(__file__).parent / "assets"


def language_of(request: Request) -> str:
    """Return the language to speak: `?lang=`, else what the browser prefers, else English."""
    asked = request.query_params.get("lang", "")
    if asked in LOCALES:
        return asked
    wanted = [
        part.split(";")[0].strip().split("-")[0] for part in request.headers.get("accept-language", "").split(",")
    ]
    return negotiate_locale(wanted, LOCALES) or "en"


def render(
    request: Request,
    title: str,
    *body: str | None,
    status: HTTPStatus = HTTPStatus.OK,
    refresh: timedelta | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a small page: the mark, a card with the body, and the languages to choose from."""
    locale = language_of(request)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="refresh", content=str(round(refresh.total_seconds()))) if refresh else None,
        element("title", f"{title} · {NAME}"),
        element("link", rel="icon", href="/favicon.svg", type="image/svg+xml"),
        element("link", rel="stylesheet", href="/entrance.css"),
    )
    main = element("main", _mark(), element("section", *body, class_="card"), _languages(request, locale))
    document = f"<!doctype html>{element('html', head, element('body', main), lang=locale)}"
    return HTMLResponse(document, status, headers={"cache-control": "no-store", **(headers or {})})


def starting(request: Request, *, retry: timedelta) -> Response:
    """Return the page shown until the database is ready; it asks again by itself."""
    t = translator_of(request)
    return render(
        request,
        t("Starting"),
        element("div", class_="pulse", aria_hidden="true"),
        element("h1", t("Groundswell is starting")),
        element("p", t("The database is being prepared. This page looks again by itself in a few seconds.")),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        refresh=retry,
        headers={"retry-after": str(round(retry.total_seconds()))},
    )


def not_found(request: Request) -> Response:
    """Return the page for an address that nobody declared."""
    t = translator_of(request)
    return render(
        request,
        t("Not found"),
        element("h1", t("There is nothing at this address")),
        element("p", t("It may have been mistyped, or the page has moved.")),
        element("p", element("a", t("To the overview"), href="/", class_="button")),
        status=HTTPStatus.NOT_FOUND,
    )


def translator_of(request: Request) -> Translator:
    """Return the translator of the language to speak."""
    return translator(language_of(request))


def address(request: Request) -> str:
    """Return the path and the query that were asked for; the root where the path is up to something."""
    query = quote(request.url.query, safe="%=&+:/,;@!~*'()")
    return _safe(request.url.path) + (f"?{query}" if query else "")


def _mark() -> Html:
    return element("div", element("span", class_="wave", aria_hidden="true"), NAME, class_="brand")


def _languages(request: Request, locale: str) -> Html:
    def choice(code: str, name: str) -> Html:
        if code == locale:
            return element("strong", name, lang=code)
        return element("a", name, href=_path(request, code), lang=code, hreflang=code)

    return element("nav", join(choice(code, name) for code, name in LOCALE_NAMES.items()), class_="languages")


def _path(request: Request, code: str) -> str:
    return f"{_safe(request.url.path)}?{request.url.include_query_params(lang=code).query}"


def _safe(path: str) -> str:
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else "/"
