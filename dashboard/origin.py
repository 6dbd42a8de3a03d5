"""Which names this server answers to, and whether a request comes from one of its own pages.

A page elsewhere may point a name of its own at this machine (DNS rebinding) or open a websocket to it; neither
may work. Addresses and localhost are always ours, other names must be the public address or the machine's own.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from config.settings import Settings


class Names:
    """The names of this server: its public address, the address it listens on, the machine, localhost, addresses."""

    def __init__(self, settings: Settings) -> None:
        machine = socket.gethostname().casefold()
        self._public = urlsplit(settings.base_url)
        self._known = {"localhost", machine, settings.host.casefold(), (self._public.hostname or "").casefold()}

    def is_ours(self, host: str | None) -> bool:
        """Whether the Host header names this server."""
        name = _hostname(host)
        return name is not None and (name in self._known or name.endswith(".localhost") or _is_address(name))

    def is_same(self, origin: str | None, host: str | None) -> bool:
        """Whether a request with this Origin comes from a page of ours, asked for under the same name."""
        if not origin or not self.is_ours(host):
            return False
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if parts.scheme not in {"http", "https"}:
            return False
        same_host = host is not None and parts.netloc.casefold() == host.casefold()
        return same_host or (parts.scheme, parts.netloc) == (self._public.scheme, self._public.netloc)


def _hostname(host: str | None) -> str | None:
    if not host or any(character in host for character in "/@?#\\ "):
        return None
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return name.casefold().rstrip(".") if name else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
