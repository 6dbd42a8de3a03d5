"""People: the accounts as administrators see and change them. Who did what is noted in `storage.revisions`.

Every action needs an administrator. One that would leave nobody to administer is refused, also when two
administrators act on each other at the same moment. Errors are AccountErrors: nothing was changed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from config.i18n import mark
from config.principal import RANK, Principal, Role
from storage import accounts, revisions
from storage.account_error import AccountError
from storage.accounts import Account
from storage.database import Database
from storage.lock import lock_table
from storage.password import hash_password
from storage.schema import brand, login_failure, session, user

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else when it is read out
_GROUPS: Final = 4
_GROUP: Final = 5  # 4 × 5 of 31 signs: 99 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account, when it was made, and when it was last seen; None without a session that is still open."""

    account: Account
    created_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A new account and its first password, which is kept nowhere else."""

    account: Account
    password: str


def people(db: Database, *, by: Principal, now: datetime) -> tuple[Person, ...]:
    """Return everybody, those who may come in first, in order of their names."""
    by.require("administrator")
    seen = (
        select(session.c.user_id, func.max(session.c.seen_at).label("seen_at"))
        .where(session.c.expires_at > now)
        .group_by(session.c.user_id)
        .subquery()
    )
    query = select(user, seen.c.seen_at).join_from(user, seen, seen.c.user_id == user.c.id, isouter=True)
    with db.read() as conn:
        found = [
            Person(account=accounts.account_of(row), created_at=row.created_at, seen_at=row.seen_at)
            for row in conn.execute(query)
        ]
    return tuple(sorted(found, key=lambda one: (one.account.disabled, one.account.name.casefold(), one.account.login)))


def invite(
    db: Database,
    *,
    by: Principal,
    login: str,
    name: str,
    role: Role,
    brands: frozenset[str] | None,
    locale: str,
    timezone: str,
    now: datetime,
) -> Invited:
    """Create an account with a password of our making. Raise AccountError as `accounts.create` does."""
    by.require("administrator")
    with db.read() as conn:
        _check_scope(conn, role, brands)
    password = new_password()
    account = accounts.create(
        db,
        by=by,
        login=login,
        name=name,
        password=password,
        role=role,
        brands=brands,
        locale=locale,
        timezone=timezone,
        now=now,
    )
    return Invited(account=account, password=password)


def change(
    db: Database, account_id: int, *, by: Principal, role: Role, brands: frozenset[str] | None, now: datetime
) -> Account:
    """Give an account another role and other brands; `brands` None means every brand. It holds from the next click.

    Raise AccountError for the last administrator, an unknown role or brand, or an account that is gone.
    """
    by.require("administrator")

    def work(conn: Connection) -> Account:
        before = _begin(conn, account_id)
        _check_scope(conn, role, brands)
        if role != "administrator":
            _require_another(conn, before)
        if (before.role, before.brands) == (role, brands):
            return before
        what = f"account {before.login}: {role}, {_say_brands(brands)}"
        return _set(conn, before, {"role": role, "brands": _listed(brands)}, what, by=by, now=now)

    return db.commit(work)


def set_disabled(db: Database, account_id: int, disabled: bool, *, by: Principal, now: datetime) -> Account:
    """Keep an account out, closing its sessions, or let it in again. Raise AccountError for the last administrator."""
    by.require("administrator")

    def work(conn: Connection) -> Account:
        before = _begin(conn, account_id)
        if before.disabled == disabled:
            return before
        if disabled:
            _require_another(conn, before)
            _close_sessions(conn, before)
        what = f"account {before.login} {'disabled' if disabled else 'enabled'}"
        return _set(conn, before, {"disabled_at": now if disabled else None}, what, by=by, now=now)

    return db.commit(work)


def reset_password(db: Database, account_id: int, *, by: Principal, now: datetime) -> str:
    """Give an account a new password and return it: it is kept nowhere else.

    Its sessions are closed and its wrong passwords forgotten, so that the new one works at once.
    """
    by.require("administrator")
    password = new_password()
    hashed = hash_password(password)

    def work(conn: Connection) -> None:
        before = _begin(conn, account_id)
        _close_sessions(conn, before)
        conn.execute(delete(login_failure).where(login_failure.c.login == before.login))
        _set(conn, before, {"password_hash": hashed}, f"account {before.login}: new password", by=by, now=now)

    db.commit(work)
    return password


def new_password() -> str:
    """Return a password that nobody can guess and everybody can read out: four groups of five signs."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _begin(conn: Connection, account_id: int) -> Account:
    """Return the account, with every other writer kept off the table: whether somebody is the last one must hold."""
    lock_table(conn, user)
    return accounts.get(conn, account_id)


def _set(
    conn: Connection, account: Account, values: dict[str, Any], what: str, *, by: Principal, now: datetime
) -> Account:
    conn.execute(update(user).where(user.c.id == account.id).values(values))
    revisions.note(conn, by=by, what=what, now=now)
    return accounts.get(conn, account.id)


def _require_another(conn: Connection, account: Account) -> None:
    """Raise AccountError when nobody but this account could administer."""
    if account.role != "administrator" or account.disabled:
        return
    able = (user.c.role == "administrator") & user.c.disabled_at.is_(None) & (user.c.id != account.id)
    if conn.execute(select(user.c.id).where(able).limit(1)).first() is None:
        raise AccountError(
            mark("{name} is the last administrator. Make somebody else an administrator first."), name=account.name
        )


def _check_scope(conn: Connection, role: Role, brands: frozenset[str] | None) -> None:
    if role not in RANK:
        raise AccountError(mark("The role {role} is unknown; allowed: {roles}."), role=role, roles=", ".join(RANK))
    if brands is None:
        return
    if role == "administrator":
        raise AccountError(mark("An administrator sees every brand; choose another role to limit the brands."))
    missing = brands - set(conn.execute(select(brand.c.name)).scalars())
    if missing:
        raise AccountError(mark("There is no brand {name}."), name=min(missing))


def _close_sessions(conn: Connection, account: Account) -> None:
    conn.execute(delete(session).where(session.c.user_id == account.id))


def _listed(brands: frozenset[str] | None) -> Any:
    return None if brands is None else sorted(brands)


def _say_brands(brands: frozenset[str] | None) -> str:
    return "every brand" if brands is None else ", ".join(sorted(brands)) or "no brand"
