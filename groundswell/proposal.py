"""What `groundswell init` proposes for a brand: sources that need no key, a query, a rule, channels."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from config.settings import Declaration, Settings, SourceSpec
from crawlers.address import is_public
from groundswell.answers import Answers, Mail
from groundswell.locality import edition

_SECURITY: Final[dict[int | None, str]] = {
    465: "ssl",
    25: "none",
}  # what these ports mean by custom; any other speaks STARTTLS
_MOST_TAGS: Final = 3
_LONGEST_NAME: Final = 80
_SMTP_PORT: Final = 587
_MOST_WORDS_IN_SEARCH: Final = 8  # longer searches are cut off or refused by some of the services


def sources(answers: Answers) -> tuple[SourceSpec, ...]:
    """Return the sources that fit `answers`. No one is bound to the brand: its query decides what concerns it."""
    return tuple(SourceSpec.model_validate(raw) for raw in _raw_sources(answers))


def _raw_sources(answers: Answers) -> Iterator[dict[str, Any]]:
    search = _search(answers.words)
    for language in answers.languages:
        yield from _news(answers, language, search)
    if "en" in answers.languages:
        words = answers.words[:_MOST_WORDS_IN_SEARCH]
        yield _source(answers, "Hacker News", "hackernews", None, every="10m", options={"words": words})
    reddit = urlencode({"q": search, "sort": "new"})
    yield _source(answers, "Reddit", "rss", "forum", url=f"https://www.reddit.com/search.rss?{reddit}")
    for tag in tags(answers.words)[:_MOST_TAGS]:
        url = f"https://mastodon.social/tags/{quote(tag)}.rss"
        yield _source(answers, f"Mastodon #{tag}", "rss", "social", url=url)


def _news(answers: Answers, language: str, search: str) -> Iterator[dict[str, Any]]:
    country = edition(language, answers.country)
    google = urlencode({"q": search, "hl": language, "gl": country, "ceid": f"{country}:{language}"})
    bing = urlencode({"q": search, "format": "rss", "setlang": language, "cc": country})
    place = f"{language}, {country}"
    yield _source(answers, f"Google News ({place})", "rss", "news", url=f"https://news.google.com/rss/search?{google}")
    yield _source(answers, f"Bing News ({place})", "rss", "news", url=f"https://www.bing.com/news/search?{bing}")


def _source(
    answers: Answers,
    place: str,
    connector: str,
    kind: str | None,
    *,
    every: str = "15m",
    url: str | None = None,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "name": _named(answers.brand, place),
        "type": connector,
        "kind": kind,
        "every": every,
        "options": options or {"url": url},
    }


def _named(brand: str, what: str) -> str:
    """Return a name that fits into the limit of names, cutting the brand rather than what tells it apart."""
    room = _LONGEST_NAME - len(what) - 2
    return f"{brand[:room].rstrip()}: {what}"[:_LONGEST_NAME]


def _search(words: tuple[str, ...]) -> str:
    quoted = (f'"{word.replace(chr(34), " ").strip()}"' for word in words[:_MOST_WORDS_IN_SEARCH])
    return " OR ".join(quoted)


def tags(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the hashtags, without `#`, that people would write for `words`: `Kyiv Bank` becomes `kyivbank`."""
    found: dict[str, None] = {}
    for word in words:
        # Composed letters, then only letters, digits and underscores: what hashtags are made of.
        tag = re.sub(r"[^\w]", "", unicodedata.normalize("NFC", word)).casefold()
        if tag and not tag.isdigit():
            found[tag] = None
    return tuple(found)


def declaration(answers: Answers, chosen: tuple[SourceSpec, ...]) -> Declaration:
    """Return everything that goes into the database: the brand, its query, `chosen` sources, channels, a rule."""
    return Declaration.model_validate(
        {
            "brands": [_brand(answers)],
            "queries": [_query(answers)],
            "sources": [source.model_dump() for source in chosen],
            "channels": list(_channels(answers)),
            "rules": [_rule(answers)],
        }
    )


def _brand(answers: Answers) -> dict[str, Any]:
    return {
        "name": answers.brand,
        "country": answers.country,
        "languages": answers.languages,
        "timezone": answers.timezone,
        "accounts": answers.accounts,
        "domains": answers.domains,
    }


def _query(answers: Answers) -> dict[str, Any]:
    # The hashtag forms too: a post that says only #kyivbank concerns Kyiv Bank.
    known = {word.casefold() for word in answers.words}
    written_together = (tag for tag in tags(answers.words) if tag not in known)
    return {"name": answers.brand, "brand": answers.brand, "any": (*answers.words, *written_together)}


def _rule(answers: Answers) -> dict[str, Any]:
    return {"name": _named(answers.brand, "many negatives"), "brand": answers.brand}


def _channels(answers: Answers) -> Iterator[dict[str, Any]]:
    if answers.slack:
        yield {"name": "Slack", "type": "slack", "options": {"url": answers.slack}}
    if answers.mail:
        yield {"name": "E-mail", "type": "email", "options": _mail_options(answers.mail)}


def _mail_options(mail: Mail) -> dict[str, Any]:
    options = {
        "host": mail.host,
        "port": mail.port,
        "security": _SECURITY.get(mail.port, "starttls"),
        "sender": mail.sender,
        "to": mail.to,
        "username": mail.username,
        "password": mail.password,
    }
    return {key: value for key, value in options.items() if value is not None}


def settings(answers: Answers) -> Settings:
    """Return the server's settings that `answers` ask for.

    A mail server on a private address that a person has named may be reached; nothing else private may.
    """
    mail = answers.mail
    allowed = (f"{mail.host}:{mail.port or _SMTP_PORT}",) if mail and is_private(mail.host) else ()
    return Settings(locale=answers.locale, contact=answers.contact, allow_private=allowed)


def is_private(host: str) -> bool:
    """Whether `host` is plainly a machine of one's own: localhost, or an address that is not on the internet."""
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost"


def settings_file(settings: Settings) -> str:
    """Return a commented groundswell.yaml that holds the server's settings only.

    What differs from the default is set; everything else stands there as a comment.
    """
    lines = [
        "# The settings of the Groundswell server. Brands, queries, sources, channels and rules live in the",
        "# database and are edited in the dashboard; this file may declare them too: docs/settings.md.",
        "# An environment variable such as GROUNDSWELL_PORT goes before what stands here.",
        "server:",
    ]
    for name, field in Settings.model_fields.items():
        value, default = getattr(settings, name), field.get_default()
        lines += ["", f"  # {field.description or name}"]
        lines.append(f"  {'# ' if value == default else ''}{name}:{_yaml(value)}")
    return "\n".join(lines) + "\n"


def _yaml(value: object) -> str:
    import yaml

    if value is None:
        return ""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=10_000)
    # PyYAML ends a lone scalar with a document end marker.
    return " " + text.removesuffix("...\n").strip()
