"""Mail given to a real server on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import SecretStr

from aggregator.config.settings import SmtpSettings
from aggregator.deliver.mail_message import MailHead, alarm_mail
from aggregator.deliver.notify_text import NotifyText
from aggregator.engine.mail_smtp import MailSender
from aggregator.model import SendOutcome
from tests.support.roads import AT
from tests.support.servers import server_tls

CERTIFICATE = str(Path(__file__).parents[2] / "data" / "tls" / "cert.pem")
HEAD = MailHead("me", "News <news@example.com>", ("ann@example.com", "bob@example.com"))


class Box:
    """Takes mail, or refuses it with a line."""

    def __init__(self, says: str = "250 OK", recipient: str = "250 OK") -> None:
        self.says, self.recipient = says, recipient
        self.got: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        return self.says


@asynccontextmanager
async def server(box: Box, **options: Any) -> AsyncIterator[int]:
    """A mail server; its port."""
    loop = asyncio.get_running_loop()
    started = await loop.create_server(lambda: SMTP(box, loop=loop, **options), "127.0.0.1", 0)
    try:
        yield started.sockets[0].getsockname()[1]
    finally:
        started.close()
        await started.wait_closed()


def mail(subject: str = "Subject") -> EmailMessage:
    return alarm_mail(HEAD, NotifyText(subject, "Text\n.\nQUIT"), "urn:1", AT)


async def sent(port: int, message: EmailMessage | None = None, **fields: Any) -> SendOutcome:
    fields.setdefault("host", "127.0.0.1")
    settings = SmtpSettings(port=port, sender=HEAD.sender, **fields)
    return await MailSender.ready().to(settings).send(message or mail())


async def test_a_message_arrives_whole() -> None:
    box = Box()
    async with server(box) as port:
        assert (await sent(port, security="none")).is_success
    (envelope,) = box.got
    assert envelope.mail_from == "news@example.com"
    assert envelope.rcpt_tos == ["ann@example.com", "bob@example.com"]
    assert isinstance(envelope.content, bytes)
    assert b"Subject: Subject\r\n" in envelope.content
    assert envelope.content.endswith(b"Text\r\n.\r\nQUIT\r\n")  # a line with a dot ends nothing


@pytest.mark.parametrize(
    ("box", "told"),
    [
        (Box("451 4.3.0 sEcReT try later"), "the mail server answered 451"),
        (Box("554 5.7.1 sEcReT spam"), "the mail server answered 554"),
        (Box(recipient="550 sEcReT no such user"), "the mail server refuses all addresses"),
    ],
)
async def test_a_refusal_is_told_without_the_servers_words(box: Box, told: str) -> None:
    async with server(box) as port:
        outcome = await sent(port, security="none")
    assert outcome == SendOutcome(told)


async def test_without_encryption_nothing_is_sent_where_it_is_asked_for() -> None:
    box = Box()
    async with server(box) as port:
        outcome = await sent(port, user=SecretStr("who"), password=SecretStr("hunter2hunter2"))
    assert "does not know STARTTLS" in outcome.error
    assert box.got == []


@pytest.mark.parametrize("without", ["", "PLAIN"])
async def test_a_password_of_any_script_is_taken_where_it_is_right(
    without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_known(_: SMTP, __: Session, ___: Envelope, ____: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (b"ann", "schlüssel·密".encode())
        return AuthResult(success=right, handled=right)

    monkeypatch.setattr(
        ssl, "create_default_context", partial(ssl.create_default_context, cafile=CERTIFICATE)
    )
    box = Box()
    login: dict[str, Any] = {"user": SecretStr("ann"), "host": "localhost"}
    options = {"tls_context": server_tls(), "auth_exclude_mechanism": [without]}
    async with server(box, authenticator=is_known, **options) as port:
        assert (await sent(port, password=SecretStr("schlüssel·密"), **login)).is_success
        outcome = await sent(port, password=SecretStr("schlüssel"), **login)
    assert outcome.error == "the mail server does not take the user name or password"
    assert len(box.got) == 1


async def test_nobody_there() -> None:
    async with server(Box()) as port:
        pass
    outcome = await sent(port, security="none")
    assert outcome.error.startswith("no connection to the mail server")
    assert not outcome.was_answered


@contextmanager
def hanging() -> Iterator[int]:
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


async def test_a_server_that_says_nothing_is_left() -> None:
    with hanging() as port:
        outcome = await sent(port, security="none", timeout=0.1)
    assert not outcome.is_success
    assert not outcome.was_answered
