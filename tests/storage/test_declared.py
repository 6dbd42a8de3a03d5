from __future__ import annotations

from datetime import timedelta

import pytest

from config.error import ConfigError
from config.principal import SYSTEM, NotAllowedError, Principal
from config.secret_key import SecretKey, SecretKeyError
from config.settings import Brand, ChannelSpec, Declaration, Query, Rule, SourceSpec
from storage import declared, revisions
from storage.declared import Provisioned
from storage.schema import brand, channel, revision, secret, source

HOOK = "https://hooks.example/services/T0/B0/very-secret"
LUMO = Brand(name="Lumo", country="UA", languages=("uk",))
WORDS = Query(name="Lumo words", brand="Lumo", any=("lumo", "люмо"))
FEED = SourceSpec(
    name="News", type="rss", brand="Lumo", every=timedelta(minutes=5), options={"url": "http://f.example"}
)
LOG = ChannelSpec(name="Log", type="log")
RULE = Rule(name="Wave", brand="Lumo", channels=("Log",))
WHOLE = Declaration(brands=(LUMO,), queries=(WORDS,), sources=(FEED,), channels=(LOG,), rules=(RULE,))


def slack(url: object) -> ChannelSpec:
    return ChannelSpec(name="Team chat", type="slack", options={"url": url})


@pytest.fixture
def key(tmp_path):
    """The key, as the house gives it: opened when it is needed."""
    return lambda: SecretKey.open(tmp_path, environ={})


def declared_by_file(db, now, **items):
    return declared.provision(db, Declaration(**items), now=now)


def test_what_a_person_declares_comes_back_as_it_was(db, now):
    declared.save(db, WHOLE, by=SYSTEM, now=now)
    found = declared.catalogue(db)
    assert [one.item for one in found.brands] == [LUMO]
    assert [one.item for one in found.queries] == [WORDS]
    assert [one.item for one in found.sources] == [FEED]
    assert [one.item for one in found.channels] == [LOG]
    assert [one.item for one in found.rules] == [RULE]
    everything = (*found.brands, *found.queries, *found.sources, *found.channels, *found.rules)
    assert all(one.enabled and one.managed_by == "person" for one in everything)
    assert found.sources[0].changed_at == now
    assert found.of_people() == WHOLE


def test_the_columns_that_others_join_on_are_filled(db, now):
    declared.save(db, WHOLE, by=SYSTEM, now=now)
    with db.read() as conn:
        row = conn.execute(source.select()).one()
        lumo = conn.execute(brand.select()).one().id
    assert (row.type, row.kind, row.brand_id) == ("rss", "news", lumo)


def test_saving_again_edits_and_leaves_the_rest_alone(db, now):
    declared.save(db, WHOLE, by=SYSTEM, now=now)
    edited = FEED.model_copy(update={"every": timedelta(hours=1)})
    declared.save(db, Declaration(sources=(edited,)), by=SYSTEM, now=now + timedelta(hours=1))
    found = declared.catalogue(db)
    assert [one.item.every for one in found.sources] == [timedelta(hours=1)]
    assert found.sources[0].changed_at == now + timedelta(hours=1)
    assert len(found.rules) == 1


def test_every_edit_raises_the_revision_and_repeating_it_does_not(db, now):
    assert revisions.newest(db) == 0
    declared.save(db, WHOLE, by=SYSTEM, now=now)
    first = revisions.newest(db)
    declared.save(db, WHOLE, by=SYSTEM, now=now)
    assert revisions.newest(db) == first > 0
    declared.set_enabled(db, "rule", "Wave", False, by=SYSTEM, now=now)
    declared.set_enabled(db, "rule", "Wave", False, by=SYSTEM, now=now)
    with db.read() as conn:
        assert [row.what for row in conn.execute(revision.select().order_by(revision.c.id))] == [
            "brand Lumo",
            "query Lumo words",
            "source News",
            "channel Log",
            "rule Wave",
            "rule Wave switched off",
        ]


def test_all_of_a_declaration_is_stored_or_nothing(db, now):
    broken = Declaration(brands=(LUMO,), queries=(Query(name="q", brand="Lumi", any=("x",)),))
    with pytest.raises(ConfigError, match=r"query\.q\.brand: there is no brand 'Lumi' \(did you mean 'Lumo'\?\)"):
        declared.save(db, broken, by=SYSTEM, now=now)
    assert declared.catalogue(db).brands == ()
    assert revisions.newest(db) == 0


