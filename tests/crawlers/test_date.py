import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.date import read_date
from crawlers.dates import vocabulary
from crawlers.when import When

NOW = datetime(2026, 3, 15, 12, 30, tzinfo=UTC)  # a Sunday; in Kyiv (UTC+2, from 29 March UTC+3) it is 14:30
KYIV = "Europe/Kyiv"
ZONES = ["UTC", KYIV, "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo", "Asia/Kathmandu"]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str, *, relative: bool = False) -> When:
    since = utc(text)
    return When(since=since, until=since + timedelta(days=1), relative=relative)


def instant(text: str, *, relative: bool = False) -> When:
    return When(since=utc(text), until=utc(text), relative=relative)


def span(since: str, until: str) -> When:
    return When(since=utc(since), until=utc(until), relative=True)


THE_12TH = """
12 March 2026 | 12 Mar 2026 | 12 MARCH 2026 | 12th March 2026 | 12th of March, 2026 | March 12, 2026 | March 12th, 2026
Mar. 12, 2026 | Thursday, March 12, 2026 | Thu 12 Mar 2026 | 12-Mar-2026 | 12-Mar-26 | Mar 12 '26 | 2026 March 12
Mar-12-2026 | 12 Mar 26 | Reviewed on 12 March 2026 | Reviewed in the United States on March 12, 2026
Posted by Anna on March 12, 2026 | Published: March 12, 2026 | (12 March 2026) | by Anna · 12 March 2026 · 3 comments
Date of experience: March 12, 2026 | 2 days ago (12 March 2026) | Published 12 March 2026, updated 14 March 2026
Updated 14 March 2026 (published 12 March 2026)
12 марта 2026 | 12 марта 2026 г. | 12 МАРТА 2026 года | 12 мар 2026 | 12 мар. 2026 г. | 12-го марта 2026 | 12марта 2026
четверг, 12 марта 2026 | Опубликовано: 12 марта 2026 г. | Отзыв от 12 марта 2026 | Анна, 12.03.2026
Обновлено 14 марта 2026, опубликовано 12 марта 2026
12 березня 2026 | 12 березня 2026 р. | 12 бер. 2026 | 12 БЕРЕЗНЯ 2026 року | четвер, 12 березня 2026
Опубліковано: 12 березня 2026 | Відгук від 12 березня 2026 року
12 marca 2026 | 12 marca 2026 r. | 12 mar 2026 | 12 III 2026 | 12 MARCA 2026 roku | czwartek, 12 marca 2026
Dodano: 12 marca 2026 r. | Opinia z dnia 12.03.2026 | Wystawiono 12 marca 2026
12.03.2026 | 12.3.2026 | 12. 03. 2026 | 12/03/2026 | 12-03-2026 | 12.03.26 | 12/3/26 | 2026/03/12 | 2026.03.12
2026-03-12 | 20260312 | 2026-W11-4 | 2026-3-12
12. März 2026 | 12 mars 2026 | 12 de marzo de 2026 | 12. března 2026 | Verfasst am 12. März 2026
12 мар | 12 марта | March 12 | 12th March | Mar 12 | 12 marca | 12 березня | Thu, Mar 12 | Anna · 12 мар · 5 stars
Опубликовано 12 марта | Dodano: 12 marca | Reviewed on March 12 | Відгук від 12 березня | 12 March (edited)
"""
AT_14_05 = """
12 March 2026 14:05 | 12 March 2026, 14:05 | 12 March 2026 at 14:05 | March 12, 2026 at 2:05 pm | Mar 12, 2026 2:05 PM
March 12, 2026 2:05 p.m. | 14:05, 12 March 2026 | 2:05 PM - Mar 12, 2026 | Thu Mar 12 14:05:00 2026
12 March 2026 - 14:05 | 12 March 2026 | 14:05
12 марта 2026 в 14:05 | 12 марта 2026 г., 14:05 | 12 марта 2026 г. в 14:05 | 14:05 12.03.2026 | 12.03.2026 14:05
12.03.2026, 14:05 | 12.03.2026 14.05 | 12.03.2026 в 14:05:00 | 12/03/2026 14:05 | 12 мар 2026 14:05
12 березня 2026, 14:05 | 12 березня 2026 о 14:05 | 12 березня 2026 р. о 14:05 | 12.03.2026 о 14:05
12 marca 2026 14:05 | 12 marca 2026 r. o 14:05 | 12 marca 2026, godz. 14:05 | 12 marca 2026 r., godz. 14.05
12 marca 2026 o godz. 14:05 | 2026/03/12 14:05 | 2026-03-12 14:05 | 2026-03-12T14:05:00 | 20260312T140500
12 mar 14:05 | 12 марта в 14:05 | 12 marca o 14:05 | March 12 at 2:05 pm | 12 березня о 14:05 | 12.03 14:05
2026-03-12T12:05:00Z | 2026-03-12T12:05Z | 2026-03-12 12:05:00 UTC | 2026-03-12T14:05:00+02:00
2026-03-12T14:05:00+0200 | 2026-03-12 14:05:00 +0200 | 2026-03-12T14:05:00.000+02 | 2026-03-12T12:05:00.0000000Z
2026-03-12T14:05+02:00[Europe/Warsaw] | 20260312T120500Z | 1773317100 | 1773317100000 | 1773317100.0
Thu, 12 Mar 2026 12:05:00 +0000 | Thu, 12 Mar 2026 12:05:00 GMT | 12 Mar 2026 14:05:00 +0200
Thu, 12 Mar 2026 12:05:00 -0000 | Thu Mar 12 12:05:00 UTC 2026 | Thu Mar 12 12:05:00 +0000 2026
Thu Mar 12 2026 14:05:00 GMT+0200 (Eastern European Standard Time) | 12 March 2026 14:05 UTC+2
Mar 12, 2026 7:05 AM EST | 12 марта 2026, 15:05 МСК | 12 marca 2026, 13:05 CET
"""


