"""What the fields of forms are called, and their choices. What is not known here is called by its own key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.i18n import Translator, mark

PLUGINS: Final[Mapping[str, str]] = {
    "rss": mark("Feed (RSS, Atom, JSON)"),
    "hackernews": mark("Hacker News"),
    "reviews": mark("Reviews on web pages (schema.org)"),
    "pages": mark("Web pages, by selectors"),
    "articles": mark("Articles of newspapers and blogs"),
    "file": mark("File on the server (CSV, JSONL)"),
    "sample": mark("Invented sample"),
    "email": mark("E-mail"),
    "slack": mark("Slack"),
    "webhook": mark("Webhook"),
    "log": mark("Log on the server"),
}
OPTIONS: Final[Mapping[str, str]] = {
    "all_reviews": mark("Link to all reviews"),
    "articles_like": mark("Addresses of articles"),
    "at_once": mark("Requests at once"),
    "author": mark("Author"),
    "author_url": mark("Author's page"),
    "base_url": mark("Address of the service"),
    "best": mark("Best rating"),
    "ca_file": mark("Certificate authority"),
    "columns": mark("Columns"),
    "comments": mark("Comments"),
    "date": mark("Date"),
    "date_order": mark("Order of day and month"),
    "delay": mark("Pause, in seconds"),
    "delimiter": mark("Delimiter"),
    "depth": mark("Links away from the start"),
    "detail": mark("Link to an item's own page"),
    "detail_item": mark("Item on its own page"),
    "drop": mark("Left out of the text"),
    "drop_parameters": mark("Parameters without a meaning"),
    "encoding": mark("Encoding"),
    "follow": mark("Links to pages with items"),
    "follow_next": mark("Next start page"),
    "follow_product": mark("Product in a row"),
    "follow_row": mark("Rows of a start page"),
    "follow_stamp": mark("Sign of something new in a row"),
    "follow_url": mark("Address of a row"),
    "format": mark("Format"),
    "host": mark("Server"),
    "hosts": mark("Further hosts"),
    "hours": mark("Hours of the day"),
    "id": mark("The site's own id"),
    "items": mark("Items"),
    "language": mark("Language"),
    "likes": mark("Likes"),
    "max_bytes": mark("Largest size, in bytes"),
    "megabytes": mark("Megabytes a visit"),
    "minutes": mark("Minutes a visit"),
    "misses": mark("Missing so often counts as gone"),
    "name": mark("Name"),
    "newer_than": mark("Not older than"),
    "next": mark("Next page"),
    "next_count": mark("How pages are counted"),
    "not_like": mark("Addresses that are none"),
    "order": mark("Order of items"),
    "pages": mark("Pages a visit"),
    "pages_like": mark("Addresses of such pages"),
    "parent": mark("Answers to"),
    "password": mark("Password"),
    "path": mark("File"),
    "place": mark("Branch or town"),
    "port": mark("Port"),
    "preset": mark("Preset"),
    "product": mark("Product"),
    "rating": mark("Rating"),
    "rating_max": mark("Best rating"),
    "recheck": mark("Read in full every"),
    "replies": mark("Replies"),
    "secret": mark("Signing key"),
    "sections": mark("Links to further start pages"),
    "security": mark("Encryption"),
    "seed": mark("Seed"),
    "sender": mark("Sender"),
    "start": mark("Start addresses"),
    "started": mark("Started"),
    "stream": mark("Stream"),
    "text": mark("Text"),
    "through": mark("Links to further start pages"),
    "timezone": mark("Time zone"),
    "title": mark("Title"),
    "to": mark("Recipients"),
    "trust_lastmod": mark("Trust the sitemap's dates"),
    "untrusted": mark("Read apart"),
    "url": mark("Address"),
    "username": mark("Login"),
    "words": mark("Words"),
}
CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "date_order": {
        "dmy": mark("day, month, year"),
        "mdy": mark("month, day, year"),
        "ymd": mark("year, month, day"),
    },
    "order": {"newest": mark("newest first"), "oldest": mark("oldest first")},
    "preset": {
        "discourse": mark("Discourse"),
        "magento": mark("Magento reviews"),
        "phpbb": mark("phpBB"),
        "prestashop": mark("PrestaShop reviews"),
        "woocommerce": mark("WooCommerce reviews"),
        "wordpress": mark("WordPress comments"),
        "wordpress_api": mark("WordPress comments, by its interface"),
        "xenforo": mark("XenForo"),
    },
}
NOTHING: Final[Mapping[str, str]] = {
    "hours": mark("at any hour"),
    "language": mark("recognised text by text"),
    "preset": mark("None: by the selectors below"),
}
HINTS: Final[Mapping[str, str]] = {
    "items": mark(
        "Each review, post or comment of a page. This and what follows are selectors: CSS, such as .review or "
        "time::attr(datetime), or xpath: and an XPath, or json: and a JMESPath."
    ),
    "preset": mark(
        "Selectors made for an engine that many sites run. Those that you leave empty come from it; those that you "
        "give win."
    ),
}
GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "way": (
        mark("How its pages are reached"),
        mark("Needed where the items stand behind links, as the threads of a forum do, or on pages of their own."),
    ),
    "more": (
        mark("More about each item"),
        mark("What else stands with an item, and how its text and dates are read."),
    ),
    "manners": (
        mark("How it is read"),
        mark("Left as it is, it is read slowly and politely, which is right for most sites."),
    ),
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


def choice(key: str, value: object, t: Translator) -> str:
    """Return what a value is called that can be chosen for an option."""
    known = CHOICES.get(key.rpartition(".")[2], {})
    return t(known[value]) if isinstance(value, str) and value in known else str(value)


def nothing(key: str, t: Translator) -> str | None:
    """Return what an empty field of an option stands for; None where nothing is known of it."""
    return t(NOTHING[key]) if key in NOTHING else None


def hint(key: str, t: Translator) -> str | None:
    """Return what is said below an option in place of its own description; None for most."""
    return t(HINTS[key]) if key in HINTS else None


def group(name: str, t: Translator) -> tuple[str, str | None]:
    """Return what a group of options that is folded away is called, and what it is for."""
    if name not in GROUPS:
        return _step(name, t), None
    head, why = GROUPS[name]
    return t(head), t(why)
