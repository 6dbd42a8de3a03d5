"""What a form shows of a trial: hostile text stays text, and whatever a person should look at is said first."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from config.settings import Settings
from crawlers.connector import Tools
from crawlers.web.asking import Answer
from crawlers.web.failure import Failure
from crawlers.web.link import Link
from crawlers.web.manners import Manners
from crawlers.web.site import Extract
from crawlers.web.trial import try_out
from dashboard.context import House
from dashboard.trial import report
from dashboard.visitor import Visitor
from dashboard.wording import Wording
from storage.accounts import Account
from storage.request import Tried, TriedItem, TriedPage

BAD = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'& **b** :red[x]"
PAGE = "https://shop.example/reviews"


class Elements(HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def who(sqlite_db, now):
    account = Account(
        id=1, login="ada", name="Ada", role="administrator", brands=None, locale="en", timezone="UTC", disabled=False
    )
    house = House(db=sqlite_db, clock=lambda: now, settings=Settings())
    return Visitor(account=account, words=Wording("en", "UTC"), house=house, now=now, token="t")


def items(n, **more):
    return tuple(TriedItem(text=f"Review {number}", **more) for number in range(n))


def test_it_says_what_was_found_and_in_how_many_items(who, now):
    tried = Tried(
        pages=(TriedPage(url=PAGE, role="listing", items=20, links=1),),
        items=items(20, author="Ola", published_at=now, rating=0.8, rating_given="4/5", product="Lamp"),
        found=20,
        fields={"text": 20, "author": 18, "date": 20, "place": 3},
    )
    shown = report(tried, None, who)
    assert "<strong>20 items</strong> on 1 page" in shown
    assert "18 of 20" in shown
    assert "0 of 20" in shown, "what is expected of items is said even where none has it"
    assert "<dt>Branch or town</dt>" in shown
    assert "<dt>Title</dt>" not in shown
    assert "rated <bdi>4/5</bdi>" in shown
    assert "10 Mar 2026, 12:30" in shown
    assert "15 more items" in shown
    assert shown.count("<article") == 20
    assert "gw-warning" not in shown


def test_nothing_from_outside_becomes_an_element(who):
    item = TriedItem(
        text=BAD, title=BAD, author=BAD, url="javascript:alert(1)", product=BAD, place=BAD, rating_given=BAD
    )
    page = TriedPage(url=f"https://a.example/{BAD}", role=BAD, items=1, links=0, missed=(BAD,), problem=BAD)
    tried = Tried(pages=(page,), items=(item,), found=1, fields={BAD: 1}, warnings=(BAD,), error=BAD)
    found = Elements(report(tried, None, who)).found
    assert not {"script", "img", "iframe", "svg"} & {name for name, _ in found}
    assert not [key for _, attributes in found for key in attributes if key.startswith("on")]
    assert not [attributes for name, attributes in found if name == "a"]


def test_each_thing_to_look_at_is_said_once_and_by_the_name_of_its_field(who):
    problem = f"no such page: {PAGE} answered 404"
    tried = Tried(
        pages=(TriedPage(url=PAGE, role="listing", items=0, links=0, problem=problem),),
        warnings=(
            f"{PAGE} could not be read: {problem}",
            "rating: this selector found nothing",
            "rating: this selector found nothing",
            "author: found in 2 of 20 items",
            "no items were found on any page",
            "turned away: 3 × broken XML (line 4)",
        ),
    )
    shown = report(tried, None, who)
    for line in (
        f"{PAGE}: no such page: answered 404",
        "Author: found in 2 of 20 items only.",
        "No items were found on any page.",
        "Turned away: 3 × broken XML (line 4)",
    ):
        assert f"<bdi>{line}</bdi>" in shown
    assert shown.count("Rating: this selector found nothing.") == 1
    assert "Nothing was found" in shown


def test_the_trial_s_own_words_are_known(who, now):
    """The words of `crawlers.web.trial` are looked for: were they changed there, they would be shown untranslated."""
    trial = _trial_of_nothing(now)
    tried = Tried(
        pages=tuple(TriedPage(url=p.url, role=p.role, items=0, links=0, problem=p.problem) for p in trial.pages),
        warnings=trial.warnings,
    )
    shown = report(tried, None, who)
    assert "Items: this selector found nothing." in shown
    assert "No items were found on any page." in shown
    assert f"<bdi>{PAGE}/gone: no such page: gone</bdi>" in shown


class Site:
    """Two lists; on the first one a selector finds nothing, the second one is gone."""

    kind = "review"
    terms = "page"
    sweeps = True
    manners = Manners(start=(PAGE, f"{PAGE}/gone"))

    def start(self):
        return tuple(Link(url=url, role="listing") for url in self.manners.start)

    def read(self, document, link):
        raise AssertionError("the answers are given below")


class Paper:
    """Answers without a network."""

    def __init__(self):
        self.asks = []

    def ask(self, asks):
        self.asks += asks

    def answer(self, seconds):
        ask = self.asks.pop(0)
        if ask.link.url == PAGE:
            return Answer(ask=ask, url=PAGE, extract=Extract(missed=("items",)))
        failure = Failure(reason="no such page", detail="gone", temporary=False, status=404)
        return Answer(ask=ask, url=ask.link.url, failure=failure)

    def close(self):
        pass


def _trial_of_nothing(now):
    tools = Tools(source="x", kind="review", clock=lambda: now, user_agent="x")
    return try_out(Site(), tools, fetch=lambda *_whatever: Paper())


@pytest.mark.parametrize("detail", ["", " (https://shop.example/p: (a) line 3)"])
def test_what_was_turned_away_is_said_in_the_persons_language(who, detail):
    polish = replace(who, words=Wording("pl", "UTC"))
    t = polish.t
    shown = report(Tried(warnings=(f"turned away: 3 × broken JSON-LD{detail}",)), None, polish)
    assert t("broken JSON-LD") != "broken JSON-LD"
    assert f"{t('Turned away')}: 3 × {t('broken JSON-LD')}{detail}" in shown
    assert "turned away" not in shown
