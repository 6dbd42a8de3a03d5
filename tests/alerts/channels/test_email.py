from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from alerts.channel import ChannelTools, DeliveryError, Message
from alerts.channels.email import Email, EmailSettings
from alerts.incident import Incident

MakeMessage = Callable[..., Message]
MakeIncident = Callable[..., Incident]


@dataclass
class Mailbox:
    """What the server took, and what it is told to refuse."""

    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    data_reply: str = "250 OK"
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        replies = self.refusals.get(address, [])
        if replies:
            return replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.data_reply.startswith("250"):
            content = cast("bytes", envelope.content)
            letter = cast("EmailMessage", message_from_bytes(content, policy=default))
            self.taken.append((list(envelope.rcpt_tos), letter))
        return self.data_reply


@dataclass(frozen=True)
class Certificate:
    file: Path
    key: Path


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for 127.0.0.1 that nobody trusts yet."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = Certificate(folder / "cert.pem", folder / "key.pem")
    certificate.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    certificate.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate


@pytest.fixture
def tls(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    return context


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def start_server() -> Iterator[Callable[..., Mailbox]]:
    running: list[Controller] = []

    def start(**options: Any) -> Mailbox:
        mailbox = Mailbox(port=free_port())
        controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options)
        controller.start()
        running.append(controller)
        return mailbox

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def mailbox(start_server: Callable[..., Mailbox]) -> Mailbox:
    return start_server()


def email(tools: ChannelTools, port: int, **options: Any) -> Email:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Groundswell <alerts@acme.example>",
        "to": ("oncall@acme.example", "Olena <olena@acme.example>"),
    }
    return Email(EmailSettings(**{**values, **options}), tools)


def parts(letter: EmailMessage) -> tuple[str, str]:
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()), str(html.get_content())


def check_password(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"groundswell", b"correct horse")
    return AuthResult(success=right, handled=right)


def test_a_letter_goes_to_everyone_in_text_and_html(
    tools: ChannelTools, mailbox: Mailbox, message: MakeMessage
) -> None:
    email(tools, mailbox.port).send(message())
    [(recipients, letter)] = mailbox.taken
    assert recipients == ["oncall@acme.example", "olena@acme.example"]
    assert letter["Subject"] == "High: 12 negative voices about Acme"
    assert letter["From"] == "Groundswell <alerts@acme.example>"
    assert letter["To"] == "oncall@acme.example, Olena <olena@acme.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["X-Groundswell-Event"] == message().event_id
    assert letter["Date"].datetime == message().created_at
    text, html = parts(letter)
    assert "> The parcel never came & nobody answers" in text
    assert "The parcel never came &amp; nobody answers" in html
    assert "https://groundswell.example/incidents?id=1" in text


@pytest.mark.parametrize("locale", ["ru", "uk", "pl"])
def test_letters_keep_their_alphabet(
    locale: str, tools: ChannelTools, mailbox: Mailbox, message: MakeMessage, incident: MakeIncident
) -> None:
    email(tools, mailbox.port).send(message(incident(subject="Нова Пошта ґ", brand="Żabka"), locale=locale))
    text, html = parts(mailbox.taken[0][1])
    for word in ("Нова Пошта ґ", "Żabka"):
        assert word in text
        assert word in html


def test_revisions_form_a_thread_and_copies_share_their_message_id(
    tools: ChannelTools, mailbox: Mailbox, message: MakeMessage, incident: MakeIncident
) -> None:
    first, copy = message(), message(attempt=2)
    worse = message(incident(revision=2), event_id="e2", kind="escalated")
    for _ in range(2):  # a new channel each time, as after a restart
        email(tools, mailbox.port).send(first if not mailbox.taken else copy)
    email(tools, mailbox.port).send(worse)
    letters = [letter for _, letter in mailbox.taken]
    root = f"<{incident().id}.1@acme.example>"
    assert [letter["Message-ID"] for letter in letters] == [root, root, f"<{incident().id}.2@acme.example>"]
    assert [letter["In-Reply-To"] for letter in letters] == [None, None, root]
    assert [letter["References"] for letter in letters] == [None, None, root]
    assert "may be a copy" in parts(letters[1])[0]


