import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.address import AddressGuard, is_public, parse_allowance
from crawlers.connector import PermanentError, TemporaryError

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address to refuse, nothing is bound
    "224.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "3fff::1",
    "fc00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_leads_inside_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_on_the_open_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_in_ipv6_never_makes_it_public(address: ipaddress.IPv4Address) -> None:
    for prefix, shift in (("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80)):
        wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | int(address) << shift)
        assert is_public(wrapped) <= is_public(address)


def guard(*addresses: str, allow: tuple[str, ...] = ()) -> AddressGuard:
    return AddressGuard(allow, resolve=lambda _host, _port: addresses)


def test_a_public_name_gives_its_addresses() -> None:
    assert guard("8.8.8.8", "2606:4700::1111").addresses("example.com", 443) == ("8.8.8.8", "2606:4700::1111")


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(PermanentError, match=r"private address: trick\.example leads to 10\.0\.0\.1"):
        guard("8.8.8.8", "10.0.0.1").addresses("trick.example", 80)


@pytest.mark.parametrize(
    ("entry", "port", "allowed"),
    [
        ("shop.internal", 80, True),
        ("SHOP.internal", 80, True),
        ("shop.internal:8080", 8080, True),
        ("shop.internal:8080", 80, False),
        ("10.0.0.5", 80, True),
        ("10.0.0.5:80", 80, True),
        ("10.0.0.5:81", 80, False),
        ("10.0.0.0/8", 80, True),
        ("192.168.0.0/16", 80, False),
        ("other.internal", 80, False),
    ],
)
def test_what_the_operator_allows_may_be_reached(entry: str, port: int, allowed: bool) -> None:
    checked = guard("10.0.0.5", allow=(entry,))
    if allowed:
        assert checked.addresses("Shop.Internal.", port) == ("10.0.0.5",)
    else:
        with pytest.raises(PermanentError):
            checked.addresses("shop.internal", port)


def test_an_ipv6_address_with_a_port_may_be_allowed() -> None:
    checked = guard("::1", allow=("[::1]:8080",))
    assert checked.addresses("[::1]", 8080) == ("::1",)
    assert checked.is_own("::1", 8080)
    with pytest.raises(PermanentError):
        checked.addresses("::1", 80)


@pytest.mark.parametrize("entry", ["", ":80", "host:http", "10.0.0.0/99", "a b", "user@host"])
def test_an_entry_that_is_not_understood_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="allow_private"):
        parse_allowance(entry)


def test_odd_spellings_of_loopback_are_refused_after_resolving() -> None:
    for host in ("2130706433", "0x7f.1", "127.1", "localhost"):
        with pytest.raises(PermanentError, match="private address"):
            AddressGuard().addresses(host, 80)


def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    def fail(host: str, port: int) -> tuple[str, ...]:
        raise OSError(f"no such name {host}:{port}")

    with pytest.raises(TemporaryError, match="cannot be resolved"):
        AddressGuard(resolve=fail).addresses("gone.example", 80)