def cells(table: str) -> list[str]:
    return [cell.strip() for line in table.splitlines() for cell in line.split(" | ") if cell.strip()]


@pytest.mark.parametrize("text", cells(THE_12TH))
def test_a_written_day_is_that_local_day(text):
    assert read_date(text, now=NOW) == day("2026-03-12")


@pytest.mark.parametrize("text", [cell for cell in cells(AT_14_05) if cell not in {"12 March 2026", "14:05"}])
def test_a_written_time_is_an_instant(text):
    assert read_date(text, now=NOW, zone=KYIV) == instant("2026-03-12T12:05")


YESTERDAY = day("2026-03-14", relative=True)
BEFORE = day("2026-03-13", relative=True)
TODAY = span("2026-03-15", "2026-03-15T12:30")
TWO_HOURS = span("2026-03-15T09:30", "2026-03-15T10:30")
ONE_HOUR = span("2026-03-15T10:30", "2026-03-15T11:30")
THREE_DAYS = span("2026-03-11T12:30", "2026-03-12T12:30")
JUST_NOW = span("2026-03-15T12:29", "2026-03-15T12:30")
YESTERDAY_14_05 = instant("2026-03-14T14:05", relative=True)
TODAY_9_15 = instant("2026-03-15T09:15", relative=True)
MONDAY = day("2026-03-09", relative=True)
LAST_WEEK = span("2026-03-02", "2026-03-09")
HALF_HOUR = span("2026-03-15T11:30", "2026-03-15T12:00")
SOME_MINUTES = span("2026-03-15T12:20", "2026-03-15T12:28")
FIVE_MINUTES = span("2026-03-15T12:24", "2026-03-15T12:25")
FIVE_DAYS = span("2026-03-09T12:30", "2026-03-10T12:30")

