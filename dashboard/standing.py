"""How a source stands, in a word and in what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator

from config.i18n import Translator
from dashboard import badge, label, refusal
from dashboard.markup import Html, element
from dashboard.visitor import Visitor
from storage.source_health import FieldYield, SourceHealthRow
from storage.status import SourceStatus


def state(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> Html:
    """Return how a source stands in one tag."""
    t = who.t
    if not row.enabled:
        return badge.tag(t("switched off"))
    if row.unconfirmed:
        return badge.unconfirmed(who.words)
    if row.last_error_permanent:
        return _failing(t("refused"))
    if row.failures:
        return _failing(t.plural("{n} visit failed", "{n} visits failed", row.failures))
    if dropped(health):
        return element("span", t("less found than usual"), class_="gw-tag gw-waiting")
    return _rhythm(row, health, who)


def _rhythm(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> Html:
    """Return how a source without failures keeps its rhythm."""
    t, words = who.t, who.words
    until = max([*([row.not_before] if row.not_before else []), *(hold.until for hold in health.holds)], default=None)
    if until is not None and until > who.now:
        return badge.tag(t("waits until {when}", when=words.hour(until)), title=words.exact(until))
    if row.lag is None:
        return badge.tag(t("not read yet"))
    if row.lag > 2 * row.every:
        return _failing(t("late by {lag}", lag=words.lasting(row.lag)))
    return element("span", t("fine"), class_="gw-tag gw-fine")


def _failing(text: str) -> Html:
    return element("span", text, class_="gw-tag gw-failing")


def dropped(health: SourceHealthRow) -> tuple[FieldYield, ...]:
    """Return the fields that are found much more rarely than usual."""
    return tuple(one for one in health.fields if one.has_fallen)


def concerns(row: SourceStatus, health: SourceHealthRow, who: Visitor) -> Iterator[str]:
    """Yield in a line each what a person should look at, what matters most first; nothing of a source that is off."""
    t, words = who.t, who.words
    if not row.is_on:
        return
    if row.last_error and row.failures:
        yield refusal.say_whole(row.last_error, t)[:500]
    for one in dropped(health):
        yield fallen(one, who)
    for hold in health.holds:
        yield t(
            "{host} is left alone until {when}: {reason}",
            host=hold.host,
            when=words.moment(hold.until),
            reason=refusal.say_whole(hold.reason, t)[:300],
        )


def fallen(one: FieldYield, who: Visitor) -> str:
    """Return in words that a field is found more rarely than usual."""
    t, words = who.t, who.words
    return t(
        "{field}: found in {share} of items, usually in {usual}",
        field=field(one.field, t),
        share=words.share(one.now),
        usual=words.share(one.usual or 0),
    )


def field(name: str, t: Translator) -> str:
    """Return what a field of items is called."""
    return label.option(name, t)