def test_hostile_text_adds_no_header_and_no_markup(
    tools: ChannelTools, mailbox: Mailbox, message: MakeMessage, hostile_incident: Incident
) -> None:
    email(tools, mailbox.port).send(message(hostile_incident, event_id="e\r\nBcc: x@evil.example"))
    [(recipients, letter)] = mailbox.taken
    assert letter["Bcc"] is None
    assert recipients == ["oncall@acme.example", "olena@acme.example"]
    assert "<script>" in letter["Subject"], "the name is shown as it is"
    html = parts(letter)[1]
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert 'href="https://evil' not in html
    assert "<img" not in html


def test_a_link_cannot_leave_its_attribute(tools: ChannelTools, mailbox: Mailbox, message: MakeMessage) -> None:
    email(tools, mailbox.port).send(message(link='https://g.example/"><script>alert(1)</script>'))
    assert "<script" not in parts(mailbox.taken[0][1])[1]


def test_starttls_with_a_login(
    tools: ChannelTools,
    tls: ssl.SSLContext,
    certificate: Certificate,
    start_server: Callable[..., Mailbox],
    message: MakeMessage,
) -> None:
    box = start_server(tls_context=tls, require_starttls=True, authenticator=check_password, auth_required=True)
    login = {"security": "starttls", "ca_file": str(certificate.file), "username": "groundswell"}
    email(tools, box.port, password="correct horse", **login).send(message())
    assert len(box.taken) == 1
    with pytest.raises(DeliveryError, match="answered 535") as caught:
        email(tools, box.port, password="wrong", **login).send(message())
    assert caught.value.permanent
    assert "wrong" not in str(caught.value)


def test_tls_from_the_first_byte(
    tools: ChannelTools,
    tls: ssl.SSLContext,
    certificate: Certificate,
    start_server: Callable[..., Mailbox],
    message: MakeMessage,
) -> None:
    box = start_server(ssl_context=tls)
    email(tools, box.port, security="ssl", ca_file=str(certificate.file)).send(message())
    assert len(box.taken) == 1


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_an_unknown_certificate_authority_is_permanent(
    security: str,
    tools: ChannelTools,
    tls: ssl.SSLContext,
    start_server: Callable[..., Mailbox],
    message: MakeMessage,
) -> None:
    box = start_server(**({"ssl_context": tls} if security == "ssl" else {"tls_context": tls}))
    with pytest.raises(DeliveryError, match=r"certificate cannot be trusted.*ca_file") as caught:
        email(tools, box.port, security=security).send(message())
    assert caught.value.permanent
    assert not box.taken


def test_a_server_without_starttls_gets_nothing(tools: ChannelTools, mailbox: Mailbox, message: MakeMessage) -> None:
    with pytest.raises(DeliveryError, match=r"STARTTLS extension not supported.*check `security`") as caught:
        email(tools, mailbox.port, security="starttls").send(message())
    assert caught.value.permanent
    assert not mailbox.taken


@pytest.mark.parametrize(
    ("reply", "permanent"), [("451 try later", False), ("421 closing", False), ("554 5.7.1 spam", True)]
)
def test_the_servers_reply_says_whether_to_try_again(
    reply: str, permanent: bool, tools: ChannelTools, mailbox: Mailbox, message: MakeMessage
) -> None:
    mailbox.data_reply = reply
    with pytest.raises(DeliveryError, match=f"127.0.0.1 answered {reply}") as caught:
        email(tools, mailbox.port).send(message())
    assert caught.value.permanent is permanent


def test_when_nobody_is_taken_one_temporary_refusal_is_enough_to_try_again(
    tools: ChannelTools, mailbox: Mailbox, message: MakeMessage
) -> None:
    mailbox.refusals = {"oncall@acme.example": ["550 unknown"], "olena@acme.example": ["450 greylisted"]}
    with pytest.raises(DeliveryError, match=r"oncall@acme.example: 550 unknown; olena@acme.example: 450") as caught:
        email(tools, mailbox.port).send(message())
    assert not caught.value.permanent