COUNTED = {
    "en": [
        ("2 hours ago", TWO_HOURS),
        ("2 HOURS AGO", TWO_HOURS),
        ("two hours ago", TWO_HOURS),
        ("about 2 hours ago", TWO_HOURS),
        ("a couple of hours ago", TWO_HOURS),
        ("2 hrs ago", TWO_HOURS),
        ("2h ago", TWO_HOURS),
        ("2h", TWO_HOURS),
        ("by Anna · 2h", TWO_HOURS),
        ("Anna wrote 2 hours ago: good", TWO_HOURS),
        ("an hour ago", ONE_HOUR),
        ("1 hour ago", ONE_HOUR),
        ("half an hour ago", HALF_HOUR),
        ("a few minutes ago", SOME_MINUTES),
        ("5 minutes ago", FIVE_MINUTES),
        ("5 min", FIVE_MINUTES),
        ("3 days ago", THREE_DAYS),
        ("5d", FIVE_DAYS),
        ("1 day, 2 hours ago", span("2026-03-14T09:30", "2026-03-14T10:30")),
        ("1d 2h", span("2026-03-14T09:30", "2026-03-14T10:30")),
        ("just now", JUST_NOW),
        ("less than a minute ago", JUST_NOW),
        ("yesterday", YESTERDAY),
        ("Yesterday at 2:05 pm", YESTERDAY_14_05),
        ("Yesterday, 14:05", YESTERDAY_14_05),
        ("Posted yesterday", YESTERDAY),
        ("the day before yesterday", BEFORE),
        ("today", TODAY),
        ("Today, 9:15", TODAY_9_15),
        ("Monday", MONDAY),
        ("on Monday", MONDAY),
        ("last Monday", MONDAY),
        ("Mon 14:05", instant("2026-03-09T14:05", relative=True)),
        ("last week", LAST_WEEK),
        ("last month", span("2026-02-01", "2026-03-01")),
        ("last year", span("2025-01-01", "2026-01-01")),
        ("Sunday", TODAY),
        ("last Sunday", day("2026-03-08", relative=True)),
        ("Sunday 11:00", instant("2026-03-15T11:00", relative=True)),
        ("Sunday 20:00", instant("2026-03-08T20:00", relative=True)),
    ],
    "ru": [
        ("2 часа назад", TWO_HOURS),
        ("2 ч. назад", TWO_HOURS),
        ("два часа назад", TWO_HOURS),
        ("пару часов назад", TWO_HOURS),
        ("2 ч", TWO_HOURS),
        ("час назад", ONE_HOUR),
        ("около часа назад", ONE_HOUR),
        ("около 2 часов назад", TWO_HOURS),
        ("полчаса назад", HALF_HOUR),
        ("несколько минут назад", SOME_MINUTES),
        ("5 мин. назад", FIVE_MINUTES),
        ("3 дня назад", THREE_DAYS),
        ("3 дня тому назад", THREE_DAYS),
        ("5 дн.", FIVE_DAYS),
        ("только что", JUST_NOW),
        ("Только что", JUST_NOW),
        ("вчера", YESTERDAY),
        ("Вчера", YESTERDAY),
        ("вчера в 14:05", YESTERDAY_14_05),
        ("Опубликовано: вчера в 14:05", YESTERDAY_14_05),
        ("Анна, вчера в 14:05", YESTERDAY_14_05),
        ("позавчера", BEFORE),
        ("сегодня", TODAY),
        ("сегодня в 9:15", TODAY_9_15),
        ("в понедельник", MONDAY),
        ("в прошлый понедельник", MONDAY),
        ("понедельник, 14:05", instant("2026-03-09T14:05", relative=True)),
        ("на прошлой неделе", LAST_WEEK),
    ],
    "uk": [
        ("2 години тому", TWO_HOURS),
        ("2 год. тому", TWO_HOURS),
        ("2 год тому", TWO_HOURS),
        ("дві години тому", TWO_HOURS),
        ("2 години назад", TWO_HOURS),
        ("годину тому", ONE_HOUR),
        ("близько години тому", ONE_HOUR),
        ("пів години тому", HALF_HOUR),
        ("кілька хвилин тому", SOME_MINUTES),
        ("5 хв. тому", FIVE_MINUTES),
        ("3 дні тому", THREE_DAYS),
        ("щойно", JUST_NOW),
        ("вчора", YESTERDAY),
        ("учора", YESTERDAY),
        ("вчора о 14:05", YESTERDAY_14_05),
        ("Додано: вчора о 14:05", YESTERDAY_14_05),
        ("позавчора", BEFORE),
        ("сьогодні", TODAY),
        ("сьогодні о 9:15", TODAY_9_15),
        ("у понеділок", MONDAY),
        ("минулого тижня", LAST_WEEK),
        ("у п’ятницю о 10:00", instant("2026-03-13T10:00", relative=True)),
    ],
    "pl": [
        ("2 godziny temu", TWO_HOURS),
        ("2 godz. temu", TWO_HOURS),
        ("dwie godziny temu", TWO_HOURS),
        ("godzinę temu", ONE_HOUR),
        ("GODZINĘ TEMU", ONE_HOUR),
        ("około godziny temu", ONE_HOUR),
        ("pół godziny temu", HALF_HOUR),
        ("kilka minut temu", SOME_MINUTES),
        ("5 min temu", FIVE_MINUTES),
        ("3 dni temu", THREE_DAYS),
        ("5 dni", FIVE_DAYS),
        ("przed chwilą", JUST_NOW),
        ("wczoraj", YESTERDAY),
        ("wczoraj o 14:05", YESTERDAY_14_05),
        ("Wczoraj, 14:05", YESTERDAY_14_05),
        ("Dodano: wczoraj o 14:05", YESTERDAY_14_05),
        ("przedwczoraj", BEFORE),
        ("dzisiaj", TODAY),
        ("dziś", TODAY),
        ("dzisiaj, 9:15", TODAY_9_15),
        ("w poniedziałek", MONDAY),
        ("w zeszłym tygodniu", LAST_WEEK),
    ],
}


