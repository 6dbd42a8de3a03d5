"""Sentiment, severity and state as small signs: always a shape and a word, the colour only helps."""

from __future__ import annotations

from alerts.incident import Incident
from config.settings import Severity
from dashboard.markup import Html, element
from dashboard.wording import Wording


def sentiment(label: str, words: Wording, *, note: str | None = None) -> Html:
    """Return a sentiment: its shape and its word."""
    return element("span", shape(label), words.label(label), class_=f"gw-sentiment gw-{label}", title=note)


def shape(label: str) -> Html:
    """Return a sentiment's shape alone, for where the word stands nearby."""
    return element("i", class_=f"gw-shape gw-{label}", aria_hidden="true")


def severity(level: Severity, words: Wording) -> Html:
    """Return a severity: one to four bars and its word."""
    bars = (element("b") for _ in range(4))
    return element(
        "span",
        element("i", *bars, class_="gw-bars", aria_hidden="true"),
        words.severity(level),
        class_=f"gw-severity gw-{level}",
    )


def state(incident: Incident, words: Wording) -> Html:
    """Return the state of an incident in words, with who has it."""
    return element("span", words.state(incident.state), class_=f"gw-state gw-{incident.state}")


def invented(words: Wording) -> Html:
    """Return the mark of what nobody really said."""
    t = words.t
    return element(
        "span", t("invented"), class_="gw-tag gw-invented", title=t("Invented sample data: nobody wrote this.")
    )


def unconfirmed(words: Wording) -> Html:
    """Return the mark of a source that waits until somebody confirms that it may be read."""
    t = words.t
    why = t("Its terms limit automatic reading: it is read once somebody confirms that it may be.")
    return element("span", t("off until confirmed"), class_="gw-tag gw-waiting", title=why)


def tag(text: str, *, title: str | None = None) -> Html:
    """Return a small quiet tag."""
    return element("span", text, class_="gw-tag", title=title)
