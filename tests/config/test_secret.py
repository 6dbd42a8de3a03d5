from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from config.error import ConfigError
from config.secret import plain_secrets, resolve


class Login(BaseModel):
    user: str
    password: SecretStr | None = None


class Options(BaseModel):
    url: str = ""
    token: SecretStr
    login: Login | None = None
    others: tuple[Login, ...] = ()
    headers: dict[str, SecretStr] = {}


def test_references_are_replaced_and_all_else_is_left_as_it_is(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from file\n")
    options = {"a": {"env": "TOKEN"}, "b": [{"c": {"file": str(secret)}}], "d": {"env": "x", "more": 1}, "e": 5}
    assert resolve(options, environ={"TOKEN": "from env"}) == {
        "a": "from env",
        "b": [{"c": "from file"}],
        "d": {"env": "x", "more": 1},
        "e": 5,
    }


def test_every_missing_secret_is_named_with_its_key(tmp_path: Path) -> None:
    empty, large, binary = tmp_path / "empty", tmp_path / "large", tmp_path / "binary"
    empty.touch()
    large.write_bytes(b"x" * 70_000)
    binary.write_bytes(b"\xff")
    options = {
        "a": {"env": "NOT_SET"},
        "b": {"file": str(tmp_path / "gone")},
        "c": [{"file": str(path)} for path in (empty, large, binary)],
    }
    with pytest.raises(ConfigError) as caught:
        resolve(options, environ={})
    assert [(problem.key, problem.message.replace(str(tmp_path), "")) for problem in caught.value.problems] == [
        ("a", "the environment variable NOT_SET is not set"),
        ("b", "the secret's file /gone cannot be read: No such file or directory"),
        ("c[0]", "the secret's file /empty is empty"),
        ("c[1]", "the secret's file /large is larger than 65536 bytes"),
        ("c[2]", "the secret's file /binary is no UTF-8 text"),
    ]


def test_secrets_written_out_are_found() -> None:
    options = {
        "url": "https://example.org",
        "token": "abc",
        "login": {"user": "me", "password": "abc"},
        "others": [{"user": "a", "password": {"env": "A"}}, {"user": "b", "password": "abc"}],
        "headers": {"Authorization": "abc", "X": {"env": "X"}},
    }
    assert plain_secrets(Options, options) == [
        "token",
        "login.password",
        "others[1].password",
        "headers.Authorization",
    ]


def test_references_and_empty_values_are_no_plain_secrets() -> None:
    assert plain_secrets(Options, {"token": {"env": "T"}, "login": {"user": "a", "password": None}}) == []
