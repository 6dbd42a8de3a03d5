"""Routes: every path of the house declares who may ask for it; a path that declares nothing is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

Access = Literal["public", "session", "token", "signature"]
ACCESSES: Final[tuple[Access, ...]] = ("public", "session", "token", "signature")
Endpoint = Callable[[Request], Awaitable[Response]]
Check = Callable[[Request], bool]
READ: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRoute:
    """A route of ours, and who may ask for it.

    `public`: anybody. `session`: whoever is logged in. `token` and `signature`: whoever `check` lets through,
    so such a route must bring one; it runs in a thread, before the endpoint. `background` says that pages load
    it by themselves: it is answered even before the database is ready, and never sends anybody to the login.
    """

    path: str
    endpoint: Endpoint
    access: Access
    methods: tuple[str, ...] = READ
    check: Check | None = None
    background: bool = False

    def __post_init__(self) -> None:
        if self.access not in ACCESSES:
            raise ValueError(f"route {self.path}: access {self.access!r} is unknown; allowed: {', '.join(ACCESSES)}")
        if (self.access in {"token", "signature"}) != (self.check is not None):
            raise ValueError(f"route {self.path}: token and signature routes bring a `check`, the others none")
        if not self.path.startswith("/"):
            raise ValueError(f"route {self.path}: a path begins with a slash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the gate knows about a path. `below` says that every path under it is meant, `ours` that people's pages
    or forms answer there; `background` as for GuardedRoute."""

    path: str
    access: Access
    methods: tuple[str, ...] = READ
    check: Check | None = None
    below: bool = False
    ours: bool = True
    background: bool = False

    def leads_to(self, path: str) -> bool:
        """Whether `path` is behind this door."""
        return path.startswith(self.path) if self.below else path == self.path


# Streamlit's own paths. Its agent API, its metrics, uploads, components and its login are not among them: refused.
STREAMLIT: Final = (
    Door(path="/static/", access="public", below=True, background=True),
    Door(path="/_stcore/health", access="public", background=True),
    Door(path="/_stcore/host-config", access="session", background=True),
    Door(path="/_stcore/stream", access="session", methods=("WEBSOCKET",)),
    Door(path="/media/", access="session", below=True, background=True),
)


class Doors:
    """All paths that are answered, with their access."""

    def __init__(self, doors: Iterable[Door]) -> None:
        self.all = tuple(doors)
        paths = [door.path for door in self.all]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"route {twice[0]}: declared twice")

    def find(self, path: str) -> Door | None:
        """Return the door of a path; None where nothing was declared or the path is up to something."""
        if "\\" in path or "//" in path or ".." in path.split("/"):
            return None
        return next((door for door in self.all if door.leads_to(path)), None)


def doors_of(routes: Sequence[GuardedRoute], *, ours: bool) -> tuple[Door, ...]:
    """Return the doors of routes. What needs a session is asked for by people, whoever added it."""
    return tuple(
        Door(
            path=route.path,
            access=route.access,
            methods=_methods(route),
            check=route.check,
            ours=ours or route.access == "session",
            background=route.background,
        )
        for route in routes
    )


def _methods(route: GuardedRoute) -> tuple[str, ...]:
    return (*route.methods, "HEAD") if "GET" in route.methods and "HEAD" not in route.methods else route.methods
