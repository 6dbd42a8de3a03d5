"""The one theme: ink on paper and paper on ink, one accent, three sentiments, four severities.

The same figures are in `assets/house.css` as custom properties; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import streamlit as st

from config.settings import Severity
from sentiment.score import Label

Mode = Literal["light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one mode."""

    paper: str
    surface: str
    sunken: str
    line: str
    ink: str
    muted: str
    accent: str
    button: str


PALETTES: Final[Mapping[Mode, Palette]] = {
    "light": Palette(
        paper="#fbfaf7",
        surface="#ffffff",
        sunken="#f3f1eb",
        line="#e4e0d7",
        ink="#1d1b18",
        muted="#69645b",
        accent="#0f6b66",
        button="#0f6b66",
    ),
    "dark": Palette(
        paper="#151412",
        surface="#1c1b18",
        sunken="#23211e",
        line="#34312c",
        ink="#ece9e3",
        muted="#a29c91",
        accent="#5cc2b5",
        button="#1f7d75",  # deeper than the accent: its label is white
    ),
}
# Safe for colour-blind people, the same in both modes, and never without a word or a shape.
SENTIMENT: Final[Mapping[Label, str]] = {
    "negative": "#D55E00",
    "neutral": "#8A8F98",
    "positive": "#0072B2",
    "unscored": "#8A8F98",  # drawn as an outline: it is no fourth opinion
}
SEVERITY: Final[Mapping[Severity, str]] = {
    "low": "#8A8F98",
    "medium": "#C98A00",
    "high": "#D9600A",
    "critical": "#C4281C",
}


def mode() -> Mode:
    """Return the mode that the person's browser shows."""
    return "dark" if st.context.theme.type == "dark" else "light"


def options() -> dict[str, Any]:
    """Return Streamlit's options, by their dotted names: the theme, and everything that may not be left to chance."""
    return {
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "client.disableDataExport": True,
        "runner.magicEnabled": False,
        "server.enableAgentApi": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.enableStaticServing": False,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxUploadSize": 1,
        "server.showEmailPrompt": False,
        "global.developmentMode": False,
        **_shared(),
        **_mode("light"),
        **_mode("dark"),
    }


def _shared() -> dict[str, Any]:
    return {
        "theme.font": "sans-serif",
        "theme.baseFontSize": 15,
        "theme.baseRadius": "8px",
        "theme.buttonRadius": "8px",
        "theme.showWidgetBorder": True,
        "theme.showSidebarBorder": True,
        "theme.linkUnderline": False,
        "theme.headingFontWeights": [650, 650, 600, 600, 600, 600],
    }


def _mode(mode: Mode) -> dict[str, Any]:
    palette = PALETTES[mode]
    return {
        f"theme.{mode}.primaryColor": palette.button,
        f"theme.{mode}.backgroundColor": palette.paper,
        f"theme.{mode}.secondaryBackgroundColor": palette.surface,
        f"theme.{mode}.textColor": palette.ink,
        f"theme.{mode}.linkColor": palette.accent,
        f"theme.{mode}.borderColor": palette.line,
        f"theme.{mode}.sidebar.backgroundColor": palette.sunken,
        f"theme.{mode}.sidebar.secondaryBackgroundColor": palette.surface,
    }
