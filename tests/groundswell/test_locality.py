from __future__ import annotations

import pytest

from config.zone import is_zone
from groundswell.locality import edition, find_country, languages_of, timezone_of


@pytest.mark.parametrize(("typed", "code"), [("UA", "UA"), ("ua", "UA"), ("Ukraine", "UA"), (" poland ", "PL")])
def test_a_country_is_found_by_code_or_name(typed: str, code: str) -> None:
    assert find_country(typed) == code


def test_an_unknown_country_is_refused_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(ValueError, match=r"'Ukrain' is no country \(did you mean 'Ukraine'\?\); allowed: an ISO"):
        find_country("Ukrain")


@pytest.mark.parametrize(
    ("country", "languages", "zone"),
    [
        ("UA", ("uk", "ru"), "Europe/Kyiv"),
        ("PL", ("pl",), "Europe/Warsaw"),
        ("KZ", ("ru", "kk"), "Asia/Almaty"),
        ("US", ("en",), "America/New_York"),
        ("CH", ("de", "fr", "it"), "Europe/Zurich"),
    ],
)
def test_a_country_suggests_its_languages_and_zone(country: str, languages: tuple[str, ...], zone: str) -> None:
    assert languages_of(country) == languages
    assert timezone_of(country) == zone
    assert is_zone(zone)


@pytest.mark.parametrize(
    ("language", "country", "expected"),
    [("uk", "UA", "UA"), ("ru", "UA", "UA"), ("en", "UA", "US"), ("pl", None, "PL"), ("xxx", None, "US")],
)
def test_news_are_read_in_the_edition_of_the_language(language: str, country: str | None, expected: str) -> None:
    assert edition(language, country) == expected
