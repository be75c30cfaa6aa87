"""Mail addresses as an operator writes them: ``user@host``, or ``Name <user@host>``. Pure."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator

AN_ADDRESS: Final = "an address such as `news@example.com` or `News <news@example.com>`"
_LONGEST: Final = 320  # characters
_SPECIALS: Final = frozenset('<>()[],;:\\" ')  # RFC 5322 §3.2.3: they would need quotes


def split_address(text: str) -> tuple[str, str, str]:
    """Name (may be empty), user and host of an address. Raises ``ValueError`` for what is none."""
    name, spec = "", text
    if text.endswith(">"):
        name, _, spec = text.removesuffix(">").rpartition("<")
    user, _, host = spec.rpartition("@")
    is_one = text.isprintable() and text.count("@") == 1 and len(text) <= _LONGEST
    if not (is_one and user and host) or _SPECIALS & set(user + host):
        raise ValueError(AN_ADDRESS)
    if (_SPECIALS - {" "}) & set(name):
        raise ValueError(AN_ADDRESS)
    return name.strip(), user, host


def _checked(value: str) -> str:
    split_address(value)
    return value


MailAddress = Annotated[str, AfterValidator(_checked)]
