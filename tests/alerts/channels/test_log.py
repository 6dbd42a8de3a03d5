from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.channel import ChannelTools, DeliveryError, Message
from alerts.channels.log import Log, LogSettings
from alerts.incident import Incident

MakeMessage = Callable[..., Message]


def lines(tools: ChannelTools) -> list[str]:
    return Path(tools.log_path or "").read_text(encoding="utf-8").splitlines()


def test_each_message_is_one_line_of_json(
    tools: ChannelTools, message: MakeMessage, hostile_incident: Incident
) -> None:
    log = Log(LogSettings(), tools)
    log.send(message())
    log.send(message(hostile_incident, attempt=2))
    first, second = (json.loads(line) for line in lines(tools))
    assert (first["channel"], first["attempt"], first["at"]) == ("Team", 1, "2026-03-10T12:30:00Z")
    assert second["incident"]["evidence"]["quotes"][0]["text"].startswith("<!channel>")


def test_only_its_owner_may_read_it(tools: ChannelTools, message: MakeMessage) -> None:
    Log(LogSettings(), tools).send(message())
    assert Path(tools.log_path or "").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_missing_is_tried_again(tools: ChannelTools, message: MakeMessage, tmp_path: Path) -> None:
    lost = replace(tools, log_path=str(tmp_path / "gone" / "log"))
    with pytest.raises(DeliveryError, match="cannot be written: No such file") as caught:
        Log(LogSettings(), lost).send(message())
    assert not caught.value.permanent


def test_a_house_without_a_log_says_so(tools: ChannelTools, message: MakeMessage) -> None:
    with pytest.raises(DeliveryError, match="keeps no log") as caught:
        Log(LogSettings(), replace(tools, log_path=None)).send(message())
    assert caught.value.permanent
