from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from config.i18n import translator
from config.principal import SYSTEM, NotAllowedError, Principal
from storage import accounts, password
from storage.accounts import AccountError, LoginError
from storage.attempt import WINDOW
from storage.database import Database
from storage.schema import login_failure, session, user

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
    return accounts.create_first(
        db, login="Olena@Shop.example", name="Olena", password=PASSWORD, locale="uk", timezone="Europe/Kyiv", now=now
    )


def log_in(db, now, *, login="olena@shop.example", password=PASSWORD, remote=HERE):
    return accounts.verify(db, login=login, password=password, remote=remote, now=now)


def test_the_first_account_is_the_administrator_and_sees_every_brand(db, olena):
    assert accounts.has_accounts(db)
    assert olena.login == "olena@shop.example"
    assert olena.principal == Principal(name="olena@shop.example", role="administrator", brands=None)


def test_without_accounts_there_are_none(db):
    assert not accounts.has_accounts(db)


def test_there_is_only_one_first_account_even_when_two_come_at_once(db, now):
    def visit(n):
        try:
            return accounts.create_first(
                db, login=f"p{n}", name="P", password=PASSWORD, locale="en", timezone="UTC", now=now
            )
        except AccountError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(visit, range(4)))
    assert sum(isinstance(result, accounts.Account) for result in results) == 1
    assert "administrator already" in str(next(r for r in results if isinstance(r, AccountError)))


def test_the_login_ignores_case_and_composition(db, olena, now):
    assert log_in(db, now, login=" OLENA@shop.EXAMPLE ") == olena


BROKEN = [
    ({"password": "short"}, "has 5 characters; it needs at least 12"),
    ({"password": "x" * 1001}, "longer than 1000"),
    ({"login": "a-long-login-name", "password": "A-Long-Login-Name"}, "must not be the login"),
    ({"login": "two words"}, "no spaces"),
    ({"login": ""}, "no spaces"),
    ({"login": "a\0b"}, "no spaces"),
    ({"password": "half a \ud800 character"}, "no keyboard"),
    ({"login": "Groundswell"}, "kept for the system"),
    ({"name": "  "}, "Give a name"),
    ({"locale": "fr"}, "allowed: en, ru, uk, pl"),
    ({"timezone": "Mars/Base"}, "Europe/Kyiv"),
    ({"role": "king"}, "allowed: viewer"),
    ({"login": "olena@shop.example"}, "is taken"),
]


def test_what_breaks_a_rule_is_refused_with_the_rule(db, olena, now):
    ivan = {"login": "ivan", "name": "Ivan", "password": PASSWORD, "role": "support", "brands": frozenset({"Lumo"})}
    ivan |= {"locale": "en", "timezone": "UTC"}
    for change, says in BROKEN:
        with pytest.raises(AccountError, match=says) as caught:
            accounts.create(db, by=olena.principal, now=now, **ivan | change)
        assert caught.value.say(translator("en")) == str(caught.value)


def test_only_an_administrator_creates_accounts(db, olena, now):
    asked = {"name": "I", "password": PASSWORD, "role": "support", "locale": "en", "timezone": "UTC", "now": now}
    ivan = accounts.create(db, by=olena.principal, login="ivan", brands=frozenset({"Lumo"}), **asked)
    assert ivan.principal.may_see("Lumo")
    assert not ivan.principal.may_see("Other")
    with pytest.raises(NotAllowedError):
        accounts.create(db, by=ivan.principal, login="petro", brands=None, **asked)


def test_passwords_and_tokens_are_never_stored_as_they_are(db, olena, now):
    token = accounts.open_session(db, olena.id, now=now)
    with db.read() as conn:
        assert PASSWORD not in conn.execute(user.select()).one().password_hash
        assert token not in str(conn.execute(session.select()).one())


@pytest.mark.usefixtures("olena")
def test_a_wrong_password_and_an_unknown_login_sound_the_same(db, now):
    with pytest.raises(LoginError) as wrong:
        log_in(db, now, password="wrong horse battery")
    with pytest.raises(LoginError) as unknown:
        log_in(db, now, login="nobody")
    with pytest.raises(LoginError, match="do not belong"):
        log_in(db, now, login="\0", password="\ud800")
    assert str(wrong.value) == str(unknown.value)
    assert wrong.value.retry_at is None


@pytest.mark.usefixtures("olena")
def test_an_unknown_login_costs_a_hash_as_well(db, now, monkeypatch):
    seen = []
    monkeypatch.setattr(password, "is_right", lambda hashed, _: seen.append(hashed))
    for login in ("olena@shop.example", "nobody"):
        with pytest.raises(LoginError):
            log_in(db, now, login=login)
    assert len(seen) == 2
    assert seen[1] == password.decoy()


def test_after_ten_wrong_passwords_even_the_right_one_waits(db, olena, now):
    for second in range(10):
        with pytest.raises(LoginError):
            log_in(db, now + timedelta(seconds=second), password="wrong horse battery", remote=f"192.0.2.{second}")
    with pytest.raises(LoginError, match="Too many") as caught:
        log_in(db, now + timedelta(seconds=10))
    assert caught.value.retry_at == now + WINDOW
    assert log_in(db, caught.value.retry_at) == olena


