"""Why items and pages were turned away, in the person's language."""

from __future__ import annotations

import re
from typing import Final

from config.i18n import Translator, mark

REASONS: Final = frozenset(
    (
        # items
        mark("empty text"),
        mark("duplicate id"),
        mark("unusable id"),
        mark("bad rating"),
        mark("unreadable rating"),
        mark("unreadable date"),
        mark("broken item"),
        mark("over the limit of one visit"),
        # files and feeds
        mark("broken XML"),
        mark("broken feed"),
        mark("broken JSON"),
        mark("wrong encoding"),
        mark("wrong number of columns"),
        mark("line too long"),
        mark("bad JSON"),
        mark("bad CSV"),
        mark("bad text"),
        mark("bad date"),
        mark("bad language"),
        mark("bad kind"),
        mark("bad number"),
        # pages that are not asked for
        mark("private address"),
        mark("another site"),
        mark("not http or https"),
        mark("not an address"),
        mark("credentials in the address"),
        mark("address too long"),
        mark("too many links away"),
        mark("too many redirects"),
        mark("redirect from https to http"),
        mark("robots.txt forbids it"),
        mark("robots.txt cannot be read"),
        mark("the site asked to wait"),
        # pages that cannot be had
        mark("host name not found"),
        mark("no connection"),
        mark("no secure connection"),
        mark("no answer in time"),
        mark("answer broken off"),
        mark("connection broken off"),
        mark("a login is needed"),
        mark("access denied"),
        mark("no such page"),
        mark("page removed"),
        mark("closed for legal reasons"),
        mark("the site has an error"),
        # pages that cannot be understood
        mark("too large"),
        mark("too large a page"),
        mark("an encoding that was not asked for"),
        mark("not a web page"),
        mark("cannot be read"),
        mark("cannot be parsed"),
        mark("given up"),
        mark("unreadable index"),
        mark("broken sitemap"),
        mark("broken JSON-LD"),
        mark("broken microdata"),
        mark("broken RDFa"),
        mark("too much RDFa"),
        mark("no article found"),
        mark("no articles found"),
        mark("fewer reviews than announced"),
        mark("list without end"),
        mark("too many pages of comments"),
    )
)
"""The reasons that connectors, crawls and the cleaning give; others are shown as they are."""
_ANSWER: Final = re.compile(r"answer (\d{3})")


def say(reason: str, t: Translator) -> str:
    """Return a reason in words; one that is not known here as it is."""
    answer = _ANSWER.fullmatch(reason)
    if answer:
        return t("answer {status}", status=answer[1])
    return t(reason) if reason in REASONS else reason


def say_whole(text: str, t: Translator) -> str:
    """Return `reason: detail` with the reason in words; any other text as it is."""
    reason, colon, detail = text.partition(": ")
    return f"{say(reason, t)}{colon}{detail}"
