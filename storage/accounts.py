"""Accounts: who may come in, what they prefer, and their sessions.

Errors are those of `storage.account_error`: AccountError, LoginError.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from config.i18n import LOCALES, mark
from config.principal import RANK, SYSTEM, Principal, Role
from config.zone import is_zone
from storage import password as passwords
from storage import revisions
from storage.account_error import AccountError, LoginError
from storage.attempt import count_attempt, forgive
from storage.database import Database
from storage.lock import lock_table
from storage.schema import session, user
from storage.storable import is_storable

__all__ = [
    "Account",
    "AccountError",
    "LoginError",
    "account_of",
    "change_password",
    "close_session",
    "create",
    "create_first",
    "get",
    "has_accounts",
    "open_session",
    "session_account",
    "set_preferences",
    "verify",
]

SESSION_LIFETIME: Final = timedelta(days=14)
_REFUSED: Final = mark("This login and password do not belong together.")
_LONGEST: Final = 200
_LONGEST_REMOTE: Final = 80
_SEEN_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may come in. `brands` None means every brand; `login` is case-folded and unique."""

    id: int
    login: str
    name: str
    role: Role
    brands: frozenset[str] | None
    locale: str
    timezone: str
    disabled: bool

    @property
    def principal(self) -> Principal:
        """Who acts when this account acts; named by its login, because names need not differ."""
        return Principal(name=self.login, role=self.role, brands=self.brands)


def has_accounts(db: Database) -> bool:
    """Whether anybody may come in yet; until then the first visit creates the administrator."""
    with db.read() as conn:
        return _any(conn)


def create_first(
    db: Database, *, login: str, name: str, password: str, locale: str, timezone: str, now: datetime
) -> Account:
    """Create the administrator; raise AccountError when there is an account already or a rule is broken.

    Of two first visits at the same moment one wins.
    """
    row = _checked(login=login, name=name, role="administrator", brands=None, locale=locale, timezone=timezone)
    row |= {"password_hash": _hash(password, row["login"]), "created_at": now}

    def work(conn: Connection) -> Account:
        lock_table(conn, user)
        if _any(conn):
            raise AccountError(mark("There is an administrator already: log in, or ask them for an account."))
        return _add(conn, row)

    return db.commit(work)


def create(
    db: Database,
    *,
    by: Principal,
    login: str,
    name: str,
    password: str,
    role: Role,
    brands: frozenset[str] | None,
    locale: str,
    timezone: str,
    now: datetime,
) -> Account:
    """Create an account; only administrators may. Raise AccountError when the login is taken or a rule is broken."""
    by.require("administrator")
    row = _checked(login=login, name=name, role=role, brands=brands, locale=locale, timezone=timezone)
    row |= {"password_hash": _hash(password, row["login"]), "created_at": now}

    def work(conn: Connection) -> Account:
        if conn.execute(select(user.c.id).where(user.c.login == row["login"])).first():
            raise AccountError(mark("The login {login} is taken."), login=row["login"])
        revisions.note(conn, by=by, what=f"account {row['login']} created: {role}", now=now)
        return _add(conn, row)

    return db.commit(work)


def verify(db: Database, *, login: str, password: str, remote: str, now: datetime) -> Account:
    """Return the account that `login` and `password` belong to; raise LoginError.

    `remote` is the address the attempt comes from; `storage.attempt` says how many attempts are too many.
    An unknown or disabled login costs as much time as a known one.
    """
    login, remote = _folded(login)[:_LONGEST], remote[:_LONGEST_REMOTE]
    if not is_storable(login) or not is_storable(password):  # can belong to nobody, and cannot be looked up
        raise LoginError(_REFUSED)
    decoy = passwords.decoy()
    attempt = count_attempt(db, login=login, remote=remote, now=now)
    with db.read() as conn:
        row = conn.execute(select(user).where(user.c.login == login, user.c.disabled_at.is_(None))).first()
    hashed = (row.password_hash if row else None) or decoy
    if not passwords.is_right(hashed, password) or row is None or hashed == decoy:
        raise LoginError(_REFUSED)
    forgive(db, attempt, login=login, remote=remote)
    if passwords.is_stale(hashed):
        _store_password(db, row.id, passwords.hash_password(password))
    return account_of(row)


def open_session(db: Database, account_id: int, *, now: datetime, lifetime: timedelta = SESSION_LIFETIME) -> str:
    """Open a session and return its token for the cookie; the database keeps only a hash of it."""
    token = secrets.token_urlsafe(32)
    row = {
        "token_hash": _token_hash(token),
        "user_id": account_id,
        "created_at": now,
        "expires_at": now + lifetime,
        "seen_at": now,
    }

    def work(conn: Connection) -> None:
        conn.execute(delete(session).where(session.c.expires_at <= now))
        conn.execute(insert(session).values(row))

    db.commit(work)
    return token


def session_account(db: Database, token: str, *, now: datetime) -> Account | None:
    """Return whose session this is; None when it is unknown, over, or its account disabled."""
    key = _token_hash(token)
    query = select(user, session.c.seen_at).join_from(session, user)
    with db.read() as conn:
        row = conn.execute(
            query.where(session.c.token_hash == key, session.c.expires_at > now, user.c.disabled_at.is_(None))
        ).first()
    if row is None:
        return None
    if now - row.seen_at > _SEEN_EVERY:  # not each time: a page asks often
        db.commit(lambda conn: conn.execute(update(session).where(session.c.token_hash == key).values(seen_at=now)))
    return account_of(row)


