"""Who holds a lease: a process, by host and id, so that its successor can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from secrets import token_hex
from typing import Final

HOST: Final = socket.gethostname()


def new_owner() -> str:
    """Return a name for this process that no other process has or will have."""
    return f"{HOST[:40]}/{os.getpid()}/{token_hex(6)}"


def is_alive(owner: str) -> bool:
    """Whether the process behind `owner` may still run; of other hosts nobody can tell, so they count as alive."""
    host, _, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if host != HOST[:40] or not pid.isdigit():
        return True
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
