from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.secret_key import SecretKey, SecretKeyError

KEY = base64.b64encode(b"\xfb\xff" * 16).decode()


def test_the_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    data = tmp_path / "var"
    first = SecretKey.open(data, environ={})
    assert first.made
    assert first.path == data / "secret.key"
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert [path.name for path in data.iterdir()] == ["secret.key"]
    second = SecretKey.open(data, environ={})
    assert not second.made
    assert second.decrypt(first.encrypt("пароль")) == "пароль"


def test_many_that_start_together_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: SecretKey.open(tmp_path, environ={}), range(8)))
    assert sum(key.made for key in keys) == 1
    assert {key.decrypt(keys[0].encrypt("x")) for key in keys} == {"x"}


def test_the_environment_goes_before_the_data_directory(tmp_path: Path) -> None:
    from_variable = SecretKey.open(tmp_path, environ={"GROUNDSWELL_SECRET_KEY": KEY})
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    from_file = SecretKey.open(tmp_path, environ={"GROUNDSWELL_SECRET_KEY_FILE": str(file)})
    assert (from_variable.origin, from_file.origin) == ("GROUNDSWELL_SECRET_KEY", str(file))
    assert from_file.decrypt(from_variable.encrypt("x")) == "x"
    assert not (tmp_path / "secret.key").exists()


def test_a_key_never_shows_itself(tmp_path: Path) -> None:
    key = SecretKey.open(tmp_path, environ={"GROUNDSWELL_SECRET_KEY": KEY})
    assert KEY not in repr(key)
    assert "_fernet" not in repr(key)


@pytest.mark.parametrize("text", ["too short", "ключ", "A" * 43, "A" * 48])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SecretKeyError, match="GROUNDSWELL_SECRET_KEY holds no usable key; allowed: 44 characters"):
        SecretKey.open(tmp_path, environ={"GROUNDSWELL_SECRET_KEY": text})


def test_a_named_key_file_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyError, match="cannot be read: No such file"):
        SecretKey.open(tmp_path, environ={"GROUNDSWELL_SECRET_KEY_FILE": str(tmp_path / "gone")})
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_bytes(b"\xff\xff")
    with pytest.raises(SecretKeyError, match="holds no usable key"):
        SecretKey.open(tmp_path, environ={})
    assert file.read_bytes() == b"\xff\xff"


def test_a_key_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(SecretKeyError, match=r"cannot be made: .*set GROUNDSWELL_SECRET_KEY"):
        SecretKey.open(tmp_path / "var", environ={})


def test_another_key_does_not_open_a_secret(tmp_path: Path) -> None:
    token = SecretKey.open(tmp_path, environ={}).encrypt("x")
    other = SecretKey.open(tmp_path, environ={"GROUNDSWELL_SECRET_KEY": KEY})
    with pytest.raises(SecretKeyError, match="was not encrypted with the key from GROUNDSWELL_SECRET_KEY"):
        other.decrypt(token)
