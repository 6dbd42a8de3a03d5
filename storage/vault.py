"""The vault: secrets that people typed, encrypted, and referred to from options as `{"secret": name}`.

A name is `<kind>/<item>/<key>`, such as `channel/Team chat/url`. An item may refer to its own secrets only:
otherwise one could send another item's secret wherever one likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import Connection, delete, select

from config.document import join
from config.error import ConfigError, Problem
from config.secret import plain_secrets
from config.secret_key import SecretKey
from storage.database import Database
from storage.schema import secret
from storage.upsert import insert_or

KeySource = Callable[[], SecretKey]
"""Gives the key when it is needed: most items hold no secret, and a key need not be made for them."""
_REFERENCE: Final = "secret"
_KINDS: Final = ("source/", "channel/")
_LONGEST_NAME: Final = 200


def seal(
    conn: Connection,
    options: Mapping[str, Any],
    settings: type[BaseModel],
    *,
    owner: str,
    key: KeySource | None,
    now: datetime,
) -> dict[str, Any]:
    """Store the secrets written out in `options` encrypted, and return the options with references to them.

    `settings` says which options are secrets; `owner` is `<kind>/<item>`. The owner's secrets that are no longer
    referred to are forgotten. Raise ConfigError when there is a secret but no key, or a reference to a stranger's.
    """
    _refuse_strangers(options, owner)
    plain = plain_secrets(settings, _without_references(options))
    if plain and key is None:
        _refuse(plain, owner, "a secret is written out here, and there is no key to encrypt it with")
    sealed = dict(options)
    if plain and key is not None:
        opened = key()

        def keep(path: str, value: object) -> dict[str, str]:
            return _keep(conn, f"{owner}/{path}", opened.encrypt(str(value)), now)

        sealed = _at(sealed, "", frozenset(plain), keep)
    _forget_others(conn, owner, set(_names(sealed)))
    return sealed


def refuse_plain(options: Mapping[str, Any], settings: type[BaseModel], *, owner: str) -> None:
    """Raise ConfigError when a secret is written out in `options`: what the file declares is stored as it is."""
    plain = plain_secrets(settings, options)
    if plain:
        _refuse(plain, owner, "a secret must not be written out in the file")


def reveal(db: Database, options: Mapping[str, Any], *, key: KeySource) -> dict[str, Any]:
    """Return `options` with every `{"secret": name}` replaced by the secret; other references stay.

    Raise ConfigError for a secret that is not there, SecretKeyError when the key does not fit. The result must
    not be stored, shown or logged.
    """
    names = set(_names(options))
    if not names:
        return dict(options)
    with db.read() as conn:
        rows = conn.execute(select(secret.c.name, secret.c.ciphertext).where(secret.c.name.in_(names))).all()
    missing = sorted(names - {row.name for row in rows})
    if missing:
        wrong = "this secret is not stored any more; type it again in the dashboard"
        raise ConfigError([Problem(key=name, message=wrong) for name in missing])
    opened = key()
    found = {row.name: opened.decrypt(row.ciphertext) for row in rows}
    return {name: _reveal_in(value, found) for name, value in options.items()}


def _refuse(plain: list[str], owner: str, wrong: str) -> None:
    allowed = "a reference such as {env: NAME} or {file: PATH}"
    place = f"{owner.replace('/', '.', 1)}.options"
    raise ConfigError([Problem(key=join(place, each), message=wrong, allowed=allowed) for each in plain])


def _name_in(value: object) -> str | None:
    """The name of the secret that `value` refers to; None when it is no such reference."""
    if isinstance(value, Mapping) and len(value) == 1:
        name = value.get(_REFERENCE)
        if isinstance(name, str) and name.startswith(_KINDS):
            return name
    return None


def _children(value: object) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(name), inner) for name, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from enumerate(value)


def _names(value: object) -> Iterator[str]:
    """Every secret referred to inside `value`."""
    name = _name_in(value)
    if name is not None:
        yield name
        return
    for _, inner in _children(value):
        yield from _names(inner)


def _replace(value: object, change: Callable[[object], Any]) -> Any:
    """Return `value` with `change` applied to every reference inside."""
    if _name_in(value) is not None:
        return change(value)
    if isinstance(value, Mapping):
        return {name: _replace(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replace(inner, change) for inner in value]
    return value


def _without_references(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _replace(value, lambda _: None) for name, value in options.items()}


def _reveal_in(value: object, found: Mapping[str, str]) -> Any:
    return _replace(value, lambda reference: found[_name_in(reference) or ""])


def _refuse_strangers(options: Mapping[str, Any], owner: str) -> None:
    strangers = [name for value in options.values() for name in _names(value) if not name.startswith(f"{owner}/")]
    if strangers:
        wrong = "this secret belongs to another item"
        raise ConfigError([Problem(key=name, message=wrong, allowed=f"secrets of {owner}") for name in strangers])


def _at(value: Any, path: str, paths: frozenset[str], change: Callable[[str, object], Any]) -> Any:
    """Return `value` with what stands at each of `paths` changed."""
    if path in paths:
        return change(path, value)
    if isinstance(value, Mapping):
        return {name: _at(inner, join(path, str(name)), paths, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_at(inner, join(path, index), paths, change) for index, inner in enumerate(value)]
    return value


def _keep(conn: Connection, name: str, ciphertext: str, now: datetime) -> dict[str, str]:
    if len(name) > _LONGEST_NAME:
        raise ConfigError([Problem(key=name, message=f"this key is longer than {_LONGEST_NAME} characters")])
    row = insert_or(conn, secret).values(name=name, ciphertext=ciphertext, updated_at=now)
    new = {"ciphertext": row.excluded.ciphertext, "updated_at": row.excluded.updated_at}
    conn.execute(row.on_conflict_do_update(index_elements=["name"], set_=new))
    return {_REFERENCE: name}


def _forget_others(conn: Connection, owner: str, used: set[str]) -> None:
    own = secret.c.name.startswith(f"{owner}/", autoescape=True)
    conn.execute(delete(secret).where(own, secret.c.name.not_in(used)))
