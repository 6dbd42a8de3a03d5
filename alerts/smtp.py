"""Handing a letter to a mail server: checked address, TLS, login, and errors that say whether to try again."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channel import DeliveryError
from alerts.message import clean
from crawlers.address import AddressGuard
from crawlers.connector import PermanentError, TemporaryError

Security = Literal["starttls", "ssl", "none"]
Refusals = Mapping[str, tuple[int, bytes]]
"""Recipients that the server did not take, with its reply: code and text."""

PORTS: Final[dict[Security, int]] = {"starttls": 587, "ssl": 465, "none": 25}
WAIT_SECONDS: Final = 10.0  # for each answer
TOTAL_SECONDS: Final = 45.0  # for the whole letter: less than the lease of a delivery (alerts.delivery.LEASE)
_PERMANENT: Final = 500  # RFC 5321, 4.2.1: 4yz asks for another try, 5yz refuses for good


class SmtpServer(BaseModel):
    """A mail server and how to log in there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(pattern=r"^[A-Za-z0-9.:\-_]+$", description="name of your mail server")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="by default 587 (starttls), 465 (ssl), 25 (none)"
    )
    security: Security = Field(default="starttls", description="how the connection is encrypted: starttls, ssl or none")
    username: str | None = Field(default=None, min_length=1, description="login, where the server asks for one")
    password: SecretStr | None = Field(default=None, description="password of the login")
    ca_file: str | None = Field(
        default=None,
        description="certificate authority of your own (a PEM file)",
        json_schema_extra={"format": "path"},  # of the server: no page may set it
    )

    @model_validator(mode="after")
    def _login_is_whole_and_safe(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError("a password is never sent unencrypted; allowed security with a login: starttls, ssl")
        if self.username and self.password and not f"{self.username}{self.password.get_secret_value()}".isascii():
            raise ValueError(
                "a login holds Latin letters, digits and signs only; allowed: a username and password in ASCII"
            )
        return self


class _Connection(smtplib.SMTP):
    """An SMTP connection to the very address that the guard has checked."""

    def __init__(self, server: SmtpServer, guard: AddressGuard, own_name: str) -> None:
        self._server = server
        self._guard = guard
        self._tls = _tls_context(server.ca_file)
        self._ends = time.monotonic() + TOTAL_SECONDS
        port = server.port or PORTS[server.security]
        super().__init__(server.host, port, local_hostname=own_name, timeout=WAIT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = _dial(self._guard.addresses(host, port), port, timeout)
        return self._tls.wrap_socket(plain, server_hostname=host) if self._server.security == "ssl" else plain

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer, but not beyond the time for the whole letter: many slow answers make one long wait."""
        left = self._ends - time.monotonic()
        if left <= 0:
            self.close()
            raise TimeoutError(f"it took more than {TOTAL_SECONDS:.0f} s in all")
        if self.sock is not None:
            self.sock.settimeout(min(WAIT_SECONDS, left))
        return super().getreply()

    def greet(self) -> None:
        """Encrypt and log in, as the settings say."""
        if self._server.security == "starttls":
            self.starttls(context=self._tls)
        if self._server.username is not None and self._server.password is not None:
            self.login(self._server.username, self._server.password.get_secret_value())


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # missing, unreadable, or no certificate
        text = f"ca_file: {ca_file} cannot be read as a certificate authority ({error}); allowed: a PEM file"
        raise DeliveryError(text, permanent=True) from error


def _dial(addresses: Sequence[str], port: int, timeout: float) -> socket.socket:
    for address in addresses[:-1]:
        with suppress(OSError):  # the last address tells why
            return socket.create_connection((address, port), timeout)
    return socket.create_connection((addresses[-1], port), timeout)


def submit(
    letter: EmailMessage, *, server: SmtpServer, sender: str, to: Sequence[str], allow_private: Sequence[str] = ()
) -> Refusals:
    """Hand `letter` over for the addresses `to`; return those that the server refused while it took others.

    Raises DeliveryError when it took none: permanent for a 5xx reply, a failed login, a missing STARTTLS, a
    certificate that cannot be trusted or a private address; temporary for 4xx and whatever breaks on the way.
    """
    with _as_delivery_errors(server.host):
        connection = _Connection(server, AddressGuard(allow_private), sender.rpartition("@")[2])
        try:
            connection.greet()
            refused = connection.send_message(letter, sender, list(to))
            # The server has it: a clumsy goodbye must not make us send it again.
            with suppress(OSError):
                connection.quit()
            return refused
        finally:
            connection.close()


@contextmanager
def _as_delivery_errors(host: str) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(host, error.recipients) from error
    except smtplib.SMTPResponseException as error:
        text = f"{host} answered {error.smtp_code} {_text(error.smtp_error)}"
        raise DeliveryError(text, permanent=error.smtp_code >= _PERMANENT) from error
    except smtplib.SMTPServerDisconnected as error:
        raise DeliveryError(f"{host} closed the connection ({error}); tried again later", permanent=False) from error
    except smtplib.SMTPException as error:  # no STARTTLS, no way to log in
        raise DeliveryError(f"{host}: {error}; check `security` and the login", permanent=True) from error
    except (PermanentError, TemporaryError) as error:
        raise DeliveryError(str(error), permanent=isinstance(error, PermanentError)) from error
    except ssl.SSLCertVerificationError as error:
        text = f"{host}: its certificate cannot be trusted ({error.verify_message}); check `host` and `ca_file`"
        raise DeliveryError(text, permanent=True) from error
    except OSError as error:
        raise DeliveryError(f"{host} cannot be reached ({error}); tried again later", permanent=False) from error


def refusal(host: str, refused: Refusals) -> DeliveryError:
    """Return the error that names every refused address; temporary as long as one of them may still be taken."""
    named = "; ".join(f"{address}: {code} {_text(reply)}" for address, (code, reply) in refused.items())
    permanent = all(code >= _PERMANENT for code, _ in refused.values())
    return DeliveryError(f"{host} refused {clean(named, 500)}", permanent=permanent)


def _text(reply: bytes | str) -> str:
    return clean(reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply, 200)
