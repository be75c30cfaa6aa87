"""Keys by which webhooks are signed (Standard Webhooks): ``whsec_`` and Base64 of 24 to 64 bytes. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Final

PREFIX: Final = "whsec_"
_LEAST, _MOST = 24, 64  # bytes, as the specification has them
A_KEY: Final = (
    "`whsec_` and 24 to 64 random bytes in Base64; make one with "
    '`echo "whsec_$(openssl rand -base64 32)"`'
)


def webhook_key(secret: str) -> bytes:
    """The bytes of a secret. Raises ``ValueError`` that says what was expected, never the secret."""
    if not secret.startswith(PREFIX):
        raise ValueError(A_KEY)
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError(A_KEY) from None
    if not _LEAST <= len(key) <= _MOST or len(set(key)) < 8:
        raise ValueError(A_KEY)
    return key
