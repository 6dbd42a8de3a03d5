"""The questions of `groundswell init`: asked with sensible defaults, or answered by flags."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from config.error import ConfigError, Problem
from config.i18n import LOCALES
from groundswell import reading
from groundswell.answers import Answers, Mail
from groundswell.locality import languages_of, timezone_of
from groundswell.reading import Texts

T = TypeVar("T")
NOTHING: Final = "-"
"""What a person types to leave a question with a default unanswered."""

Refuse = Callable[[str], None]
"""Tells why an answer cannot be used; the question is then asked again."""


class Ask(Protocol):
    """Asks a question with a default and returns what was typed, or the default."""

    def __call__(self, question: str, default: str, *, secret: bool = False) -> str:
        """Return the answer; `secret` ones are not shown while they are typed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the command line said already; an empty one said nothing. Each has one part a flag given."""

    brand: Texts = ()
    country: Texts = ()
    language: Texts = ()
    timezone: Texts = ()
    word: Texts = ()
    account: Texts = ()
    domain: Texts = ()
    email: Texts = ()
    smtp: Texts = ()
    smtp_sender: Texts = ()
    smtp_username: Texts = ()
    smtp_password: Texts = field(default=(), repr=False)
    slack: Texts = field(default=(), repr=False)
    locale: Texts = ()
    contact: Texts = ()


_READERS: Final[dict[str, Callable[[Texts], Any]]] = {
    "brand": reading.brand,
    "country": reading.country,
    "language": reading.languages,
    "timezone": reading.timezone,
    "word": reading.words,
    "account": reading.accounts,
    "domain": reading.domains,
    "email": reading.addresses,
    "smtp": reading.server,
    "smtp_sender": reading.address,
    "smtp_username": reading.text,
    "smtp_password": reading.text,
    "slack": reading.webhook,
    "locale": reading.locale,
    "contact": reading.contact,
}


def ask(flags: Flags, *, prompt: Ask, refuse: Refuse) -> Answers:
    """Return answers, asking for everything that `flags` leave open, with defaults that fit the country.

    A flag that cannot be used is a ConfigError; a typed answer that cannot be used is asked for again.
    """
    _require(_wrong(flags))
    return _collect(_Interview(flags, prompt, refuse))


def answer(flags: Flags) -> Answers:
    """Return answers from `flags` and defaults alone (`--yes`); raise ConfigError naming every wrong flag."""
    _require([*_missing(flags), *_wrong(flags)])
    return _collect(_Interview(flags, None, None))


def prompt_on_terminal(question: str, default: str, *, secret: bool = False) -> str:
    """Ask on the terminal; Enter takes the default, `-` leaves the question unanswered."""
    import typer

    return str(typer.prompt(question, default=default, show_default=bool(default), hide_input=secret))


def refuse_on_terminal(reason: str) -> None:
    """Say on the terminal why an answer cannot be used."""
    import typer

    typer.secho(reason, fg=typer.colors.YELLOW, err=True)


def _require(problems: list[Problem]) -> None:
    if problems:
        raise ConfigError(problems)


def _missing(flags: Flags) -> Iterator[Problem]:
    if not flags.brand:
        yield Problem(key="--brand", message="this flag is missing", allowed="a brand's name")
    if flags.email and not flags.smtp:
        yield Problem(key="--smtp", message="e-mail needs a mail server", allowed="host or host:port")


def _wrong(flags: Flags) -> list[Problem]:
    return list(_wrong_flags(flags))


def _wrong_flags(flags: Flags) -> Iterator[Problem]:
    for name, read in _READERS.items():
        given = getattr(flags, name)
        try:
            if given:
                read(given)
        except ValueError as error:
            yield Problem(key=f"--{name.replace('_', '-')}", message=str(error))


class _Interview:
    """Takes each answer from its flag, else from a person, else from the default."""

    def __init__(self, flags: Flags, prompt: Ask | None, refuse: Refuse | None) -> None:
        self._flags = flags
        self._prompt = prompt
        self._refuse = refuse

    def take(self, name: str, question: str, default: str, read: Callable[[Texts], T], *, secret: bool = False) -> T:
        """Return the answer to `question`, asking again until it can be read."""
        given: Texts = getattr(self._flags, name)
        if given:
            return read(given)
        if self._prompt is None or self._refuse is None:
            return read(reading.split(default))
        while True:
            typed = self._prompt(question, default, secret=secret).strip()
            typed = "" if typed == NOTHING else typed
            try:
                return read(((typed,) if typed else ()) if secret else reading.split(typed))
            except ValueError as error:
                self._refuse(f"{error}. Please answer again.")


def _collect(interview: _Interview) -> Answers:
    take = interview.take
    brand = take("brand", "What is the brand called?", "", reading.brand)
    country = take("country", "In which country is it at home? (code or English name)", "", reading.country)
    spoken = ", ".join(languages_of(country) if country else ()) or "en"
    languages = take("language", "Which languages do its customers write in? (codes)", spoken, reading.languages)
    zone = timezone_of(country) if country else "UTC"
    timezone = take("timezone", "In which time zone is its working day?", zone, reading.timezone)
    words = take("word", "What do people call it? (words or phrases, commas between)", brand, reading.words)
    accounts = take("account", "Which accounts are its own? (commas between)", "", reading.accounts)
    domains = take("domain", "Which web domains are its own? (commas between)", "", reading.domains)
    slack = take("slack", "Slack webhook for alerts (empty: no Slack)", "", reading.webhook)
    mail = _mail(interview, domains)
    known = next((code for code in languages if code in LOCALES), "en")
    locale = take("locale", f"Language of the messages ({', '.join(LOCALES)})", known, reading.locale)
    contact = mail.to[0] if mail and mail.to[0].isascii() else ""
    return Answers(
        brand=brand,
        country=country,
        languages=languages,
        timezone=timezone,
        words=words,
        accounts=accounts,
        domains=domains,
        mail=mail,
        slack=slack,
        locale=locale,
        contact=take("contact", "Address that site owners can write to (in the User-Agent)", contact, reading.contact),
    )


def _mail(interview: _Interview, domains: Texts) -> Mail | None:
    take = interview.take
    to = take("email", "E-mail addresses for alerts (commas between; empty: no e-mail)", "", reading.addresses)
    if not to:
        return None
    server = take("smtp", "Your mail server (host or host:port; empty: no e-mail)", "", reading.server)
    if server is None:
        return None
    host, port = server
    ours = f"groundswell@{domains[0]}" if domains else to[0]
    sender = take("smtp_sender", "From which address?", ours, reading.address)
    username = take("smtp_username", "User name at the mail server (empty: none)", "", reading.text)
    password = None
    if username:
        password = take("smtp_password", "Password", "", reading.text, secret=True)
    return Mail(to=to, sender=sender, host=host, port=port, username=username, password=password)
