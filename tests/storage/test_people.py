from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from config.principal import NotAllowedError, Principal
from config.settings import Brand, Declaration
from storage import accounts, declared, password, people
from storage.accounts import AccountError, LoginError
from storage.database import Database
from storage.schema import revision

PASSWORD = "correct horse battery"
HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch):
    """The real algorithm with the least cost it allows: its cost is argon2's own affair."""
    monkeypatch.setattr(password, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    password.decoy.cache_clear()
    yield
    password.decoy.cache_clear()


@pytest.fixture
def olena(db: Database, now):
    """The first administrator, in a house with two brands."""
    account = accounts.create_first(
        db, login="olena", name="Olena", password=PASSWORD, locale="uk", timezone="Europe/Kyiv", now=now
    )
    brands = (Brand(name="Lumo"), Brand(name="Vesna"))
    declared.save(db, Declaration(brands=brands), by=account.principal, now=now)
    return account


def invite(db, by, now, *, login="marek", role="support", brands=frozenset({"Lumo"}), name="Marek"):
    return people.invite(
        db,
        by=by.principal,
        login=login,
        name=name,
        role=role,
        brands=brands,
        locale="pl",
        timezone="Europe/Warsaw",
        now=now,
    )


def log_in(db, login, given, now):
    return accounts.verify(db, login=login, password=given, remote=HERE, now=now)


def notes(db):
    with db.read() as conn:
        return [(row.actor, row.what) for row in conn.execute(select(revision).order_by(revision.c.id))]


def test_a_colleague_comes_in_with_the_password_that_was_made(db, olena, now):
    invited = invite(db, olena, now)
    assert log_in(db, "Marek", invited.password, now) == invited.account
    assert invited.account.principal == Principal(name="marek", role="support", brands=frozenset({"Lumo"}))
    assert notes(db)[-1] == ("olena", "account marek created: support")


def test_made_passwords_differ_and_are_long():
    made = {people.new_password() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {23}


def test_the_list_tells_who_was_seen_and_puts_the_disabled_last(db, olena, now):
    marek = invite(db, olena, now).account
    anna = invite(db, olena, now, login="anna", name="Anna").account
    accounts.open_session(db, anna.id, now=now)
    people.set_disabled(db, marek.id, True, by=olena.principal, now=now)
    found = people.people(db, by=olena.principal, now=now)
    assert [(one.account.name, one.seen_at, one.account.disabled) for one in found] == [
        ("Anna", now, False),
        ("Olena", None, False),
        ("Marek", None, True),
    ]
    later = people.people(db, by=olena.principal, now=now + timedelta(days=15))
    assert later[0].seen_at is None


@pytest.mark.parametrize(
    ("role", "brands", "wrong"),
    [
        ("support", frozenset({"Nimbus"}), "no brand Nimbus"),
        ("owner", None, "role owner is unknown"),
        ("administrator", frozenset({"Lumo"}), "sees every brand"),
    ],
)
def test_a_role_and_brands_that_cannot_be_are_refused(db, olena, now, role, brands, wrong):
    marek = invite(db, olena, now).account
    with pytest.raises(AccountError, match=wrong):
        people.change(db, marek.id, by=olena.principal, role=role, brands=brands, now=now)
    with pytest.raises(AccountError, match=wrong):
        invite(db, olena, now, login="anna", role=role, brands=brands)
    assert len(people.people(db, by=olena.principal, now=now)) == 2


def test_a_change_holds_for_sessions_that_are_open(db, olena, now):
    marek = invite(db, olena, now).account
    token = accounts.open_session(db, marek.id, now=now)
    people.change(db, marek.id, by=olena.principal, role="viewer", brands=frozenset({"Vesna"}), now=now)
    seen = accounts.session_account(db, token, now=now)
    assert (seen.role, seen.brands) == ("viewer", {"Vesna"})
    assert notes(db)[-1] == ("olena", "account marek: viewer, Vesna")


def test_what_is_the_same_is_not_noted(db, olena, now):
    marek = invite(db, olena, now).account
    before = notes(db)
    people.change(db, marek.id, by=olena.principal, role="support", brands=frozenset({"Lumo"}), now=now)
    people.set_disabled(db, marek.id, False, by=olena.principal, now=now)
    assert notes(db) == before


def test_whoever_is_disabled_is_out_at_once_and_can_be_let_in_again(db, olena, now):
    invited = invite(db, olena, now)
    token = accounts.open_session(db, invited.account.id, now=now)
    people.set_disabled(db, invited.account.id, True, by=olena.principal, now=now)
    assert accounts.session_account(db, token, now=now) is None
    with pytest.raises(LoginError):
        log_in(db, "marek", invited.password, now)
    people.set_disabled(db, invited.account.id, False, by=olena.principal, now=now)
    assert accounts.session_account(db, token, now=now) is None
    assert log_in(db, "marek", invited.password, now).login == "marek"
    assert [what for _, what in notes(db)[-2:]] == ["account marek disabled", "account marek enabled"]


def test_a_new_password_replaces_the_old_one_and_closes_sessions(db, olena, now):
    invited = invite(db, olena, now)
    token = accounts.open_session(db, invited.account.id, now=now)
    fresh = people.reset_password(db, invited.account.id, by=olena.principal, now=now)
    assert accounts.session_account(db, token, now=now) is None
    with pytest.raises(LoginError):
        log_in(db, "marek", invited.password, now)
    assert log_in(db, "marek", fresh, now)
    assert notes(db)[-1] == ("olena", "account marek: new password")
    assert fresh not in str(notes(db))


def test_a_new_password_works_at_once_after_too_many_wrong_ones(db, olena, now):
    invite(db, olena, now)
    for _ in range(10):
        with pytest.raises(LoginError):
            log_in(db, "marek", "wrong horse battery", now)
    found = people.people(db, by=olena.principal, now=now)
    marek = next(one.account for one in found if one.account.login == "marek")
    fresh = people.reset_password(db, marek.id, by=olena.principal, now=now)
    assert log_in(db, "marek", fresh, now)


@pytest.mark.parametrize(
    "act",
    [
        lambda db, key, by, now: people.change(db, key, by=by, role="support", brands=None, now=now),
        lambda db, key, by, now: people.set_disabled(db, key, True, by=by, now=now),
    ],
    ids=["role", "disabled"],
)
def test_the_last_administrator_stays(db, olena, now, act):
    invite(db, olena, now)
    gone = invite(db, olena, now, login="anna", role="administrator", brands=None).account
    people.set_disabled(db, gone.id, True, by=olena.principal, now=now)
    with pytest.raises(AccountError, match="Olena is the last administrator"):
        act(db, olena.id, olena.principal, now)
    people.set_disabled(db, gone.id, False, by=olena.principal, now=now)
    act(db, olena.id, olena.principal, now)


def test_two_administrators_who_disable_each_other_at_once_leave_one(db, olena, now):
    anna = invite(db, olena, now, login="anna", role="administrator", brands=None).account

    def act(pair):
        who, whom = pair
        try:
            return people.set_disabled(db, whom.id, True, by=who.principal, now=now)
        except AccountError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(act, [(olena, anna), (anna, olena)]))
    assert sum(isinstance(result, AccountError) for result in results) == 1


def test_only_administrators_administer(db, olena, now):
    marek = invite(db, olena, now).account
    by = marek.principal
    with pytest.raises(NotAllowedError):
        people.people(db, by=by, now=now)
    with pytest.raises(NotAllowedError):
        invite(db, marek, now, login="x")
    with pytest.raises(NotAllowedError):
        people.change(db, marek.id, by=by, role="administrator", brands=None, now=now)
    with pytest.raises(NotAllowedError):
        people.set_disabled(db, olena.id, True, by=by, now=now)
    with pytest.raises(NotAllowedError):
        people.reset_password(db, olena.id, by=by, now=now)


def test_an_account_that_is_gone_is_said(db, olena, now):
    with pytest.raises(AccountError, match="does not exist"):
        people.reset_password(db, 999, by=olena.principal, now=now)
