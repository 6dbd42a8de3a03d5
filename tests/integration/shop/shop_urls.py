"""The addresses of the shop: Oscar's own, and a robots.txt such as shops have."""

from __future__ import annotations

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

ROBOTS = """User-agent: *
Disallow: /accounts/
Disallow: /basket/
Disallow: /checkout/
Disallow: /dashboard/
Disallow: /search/
Disallow: /*/reviews/add/
"""


def robots(_request: HttpRequest) -> HttpResponse:
    """Say what may be read."""
    return HttpResponse(ROBOTS, content_type="text/plain")


urlpatterns = [
    path("robots.txt", robots),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
