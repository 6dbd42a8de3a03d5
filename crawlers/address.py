"""The private-address guard: which network addresses a URL from outside may lead to.

`ipaddress` alone is not enough: `is_global` is True for 64:ff9b::7f00:1 (NAT64), 2002:7f00:1:: (6to4),
fec0::1 and 224.0.0.1, each of which can lead into a private network.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from crawlers.connector import PermanentError, TemporaryError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
SIX_TO_FOUR: Final = ipaddress.IPv6Network("2002::/16")  # RFC 3056
DENIED: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "::/96",  # "IPv4-compatible", RFC 4291: ::127.0.0.1
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "100::/64",  # discard, RFC 6666
        "2001::/23",  # Teredo and other special purposes, RFC 2928
        "2001:db8::/32",
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",  # site-local, RFC 3879
        "ff00::/8",  # multicast
    )
)


def is_public(address: Address) -> bool:
    """Whether `address` belongs to a machine on the open internet, seen through every way of wrapping IPv4 in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not any(address in network for network in DENIED if network.version == address.version)


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def resolve(host: str, port: int) -> Sequence[str]:
    """Return every address that the system's resolver gives for `host`; raise OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One entry of `allow_private`: a host name or a network, for one port or for all."""

    host: str | None = None
    network: Network | None = None
    port: int | None = None

    def covers(self, host: str, port: int, address: Address | None) -> bool:
        """Whether this entry lets `host` (a name) or `address` be reached on `port`."""
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address is not None and address.version == self.network.version and address in self.network
        return self.host == host


def parse_allowance(entry: str) -> Allowance:
    """Read `name`, `address`, `network/bits`, `name:port`, `address:port` or `[ipv6]:port`; raise ValueError."""
    text = entry.strip().lower()
    if (network := _network(text)) is not None:
        return Allowance(network=network)
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, ""
    if not host or (colon and not port.isdecimal()) or any(sign in host for sign in "/ @"):
        raise ValueError(
            f"allow_private: {entry!r} is not understood; write a host name, an address, a network such as "
            "10.0.0.0/8, or host:port"
        )
    network = _network(host.removeprefix("[").removesuffix("]"))
    return Allowance(host=None if network else host, network=network, port=int(port) if port else None)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


class AddressGuard:
    """Resolves host names and refuses those that lead to a private address, but for what the operator allows."""

    def __init__(self, allow_private: Sequence[str] = (), *, resolve: Resolve = resolve) -> None:
        self._allowances = tuple(parse_allowance(entry) for entry in allow_private)
        self._resolve = resolve

    def is_own(self, host: str, port: int) -> bool:
        """Whether the operator named this host (or, for a literal address, its network) in `allow_private`."""
        name = _bare(host)
        return any(entry.covers(name, port, _address(name)) for entry in self._allowances)

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of `host` that may be connected to, all of them checked.

        Raises PermanentError when any of them is private and not allowed (a name that has both a public
        and a private address is a known trick), TemporaryError when the name cannot be resolved.
        """
        name = _bare(host)
        try:
            found = self._resolve(name, port)
        except OSError as error:
            raise TemporaryError(f"{name}: the host name cannot be resolved ({error}); tried again later") from error
        except UnicodeError as error:
            raise PermanentError(f"{name}: not a host name ({error})") from error
        if not found:
            raise TemporaryError(f"{name}: the host name has no address; tried again later")
        for text in found:
            self._check(name, port, ipaddress.ip_address(text))
        return tuple(found)

    def _check(self, host: str, port: int, address: Address) -> None:
        if is_public(address) or any(entry.covers(host, port, address) for entry in self._allowances):
            return
        raise PermanentError(
            f"private address: {host} leads to {address}, which is not on the open internet; "
            f"name it in server.allow_private if it should be reached"
        )


def _bare(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]").rstrip(".")
