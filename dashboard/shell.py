"""The page that Streamlit's scripts fill: its own index file, with our name, and without what it says to robots.

Our copy also tells its scripts where the server is, so that they need not try addresses until one answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dashboard.markup import Html, element
from dashboard.page import NAME

_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_SETTING: Final = "window.__streamlit = {BACKEND_BASE_URL: window.location.origin + '/'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The page, and its inline scripts for the header that allows them."""

    document: str
    scripts: tuple[str, ...]


def read_shell(static: Path) -> Shell:
    """Return the page made of Streamlit's `index.html` in the folder `static`.

    Raises ValueError when the file is not what this was written for: then a new Streamlit needs a look.
    """
    text = (static / "index.html").read_text(encoding="utf-8")
    text = _replaced(text, r"<title>.*?</title>", element("title", NAME))
    text = _replaced(text, r"<noscript>.*?</noscript>", _no_script())
    text = _replaced(text, r"<!--.*?-->", "", least=0)
    text = _replaced(text, r'<link rel="service-desc"[^>]*>', "", least=0)
    text = _replaced(text, r'<link rel="shortcut icon"[^>]*>', _icon())
    text = _replaced(text, r"(?=<script)", f"<script>{_SETTING}</script>", most=1)
    return Shell(document=text, scripts=tuple(_INLINE.findall(text)))


def _replaced(text: str, pattern: str, new: str, *, least: int = 1, most: int = 0) -> str:
    result, n = re.subn(pattern, lambda _match: new, text, count=most, flags=re.DOTALL)
    if n < least:
        raise ValueError(f"Streamlit's index.html has no {pattern}; dashboard/shell.py was written for another version")
    return result


def _icon() -> Html:
    return element("link", rel="icon", href="/favicon.svg", type="image/svg+xml")


def _no_script() -> Html:
    return element("noscript", element("p", "Groundswell's pages need JavaScript."))
