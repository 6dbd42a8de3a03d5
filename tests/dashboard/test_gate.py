"""The gate: who comes in, from where, and what every answer carries."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from config.settings import Settings
from dashboard.context import House
from dashboard.route import GuardedRoute
from storage.accounts import close_session
from storage.attempt import count_attempt
from storage.database import Database, sqlite_url
from storage.migration import migrate

PASSWORD = "correct horse battery"


async def pong(_request: Request) -> Response:
    return PlainTextResponse("pong")


def test_before_the_first_visit_every_page_leads_to_the_setup(served):
    with served.client() as client:
        for path in ("/", "/mentions", "/login"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/setup")


def test_the_first_visit_creates_the_administrator_and_comes_in(served):
    with served.client() as client:
        answer = served.settle(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert client.get("/").text == "inside /"
        assert client.get("/setup").headers["location"] == "/login"


def test_of_two_first_visits_at_once_one_wins(served):
    answers: list[httpx.Response] = []

    def visit() -> None:
        with served.client() as client:
            answers.append(served.settle(client))

    threads = [threading.Thread(target=visit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    came_in = [answer for answer in answers if "groundswell_session" in answer.cookies]
    assert len(came_in) == 1


def test_the_session_cookie_is_kept_from_scripts_and_from_other_sites(served):
    with served.client() as client:
        cookie = next(value for value in served.settle(client).headers.get_list("set-cookie") if "_session=" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_over_https_cookies_are_secure_and_bound_to_the_host(house, gated, listening):
    secure = replace(house, settings=Settings(public_url="https://desk.example"))
    with listening(gated(secure), secure) as served, served.client() as client:
        answer = served.settle(client)
        cookie = next(value for value in answer.headers.get_list("set-cookie") if "Max-Age=1209600" in value)
        assert cookie.startswith("__Host-groundswell=")
        assert "Secure" in cookie
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_without_a_session_a_page_leads_to_the_login_and_back(served, send_form):
    with served.client() as client:
        served.settle(client)
    with served.client() as client:
        answer = client.get("/mentions?sentiment=negative")
        assert answer.headers["location"] == "/login?next=%2Fmentions%3Fsentiment%3Dnegative"
        answer = send_form(client, answer.headers["location"], login="Ada@Example.com", password=PASSWORD)
        assert answer.headers["location"] == "/mentions?sentiment=negative"


def test_the_login_never_leads_elsewhere(served, send_form):
    with served.client() as client:
        served.settle(client)
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        with served.client() as client:
            answer = send_form(client, f"/login?next={target}", login="ada@example.com", password=PASSWORD)
            assert answer.headers["location"] == "/", target


def test_what_pages_load_in_the_background_is_refused_without_a_session(served):
    with served.client() as client:
        served.settle(client)
    with served.client() as client:
        assert client.get("/media/x.png").status_code == 401
        assert client.get("/_stcore/host-config").status_code == 401
        assert client.get("/static/app.js").text == "inside /static/app.js"


def test_a_wrong_password_is_refused_and_the_login_stays_in_the_form(served, send_form):
    with served.client() as client:
        served.settle(client)
    with served.client() as client:
        answer = send_form(client, "/login", login="ada@example.com<b>", password="wrong")
        assert answer.status_code == 422
        assert "do not belong together" in answer.text
        assert 'value="ada@example.com&lt;b&gt;"' in answer.text


def test_too_many_wrong_passwords_are_stopped(served, send_form):
    with served.client() as client:
        served.settle(client)
        for number in range(10):
            count_attempt(
                served.house.db, login="ada@example.com", remote=f"192.0.2.{number}", now=served.house.clock()
            )
        answer = send_form(client, "/login", login="ada@example.com", password=PASSWORD)
    assert answer.status_code == 422
    assert "Too many wrong passwords" in answer.text


def test_a_form_without_its_token_or_from_another_page_changes_nothing(served):
    with served.client() as client:
        fields = {"name": "Eve", "login": "eve", "password": PASSWORD, "again": PASSWORD}
        client.get("/setup")
        assert client.post("/setup", data={**fields, "token": "żółć"}).status_code == 422
        assert client.post("/setup", data=fields, headers={"origin": "https://evil.example"}).status_code == 403
        assert client.get("/").headers["location"] == "/setup"


def test_a_form_that_is_too_long_is_not_read(served):
    with served.client() as client:
        client.get("/setup")
        assert client.post("/setup", content=b"name=" + b"x" * 40_000).status_code == 422


def test_two_passwords_that_differ_and_a_short_one_are_said(served, send_form):
    with served.client() as client:
        fields = {"name": "Ada", "login": "ada", "zone": "UTC"}
        assert "differ" in send_form(client, "/setup", **fields, password=PASSWORD, again="other").text
        assert "at least 12" in send_form(client, "/setup", **fields, password="short", again="short").text


def test_the_entrance_speaks_the_browser_s_language_and_the_one_that_is_asked_for(served):
    with served.client() as client:
        assert '<html lang="uk">' in client.get("/setup", headers={"accept-language": "uk-UA,uk;q=0.9"}).text
        assert '<html lang="pl">' in client.get("/setup?lang=pl").text
        assert '<html lang="en">' in client.get("/setup?lang=xx", headers={"accept-language": "fr"}).text


def test_logging_out_needs_the_token_of_the_session_and_closes_it(served):
    from dashboard.entrance import leave_token

    with served.client() as client:
        served.settle(client)
        session = client.cookies["groundswell_session"]
        assert client.get("/logout").status_code == 405
        assert client.post("/logout", data={"leave": "x"}).status_code == 403
        assert client.get("/").status_code == 200
        assert client.post("/logout", data={"leave": leave_token(session)}).headers["location"] == "/login"
        client.cookies.set("groundswell_session", session)
        assert client.get("/").status_code == 303


def test_a_closed_session_is_over_at_once(served):
    with served.client() as client:
        served.settle(client)
        close_session(served.house.db, client.cookies["groundswell_session"])
        assert client.get("/").headers["location"] == "/login?next=%2F"


def test_a_path_that_nobody_declared_is_refused_even_with_a_session(served):
    undeclared = (
        "/_stcore/agent/interact",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/_stcore/metrics",
        "/_stcore/upload_file/a/b",
        "/component/x/y.js",
        "/auth/login",
        "/oauth2callback",
        "/unknown",
        "/static/%2e%2e/media/x",
        "/static//x",
    )
    with served.client() as client:
        served.settle(client)
        assert {path: client.get(path).status_code for path in undeclared} == dict.fromkeys(undeclared, 404)


def test_a_name_that_is_not_ours_is_refused(served):
    with served.client() as client:
        for host in ("evil.example", "127.0.0.1.evil.example", "a@127.0.0.1", "", "[::1"):
            assert client.get("/setup", headers={"host": host}).status_code in {400, 421}, host


def test_addresses_localhost_and_the_public_name_are_ours(house, gated, listening):
    ours = replace(house, settings=Settings(public_url="http://desk.example"))
    with listening(gated(ours), ours) as served, served.client() as client:
        for host in ("localhost", "desk.localhost:1", "[::1]:8420", "192.168.0.7", "desk.example"):
            assert client.get("/setup", headers={"host": host}).status_code == 200, host


def test_every_answer_carries_the_shield(served):
    with served.client() as client:
        for path in ("/", "/setup", "/nothing", "/static/app.js", "/favicon.svg"):
            headers = client.get(path).headers
            assert "default-src 'none'" in headers["content-security-policy"], path
            assert "unsafe-eval" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert "camera=()" in headers["permissions-policy"]


def test_until_the_database_is_ready_visitors_see_that_it_is_starting(now, tmp_path: Path, gated, listening):
    db = Database(sqlite_url(tmp_path / "late.db"))
    house = House(db=db, clock=lambda: now, settings=Settings())
    health = GuardedRoute(path="/healthz", endpoint=pong, access="public")
    with listening(gated(house, health), house) as served, served.client() as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "3"
        assert "Groundswell is starting" in answer.text
        assert 'http-equiv="refresh"' in answer.text
        assert client.get("/entrance.css").status_code == 200
        assert client.get("/healthz").text == "pong"
        assert not (tmp_path / "late.db").exists(), "the dashboard never makes the database"
        migrate(db, now=now)
        assert client.get("/").headers["location"] == "/setup"
    db.close()


def test_routes_beside_the_pages_keep_to_their_access(house, gated, listening):
    routes = (
        GuardedRoute(path="/healthz", endpoint=pong, access="public"),
        GuardedRoute(path="/api", endpoint=pong, access="session"),
        GuardedRoute(path="/ingest", endpoint=pong, access="token", methods=("POST",), check=_has_token),
    )
    with listening(gated(house, *routes), house) as served, served.client() as client:
        assert client.get("/healthz").text == "pong"
        assert client.get("/api").headers["location"] == "/setup"
        assert client.post("/ingest").status_code == 401
        assert (
            client.post("/ingest", headers={"authorization": "Bearer yes", "origin": "https://x.example"}).text
            == "pong"
        )
        assert client.get("/ingest").status_code == 405
        served.settle(client)
        assert client.get("/api").text == "pong"


def _has_token(request: Request) -> bool:
    return request.headers.get("authorization") == "Bearer yes"


# -- websockets ---------------------------------------------------------------------------------


def handshake(url: str, path: str = "/_stcore/stream", **headers: str) -> int:
    """Try to open a websocket; return the status of the answer."""
    try:
        with connect(url.replace("http", "ws") + path, additional_headers=headers, origin=headers.pop("origin", None)):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_a_websocket_needs_a_session_and_a_page_of_ours(served):
    with served.client() as client:
        served.settle(client)
        cookie = f"groundswell_session={client.cookies['groundswell_session']}"
    assert handshake(served.url, cookie=cookie, origin=served.url) == 101
    assert handshake(served.url, cookie="groundswell_session=wrong", origin=served.url) == 403
    assert handshake(served.url, origin=served.url) == 403
    assert handshake(served.url, cookie=cookie) == 403, "a browser always says where it comes from"
    for origin in ("https://evil.example", "http://127.0.0.1", "null", "http://127.0.0.1.evil.example", "file://"):
        assert handshake(served.url, cookie=cookie, origin=origin) == 403, origin


def test_the_public_address_may_open_a_websocket_behind_a_proxy(house, gated, listening):
    public = replace(house, settings=Settings(public_url="http://desk.example"))
    with listening(gated(public), public) as served:
        with served.client() as client:
            served.settle(client)
            cookie = f"groundswell_session={client.cookies['groundswell_session']}"
        assert handshake(served.url, cookie=cookie, origin="http://desk.example") == 101
        assert handshake(served.url, cookie=cookie, origin="https://desk.example") == 403


def test_a_websocket_anywhere_else_is_refused(served):
    with served.client() as client:
        served.settle(client)
        cookie = f"groundswell_session={client.cookies['groundswell_session']}"
    assert handshake(served.url, "/elsewhere", cookie=cookie, origin=served.url) == 403
    assert handshake(served.url, "/mentions", cookie=cookie, origin=served.url) == 403