def test_who_has_the_letter_does_not_get_it_again(tools: ChannelTools, mailbox: Mailbox, message: MakeMessage) -> None:
    mailbox.refusals = {"olena@acme.example": ["450 greylisted"]}
    channel = email(tools, mailbox.port)
    with pytest.raises(DeliveryError, match=r"refused olena@acme.example: 450 greylisted") as caught:
        channel.send(message())
    assert not caught.value.permanent
    channel.send(message(attempt=2))
    assert [recipients for recipients, _ in mailbox.taken] == [["oncall@acme.example"], ["olena@acme.example"]]
    channel.send(message(attempt=3))
    assert len(mailbox.taken) == 2


def test_an_address_that_is_refused_for_good_is_named_although_others_got_theirs(
    tools: ChannelTools, mailbox: Mailbox, message: MakeMessage
) -> None:
    mailbox.refusals = {"olena@acme.example": ["550 no such user"]}
    with pytest.raises(DeliveryError, match=r"olena@acme.example: 550 no such user") as caught:
        email(tools, mailbox.port).send(message())
    assert caught.value.permanent
    assert mailbox.taken[0][0] == ["oncall@acme.example"]


def test_a_server_that_is_not_there_is_temporary(tools: ChannelTools, message: MakeMessage) -> None:
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        email(tools, free_port()).send(message())
    assert not caught.value.permanent


def test_a_private_server_is_refused_unless_the_operator_allows_it(mailbox: Mailbox, message: MakeMessage) -> None:
    guarded = ChannelTools(channel="Team", user_agent="Groundswell/test")
    with pytest.raises(DeliveryError, match=r"private address: 127.0.0.1.*server.allow_private") as caught:
        email(guarded, mailbox.port).send(message())
    assert caught.value.permanent
    assert not mailbox.taken


def test_a_missing_certificate_file_is_named(tools: ChannelTools, message: MakeMessage, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"ca_file: .*none.pem cannot be read") as caught:
        email(tools, free_port(), ca_file=str(tmp_path / "none.pem")).send(message())
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"username": "a"}, "username and password belong together"),
        ({"username": "a", "password": "p"}, "never sent unencrypted"),
        ({"username": "a", "password": "пароль", "security": "ssl"}, "Latin letters, digits and signs only"),
        ({"to": ()}, "at least 1 item"),
        ({"to": ("nobody",)}, "'nobody' is no e-mail address"),
        ({"to": ("a@b.example\r\nBcc: c@d.example",)}, "no e-mail address"),
        ({"sender": "Пошта <пошта@acme.example>"}, "no e-mail address"),
        ({"host": "mail.example/x"}, "string_pattern_mismatch"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_start(
    options: dict[str, Any], said: str, tools: ChannelTools
) -> None:
    with pytest.raises(ValidationError, match=said):
        email(tools, 25, **options)


def test_the_password_is_not_printed() -> None:
    settings = EmailSettings(
        host="mail.example", sender="a@b.example", to=("c@d.example",), username="u", password="hunter2"
    )
    assert "hunter2" not in repr(settings)


def test_a_server_that_answers_each_command_slowly_is_given_up_before_the_lease_ends(monkeypatch):
    from alerts import delivery, smtp

    assert delivery.LEASE.total_seconds() > smtp.TOTAL_SECONDS
    monkeypatch.setattr(smtp, "TOTAL_SECONDS", 0.0)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        options = smtp.SmtpServer(host="127.0.0.1", port=server.getsockname()[1], security="none")
        with pytest.raises(DeliveryError, match="more than") as raised:
            smtp.submit(
                EmailMessage(), server=options, sender="a@b.example", to=["c@d.example"], allow_private=["127.0.0.1"]
            )
    assert not raised.value.permanent
