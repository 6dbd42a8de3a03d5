"""What the fields of forms are called. An option that is not known here is called by its own key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.i18n import Translator, mark

PLUGINS: Final[Mapping[str, str]] = {
    "rss": mark("Feed (RSS, Atom, JSON)"),
    "hackernews": mark("Hacker News"),
    "file": mark("File on the server (CSV, JSONL)"),
    "sample": mark("Invented sample"),
    "email": mark("E-mail"),
    "slack": mark("Slack"),
    "webhook": mark("Webhook"),
    "log": mark("Log on the server"),
}
OPTIONS: Final[Mapping[str, str]] = {
    "base_url": mark("Address of the service"),
    "ca_file": mark("Certificate authority"),
    "columns": mark("Columns"),
    "comments": mark("Comments"),
    "delimiter": mark("Delimiter"),
    "encoding": mark("Encoding"),
    "format": mark("Format"),
    "host": mark("Server"),
    "language": mark("Language"),
    "max_bytes": mark("Largest size, in bytes"),
    "name": mark("Name"),
    "password": mark("Password"),
    "path": mark("File"),
    "port": mark("Port"),
    "rating_max": mark("Best rating"),
    "secret": mark("Signing key"),
    "security": mark("Encryption"),
    "seed": mark("Seed"),
    "sender": mark("Sender"),
    "started": mark("Started"),
    "stream": mark("Stream"),
    "to": mark("Recipients"),
    "url": mark("Address"),
    "username": mark("Login"),
    "words": mark("Words"),
}


def plugin(name: str, t: Translator) -> str:
    """Return what a connector or a channel is called."""
    return t(PLUGINS[name]) if name in PLUGINS else name


def option(key: str, t: Translator) -> str:
    """Return what an option is called; those inside others by the whole path."""
    return " · ".join(_step(step, t) for step in key.split("."))


def _step(step: str, t: Translator) -> str:
    if step in OPTIONS:
        return t(OPTIONS[step])
    words = step.replace("_", " ")
    return words[:1].upper() + words[1:]
