"""Reads what a person types for `groundswell init`; every reader raises ValueError that says what is allowed."""

from __future__ import annotations

import re
from typing import Final, cast, get_args
from urllib.parse import urlsplit

from config import zone
from config.settings import Locale
from groundswell.locality import find_country

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_DOMAIN: Final = re.compile(r"[^\s/@:.]+(?:\.[^\s/@:.]+)+")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+")
_ADDRESS: Final = re.compile(r"[^@\s,<>\"]+@[^@\s,<>\"]+")
_LONGEST_NAME: Final = 80
_LONGEST_WORD: Final = 200
_HIGHEST_PORT: Final = 65_535

Texts = tuple[str, ...]
"""An answer in its parts: what stood between commas, or in several flags of one name."""


def split(text: str) -> Texts:
    """Return the parts of `text` that are set apart by commas, without empty and repeated ones."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def brand(parts: Texts) -> str:
    """Return a brand's name."""
    name = ", ".join(parts)
    if not name or len(name) > _LONGEST_NAME or re.search(r"[/\n\r\t]", name):
        raise ValueError(f"{name!r} cannot be a brand's name; allowed: up to {_LONGEST_NAME} characters, no slash")
    return name


def country(parts: Texts) -> str | None:
    """Return an ISO 3166 code, or None for an empty answer."""
    return find_country(", ".join(parts)) if parts else None


def languages(parts: Texts) -> Texts:
    """Return ISO 639 codes, at least one."""
    codes = tuple(dict.fromkeys(part.lower() for part in parts))
    wrong = [code for code in codes if not _LANGUAGE.fullmatch(code)]
    if wrong or not codes:
        raise ValueError(f"{', '.join(wrong) or 'nothing'} is no language; allowed: ISO 639 codes such as en, uk, ru")
    return codes


def timezone(parts: Texts) -> str:
    """Return the name of an IANA zone."""
    name = parts[0] if parts else ""
    if len(parts) != 1 or not zone.is_zone(name):
        raise ValueError(f"{name!r} is no IANA time zone; allowed: {zone.allowed(name)}")
    return name


def words(parts: Texts) -> Texts:
    """Return words and phrases, at least one."""
    if not parts or max(map(len, parts)) > _LONGEST_WORD:
        raise ValueError(f"there must be a word; allowed: one or more, each up to {_LONGEST_WORD} characters")
    return parts


def accounts(parts: Texts) -> Texts:
    """Return handles of accounts."""
    return parts


def domains(parts: Texts) -> Texts:
    """Return web domains; addresses of pages are cut down to theirs."""
    found = tuple(urlsplit(part if "//" in part else f"//{part}").hostname or part for part in parts)
    wrong = [domain for domain in found if not _DOMAIN.fullmatch(domain)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no web domain; allowed: names such as example.com")
    return tuple(dict.fromkeys(domain.removeprefix("www.") for domain in found))


def addresses(parts: Texts) -> Texts:
    """Return e-mail addresses, or nothing."""
    wrong = [part for part in parts if not _ADDRESS.fullmatch(part)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no e-mail address; allowed: addresses such as team@example.com")
    return parts


def address(parts: Texts) -> str:
    """Return one e-mail address."""
    if len(parts) != 1:
        raise ValueError("there must be one e-mail address; allowed: an address such as team@example.com")
    return addresses(parts)[0]


def server(parts: Texts) -> tuple[str, int | None] | None:
    """Return host and port of a mail server, None for a port left out; None for an empty answer."""
    if not parts:
        return None
    host, colon, port = parts[0].partition(":")
    if not _HOST.fullmatch(host) or len(parts) > 1 or (colon and not _is_port(port)):
        raise ValueError(f"{', '.join(parts)!r} is no mail server; allowed: host or host:port, as mail.example.com:587")
    return host, int(port) if colon else None


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) <= _HIGHEST_PORT


def webhook(parts: Texts) -> str | None:
    """Return the address of a webhook, or None for an empty answer. It is a secret: errors do not repeat it."""
    if not parts:
        return None
    found = urlsplit(parts[0])
    if found.scheme not in {"http", "https"} or not found.hostname or len(parts) > 1:
        raise ValueError("this is no address of a webhook; allowed: one that begins with https://")
    return parts[0]


def text(parts: Texts) -> str | None:
    """Return any text, or None for an empty answer."""
    return ", ".join(parts) or None


def contact(parts: Texts) -> str | None:
    """Return how to reach whoever runs this, or None for an empty answer; it goes into a header of every request."""
    found = text(parts)
    if found and not (found.isascii() and found.isprintable()):
        raise ValueError(f"{found!r} cannot stand in a User-Agent; allowed: an address of ASCII characters")
    return found


def locale(parts: Texts) -> Locale:
    """Return a language of messages."""
    name = parts[0] if parts else ""
    for known in get_args(Locale):
        if known == name:
            return cast("Locale", known)
    raise ValueError(f"messages cannot be written in {name!r}; allowed: {', '.join(get_args(Locale))}")
