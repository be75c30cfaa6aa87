"""Tokens that open an output to who has its address: how strong they have to be. Pure."""

from __future__ import annotations

import re
from typing import Any

from pydantic import SecretStr

LEAST_BITS = 128
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]{1,512}")
# Bits that a character of a random text of that kind is worth.
_KINDS = ((re.compile(r"[0-9]+"), 3.32), (re.compile(r"[0-9a-f]+|[0-9A-F]+"), 4.0))
_ANY_KIND = 5.95  # letters of both cases and digits
_LEAST_VARIETY = 8  # different characters: a random token has more, a word repeated has fewer
HOW_TO_MAKE_ONE = "make one with `openssl rand -hex 32`"


def one_or_several(value: Any) -> Any:
    """A single text as a list of one; everything else as it is."""
    return (value,) if isinstance(value, str) else value


def checked_token(token: SecretStr) -> None:
    """Refuse a token that could be guessed or that cannot stand in an address.

    Raises ``ValueError`` that says what was expected, never the token.
    """
    text = token.get_secret_value()
    if _URL_SAFE.fullmatch(text) is None:
        raise ValueError(f"letters, digits, `-` and `_` only, up to 512; {HOW_TO_MAKE_ONE}")
    if bits(text) < LEAST_BITS:
        raise ValueError(f"a random text of at least {LEAST_BITS} bits; {HOW_TO_MAKE_ONE}")


def bits(text: str) -> float:
    """Bits that a random ``text`` of these characters is worth; 0 for one that is not random."""
    if len(set(text)) < _LEAST_VARIETY:
        return 0.0
    worth = next((bits for kind, bits in _KINDS if kind.fullmatch(text)), _ANY_KIND)
    return len(text) * worth
