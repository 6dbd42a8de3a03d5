"""The key that encrypts the secrets which people type in the dashboard."""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from config import environment

KEY_FILE: Final = "secret.key"
_KEY_BYTES: Final = 32
_HOW_TO_MAKE: Final = "44 characters of base64, as `openssl rand -base64 32` prints them"


class SecretKeyError(Exception):
    """The key that encrypts secrets is missing, malformed or another one than they were encrypted with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKey:
    """Encrypts and decrypts the secrets that are kept in the database.

    `origin` names the variable or file it came from, for people; `made` says that this call created the file,
    so that the caller can say where it lies and that backups of the database never contain it.
    """

    origin: str
    path: Path | None = None
    made: bool = False
    _fernet: Fernet = field(repr=False)

    @classmethod
    def open(cls, data_dir: Path, *, environ: Mapping[str, str]) -> SecretKey:
        """Return the key, making one where none was given; raise SecretKeyError.

        It comes from `GROUNDSWELL_SECRET_KEY`, else from the file `GROUNDSWELL_SECRET_KEY_FILE` names, else from
        `secret.key` in `data_dir`, which is made with mode 0600 when it is not there.
        """
        given = environ.get(environment.SECRET_KEY, "").strip()
        if given:
            return cls(origin=environment.SECRET_KEY, _fernet=_fernet(given, environment.SECRET_KEY))
        named = environ.get(environment.SECRET_KEY_FILE, "").strip()
        path = Path(named).expanduser() if named else data_dir / KEY_FILE
        made = not named and _make(path)
        return cls(origin=str(path), path=path, made=made, _fernet=_fernet(_read_key(path), str(path)))

    def encrypt(self, secret: str) -> str:
        """Return `secret` encrypted, as text that may be stored."""
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Return the secret that `encrypt` was given; raise SecretKeyError when this key does not fit it."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise SecretKeyError(
                f"a stored secret was not encrypted with the key from {self.origin}. Bring back the key that was "
                f"used before ({environment.SECRET_KEY}, {environment.SECRET_KEY_FILE} or {KEY_FILE} in the data "
                "directory), or type the secret again in the dashboard. Nothing was changed."
            ) from error


def _fernet(text: str, origin: str) -> Fernet:
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise SecretKeyError(f"{origin} holds no usable key; allowed: {_HOW_TO_MAKE}. Nothing was changed.")
    return Fernet(base64.urlsafe_b64encode(raw))


def _read_key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SecretKeyError(f"the key file {path} cannot be read: {error.strerror}. Nothing was changed.") from error
    except UnicodeDecodeError as error:
        raise SecretKeyError(f"{path} holds no usable key; allowed: {_HOW_TO_MAKE}. Nothing was changed.") from error


def _make(path: Path) -> bool:
    """Make the key file unless it is there; say whether this call made it."""
    if path.exists():
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, Fernet.generate_key() + b"\n")
    except OSError as error:
        if path.exists():
            return False
        raise SecretKeyError(
            f"the key file {path} cannot be made: {error.strerror}. Make the data directory writable, or set "
            f"{environment.SECRET_KEY} to {_HOW_TO_MAKE}. Nothing was changed."
        ) from error
    return True


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that was not there before, or raise FileExistsError.

    It is written beside its place (O_EXCL, 0600) and linked there whole, so that of two processes that start
    together one wins and the other reads a complete key.
    """
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        Path(beside).unlink()
