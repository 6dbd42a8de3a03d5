"""E-mail, handed to your own mail server (SMTP).

Where the server takes a letter for some recipients only, it is tried again for the others alone; after a restart all
get it again, with the same Message-ID, by which most mailboxes drop a copy. An address that the server refuses for
good makes the delivery a dead letter that names it, although the others have got theirs: silence would hide it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from alerts import letter
from alerts.channel import ChannelTools, Message
from alerts.smtp import SmtpServer, refusal, submit

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_REMEMBERED: Final = 1_000


def _require_address(text: str) -> str:
    if _ADDRESS.fullmatch(parseaddr(text)[1]) is None or not text.isprintable():
        raise ValueError(f"{text[:80]!r} is no e-mail address; allowed: name@host or Name <name@host>")
    return text


EmailAddress = Annotated[str, AfterValidator(_require_address)]


class EmailSettings(SmtpServer):
    """Options of the channel `email`."""

    sender: EmailAddress = Field(description="address that messages come from, such as Groundswell <alerts@host>")
    to: tuple[EmailAddress, ...] = Field(min_length=1, max_length=50, description="addresses that get every message")


class Email:
    """Sends every message as one letter to all recipients, who see one another."""

    settings = EmailSettings

    def __init__(self, options: EmailSettings, tools: ChannelTools) -> None:
        self._options = options
        self._tools = tools
        self._taken: OrderedDict[str, set[str]] = OrderedDict()  # event id -> addresses that have theirs

    def send(self, message: Message) -> None:
        """Hand the letter over for everyone who has not got this event yet; raise DeliveryError as in `smtp.submit`."""
        sender, to = _address(self._options.sender), [_address(text) for text in self._options.to]
        taken = self._taken.setdefault(message.event_id, set())
        missing = [address.addr_spec for address in to if address.addr_spec not in taken]
        if not missing:
            return
        refused = submit(
            letter.write(message, sender=sender, to=to),
            server=self._options,
            sender=sender.addr_spec,
            to=missing,
            allow_private=self._tools.allow_private,
        )
        taken.update(address for address in missing if address not in refused)
        while len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)
        if refused:
            raise refusal(self._options.host, refused)


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    return Address(display_name=name, addr_spec=spec)
