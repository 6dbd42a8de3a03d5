"""What a message says, in its reader's language, for any channel: plain text only, safe in a header.

Text from outside (quotes, names, a source's error) is cleaned here of what could steer a reader's screen: control
characters, line breaks, direction marks. Escaping it for a channel's own markup stays the channel's duty.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from urllib.parse import urlsplit

from alerts.channel import Message
from alerts.incident import Evidence, Incident, Quote
from alerts.reason import Reason, percent
from config.i18n import Translator, mark, translator
from config.principal import SYSTEM
from config.settings import Severity

SUBJECT_LIMIT: Final = 120
QUOTE_LIMIT: Final = 400
QUOTES: Final = 3
SEVERITY_WORDS: Final[dict[Severity, str]] = {
    "low": mark("Low"),
    "medium": mark("Medium"),
    "high": mark("High"),
    "critical": mark("Critical"),
}
_JOINERS: Final = frozenset("\u200c\u200d")  # emoji and several scripts need them


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One label and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A quote: what was said, by whom, where and when, and its address where it has one that is http(s)."""

    text: str
    byline: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A message in words. Every field is plain text on one line; `subject` is at most 120 characters.

    `notes` are what must not be missed: that the data is invented, that this may be a copy.
    """

    subject: str
    headline: str
    reason: str
    facts: tuple[Fact, ...]
    quotes_title: str
    quotes: tuple[Saying, ...]
    link: str
    link_text: str
    notes: tuple[str, ...]
    event_line: str


def clean(text: str, limit: int) -> str:
    """Return `text` on one line of at most `limit` characters, without anything that steers a screen or a header."""
    visible = "".join(_visible(character) for character in text[: limit * 8])
    line = " ".join(visible.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} and character not in _JOINERS else character


def word(message: Message, *, zone: tzinfo = UTC) -> Wording:
    """Return what `message` says in its locale, with times in `zone`."""
    t = translator(message.locale)
    incident = message.incident
    headline = clean(_headline(message, t), 150)
    return Wording(
        subject=clean(_subject(message, headline, t), SUBJECT_LIMIT),
        headline=headline,
        reason=clean(incident.reason.say(t), 600),
        facts=tuple(_facts(message, t, zone)),
        quotes_title=t("What people say"),
        quotes=tuple(_saying(quote, t, zone) for quote in incident.evidence.quotes[:QUOTES]),
        link=message.link,
        link_text=t("Open in Groundswell"),
        notes=tuple(_notes(message, t)),
        event_line=t("Event {id}", id=message.event_id),
    )


def _subject(message: Message, headline: str, t: Translator) -> str:
    told = message.kind in {"opened", "escalated"}
    subject = f"{t(SEVERITY_WORDS[message.incident.severity])}: {headline}" if told else headline
    return f"[{t('Invented sample data')}] {subject}" if message.incident.invented else subject


def _headline(message: Message, t: Translator) -> str:
    if message.kind == "test":
        return t("Test message: this channel works")
    name = clean(message.incident.subject, 80)
    if message.incident.cause != "negatives":
        return _about_source(message, name, t)
    if message.kind == "resolved":
        return t("Calm again: {name}", name=name)
    n = message.incident.evidence.voices
    voices = t.plural("{n} negative voice about {name}", "{n} negative voices about {name}", n, name=name)
    return t("Getting worse: {headline}", headline=voices) if message.kind == "escalated" else voices


def _about_source(message: Message, name: str, t: Translator) -> str:
    if message.kind == "resolved":
        return t("The source {name} needs no attention any more", name=name)
    if message.incident.cause == "yield":
        return t("The site of the source {name} has changed", name=name)
    if message.kind == "escalated":
        return t("The source {name} is still not being read", name=name)
    return t("The source {name} is not being read", name=name)


def _facts(message: Message, t: Translator, zone: tzinfo) -> list[Fact]:
    incident = message.incident
    facts = [Fact(label=t("Severity"), value=t(SEVERITY_WORDS[incident.severity]))]
    if message.kind == "test":
        return facts
    if incident.brand is not None:
        facts.append(Fact(label=t("Brand"), value=clean(incident.brand, 80)))
    if incident.cause == "negatives":
        facts += _counts(incident.evidence, t, zone)
    else:
        label = t("Not read") if incident.cause == "source" else t("Time window")
        facts.append(Fact(label=t("Source"), value=clean(incident.subject, 80)))
        facts.append(Fact(label=label, value=_between(incident.evidence, t, zone)))
    if incident.acknowledged_by:
        facts.append(Fact(label=t("Acknowledged by"), value=clean(incident.acknowledged_by, 80)))
    if incident.resolved_by and incident.resolved_by != SYSTEM.name:
        facts.append(Fact(label=t("Resolved by"), value=clean(incident.resolved_by, 80)))
    return facts


def _counts(evidence: Evidence, t: Translator, zone: tzinfo) -> list[Fact]:
    share = t(
        "{negatives} of {scored} ({share})",
        negatives=evidence.negatives,
        scored=evidence.scored,
        share=percent(t, evidence.share),
    )
    return [
        Fact(label=t("Independent negative voices"), value=str(evidence.voices)),
        Fact(label=t("Negative among scored"), value=share),
        Fact(label=t("Time window"), value=_between(evidence, t, zone)),
    ]


def _notes(message: Message, t: Translator) -> list[str]:
    notes = []
    if message.incident.invented:
        notes.append(t("Invented sample data: nothing of this really happened."))
    if message.attempt > 1:
        notes.append(t("Attempt {n}: this may be a copy of a message that already arrived.", n=message.attempt))
    return notes


def _saying(quote: Quote, t: Translator, zone: tzinfo) -> Saying:
    names = [clean(name, 80) for name in (quote.author, quote.source) if name]
    url = clean(quote.url or "", 500)
    return Saying(
        text=clean(quote.text, QUOTE_LIMIT),
        byline=" · ".join([*names, _instant(quote.published_at, t, zone)]),
        url=url if _scheme(url) in {"http", "https"} and not url.endswith("…") else None,
    )


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:  # such as an unclosed bracket in the host
        return ""


def _between(evidence: Evidence, t: Translator, zone: tzinfo) -> str:
    since, until = evidence.since.astimezone(zone), evidence.until.astimezone(zone)
    end = f"{until:%H:%M} {until.tzname()}" if since.date() == until.date() else _instant(until, t, zone)
    return f"{_local(since, t, zone)} – {end}"


def _instant(instant: datetime, t: Translator, zone: tzinfo) -> str:
    return f"{_local(instant, t, zone)} {instant.astimezone(zone).tzname()}"


def _local(instant: datetime, t: Translator, zone: tzinfo) -> str:
    from babel.dates import format_datetime

    # Babel parts time from AM/PM with a narrow no-break space, which some mail clients show as a box.
    return clean(format_datetime(instant.astimezone(zone), "d MMM y, HH:mm", locale=t.locale), 60)


def as_json(message: Message) -> dict[str, Any]:
    """Return the message for machines: the same for every copy, so without the attempt. Instants are ISO 8601."""
    words = word(message)
    return {
        "event_id": message.event_id,
        "kind": message.kind,
        "created_at": _iso(message.created_at),
        "link": message.link,
        "locale": message.locale,
        "subject": words.subject,
        "headline": words.headline,
        "reason": words.reason,
        "incident": _plain(asdict(message.incident)),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def trial(*, event_id: str, link: str, locale: str, now: datetime) -> Message:
    """Return the test message that "send test" sends: its incident is made up on the spot and quotes nobody."""
    incident = Incident(
        id=event_id,
        group_key="trial",
        cause="negatives",
        brand=None,
        subject="Groundswell",
        severity="low",
        state="open",
        reason=Reason(code="trial"),
        evidence=Evidence(since=now, until=now),
        opened_at=now,
        updated_at=now,
    )
    return Message(event_id=event_id, kind="test", incident=incident, link=link, locale=locale, created_at=now)
