"""Wording: numbers, times and words as each of the four languages has them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.settings import SourceKind
from dashboard.page import ASSETS
from dashboard.theme import PALETTES, SENTIMENT, SEVERITY, options
from dashboard.wording import KINDS, LABELS, Wording
from dashboard.zones import RENAMED, zones
from sentiment.score import LABELS as ALL_LABELS


@pytest.mark.parametrize(
    ("locale", "number", "share", "small"),
    [
        ("en", "12,345", "42%", "4.2%"),
        ("ru", "12\xa0345", "42\xa0%", "4,2\xa0%"),
        ("uk", "12\xa0345", "42\xa0%", "4,2%"),
        ("pl", "12\xa0345", "42%", "4,2%"),
    ],
)
def test_numbers_are_written_as_in_the_language(locale, number, share, small):
    words = Wording(locale, "UTC")
    assert words.number(12_345) == number
    assert words.share(0.42).replace("\xa0", "") == share.replace("\xa0", "")
    assert words.share(0.042).replace("\xa0", "") == small.replace("\xa0", "")


def test_a_change_has_a_sign_and_none_is_no_change():
    words = Wording("en", "UTC")
    assert [words.signed(value) for value in (12, -3.5, 0, 0.01)] == ["+12", "−3.5", "±0", "±0"]
    assert words.points(-0.123) == "−12.3 pp"


def test_times_are_relative_for_a_week_and_then_dates(now):
    words = Wording("en", "Europe/Kyiv")
    ago = {timedelta(seconds=10): "just now", timedelta(minutes=5): "5 minutes ago", timedelta(hours=3): "3 hours ago"}
    assert {length: words.ago(now - length, now) for length in ago} == ago
    assert words.ago(now - timedelta(days=9), now) == "1 Mar, 14:30"
    assert words.ago(now + timedelta(minutes=10), now) == "in 10 minutes"


def test_a_time_shows_the_exact_instant_in_the_person_s_zone(now):
    assert 'title="Tuesday, 10 March 2026, 14:30:00' in Wording("en", "Europe/Kyiv").when(now, now)
    assert 'datetime="2026-03-10T12:30:00+00:00"' in Wording("en", "Europe/Kyiv").when(now, now)


def test_every_label_and_kind_has_a_word():
    assert set(LABELS) == set(ALL_LABELS)
    assert set(KINDS) == set(SourceKind.__args__)
    assert Wording("en", "UTC").kind("of tomorrow") == "of tomorrow"


def test_languages_are_named_in_the_person_s_language():
    assert Wording("pl", "UTC").language("uk") == "Ukraiński"
    assert Wording("en", "UTC").language("und") == "Unknown language"
    assert Wording("en", "UTC").language("xyz") == "Xyz"


def test_zones_offer_today_s_names():
    assert "Europe/Kyiv" in zones()
    assert not set(RENAMED) & set(zones())
    assert set(RENAMED.values()) <= set(zones())


def test_the_style_sheets_have_the_colours_of_the_theme():
    house = (ASSETS / "house.css").read_text().casefold()
    entrance = (ASSETS / "entrance.css").read_text().casefold()
    for palette in PALETTES.values():
        for name in ("paper", "surface", "line", "ink", "muted", "accent"):
            colour = getattr(palette, name)
            assert f"--{name}: {colour}" in house
            assert f"--{name}: {colour}" in entrance or colour == "#ffffff"
    for name, colour in {**SENTIMENT, **SEVERITY}.items():
        assert f"--{name}: {colour.casefold()}" in house


def test_streamlit_knows_every_option_of_ours():
    from streamlit.config import get_config_options

    known = get_config_options()
    assert {name for name in options() if name not in known} == set()
