"""Readers of an output with tokens. Pure."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256

_NOBODYS = secrets.token_urlsafe(32)  # what outputs without a token are asked for: as any other


def admitted(given: str, tokens: Sequence[str]) -> str | None:
    """The one of ``tokens`` that ``given`` is, or None.

    All are compared, each in the same time whatever ``given`` holds, so that the time tells nothing
    of a token, nor whether there is an output of that name.
    """
    asked, found = _digest(given), None
    for token in tokens or (_NOBODYS,):
        if hmac.compare_digest(_digest(token), asked):
            found = token
    return found if found in tokens else None


def was_admitted(given: str, readers: Sequence[str]) -> bool:
    """True where ``given`` is a token whose SHA-256, in hexadecimal, is one of ``readers``."""
    asked = _digest(given).hex()
    return any(hmac.compare_digest(one, asked) for one in readers or (_NOBODYS,))


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