@pytest.mark.parametrize(("text", "wanted"), [pair for pairs in COUNTED.values() for pair in pairs])
def test_a_counted_date_is_counted_from_the_moment_of_reading(text, wanted):
    assert read_date(text, now=NOW) == wanted
    assert read_date(text.replace(" ", "\u00a0"), now=NOW) == wanted


@pytest.mark.parametrize(
    ("text", "around", "days"),
    [
        ("a month ago", "2026-02-15", 31),
        ("месяц назад", "2026-02-15", 31),
        ("місяць тому", "2026-02-15", 31),
        ("miesiąc temu", "2026-02-15", 31),
        ("2 months ago", "2026-01-15", 31),
        ("2 weeks ago", "2026-03-01", 7),
        ("неделю назад", "2026-03-08", 7),
        ("2 tygodnie temu", "2026-03-01", 7),
        ("a year ago", "2025-03-15", 366),
        ("год назад", "2025-03-15", 366),
        ("год тому назад", "2025-03-15", 366),
        ("2 года назад", "2024-03-15", 366),
        ("рік тому", "2025-03-15", 366),
        ("5 lat temu", "2021-03-15", 366),
        ("полгода назад", "2025-09-15", 184),
        ("1 year, 2 months ago", "2025-01-15", 31),
    ],
)
def test_weeks_months_and_years_ago_lie_around_their_day(text, around, days):
    when = read_date(text, now=NOW)
    assert when is not None
    assert when.relative
    assert when.since < utc(around) < when.until
    assert when.until - when.since <= timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "languages", "wanted"),
    [
        ("2 год тому", ("ru",), "2024-03-01"),
        ("2 год назад", ("uk",), "2026-03-15T10:00"),
        ("2 год назад", (), "2024-03-01"),
    ],
)
def test_the_hour_and_the_year_that_are_spelt_alike_are_told_by_the_language(text, languages, wanted):
    when = read_date(text, now=NOW, languages=languages)
    assert when is not None
    assert when.since <= utc(wanted) <= when.until


@pytest.mark.parametrize(
    ("text", "languages", "order", "wanted"),
    [
        ("03/12/2025", (), None, "2025-12-03"),
        ("03/12/2025", ("en",), None, "2025-12-03"),
        ("03/12/2025", ("en-US",), None, "2025-03-12"),
        ("03/12/2025", ("en_US", "pl"), None, "2025-03-12"),
        ("03/12/2025", ("en-US",), "dmy", "2025-12-03"),
        ("03/12/2025", (), "mdy", "2025-03-12"),
        ("03/12/2026", (), None, "2026-03-12"),  # 3 December lies ahead
        ("03/12/2026", (), "dmy", "2026-12-03"),
        ("03/25/2025", (), None, "2025-03-25"),
        ("25/03/2025", ("en-US",), None, "2025-03-25"),
        ("03/25/2025", (), "dmy", None),
        ("25-03-12", (), "ymd", "2025-03-12"),
        ("2025-03-12", (), "mdy", "2025-03-12"),
        ("12/31/99", (), "mdy", "1999-12-31"),
    ],
)
def test_the_order_of_figures_is_the_operators_else_the_languages(text, languages, order, wanted):
    assert read_date(text, now=NOW, languages=languages, order=order) == (day(wanted) if wanted else None)


@pytest.mark.parametrize(
    "text",
    ["March 2026", "март 2026", "в марте 2026 г.", "березень 2026", "marzec 2026", "2026-03", "03.2026", "03/2026"],
)
def test_a_month_with_its_year_is_the_whole_month(text):
    assert read_date(text, now=NOW) == When(since=utc("2026-03-01"), until=utc("2026-04-01"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("16 апреля", "2025-04-16"),
        ("December 31", "2025-12-31"),
        ("15 marca", "2026-03-15"),
        ("29 лютого", "2024-02-29"),
    ],
)
def test_a_day_without_a_year_is_the_nearest_past_one(text, wanted):
    assert read_date(text, now=NOW) == day(wanted)