def close_session(db: Database, token: str) -> None:
    """Close a session; one that is unknown or closed already is no error."""
    db.commit(lambda conn: conn.execute(delete(session).where(session.c.token_hash == _token_hash(token))))


def set_preferences(
    db: Database,
    account_id: int,
    *,
    locale: str,
    timezone: str,
    now: datetime,  # noqa: ARG001 - every action takes it; preferences carry no date
) -> Account:
    """Store which language and time zone the account's pages use; return the account. Raise AccountError."""
    _check_place(locale, timezone)

    def work(conn: Connection) -> Account:
        conn.execute(update(user).where(user.c.id == account_id).values(locale=locale, timezone=timezone))
        return get(conn, account_id)

    return db.commit(work)


def change_password(
    db: Database, account_id: int, *, old: str, new: str, remote: str, now: datetime, keep: str | None = None
) -> None:
    """Change an account's own password and close its sessions but the one with the token `keep`.

    Raise LoginError when `old` is wrong (it counts as a wrong password from `remote`), AccountError when
    `new` breaks a rule.
    """
    with db.read() as conn:
        login = get(conn, account_id).login
    hashed = _hash(new, login)
    verify(db, login=login, password=old, remote=remote, now=now)
    _store_password(db, account_id, hashed)
    kept = _token_hash(keep) if keep else ""
    others = (session.c.user_id == account_id) & (session.c.token_hash != kept)
    db.commit(lambda conn: conn.execute(delete(session).where(others)))


# -- rules --------------------------------------------------------------------------------------


def _checked(
    *, login: str, name: str, role: Role, brands: frozenset[str] | None, locale: str, timezone: str
) -> dict[str, Any]:
    login, name = _folded(login), " ".join(name.split())
    _check_login(login)
    if not name or len(name) > _LONGEST or not is_storable(name):
        raise AccountError(mark("Give a name of at most {most} characters."), most=_LONGEST)
    if role not in RANK:
        raise AccountError(mark("The role {role} is unknown; allowed: {roles}."), role=role, roles=", ".join(RANK))
    _check_place(locale, timezone)
    listed = None if brands is None else sorted(brands)
    return {"login": login, "name": name, "role": role, "brands": listed, "locale": locale, "timezone": timezone}


def _check_login(login: str) -> None:
    if not login or len(login) > _LONGEST or not is_storable(login) or any(map(str.isspace, login)):
        raise AccountError(
            mark("A login has no spaces and at most {most} characters, such as an e-mail address."), most=_LONGEST
        )
    if login == SYSTEM.name:  # the log would not tell a person from the system
        raise AccountError(mark("The login {login} is kept for the system itself; choose another one."), login=login)


def _check_place(locale: str, timezone: str) -> None:
    if locale not in LOCALES:
        raise AccountError(
            mark("The language {locale} is unknown; allowed: {locales}."), locale=locale, locales=", ".join(LOCALES)
        )
    if not is_zone(timezone):
        raise AccountError(mark("The time zone {zone} is unknown; give one such as Europe/Kyiv."), zone=timezone)


def _hash(password: str, login: str) -> str:
    if len(password) < passwords.SHORTEST:
        raise AccountError(
            mark("The password has {n} characters; it needs at least {least}. A few words in a row do well."),
            n=len(password),
            least=passwords.SHORTEST,
        )
    if len(password) > passwords.LONGEST:
        raise AccountError(mark("The password is longer than {most} characters."), most=passwords.LONGEST)
    if not is_storable(password):
        raise AccountError(mark("The password holds a character that no keyboard has."))
    if _folded(password) == login:
        raise AccountError(mark("The password must not be the login."))
    return passwords.hash_password(password)


def _folded(login: str) -> str:
    return unicodedata.normalize("NFKC", login).strip().casefold()


# -- rows ---------------------------------------------------------------------------------------


def _any(conn: Connection) -> bool:
    return bool(conn.execute(select(exists().select_from(user))).scalar_one())


def _add(conn: Connection, row: Mapping[str, Any]) -> Account:
    key = conn.execute(insert(user).values(row).returning(user.c.id)).scalar_one()
    return get(conn, key)


def _store_password(db: Database, account_id: int, hashed: str) -> None:
    db.commit(lambda conn: conn.execute(update(user).where(user.c.id == account_id).values(password_hash=hashed)))


def get(conn: Connection, account_id: int) -> Account:
    """Return an account as `conn` sees it; raise AccountError when there is none of this number."""
    row = conn.execute(select(user).where(user.c.id == account_id)).first()
    if row is None:
        raise AccountError(mark("This account does not exist any more."))
    return account_of(row)


def account_of(row: Row[Any]) -> Account:
    """Return the account that stands in a row of the table `account`."""
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=cast("Role", row.role),
        brands=None if row.brands is None else frozenset(row.brands),
        locale=row.locale,
        timezone=row.timezone,
        disabled=row.disabled_at is not None,
    )


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
