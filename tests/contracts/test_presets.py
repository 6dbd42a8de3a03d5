"""Every preset has what a preset promises: words about itself, selectors that hold, fixtures, a row in the docs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from config.settings import SourceKind
from crawlers.cleaning import clean_text
from crawlers.connector import Tools
from crawlers.connectors.pages import Pages, PagesSettings
from crawlers.selecting.preset import FOLDER, PRESETS, PresetName, load_preset
from crawlers.web.document import Document
from crawlers.web.found import Found
from crawlers.web.link import Link, Role
from crawlers.web.manners import Manners
from crawlers.web.site import Extract

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "crawlers"
DOCS = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SITE = "https://site.example"
LISTS: dict[PresetName, tuple[str, str]] = {
    "discourse": (f"{SITE}/t/41.json", f"{SITE}/t/41.json?page=2"),
    "magento": (f"{SITE}/review/product/listAjax/id/8/", f"{SITE}/review/product/listAjax/id/8/?p=2"),
    "phpbb": (f"{SITE}/viewtopic.php?t=12", f"{SITE}/viewtopic.php?t=12&start=2"),
    "prestashop": (
        f"{SITE}/index.php?fc=module&module=productcomments&controller=ListComments&id_product=4",
        f"{SITE}/index.php?fc=module&module=productcomments&controller=ListComments&id_product=4&page=2",
    ),
    "woocommerce": (f"{SITE}/product/kettle-k2/", f"{SITE}/product/kettle-k2/comment-page-1/"),
    "wordpress": (f"{SITE}/kettle/", f"{SITE}/kettle/comment-page-1/"),
    "wordpress_api": (f"{SITE}/wp-json/wp/v2/comments?per_page=3", f"{SITE}/wp-json/wp/v2/comments?per_page=3&page=2"),
    "xenforo": (f"{SITE}/threads/kettle-leaks.41/", f"{SITE}/threads/kettle-leaks.41/page-2"),
}
INDEXES: dict[PresetName, tuple[str, str]] = {
    "discourse": (f"{SITE}/latest.json", f"{SITE}/latest.json?no_definitions=true&page=1"),
    "magento": (f"{SITE}/kettles.html", f"{SITE}/kettles.html?p=2"),
    "phpbb": (f"{SITE}/viewforum.php?f=5", f"{SITE}/viewforum.php?f=5&start=25"),
    "prestashop": (f"{SITE}/3-kettles", f"{SITE}/3-kettles?page=2"),
    "woocommerce": (f"{SITE}/shop/", f"{SITE}/shop/page/2/"),
    "wordpress": (f"{SITE}/", f"{SITE}/page/2/"),
    "xenforo": (f"{SITE}/forums/kettles.5/", f"{SITE}/forums/kettles.5/page-2"),
}
STAMPED = ("discourse", "magento", "phpbb", "prestashop", "xenforo")
RATED = ("magento", "prestashop", "woocommerce")
BLOG: tuple[PresetName, ...] = ("wordpress", "wordpress_api")
ANSWERED = ("discourse", "phpbb", "woocommerce", "wordpress", "wordpress_api", "xenforo")
# What hides items from visitors may give a page that is not full and not the last: only an empty one is.
UNTIL_EMPTY = ("wordpress_api",)
# What a shop of the fixture's country sets.
OWN: dict[PresetName, dict[str, Any]] = {
    "magento": {"date_order": "mdy"},
}

every_preset = pytest.mark.parametrize("name", PRESETS)
every_index = pytest.mark.parametrize("name", INDEXES)


def site_of(name: PresetName) -> Pages:
    options = PagesSettings.model_validate({"start": [SITE], "preset": name, **OWN.get(name, {})})
    kind = load_preset(name).kind
    return Pages(options, Tools(source="s", kind=kind, clock=lambda: NOW, user_agent="Groundswell/test"))


def read(name: PresetName, page: str, url: str, role: Role) -> Extract:
    (path,) = (FIXTURES / f"pages_{name}").glob(f"{page}.*")
    link = Link(url=url, role=role)
    return site_of(name).read(Document(url=url, body=b"", text=path.read_text(encoding="utf-8")), link)


def test_the_files_are_the_presets_that_can_be_named() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(PRESETS)


@every_preset
def test_it_says_what_it_is_made_for(name: PresetName) -> None:
    preset = load_preset(name)
    assert all((preset.engine, preset.about, preset.versions, preset.start, preset.dates))
    assert preset.kind in get_args(SourceKind)


@every_preset
def test_its_options_are_selectors_and_what_belongs_to_them(name: PresetName) -> None:
    own = set(PagesSettings.model_fields) - set(Manners.model_fields) - {"preset"}
    assert set(load_preset(name).options) <= own
    assert site_of(name).manners


@every_preset
def test_it_names_no_site(name: PresetName) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert all(host.endswith(".example") for host in re.findall(r"https?://([^/\s]+)", text))


@every_preset
def test_it_reads_who_wrote_what_when(name: PresetName) -> None:
    extract = read(name, "list", LISTS[name][0], "listing")
    assert extract.items
    assert extract.rejects == ()
    for item in extract.items:
        text = clean_text(item.text)
        assert text
        assert "wrote:" not in text
        assert "Keep calm" not in text, "a signature is no text"
        assert item.author
        assert item.id
        assert item.published
        assert not item.published.relative
        assert datetime(2026, 2, 20, tzinfo=UTC) <= item.published.since < datetime(2026, 3, 3, tzinfo=UTC)
    assert len({item.id for item in extract.items}) == len(extract.items)


@every_preset
def test_it_knows_what_is_rated_and_what_is_answered(name: PresetName) -> None:
    items = read(name, "list", LISTS[name][0], "listing").items
    assert any(item.rating for item in items) == (name in RATED)
    assert any(item.parent for item in items) == (name in ANSWERED)
    assert {item.parent for item in items if item.parent} <= {item.id for item in items}


@every_preset
def test_it_follows_the_next_page_and_stops_at_the_last(name: PresetName) -> None:
    first, second = LISTS[name]
    more = read(name, "list", first, "listing").more
    assert more == Link(url=second, role="listing")
    last = read(name, "list_2", second, "listing")
    if name in UNTIL_EMPTY:
        third = f"{first}&page=3"
        assert last.more == Link(url=third, role="listing")
        assert read(name, "list_3", third, "listing") == Extract(missed=("items", "next"))
    else:
        assert last.more is None
    assert last.items
    before = {item.id for item in read(name, "list", first, "listing").items}
    assert before.isdisjoint(item.id for item in last.items)


@every_preset
def test_it_misses_nothing_that_its_fixture_shows(name: PresetName) -> None:
    assert set(read(name, "list", LISTS[name][0], "listing").missed) <= {"drop"}


@every_index
def test_it_follows_the_start_pages_to_the_lists(name: PresetName) -> None:
    url, following = INDEXES[name]
    extract = read(name, "index", url, "index")
    lists = [link for link in extract.links if link.role == "listing"]
    assert LISTS[name][0] in {link.url for link in lists}
    assert all(link.url.startswith(f"{SITE}/") for link in lists)
    assert any(link.stamp for link in lists) == (name in STAMPED)
    assert extract.more == Link(url=following, role="index")
    assert set(extract.missed) <= {"sections"}


def test_only_what_has_a_list_of_all_comments_needs_no_start_pages_of_its_own() -> None:
    assert set(PRESETS) - set(INDEXES) == {"wordpress_api"}


@every_preset
def test_it_has_a_row_in_the_docs(name: PresetName) -> None:
    preset = load_preset(name)
    assert re.search(rf"^\| `{name}` \| .* \| `{preset.kind}` \|", DOCS, re.MULTILINE)


@every_preset
def test_its_fixture_says_where_it_comes_from(name: PresetName) -> None:
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `pages_{name}` \| (composed|captured)", readme, re.MULTILINE)


@pytest.mark.parametrize("theme", ["twentytwentytwo", "twentytwentythree"])
@pytest.mark.parametrize(
    ("page", "url", "role"),
    [
        ("index", INDEXES["wordpress"][0], "index"),
        ("list", LISTS["wordpress"][0], "listing"),
        ("list_2", LISTS["wordpress"][1], "listing"),
    ],
)
def test_a_blog_reads_alike_in_every_theme(theme: str, page: str, url: str, role: Role) -> None:
    here, there = read("wordpress", page, url, role), read("wordpress", f"{theme}_{page}", url, role)
    assert (there.links, there.more) == (here.links, here.more)
    assert {item.id: told(item) for item in there.items} == {item.id: told(item) for item in here.items}


def told(item: Found) -> tuple[object, ...]:
    text = clean_text(item.text).split()  # WordPress nests paragraphs wrongly: empty lines may differ
    return text, item.title, item.author, item.author_url, item.published, item.parent, item.url, item.own_url


def test_a_blog_gives_the_same_by_its_pages_and_by_its_interface() -> None:
    one, other = (
        {item.id: told(item) for page, url in pages for item in read(name, page, url, "listing").items}
        for name, pages in ((name, zip(("list", "list_2"), LISTS[name], strict=True)) for name in BLOG)
    )
    assert one == other
    assert len(one) == 5
