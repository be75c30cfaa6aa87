"""Mail given to the operator's mail server (RFC 5321), with the standard library."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Final

import structlog

from aggregator.config.settings import SmtpSettings
from aggregator.deliver.mail_message import addressed
from aggregator.engine.bounded_threads import BoundedThreads
from aggregator.engine.smtp_login import log_in
from aggregator.model import SendOutcome

log = structlog.get_logger("aggregator")

_AT_ONCE: Final = 2
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
_LONGEST_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class MailSender:
    """Sends mail, each message in a thread of a few."""

    threads: BoundedThreads
    settings: SmtpSettings

    @classmethod
    def ready(cls) -> MailSender:
        """One that knows no server yet."""
        return cls(BoundedThreads("mail", _AT_ONCE, _LONGEST_S), SmtpSettings())

    def to(self, settings: SmtpSettings) -> MailSender:
        """The same, with the server that the configuration names now."""
        return MailSender(self.threads, settings)

    async def send(self, message: EmailMessage) -> SendOutcome:
        """Give ``message`` to the server; the outcome tells neither its words nor the user's name."""
        try:
            where = (self.settings.host, self.settings.port)
            return await self.threads.run(lambda: _send(self.settings, message), where)
        except TimeoutError:
            return SendOutcome("the mail server did not answer in time", was_answered=False)
        except smtplib.SMTPException as error:
            return _refused(error)
        except ssl.SSLError:
            return SendOutcome(
                "no TLS with the mail server: its certificate is not trusted, or it has none",
                was_answered=False,
            )
        except OSError as error:
            said = error.strerror or type(error).__name__
            return SendOutcome(f"no connection to the mail server: {said}", was_answered=False)
        except Exception as error:  # noqa: BLE001 - what a message does must not end the road
            return SendOutcome(f"not sent: {type(error).__name__}")


def _send(settings: SmtpSettings, message: EmailMessage) -> SendOutcome:
    seconds = settings.timeout.total_seconds()
    port = settings.port or _PORTS[settings.security]
    given: dict[str, Any] = {"timeout": seconds, "local_hostname": _name(settings)}
    if settings.security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, port, context=context, **given)
    else:
        server = smtplib.SMTP(settings.host, port, **given)
    with server:
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if user := settings.user.get_secret_value():
            log_in(server, user, settings.password.get_secret_value())
        refused = server.send_message(message)
    if refused:
        log.warning("mail refused for some", addresses=len(refused))
    return SendOutcome()


def _name(settings: SmtpSettings) -> str:
    """What we call ourselves: not a name that must be looked up first."""
    sender: Address = addressed(settings.sender)
    return sender.domain


def _refused(error: smtplib.SMTPException) -> SendOutcome:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return SendOutcome("the mail server does not take the user name or password")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return SendOutcome("the mail server refuses all addresses")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return SendOutcome("the mail server does not know STARTTLS, logging in, or such addresses")
    if isinstance(error, smtplib.SMTPResponseException):
        if error.smtp_code < 0:  # the library's number for what is none
            return SendOutcome("no mail server answers there", was_answered=False)
        return SendOutcome(f"the mail server answered {error.smtp_code}")
    return SendOutcome("the mail server broke off", was_answered=False)