def test_what_does_not_exist_cannot_be_referred_to(db, now):
    for items, says in [
        ({"rules": (Rule(name="r", channels=("Nobody",)),)}, r"rule\.r\.channels: there is no channel 'Nobody'"),
        ({"sources": (SourceSpec(name="s", type="rzz"),)}, r"source\.s\.type: .*rzz.*rss"),
        ({"channels": (ChannelSpec(name="c", type="slak"),)}, r"channel\.c\.type: .*did you mean 'slack'"),
    ]:
        with pytest.raises(ConfigError, match=says):
            declared.save(db, Declaration(**items), by=SYSTEM, now=now)


def test_only_administrators_change_what_is_declared(db, now):
    ivan = Principal(name="ivan", role="support")
    with pytest.raises(NotAllowedError):
        declared.save(db, WHOLE, by=ivan, now=now)
    with pytest.raises(NotAllowedError):
        declared.take_over(db, "brand", "Lumo", by=ivan, now=now)
    with pytest.raises(NotAllowedError):
        declared.set_enabled(db, "brand", "Lumo", False, by=ivan, now=now)


def test_a_switched_off_item_stays_off_when_it_is_edited(db, now):
    declared.save(db, WHOLE, by=SYSTEM, now=now)
    declared.set_enabled(db, "source", "News", False, by=SYSTEM, now=now)
    declared.save(db, Declaration(sources=(FEED.model_copy(update={"kind": "blog"}),)), by=SYSTEM, now=now)
    (news,) = declared.catalogue(db).sources
    assert not news.enabled
    assert news.item.kind == "blog"
    assert declared.catalogue(db).of_people().sources == ()
    with pytest.raises(ConfigError, match="there is no source 'Old'"):
        declared.set_enabled(db, "source", "Old", False, by=SYSTEM, now=now)


# -- the file ----------------------------------------------------------------------------------


def test_the_file_may_be_provisioned_again_and_again(db, now):
    names = ("brand Lumo", "query Lumo words", "source News", "channel Log", "rule Wave")
    assert declared.provision(db, WHOLE, now=now) == Provisioned(added=names)
    before = revisions.newest(db)
    assert declared.provision(db, WHOLE, now=now + timedelta(days=1)) == Provisioned()
    assert revisions.newest(db) == before
    with db.read() as conn:
        assert conn.execute(brand.select()).one().updated_at == now


def test_what_leaves_the_file_is_switched_off_and_comes_back_as_it_was(db, now):
    declared.provision(db, WHOLE, now=now)
    key = declared.catalogue(db).sources[0].id
    gone = declared_by_file(db, now, brands=(LUMO,), channels=(LOG,))
    assert gone == Provisioned(disabled=("query Lumo words", "source News", "rule Wave"))
    assert not declared.catalogue(db).sources[0].enabled
    assert declared_by_file(db, now, brands=(LUMO,), channels=(LOG,)) == Provisioned()
    back = declared.provision(db, WHOLE, now=now)
    assert back.changed == ("query Lumo words", "source News", "rule Wave")
    (news,) = declared.catalogue(db).sources
    assert (news.id, news.enabled) == (key, True)


def test_an_edit_in_the_file_takes_effect(db, now):
    declared.provision(db, WHOLE, now=now)
    polish = LUMO.model_copy(update={"country": "PL"})
    assert declared.provision(db, WHOLE.model_copy(update={"brands": (polish,)}), now=now).changed == ("brand Lumo",)
    assert declared.catalogue(db).brands[0].item.country == "PL"


def test_what_belongs_to_the_file_is_not_edited_by_people(db, now):
    declared.provision(db, WHOLE, now=now)
    with pytest.raises(ConfigError, match=r"source\.News: .* belongs to the configuration file; .*take it over first"):
        declared.save(db, Declaration(sources=(FEED,)), by=SYSTEM, now=now)
    with pytest.raises(ConfigError, match="belongs to the configuration file"):
        declared.set_enabled(db, "source", "News", False, by=SYSTEM, now=now)
    assert declared.catalogue(db).of_people() == Declaration()


def test_what_a_person_took_over_is_kept_whatever_the_file_says(db, now):
    declared.provision(db, WHOLE, now=now)
    declared.take_over(db, "source", "News", by=SYSTEM, now=now)
    declared.take_over(db, "source", "News", by=SYSTEM, now=now)
    edited = FEED.model_copy(update={"every": timedelta(hours=2)})
    declared.save(db, Declaration(sources=(edited,)), by=SYSTEM, now=now)
    assert declared.provision(db, WHOLE, now=now) == Provisioned(kept=("source News",))
    assert declared_by_file(db, now, brands=(LUMO,), queries=(WORDS,), channels=(LOG,), rules=(RULE,)) == Provisioned()
    (news,) = declared.catalogue(db).sources
    assert (news.item, news.managed_by, news.enabled) == (edited, "person", True)


