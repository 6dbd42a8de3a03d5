from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml

from alerts import registry
from config.file import load
from config.settings import Settings
from crawlers import registry as connectors
from groundswell import proposal
from groundswell.answers import Answers, Mail

BANK = Answers(
    brand="Kyiv Bank",
    country="UA",
    languages=("uk", "en"),
    timezone="Europe/Kyiv",
    words=("Kyiv Bank", "Київ Банк"),
    mail=Mail(to=("team@bank.ua",), sender="alerts@bank.ua", host="127.0.0.1", port=25),
    slack="https://hooks.example.com/abc",
)


def test_sources_follow_the_languages_and_the_country() -> None:
    proposed = proposal.sources(BANK)
    assert [source.name for source in proposed] == [
        "Kyiv Bank: Google News (uk, UA)",
        "Kyiv Bank: Bing News (uk, UA)",
        "Kyiv Bank: Google News (en, US)",
        "Kyiv Bank: Bing News (en, US)",
        "Kyiv Bank: Hacker News",
        "Kyiv Bank: Reddit",
        "Kyiv Bank: Mastodon #kyivbank",
        "Kyiv Bank: Mastodon #київбанк",
    ]
    google = parse_qs(urlsplit(proposed[0].options["url"]).query)
    assert google == {"q": ['"Kyiv Bank" OR "Київ Банк"'], "hl": ["uk"], "gl": ["UA"], "ceid": ["UA:uk"]}
    assert proposed[-1].options["url"].endswith("/tags/%D0%BA%D0%B8%D1%97%D0%B2%D0%B1%D0%B0%D0%BD%D0%BA.rss")
    assert all(urlsplit(source.options["url"]).scheme == "https" for source in proposed if source.type == "rss")


def test_every_proposed_source_fits_its_connector() -> None:
    for source in proposal.sources(BANK):
        connectors.check(source)


def test_hacker_news_is_for_english_only() -> None:
    polish = Answers(brand="A", country="PL", languages=("pl",), timezone="UTC", words=("A",))
    assert "hackernews" not in {source.type for source in proposal.sources(polish)}


def test_hostile_words_stay_inside_the_search() -> None:
    odd = Answers(brand='A" & b=c', country=None, languages=("en",), timezone="UTC", words=('A" & b=c#d',))
    google = urlsplit(proposal.sources(odd)[0].options["url"])
    assert parse_qs(google.query)["q"] == ['"A  & b=c#d"']
    assert google.fragment == ""


def test_long_names_keep_what_tells_them_apart() -> None:
    long = Answers(brand="B" * 80, country=None, languages=("en", "pl"), timezone="UTC", words=("b",))
    names = [source.name for source in proposal.sources(long)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 80


def test_hashtags_are_words_written_together() -> None:
    assert proposal.tags(("Kyiv Bank", "kyiv-bank", "O'Hara & Co.", "24", "???")) == ("kyivbank", "oharaco")


def test_everything_that_is_saved_is_declared() -> None:
    declaration = proposal.declaration(BANK, proposal.sources(BANK)[:1])
    assert declaration.brands[0].timezone == "Europe/Kyiv"
    assert declaration.queries[0].any == ("Kyiv Bank", "Київ Банк", "kyivbank", "київбанк")
    assert [rule.brand for rule in declaration.rules] == ["Kyiv Bank"]
    assert [channel.type for channel in declaration.channels] == ["slack", "email"]
    for channel in declaration.channels:
        registry.check(channel.type, channel.options)


def test_a_mail_server_of_ones_own_may_be_reached() -> None:
    assert proposal.settings(BANK).allow_private == ("127.0.0.1:25",)
    assert not proposal.is_private("mail.example.com")


def test_the_written_file_loads_and_says_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "groundswell.yaml"
    settings = Settings(locale="uk", contact="a@b.c: d", allow_private=("127.0.0.1:25",))
    path.write_text(proposal.settings_file(settings), encoding="utf-8")
    assert load(path, environ={}).declaration.server == settings
    assert set(yaml.safe_load(path.read_text())["server"]) == {"locale", "contact", "allow_private"}


def test_every_setting_stands_in_the_file_with_its_meaning() -> None:
    text = proposal.settings_file(Settings())
    for name, field in Settings.model_fields.items():
        assert f"  # {name}:" in text
        assert field.description
        assert field.description in text
    uncommented = text.replace("  # port:", "  port:").replace("  # allow_private:", "  allow_private:")
    assert yaml.safe_load(uncommented)["server"] == {"port": 8420, "allow_private": []}
