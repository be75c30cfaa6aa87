"""The identity of a subscription: what stays when a secret in its address is replaced.

``https://host/feed?token=${env:NAME}`` and ``${file:PATH}`` in a feed's address stand for a secret
that is kept elsewhere, as ``{ env = "NAME" }`` does for a whole value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Self
from urllib.parse import quote

from aggregator.config.values import feed_address
from aggregator.privacy.tokens import MASK, replaced

REFERENCE = re.compile(r"\$\{(?P<kind>env|file):(?P<name>[^{}]+)\}")
# Stands for a reference while an address is normalised: no character of it is special anywhere.
_STAND_IN = re.compile(r"zz(\d+)reference\1zz")
_ENCODED = "!$'()*,-._~%"  # what a secret may hold without being encoded; "%": see `substituted`
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Referred(str):
    """An address that holds secrets from elsewhere: the text itself is the one that is asked for.

    ``written`` is the address with the references in place of the secrets, or the reference alone
    (``env:NAME``, ``file:PATH``) where the whole is one; ``values`` are the secrets.
    """

    __slots__ = ("values", "written")

    written: str
    values: frozenset[str]

    def __new__(cls, text: str, written: str, values: frozenset[str]) -> Self:
        """The address ``text``, which was ``written`` with references."""
        made = super().__new__(cls, text)
        made.written, made.values = written, values
        return made


def whole(reference: Mapping[str, str], value: str) -> Referred:
    """The address that a table such as ``{ env = "NAME" }`` refers to."""
    ((kind, name),) = reference.items()
    return Referred(value, f"{kind}:{name}", frozenset({value, value.strip()}))


def substituted(text: str, read: Callable[[Mapping[str, str]], str]) -> Referred:
    """``text`` with ``read({"env": NAME})`` in place of each reference; raises what ``read`` raises.

    A value becomes one component of the address: what has a meaning there (``/?#&=@:`` and so on)
    is percent-encoded, what is percent-encoded already stays.
    """
    values: set[str] = set()

    def put(match: re.Match[str]) -> str:
        value = read({match["kind"]: match["name"].strip()})
        encoded = quote(_BARE_PERCENT.sub("%25", value), safe=_ENCODED)
        values.update((value, encoded))
        return encoded

    return Referred(REFERENCE.sub(put, text), text, frozenset(values))


def feed_key(url: str, written: str = "") -> str:
    """The identity of the feed at ``url``; ``written`` is its address as in :class:`Referred`.

    It holds no secret: references stay in their places, user info and tokens that stand in the
    address itself are masked. Without any of them it is ``url``.
    """
    if not written:
        return replaced(url, lambda _: MASK)
    references = [match[0] for match in REFERENCE.finditer(written)]
    if not references:
        return written
    numbers = iter(range(len(references)))
    text = REFERENCE.sub(lambda _: f"zz{(n := next(numbers))}reference{n}zz", written)
    try:
        text = feed_address(text)
    except ValueError:  # such as one whose port is a reference
        text = text.strip()
    text = replaced(text, _only_stand_ins)
    return _STAND_IN.sub(lambda match: references[int(match[1])], text)


def _only_stand_ins(value: str) -> str:
    return "".join(match[0] for match in _STAND_IN.finditer(value)) or MASK