def test_what_a_person_declared_first_is_theirs(db, now):
    declared.save(db, Declaration(brands=(LUMO,)), by=SYSTEM, now=now)
    assert declared.provision(db, WHOLE, now=now).kept == ("brand Lumo",)


# -- secrets -----------------------------------------------------------------------------------


def test_a_secret_that_a_person_types_is_encrypted_and_never_shown(db, now, key):
    declared.save(db, Declaration(channels=(slack(HOOK),)), by=SYSTEM, now=now, key=key)
    (chat,) = declared.catalogue(db).channels
    assert chat.item.options == {"url": {"secret": "channel/Team chat/url"}}
    with db.read() as conn:
        everything = str(conn.execute(channel.select()).all()) + str(conn.execute(secret.select()).all())
    assert "very-secret" not in everything
    assert declared.reveal(db, chat.item.options, key=key) == {"url": HOOK}


def test_without_a_key_no_secret_is_taken(db, now):
    with pytest.raises(ConfigError, match=r"channel\.Team chat\.options\.url: a secret is written out"):
        declared.save(db, Declaration(channels=(slack(HOOK),)), by=SYSTEM, now=now)
    assert declared.catalogue(db).channels == ()


def test_editing_keeps_the_stored_secret_and_a_new_one_replaces_it(db, now, key):
    declared.save(db, Declaration(channels=(slack(HOOK),)), by=SYSTEM, now=now, key=key)
    stored = declared.catalogue(db).channels[0].item
    before = revisions.newest(db)
    declared.save(db, Declaration(channels=(stored,)), by=SYSTEM, now=now)
    assert revisions.newest(db) == before
    assert declared.reveal(db, stored.options, key=key) == {"url": HOOK}
    declared.save(db, Declaration(channels=(slack(HOOK + "2"),)), by=SYSTEM, now=now, key=key)
    assert declared.reveal(db, stored.options, key=key) == {"url": HOOK + "2"}
    assert revisions.newest(db) > before  # the monitor must build the channel anew


def test_a_secret_that_nothing_refers_to_is_forgotten(db, now, key):
    other = ChannelSpec(name="Team", type="slack", options={"url": HOOK})
    declared.save(db, Declaration(channels=(slack(HOOK), other)), by=SYSTEM, now=now, key=key)
    stored = declared.catalogue(db).channels[1].item
    declared.save(db, Declaration(channels=(slack({"env": "SLACK_URL"}),)), by=SYSTEM, now=now)
    with db.read() as conn:
        assert list(conn.execute(secret.select()).scalars()) == ["channel/Team/url"]
    with pytest.raises(ConfigError, match="type it again"):
        declared.reveal(db, stored.options, key=key)


def test_an_item_cannot_use_the_secret_of_another(db, now, key):
    declared.save(db, Declaration(channels=(slack(HOOK),)), by=SYSTEM, now=now, key=key)
    thief = ChannelSpec(name="Thief", type="slack", options={"url": {"secret": "channel/Team chat/url"}})
    with pytest.raises(ConfigError, match="belongs to another item"):
        declared.save(db, Declaration(channels=(thief,)), by=SYSTEM, now=now, key=key)


def test_the_file_refers_to_secrets_and_never_holds_them(db, now, key):
    with pytest.raises(ConfigError, match=r"channel\.Team chat\.options\.url: a secret must not be written out"):
        declared_by_file(db, now, channels=(slack(HOOK),))
    declared_by_file(db, now, channels=(slack({"env": "SLACK_URL"}),))
    options = declared.catalogue(db).channels[0].item.options
    assert declared.reveal(db, options, key=key) == {"url": {"env": "SLACK_URL"}}


def test_another_key_is_told(db, now, key, tmp_path_factory):
    declared.save(db, Declaration(channels=(slack(HOOK),)), by=SYSTEM, now=now, key=key)
    options = declared.catalogue(db).channels[0].item.options
    other = SecretKey.open(tmp_path_factory.mktemp("other"), environ={})
    with pytest.raises(SecretKeyError, match="not encrypted with the key"):
        declared.reveal(db, options, key=lambda: other)
