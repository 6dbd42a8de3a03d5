"""Markup that is safe by construction: the only place in the dashboard where HTML is made.

Text from outside is hostile. Whatever is not `Html` already is escaped, attributes too, and an address must be
a path of ours or http(s); so a page cannot forget to escape, and a mention cannot become markup.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

Span = tuple[int, int]
_VOID: Final = frozenset({"input", "br", "hr", "meta", "link"})
_ADDRESSES: Final = frozenset({"href", "action", "src"})
_STEERING: Final = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff\u200b\u2060"
)


class Html(str):
    """A piece of finished markup; only this module makes it."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: str | int | bool | None) -> Html:
    """Return an element. Children that are not `Html` are escaped; None children and attributes are left out.

    A trailing underscore and inner underscores of attribute names become what HTML calls them: `class_`,
    `data_label`. True stands for an attribute without a value.
    """
    opening = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in _VOID:
        return Html(opening)
    return Html(f"{opening}{join(child for child in children if child is not None)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Return the parts one after another, escaping what is not `Html`."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def escape(text: str) -> Html:
    """Return hostile text as markup that shows it: escaped, without control characters or direction marks."""
    return Html(html.escape("".join(character for character in text if _is_visible(character)), quote=True))


def outside(url: str | None) -> str | None:
    """Return the address if a browser may be sent there (http or https, with a host), else None."""
    if not url or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname and "\\" not in url else None


def link(url: str | None, *children: str | None, class_: str | None = None, title: str | None = None) -> Html:
    """Return a link to an address outside, in a new tab and without a referrer; plain text if it may not be one."""
    safe = outside(url)
    if safe is None:
        return element("span", *children, class_=class_, title=title)
    return element(
        "a", *children, href=safe, class_=class_, title=title, target="_blank", rel="noopener noreferrer nofollow"
    )


def highlight(text: str, spans: Iterable[Span], *, offset: int = 0) -> Html:
    """Return `text` with the spans marked; spans count from `offset` characters before it, odd ones are left out."""
    parts: list[str] = []
    here = 0
    for start, end in sorted((start - offset, end - offset) for start, end in spans):
        if start < here or end <= start or end > len(text):
            continue
        parts += [text[here:start], element("mark", text[start:end])]
        here = end
    return join([*parts, text[here:]])


def literal(text: str) -> str:
    """Return text for a label that Streamlit reads as Markdown: every sign that could mean something is escaped."""
    shown = "".join(character for character in text if _is_visible(character) and character not in "\n\t")
    return "".join(f"\\{sign}" if sign.isascii() and not sign.isalnum() and sign != " " else sign for sign in shown)


def _attribute(key: str, value: str | int | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if name.startswith("on"):
        raise ValueError(f"{name}: the dashboard writes no script into its markup")
    if value is True:
        return f" {name}"
    if name in _ADDRESSES and not _is_ours(str(value)) and outside(str(value)) is None:
        raise ValueError(f"{name}: {value!r} is neither a path of ours nor an http(s) address")
    return f' {name}="{escape(str(value))}"'


def _is_ours(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//") and "\\" not in path


def _is_visible(character: str) -> bool:
    if character in "\n\t":
        return True
    return character not in _STEERING and unicodedata.category(character) not in {"Cc", "Cs"}