def test_a_day_that_has_begun_farther_east_is_not_a_year_old():
    at_night = utc("2026-12-31T23:00")
    when = read_date("1 января", now=at_night)
    assert when is not None
    assert when.since == at_night
    assert read_date("1 січня о 00:30", now=at_night) == When(since=at_night, until=at_night)
    assert read_date("1 stycznia", now=utc("2026-12-31T03:00")) == day("2026-01-01")


@pytest.mark.parametrize(
    "text",
    cells("""
5 stars | 12 | Size 42 | Anna | 4.5 | 8/10 | 4,5/5 | 85% | ★★★★☆ | 12 reviews | 1 234 | 12.03 | 3/4 | 14:05 | 2026
May | March | Mark | Sun cream is good | i | 30.02.2026 | 31 June 2026 | 2026-02-30 | 2026-13-01
99.99.9999 | 0000-00-00 | 0001-01-01T00:00:00 | 01.01.0001 | 1970-01-01T00:00:00Z | 0 | 123456789
99999999999999 | +380 44 123-45-67 | 1.2.3.4
v1.2.26 | tomorrow | in 3 days | через 3 дня | za 3 dni | завтра | days ago | ago | назад | 3 days | of the month
Куплено 12 пар | Купила вчера эти сапоги и довольна | I bought it on Monday and it broke | 9999999 years ago
12 March 0026 | 70000 hours ago of nothing | 5 Sterne von 2026 Kunden | Modell 12 aus 2026
- | : | ...
"""),
)
def test_what_is_no_date_is_none(text):
    assert read_date(text, now=NOW) is None


def test_an_impossible_time_leaves_the_day():
    assert read_date("2026-03-12T25:00", now=NOW) == day("2026-03-12")


def test_a_long_text_is_no_date():
    assert read_date("12 March 2026 " + "good boots " * 40, now=NOW) is None
    assert read_date("", now=NOW) is None


@pytest.mark.parametrize(
    ("text", "languages", "wanted"),
    [
        ("vor 3 Tagen", ("de",), THREE_DAYS),
        ("hace 2 horas", ("es-ES",), TWO_HOURS),
        ("gestern", ("de-AT",), YESTERDAY),
        ("hier", ("fr", "en"), YESTERDAY),
        ("12. März", ("de",), day("2026-03-12")),
        ("12 mars 2026 à 14:05", ("fr",), instant("2026-03-12T14:05")),
        ("in 3 Tagen", ("de",), None),
        ("5 Sterne", ("de",), None),
        ("Größe 42", ("de",), None),
        ("blah", ("xx", ""), None),
    ],
)
def test_other_languages_are_read_when_they_are_named(text, languages, wanted):
    assert read_date(text, now=NOW, languages=languages) == wanted


def test_days_are_those_of_the_zone():
    assert read_date("12 марта 2026", now=NOW, zone=KYIV) == When(
        since=utc("2026-03-11T22:00"), until=utc("2026-03-12T22:00")
    )
    late = utc("2026-03-14T23:00")  # in Kyiv it is the 15th already
    assert read_date("вчора", now=late, zone=KYIV) == span("2026-03-13T22:00", "2026-03-14T22:00")


def test_the_day_of_a_clock_change_is_shorter():
    when = read_date("29.03.2026", now=utc("2026-04-01"), zone=KYIV)
    assert when == When(since=utc("2026-03-28T22:00"), until=utc("2026-03-29T21:00"))


@pytest.mark.parametrize(
    ("text", "zone", "wanted"),
    [
        ("29.03.2026 03:30", KYIV, "2026-03-29T01:30"),  # the clocks went from 3 to 4
        ("2026-03-29T03:30:00", KYIV, "2026-03-29T01:30"),
        ("26.10.2025 03:30", KYIV, "2025-10-26T00:30"),  # twice; the first
        ("24 April 2026, 00:10", "Africa/Cairo", "2026-04-23T22:10"),  # a day without midnight
    ],
)
def test_a_time_that_never_was_or_was_twice_is_read(text, zone, wanted):
    assert read_date(text, now=utc("2026-05-01"), zone=zone) == instant(wanted)


def test_a_day_without_midnight_begins_when_the_clocks_changed():
    when = read_date("24 April 2026", now=utc("2026-05-01"), zone="Africa/Cairo")
    assert when == When(since=utc("2026-04-23T22:00"), until=utc("2026-04-24T21:00"))


