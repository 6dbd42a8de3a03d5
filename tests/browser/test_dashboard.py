"""The dashboard in a real browser, in the order in which a person meets it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PASSWORD = "correct horse battery"
WAIT = 20_000
ANSWER = re.compile("You are on it")
PAGES = {
    "overview": "/",
    "overview-24h": "/?period=24h",
    "overview-60d": "/?period=60d",
    "mentions": "/mentions?period=24h",
    "incidents": "/incidents",
    "sources": "/sources",
    "source": "/sources?source=Shop+reviews",
    "mentions-raised": "/mentions?q=lamp&period=24h",
    "account": "/account",
}


def settle(page: Page) -> None:
    """Wait until a page has said everything, and nothing stands twice: in the run before, and in this one."""
    app = page.locator('[data-testid="stApp"]')
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT)
    expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=WAIT)  # parts of the run before
    expect(page.locator(".stHtml h1").first).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(400)  # charts and transitions come to rest


def shoot(page: Page, path) -> None:
    """Take a picture of the whole page: Streamlit scrolls inside, so the window grows instead."""
    size = page.viewport_size
    tall = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(size["height"], tall + 40), 3_000)})
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    page.set_viewport_size(size)


def test_the_first_visit_creates_the_administrator(person, dashboard, shots):
    assert person.url == f"{dashboard}/setup"
    person.screenshot(path=shots / "setup.png")
    expect(person.locator("select[name=zone]")).to_have_value("Europe/Kyiv")
    for name, value in {"name": "Ada Kowalska", "login": "ada@example.com", "password": PASSWORD}.items():
        person.fill(f"[name={name}]", value)
    person.fill("[name=again]", PASSWORD)
    person.get_by_role("button", name="Create the account").click()
    settle(person)
    assert person.url == f"{dashboard}/"
    expect(person.get_by_role("heading", name="Overview")).to_be_visible()
    expect(person).to_have_title("Overview · Groundswell")


def test_the_overview_shows_the_incident_first_and_the_figures(person):
    expect(person.get_by_text("Invented sample data.").first).to_be_visible()
    expect(person.get_by_text(re.compile(r"\d+ negative voices about Kolvinta")).first).to_be_visible()
    assert person.locator(".gw-figure").count() == 6
    expect(person.locator('[data-testid="stVegaLiteChart"] svg')).to_be_visible(timeout=WAIT)
    expect(person.locator(".gw-legend").first).to_contain_text("Not scored")
    assert person.locator(".gw-mention").count() == 6


def test_the_period_lives_in_the_address(person):
    person.get_by_text("24 h", exact=True).click()
    person.wait_for_url("**/?period=24h")
    settle(person)
    expect(person.locator(".gw-figure-than").first).to_contain_text("24 hours before")
    person.reload()
    settle(person)
    expect(person.locator(".gw-figure-than").first).to_contain_text("24 hours before")


def test_a_click_on_the_mark_in_the_chart_opens_the_incident(person):
    chart = person.locator('[data-testid="stVegaLiteChart"] svg')
    box = chart.bounding_box()
    person.mouse.click(box["x"] + box["width"] - 12, box["y"] + 10)
    person.wait_for_url(re.compile(r"/incidents\?incident="))
    settle(person)
    expect(person.get_by_role("heading", name=re.compile("negative voices about Kolvinta"))).to_be_visible()


def test_mentions_are_filtered_and_searched_by_the_address(person, dashboard):
    person.goto(f"{dashboard}/mentions")
    settle(person)
    everything = person.locator(".gw-count").inner_text()
    person.get_by_role("textbox", name="Search").fill("kettle")
    person.keyboard.press("Enter")
    person.wait_for_url(re.compile("q=kettle"))
    expect(person.locator(".gw-count").first).not_to_have_text(everything, timeout=WAIT)
    person.get_by_role("combobox", name="Sentiment").click()
    person.get_by_role("option", name="Negative").click()
    person.wait_for_url(re.compile("sentiment=negative"))
    settle(person)
    assert person.locator(".gw-mention").count() > 0
    assert person.locator(".gw-mention header .gw-negative .gw-shape").count() == person.locator(".gw-mention").count()
    for text in person.locator(".gw-mention").all_inner_texts():
        assert "kettle" in text.casefold()


def test_cyrillic_is_found_and_marked(person, dashboard):
    person.goto(f"{dashboard}/mentions?q=колвинта&period=60d")
    settle(person)
    assert person.locator(".gw-mention").count() > 0
    assert "олвинт" in person.locator(".gw-mention mark").first.inner_text().casefold()


def test_an_empty_list_says_why_and_what_to_do(person, dashboard):
    person.goto(f"{dashboard}/mentions?q=nobodyeversaidthis")
    settle(person)
    expect(person.get_by_text("No mention fits these filters").first).to_be_visible()
    person.get_by_role("button", name="Clear the filters").click()
    person.wait_for_url(re.compile(r"/mentions$"))
    settle(person)
    assert person.locator(".gw-mention").count() == 50


def test_older_mentions_are_one_click_away(person):
    newest = person.locator(".gw-mention").first.inner_text()
    person.get_by_role("button", name="Show older").click()
    person.wait_for_url(re.compile("after="))
    expect(person.locator(".gw-count").first).to_contain_text("older ones", timeout=WAIT)
    settle(person)
    assert person.locator(".gw-mention").first.inner_text() != newest
    person.get_by_role("button", name="Back to the newest").click()
    expect(person.locator(".gw-count").first).to_contain_text("newest first", timeout=WAIT)


def test_hostile_text_is_shown_as_text_and_nothing_of_it_runs(person, dashboard):
    person.goto(f"{dashboard}/mentions?q=hateful&period=24h")
    settle(person)
    card = person.locator(".gw-mention").first
    expect(card).to_contain_text("<script>document.title='owned'</script><img src=x onerror=")
    expect(card).to_contain_text("**bold** $x^2$")
    assert card.locator("script, img, iframe, svg").count() == 0
    assert card.locator("a", has_text="Open the original").count() == 0, "javascript: is no address"
    assert "owned" not in person.title()


def test_earlier_texts_of_an_edited_mention_open(person, dashboard):
    person.goto(f"{dashboard}/mentions?q=edited&period=24h")
    settle(person)
    person.get_by_text("edited 2×").first.click()
    expect(person.locator(".gw-history li")).to_have_count(2)


def test_a_raised_rating_is_said_at_the_head_of_the_card(person, dashboard):
    person.goto(f"{dashboard}/mentions?q=lamp&period=24h")
    settle(person)
    card = person.locator(".gw-mention", has_text="They called me back")
    expect(card.locator("header")).to_contain_text("★ raised 1/5 → 4/5")
    card.get_by_text("edited 1×").click()
    expect(card.locator(".gw-history")).to_contain_text("rated 1/5")


def test_pictures_of_every_page_are_left_to_look_at(dashboard, dressed, shots):
    for scheme, width, mark in (("light", 1280, ""), ("dark", 1280, "-dark"), ("light", 390, "-narrow")):
        page = dressed(scheme=scheme, width=width, height=900 if width > 400 else 844)
        for name, path in PAGES.items():
            page.goto(dashboard + path)
            settle(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name}{mark} is {wide} pixels wide"
            shoot(page, shots / f"{name}{mark}.png")
        page.goto(dashboard + "/incidents")
        settle(page)
        page.locator('[class*="st-key-cover-"] a').first.click()
        page.wait_for_url(re.compile("incident="))
        settle(page)
        shoot(page, shots / f"incident{mark}.png")


def test_an_incident_is_acknowledged_and_resolved_with_a_note(person, dashboard):
    person.goto(f"{dashboard}/incidents")
    settle(person)
    person.locator('[class*="st-key-cover-"] a').first.click()
    person.wait_for_url(re.compile("incident="))
    expect(person.get_by_text("In the sample workspace nothing leaves this machine").first).to_be_visible(timeout=WAIT)
    settle(person)
    person.get_by_role("button", name="Acknowledge").click()
    expect(person.get_by_text(ANSWER).first).to_be_visible(timeout=WAIT)
    expect(person.get_by_text("ada@example.com is on it").first).to_be_visible()
    settle(person)
    person.get_by_role("button", name="Try on-call again").click()
    expect(person.get_by_text("It is on its way again.").first).to_be_visible(timeout=WAIT)
    settle(person)
    person.get_by_role("button", name="Resolve…").click()
    person.get_by_role("textbox", name="What helped? (optional)").fill("Called <b>them</b> back")
    person.get_by_role("button", name="Resolve", exact=True).click()
    expect(person.get_by_text("Resolved by ada@example.com").first).to_be_visible(timeout=WAIT)
    settle(person)
    expect(person.locator(".gw-log")).to_contain_text("Called <b>them</b> back")
    assert person.get_by_role("button", name="Acknowledge").count() == 0


def test_sources_say_what_failed_and_what_was_turned_away(person, dashboard):
    person.goto(f"{dashboard}/sources")
    settle(person)
    row = person.locator(".gw-source-row", has_text="Odd feed <i>of things")
    expect(row).to_contain_text("3 visits failed")
    expect(row).to_contain_text("HTTP 403 from feeds.example: <b>Forbidden</b>")
    person.get_by_role("link", name="Open the source: Odd feed").click()
    person.wait_for_url(re.compile("source=Odd"))
    settle(person)
    expect(person.get_by_text("wrong encoding").first).to_be_visible()
    person.get_by_role("link", name="All sources").click()
    expect(person.get_by_role("heading", name="Sources", exact=True)).to_be_visible(timeout=WAIT)


def test_a_source_s_page_says_what_is_not_as_usual(person, dashboard):
    person.goto(f"{dashboard}/sources")
    settle(person)
    row = person.locator(".gw-source-row", has_text="Shop reviews")
    expect(row).to_contain_text("less found than usual")
    expect(row).to_contain_text("usually 47")
    expect(person.locator(".gw-source-row", has_text="Closed forum")).to_contain_text("off until confirmed")
    person.get_by_role("link", name="Open the source: Shop reviews").click()
    expect(person.get_by_role("heading", name="Shop reviews")).to_be_visible(timeout=WAIT)
    settle(person)
    notice = person.locator(".gw-notice.gw-warning")
    expect(notice).to_contain_text("Rating: found in 2.1% of items, usually in 98%")
    expect(notice).to_contain_text("reviews.shop.example is left alone until")
    expect(notice).to_contain_text("the site asked to wait")
    figures = person.locator(".gw-figure")
    expect(figures.filter(has_text="Pages waiting")).to_contain_text("3 gone")
    expect(figures.filter(has_text="Time to collect")).to_contain_text("2 hours")


def test_the_language_changes_at_once(person, dashboard, shots):
    person.goto(dashboard)
    settle(person)
    person.get_by_role("button", name="Ada Kowalska").click()
    person.locator('[data-testid="stPopoverBody"] [data-testid="stSelectbox"]').first.click()
    person.get_by_role("option", name="Українська").click()
    expect(person.locator(".gw-mention time").first).to_contain_text("тому", timeout=WAIT)
    person.keyboard.press("Escape")
    settle(person)
    shoot(person, shots / "overview-uk.png")


def test_logging_out_ends_the_session(person, dashboard):
    person.goto(dashboard)
    settle(person)
    person.locator(".st-key-account-menu button").first.click()
    person.locator(".gw-button").click()
    person.wait_for_url(f"{dashboard}/login")
    person.goto(f"{dashboard}/mentions")
    assert person.url == f"{dashboard}/login?next=%2Fmentions"
    person.fill("[name=login]", "ada@example.com")
    person.fill("[name=password]", PASSWORD)
    person.locator("button[type=submit]").click()
    person.wait_for_url(re.compile("/mentions"))
    settle(person)


def test_no_page_broke_a_rule_or_asked_anybody_else(watch):
    assert list(dict.fromkeys(watch.problems)) == []