def test_waiting_is_not_prolonged_by_trying(db, olena, now):
    for _ in range(12):
        with pytest.raises(LoginError):
            log_in(db, now, password="wrong horse battery")
    assert log_in(db, now + WINDOW) == olena


def test_thirty_wrong_passwords_from_one_address_stop_it_for_every_login(db, olena, now):
    with db.write() as conn:
        conn.execute(login_failure.insert(), [{"login": f"l{n}", "remote": HERE, "at": now} for n in range(30)])
    with pytest.raises(LoginError, match="Too many"):
        log_in(db, now)
    assert log_in(db, now, remote="192.0.2.8") == olena


@pytest.mark.usefixtures("olena")
def test_many_guesses_at_once_do_not_slip_through(db, now):
    def guess(_):
        try:
            log_in(db, now, password="wrong horse battery")
        except LoginError as error:
            return error.retry_at is not None
        return None

    with ThreadPoolExecutor(4) as pool:
        stopped = list(pool.map(guess, range(16)))
    assert stopped.count(True) == 6
    assert stopped.count(False) == 10


@pytest.mark.usefixtures("olena")
def test_logging_in_forgives_ones_own_mistypings_but_not_those_of_others(db, now):
    for remote in (HERE, HERE, "198.51.100.1"):
        with pytest.raises(LoginError):
            log_in(db, now, password="wrong horse battery", remote=remote)
    log_in(db, now)
    with db.read() as conn:
        assert [row.remote for row in conn.execute(login_failure.select())] == ["198.51.100.1"]


@pytest.mark.usefixtures("olena")
def test_a_hash_of_older_cost_is_renewed(db, now, monkeypatch):
    stronger = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    monkeypatch.setattr(password, "_HASHER", stronger)
    log_in(db, now)
    with db.read() as conn:
        assert not stronger.check_needs_rehash(conn.execute(user.select()).one().password_hash)


def test_a_session_lasts_its_lifetime_and_no_longer(db, olena, now):
    token = accounts.open_session(db, olena.id, now=now, lifetime=timedelta(hours=1))
    assert accounts.session_account(db, token, now=now + timedelta(minutes=59)) == olena
    assert accounts.session_account(db, token, now=now + timedelta(hours=1)) is None
    assert accounts.session_account(db, "made-up", now=now) is None


def test_a_closed_session_is_over(db, olena, now):
    token = accounts.open_session(db, olena.id, now=now)
    accounts.close_session(db, token)
    accounts.close_session(db, token)
    assert accounts.session_account(db, token, now=now) is None


def test_a_disabled_account_neither_logs_in_nor_keeps_its_session(db, olena, now):
    token = accounts.open_session(db, olena.id, now=now)
    with db.write() as conn:
        conn.execute(user.update().values(disabled_at=now))
    assert accounts.session_account(db, token, now=now) is None
    with pytest.raises(LoginError):
        log_in(db, now)


def test_the_database_remembers_when_a_session_was_last_seen_but_not_each_time(db, olena, now):
    token = accounts.open_session(db, olena.id, now=now)
    for minutes in (3, 6, 8):
        accounts.session_account(db, token, now=now + timedelta(minutes=minutes))
    with db.read() as conn:
        assert conn.execute(session.select()).one().seen_at == now + timedelta(minutes=6)


def test_preferences_are_checked_and_kept(db, olena, now):
    changed = accounts.set_preferences(db, olena.id, locale="pl", timezone="Europe/Warsaw", now=now)
    assert (changed.locale, changed.timezone) == ("pl", "Europe/Warsaw")
    with pytest.raises(AccountError, match="time zone"):
        accounts.set_preferences(db, olena.id, locale="pl", timezone="nowhere", now=now)
    with pytest.raises(AccountError, match="does not exist"):
        accounts.set_preferences(db, 999, locale="pl", timezone="UTC", now=now)


def test_a_new_password_closes_the_other_sessions(db, olena, now):
    here, there = (accounts.open_session(db, olena.id, now=now) for _ in range(2))
    accounts.change_password(db, olena.id, old=PASSWORD, new="another horse entirely", remote=HERE, now=now, keep=here)
    assert accounts.session_account(db, here, now=now) == olena
    assert accounts.session_account(db, there, now=now) is None
    assert log_in(db, now, password="another horse entirely") == olena


def test_a_password_changes_only_for_who_knows_the_old_one(db, olena, now):
    with pytest.raises(LoginError):
        accounts.change_password(db, olena.id, old="guess", new="another horse entirely", remote=HERE, now=now)
    assert log_in(db, now) == olena


def test_the_system_itself_may_create_accounts(db, now):
    made = accounts.create(
        db,
        by=SYSTEM,
        login="cli",
        name="C",
        password=PASSWORD,
        role="viewer",
        brands=None,
        locale="en",
        timezone="UTC",
        now=now,
    )
    assert made.role == "viewer"