def test_a_time_ahead_of_now_today_is_now():
    assert read_date("сегодня в 23:00", now=NOW) == When(since=NOW, until=NOW, relative=True)


def test_words_for_months_and_weekdays_mean_one_thing():
    for words in (vocabulary.MONTHS, vocabulary.WEEKDAYS):
        assert all(words)
    assert set(vocabulary.MONTHS.values()) == set(range(1, 13))
    assert set(vocabulary.WEEKDAYS.values()) == set(range(7))


@pytest.mark.parametrize("month", range(1, 13))
def test_every_word_for_a_month_is_read(month):
    for word in (word for word, meaning in vocabulary.MONTHS.items() if meaning == month):
        assert read_date(f"5 {word} 2024", now=NOW) == day(f"2024-{month:02}-05"), word


FRAGMENTS = """
12 3 31 29 0 2026 99 14:05 25:00 2:05 pm | · . , - / : ' ( ) ★ г. r. о в на temu ago назад тому just now a few
half a lat 1.5 99999 9999 +0200 UTC EST GMT+14 T Z W11 мая лютого february feb mar i x
"""
PIECES = st.lists(
    st.one_of(
        st.sampled_from(FRAGMENTS.split()),
        st.sampled_from(sorted({*vocabulary.MONTHS, *vocabulary.WEEKDAYS, *vocabulary.SHORT, *vocabulary.PLURAL})),
        st.sampled_from(sorted({*vocabulary.DAYS_BACK, *vocabulary.COUNTS, *vocabulary.SINGLE})),
        st.text(max_size=4),
    ),
    max_size=8,
)
TEXTS = st.one_of(
    st.builds(lambda pieces, glue: glue.join(pieces), PIECES, st.sampled_from([" ", "", "\u00a0", "\n"])), st.text()
)
MOMENTS = st.datetimes(
    datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2100-01-01"), timezones=st.just(UTC)
)


@settings(deadline=None, max_examples=400)
@given(TEXTS, MOMENTS, st.sampled_from(ZONES), st.sampled_from([(), ("uk",), ("en-US", "de")]))
def test_no_text_raises_and_nothing_counted_lies_ahead(text, now, zone, languages):
    when = read_date(text, now=now, zone=zone, languages=languages)
    if when is not None:
        assert when.since <= when.until
        assert not when.relative or when.until <= now


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(ZONES), st.integers(0, 3000), st.sampled_from(["%d %B", "%B %d", "%d %b %H:%M"]))
def test_a_day_without_a_year_never_begins_ahead(now, zone, days, form):
    text = (now - timedelta(days=days)).strftime(form)
    when = read_date(text, now=now, zone=zone)
    assert when is not None
    assert when.since <= now
    assert not when.relative


@settings(deadline=None)
@given(st.datetimes(datetime.fromisoformat("1972-01-01"), datetime.fromisoformat("2190-01-01"), timezones=st.just(UTC)))
def test_what_is_written_comes_back(moment):
    moment = moment.replace(microsecond=0)
    wanted = When(since=moment, until=moment)
    for text in (moment.isoformat(), f"{moment:%a, %d %b %Y %H:%M:%S +0000}", f"{moment:%d.%m.%Y %H:%M:%S}"):
        assert read_date(text, now=NOW, order="dmy") == wanted


@pytest.mark.parametrize(
    "piece", ["1 ", "12:", "o ", "1h ", "dec ", "10 dec ", "a one ", "on ", "1.1.1.", ": ", "мая 1 ", "("]
)
def test_no_text_takes_long(piece):
    text = (piece * 300)[:300]
    began = time.perf_counter()
    read_date(text, now=NOW)
    assert time.perf_counter() - began < 0.5


def test_dateparser_is_loaded_only_for_what_nothing_else_reads():
    script = (
        "import sys; from datetime import UTC, datetime; from crawlers.date import read_date; n = datetime.now(UTC);"
        "[read_date(t, now=n) for t in ('12 марта 2020', '2 h', '5 stars')]; sys.exit('dateparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(("word", "hour"), [("noon", 12), ("midnight", 0)])
def test_noon_and_midnight_are_times(word: str, hour: int) -> None:
    found = read_date(f"13 Feb 2026, {word}", now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert found is not None
    assert found.since == found.until == datetime(2026, 2, 13, hour, tzinfo=UTC)
