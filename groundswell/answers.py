"""What a person told `groundswell init` about their brand."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.settings import Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Where alerts go by e-mail, and the server that takes them. The password is a secret."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One brand: `country` is an ISO 3166 code, `languages` are ISO 639 codes, `words` what people call it."""

    brand: str
    country: str | None
    languages: tuple[str, ...]
    timezone: str
    words: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    mail: Mail | None = None
    slack: str | None = field(default=None, repr=False)
    locale: Locale = "en"
    contact: str | None = None
