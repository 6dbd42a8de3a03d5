"""HTML in a text: made plain.

Only what looks like a real HTML tag is taken for one, so that "a < b", "<3" and "Dear <name>" survive.
References such as &amp; are decoded once. Every expression works in linear time, whatever the text.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

BLOCKS: Final = (
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol optgroup option p pre section summary table tbody "
    "td tfoot th thead title tr ul"
)
INLINES: Final = (
    "a abbr acronym b base bdi bdo big button cite code col colgroup data datalist del dfn em font head i img input "
    "ins kbd label link map mark meta meter nobr o:p output picture progress q rp rt ruby s samp small source span "
    "strike strong sub sup time track tt u var wbr"
)
HIDDEN: Final = "script style template noscript iframe object svg math textarea select video audio canvas"
_ATTRIBUTES: Final = r"""(?:[^<>"']|"[^"]*"|'[^']*')*+"""


def _names(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


DROPPED: Final = re.compile(
    rf"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<({_names(HIDDEN)})(?=[\s/>]){_ATTRIBUTES}>.*?(?:</\1\s*>|\Z)|<[!?][^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
BLOCK: Final = re.compile(rf"</?(?:{_names(BLOCKS)})(?=[\s/>]){_ATTRIBUTES}>", re.IGNORECASE)
INLINE: Final = re.compile(rf"</?(?:{_names(INLINES)}|{_names(HIDDEN)})(?=[\s/>]){_ATTRIBUTES}>", re.IGNORECASE)
# Only from the first space of a run: tried from each of them, a long run without a newline takes quadratic time.
SOURCE_BREAKS: Final = re.compile(r"(?<![ \t])[ \t]*+\r?\n[ \t]*+")


def strip_markup(text: str) -> str:
    """Return `text` without HTML: hidden elements gone, block tags as newlines, references decoded."""
    if "<" in text:
        text = _strip_tags(text)
    return unescape(text) if "&" in text else text


def _strip_tags(text: str) -> str:
    rest = DROPPED.sub("", text)
    if BLOCK.search(rest):
        rest = BLOCK.sub("\n", SOURCE_BREAKS.sub(" ", rest))  # in HTML a newline of the source is a space
    return INLINE.sub("", rest)
