"""Logging in at a mail server with names and passwords in any script (RFC 4616: UTF-8).

The standard library's ``login`` knows ASCII alone, and fails on the rest before it asks the server.
"""

from __future__ import annotations

import smtplib
from base64 import b64encode
from typing import Final

_LOGGED_IN: Final = frozenset({235, 503})  # 503: it was already
_MORE: Final = 334


def log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """Log in; raises what :meth:`smtplib.SMTP.login` does."""
    if (user + password).isascii():
        server.login(user, password)
        return
    server.ehlo_or_helo_if_needed()
    ways = server.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in ways:
        code, said = server.docmd("AUTH", f"PLAIN {_encoded(f'{chr(0)}{user}{chr(0)}{password}')}")
    elif "LOGIN" in ways:
        code, said = server.docmd("AUTH", f"LOGIN {_encoded(user)}")
        if code == _MORE:
            code, said = server.docmd(_encoded(password))
    else:
        raise smtplib.SMTPNotSupportedError("no way to log in that we know")
    if code not in _LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
