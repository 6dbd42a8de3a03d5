"""The table of routes: each declares who may ask for it, and what is not in it is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from dashboard.entrance import Entrance
from dashboard.navigation import PATHS
from dashboard.route import ACCESSES, STREAMLIT, Door, Doors, GuardedRoute, doors_of


async def pong(_request: Request) -> Response:
    return PlainTextResponse("pong")


def test_every_route_of_ours_declares_its_access(house):
    routes = Entrance(house).routes()
    assert {route.access for route in routes} == {"public"}
    assert {door.access for door in (*STREAMLIT, *doors_of(routes, ours=True))} <= set(ACCESSES)


def test_a_route_that_declares_nothing_known_is_refused():
    with pytest.raises(ValueError, match="access 'anybody' is unknown; allowed: public, session, token, signature"):
        GuardedRoute(path="/x", endpoint=pong, access="anybody")
    with pytest.raises(TypeError):
        GuardedRoute(path="/x", endpoint=pong)


@pytest.mark.parametrize("access", ["token", "signature"])
def test_a_token_route_without_a_check_is_refused(access):
    with pytest.raises(ValueError, match="bring a `check`"):
        GuardedRoute(path="/x", endpoint=pong, access=access)


def test_a_path_that_is_declared_twice_is_refused():
    route = GuardedRoute(path="/login", endpoint=pong, access="public")
    with pytest.raises(ValueError, match="/login: declared twice"):
        Doors(doors_of((route, route), ours=True))


def test_reading_a_page_includes_asking_for_its_head():
    assert doors_of((GuardedRoute(path="/x", endpoint=pong, access="public", methods=("GET",)),), ours=False)[
        0
    ].methods == ("GET", "HEAD")


def test_a_path_that_is_up_to_something_leads_nowhere():
    doors = Doors((Door(path="/static/", access="public", below=True),))
    assert doors.find("/static/a/b.js") is not None
    for path in ("/static", "/static/../x", "/static//x", "/static/\\x", "/staticx", "//static/x"):
        assert doors.find(path) is None, path


def test_of_streamlit_s_own_routes_only_what_pages_need_is_let_through():
    runtime = SimpleNamespace(
        media_file_mgr=SimpleNamespace(_storage=None),
        uploaded_file_mgr=None,
        component_registry=None,
        bidi_component_registry=None,
        stats_mgr=None,
    )
    doors = Doors(STREAMLIT)
    paths = {route.path for route in create_streamlit_routes(runtime)}
    assert {path for path in paths if doors.find(path)} == {
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/stream",
        "/media/{file_id:path}",
    }


def test_the_pages_have_paths_of_one_step():
    assert PATHS[0] == "/"
    assert all(path.count("/") == 1 for path in PATHS)
