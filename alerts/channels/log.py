"""A file of JSON lines: what the sample workspace would have sent, and a trail for whoever wants one."""

from __future__ import annotations

import json
import os

from pydantic import BaseModel, ConfigDict

from alerts.channel import ChannelTools, DeliveryError, Message
from alerts.message import as_json


class LogSettings(BaseModel):
    """The channel `log` has no options: the house says where its file is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Log:
    """Appends one JSON line a message: `at`, `channel`, `attempt`, and what the channel `webhook` would post."""

    settings = LogSettings

    def __init__(self, options: LogSettings, tools: ChannelTools) -> None:
        self._options = options
        self._tools = tools

    def send(self, message: Message) -> None:
        """Append the line in one write, so that lines never mix."""
        path = self._tools.log_path
        if path is None:
            raise DeliveryError("this installation keeps no log of messages", permanent=True)
        at = self._tools.clock().isoformat().replace("+00:00", "Z")
        line = {"at": at, "channel": self._tools.channel, "attempt": message.attempt, **as_json(message)}
        try:
            _append(path, json.dumps(line).encode() + b"\n")
        except OSError as error:
            raise DeliveryError(f"{path} cannot be written: {error.strerror}", permanent=False) from error


def _append(path: str, line: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        written = os.write(file, line)
    finally:
        os.close(file)
    if written < len(line):
        raise OSError(0, f"only {written} of {len(line)} bytes fitted")
