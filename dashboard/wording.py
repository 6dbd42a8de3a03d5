"""How the dashboard says numbers, times and the words of the house, in one person's language and zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from alerts.message import SEVERITY_WORDS
from config.i18n import Translator, mark, translator
from config.settings import Severity, SourceKind, Terms
from dashboard.markup import Html, element

LABELS: Final[Mapping[str, str]] = {
    "negative": mark("Negative"),
    "neutral": mark("Neutral"),
    "positive": mark("Positive"),
    "unscored": mark("Not scored"),
}
KINDS: Final[Mapping[SourceKind, str]] = {
    "news": mark("News"),
    "blog": mark("Blog"),
    "forum": mark("Forum"),
    "review": mark("Reviews"),
    "social": mark("Social network"),
    "store": mark("App store"),
    "mail": mark("Mail"),
    "other": mark("Other"),
}
TERMS: Final[Mapping[Terms, str]] = {
    "api": mark("An interface made for it"),
    "feed": mark("A feed made for it"),
    "page": mark("Public pages"),
    "restricted": mark("Restricted: its terms limit automatic reading"),
}
STATES: Final[Mapping[str, str]] = {
    "open": mark("Open"),
    "acknowledged": mark("Acknowledged"),
    "resolved": mark("Resolved"),
}
ROLES: Final[Mapping[str, str]] = {
    "viewer": mark("Viewer"),
    "analyst": mark("Analyst"),
    "support": mark("Support"),
    "administrator": mark("Administrator"),
}
LOCALE_NAMES: Final[Mapping[str, str]] = {"en": "English", "ru": "Русский", "uk": "Українська", "pl": "Polski"}
_UNKNOWN: Final = frozenset({"", "und", "unknown", "xx", "zz"})


class Wording:
    """Says things to one person: `t` translates, the rest formats for the locale and the zone."""

    def __init__(self, locale: str, zone: str) -> None:
        self.t: Translator = translator(locale)
        self.locale = locale
        self.zone: tzinfo = ZoneInfo(zone)
        self.zone_name = zone

    @cached_property
    def _babel(self) -> Locale:
        return Locale.parse(self.locale)

    # -- numbers ----------------------------------------------------------------------------------

    def number(self, value: float) -> str:
        """Return a count, grouped: 12,345."""
        return str(format_decimal(value, locale=self.locale))

    def short_number(self, value: int) -> str:
        """Return a count for a narrow place: 12K."""
        if abs(value) < 10_000:  # noqa: PLR2004 - four digits still read well
            return self.number(value)
        return str(format_compact_decimal(value, locale=self.locale, fraction_digits=0))

    def share(self, value: float) -> str:
        """Return a share from 0 to 1 as percent, with a decimal below ten so that 0.4 % is not 0 %."""
        digits = "#,##0.#%" if 0 < abs(value) < 0.1 else "#,##0%"  # noqa: PLR2004
        return str(format_percent(value, format=self._percent_form(digits), locale=self.locale))

    def points(self, value: float) -> str:
        """Return a difference of shares, in percentage points, with its sign."""
        return self.t("{n} pp", n=self.signed(round(value * 100, 1)))

    def signed(self, value: float) -> str:
        """Return a difference with its sign; the minus is a real minus."""
        if round(value, 1) == 0:
            return "±0"
        return f"{'+' if value > 0 else '−'}{format_decimal(abs(value), locale=self.locale)}"

    def _percent_form(self, digits: str) -> str:
        spaced = "\xa0%" in self._babel.percent_formats[None].pattern
        return digits.replace("%", "\xa0%") if spaced else digits

    # -- time -------------------------------------------------------------------------------------

    def exact(self, instant: datetime) -> str:
        """Return the full date and time in the person's zone, with the zone."""
        return str(format_datetime(instant, "EEEE, d MMMM y, HH:mm:ss zzz", tzinfo=self.zone, locale=self.locale))

    def moment(self, instant: datetime) -> str:
        """Return date and time in short: 10 Mar 2026, 14:30."""
        return str(format_datetime(instant, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale))

    def day(self, instant: datetime) -> str:
        """Return the day in short: 10 Mar."""
        return str(format_date(instant.astimezone(self.zone), "d MMM", locale=self.locale))

    def hour(self, instant: datetime) -> str:
        """Return the time of day: 14:30."""
        return str(format_time(instant, "HH:mm", tzinfo=self.zone, locale=self.locale))

    def ago(self, instant: datetime, now: datetime) -> str:
        """Return how long ago: 5 minutes ago; beyond a week the date is clearer."""
        distance = now - instant
        if abs(distance) < timedelta(seconds=45):
            return self.t("just now")
        if distance > timedelta(days=7):
            form = "d MMM, HH:mm" if instant.year == now.year else "d MMM y"
            return str(format_datetime(instant, form, tzinfo=self.zone, locale=self.locale))
        return str(format_timedelta(-distance, add_direction=True, threshold=1.2, locale=self.locale))

    def lasting(self, length: timedelta) -> str:
        """Return a duration in its largest unit: 3 hours."""
        return str(format_timedelta(length, threshold=1.2, locale=self.locale))

    def when(self, instant: datetime, now: datetime) -> Html:
        """Return a relative time whose exact time appears on hover."""
        return element("time", self.ago(instant, now), datetime=instant.isoformat(), title=self.exact(instant))

    # -- words ------------------------------------------------------------------------------------

    def label(self, label: str) -> str:
        """Return a sentiment in words."""
        return self.t(LABELS[label])

    def kind(self, kind: str) -> str:
        """Return the kind of a source in words; one that is not known here is shown as it is."""
        word = KINDS.get(kind)  # type: ignore[call-overload]  # a stored string, perhaps of a newer version
        return self.t(word) if word else kind

    def terms(self, terms: Terms) -> str:
        """Return on what terms a source is read, in words."""
        return self.t(TERMS[terms])

    def severity(self, severity: Severity) -> str:
        """Return a severity in words."""
        return self.t(SEVERITY_WORDS[severity])

    def state(self, state: str) -> str:
        """Return the state of an incident in words."""
        return self.t(STATES[state])

    def role(self, role: str) -> str:
        """Return a role in words."""
        return self.t(ROLES[role])

    def language(self, code: str) -> str:
        """Return a language by its name in the person's language."""
        if code in _UNKNOWN:
            return self.t("Unknown language")
        name: str = self._babel.languages.get(code, code)
        return name[:1].upper() + name[1:]
