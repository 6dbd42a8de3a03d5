"""The letter: a message as e-mail, in plain text and HTML.

Threads by revision: the Message-ID is made of the incident and its revision, so copies of one notification share it,
and later revisions refer to the first. All outside text is escaped in the HTML part, which loads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Final

from alerts.channel import Message
from alerts.message import Saying, Wording, word
from config.settings import Severity

_BAR: Final[dict[Severity, str]] = {"low": "#8A8F98", "medium": "#C9A227", "high": "#D9822B", "critical": "#C23030"}
_PAGE: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px;background:#f6f6f4;color:#1b1b18;font:15px/1.5 -apple-system,'Segoe UI',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border-top:4px solid {bar}">
{notes}<h1 style="margin:0 0 8px;font-size:20px;line-height:1.3">{headline}</h1>
<p style="margin:0 0 16px">{reason}</p>
<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">{facts}</table>
{quotes}<p style="margin:24px 0"><a href="{link}" style="padding:10px 16px;background:#1b1b18;color:#fff;text-decoration:none">{link_text}</a></p>
<p style="margin:0;color:#6b6b66;font-size:12px">{event_line}</p>
</div></body></html>
"""  # noqa: E501 - a style attribute cannot be broken without adding spaces to the message


def write(message: Message, *, sender: Address, to: Sequence[Address]) -> EmailMessage:
    """Return the letter, ready to be sent. No header can hold a line break: the policy refuses it."""
    words = word(message)
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = words.subject
    letter["From"] = sender
    letter["To"] = tuple(to)
    letter["Date"] = message.created_at
    letter["Message-ID"] = message_id(message, message.incident.revision, sender.domain)
    if message.incident.revision > 1:
        first = message_id(message, 1, sender.domain)
        letter["In-Reply-To"] = first
        letter["References"] = first
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    letter["X-Groundswell-Event"] = re.sub(r"[^\x21-\x7e]", "", message.event_id)
    letter.set_content(as_text(words), cte="base64")
    letter.add_alternative(as_html(words, message), subtype="html", cte="base64")
    return letter


def message_id(message: Message, revision: int, domain: str) -> str:
    """Return the Message-ID of one revision: `<incident.revision@domain>`."""
    return f"<{re.sub(r'[^A-Za-z0-9-]', '', message.incident.id)}.{revision}@{domain}>"


def as_text(words: Wording) -> str:
    """Return the message as plain text."""
    parts = [*words.notes, words.headline, words.reason, "\n".join(f"{f.label}: {f.value}" for f in words.facts)]
    if words.quotes:
        parts += [f"{words.quotes_title}:", *(_text_quote(quote) for quote in words.quotes)]
    parts += [f"{words.link_text}: {words.link}", words.event_line]
    return "\n\n".join(parts) + "\n"


def _text_quote(quote: Saying) -> str:
    return "\n".join(f"> {part}" for part in (quote.text, f"— {quote.byline}", quote.url) if part)


def as_html(words: Wording, message: Message) -> str:
    """Return the message as HTML without scripts, pictures or links to the outside."""
    row = '<tr><td style="padding:2px 16px 2px 0;color:#6b6b66">{}</td><td>{}</td></tr>'
    note = '<p style="margin:0 0 12px;padding:8px 12px;background:#fdf3d8">{}</p>'
    quotes = f'<p style="margin:0 0 8px"><b>{escape(words.quotes_title)}</b></p>' if words.quotes else ""
    return _PAGE.format(
        lang=message.locale,
        bar=_BAR[message.incident.severity],
        subject=escape(words.subject),
        headline=escape(words.headline),
        reason=escape(words.reason),
        notes="".join(note.format(escape(text)) for text in words.notes),
        facts="".join(row.format(escape(fact.label), escape(fact.value)) for fact in words.facts),
        quotes=quotes + "".join(_html_quote(quote) for quote in words.quotes),
        link=escape(words.link),
        link_text=escape(words.link_text),
        event_line=escape(words.event_line),
    )


def _html_quote(quote: Saying) -> str:
    small = " · ".join(escape(part) for part in (quote.byline, quote.url) if part)
    return (
        '<blockquote style="margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #dcdcd6">'
        f'{escape(quote.text)}<br><span style="color:#6b6b66;font-size:12px">{small}</span></blockquote>'
    )
