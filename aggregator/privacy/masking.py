"""Secrets taken out of text that people read: one function for every kind of URL.

Where a secret can stand, by shape: user info of any scheme (``https://USER:PASSWORD@host``,
``postgresql+psycopg://…``), whatever unescaped characters a password holds; parameters and path
segments that :mod:`aggregator.privacy.services` knows. Beside the shapes stand the values: the
configuration's secrets, told once with :func:`register_secrets`, are replaced wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.privacy.forms import forms
from aggregator.privacy.needles import Needles
from aggregator.privacy.tokens import MASK, replaced

SHORTEST_SECRET = 6  # characters: a shorter one would be found in words that hold no secret

# To the last "@" before white space: an unescaped password may itself hold "@", "/", "?" or "#".
# A "/" before the "@" belongs to user info only where a ":" stands before it (USER:PASS/WORD@);
# else it is a path with an "@" in it (https://host/@user). A port is no password where the host is
# plainly one.
_HOST_AND_PORT = r"(?:localhost|[\d.]+|\[[^\]\s]*\]):\d+[/?#]"
# What our own messages show as an example is no secret.
_EXAMPLE = "USER:PASSWORD@"
_USERINFO = re.compile(rf"(?<=://)(?!{_HOST_AND_PORT}|{_EXAMPLE})(?:[^/?#\s:]*:\S*@|[^/?#\s]*@)")
_USERINFO_OF_ALL = re.compile(
    rf"(?<=://)(?!{_HOST_AND_PORT}|{_EXAMPLE})(?:[^/?#:]*:.*@|[^/?#]*@)", re.DOTALL
)
# An address whose scheme was forgotten: USER:PASSWORD@host.
_WITHOUT_SCHEME = re.compile(r"\A\s*[^\s:/?#@]*:[^\s].*@(?=[^\s@]+\Z)", re.DOTALL)
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s<>\"']+")
_SENTENCE_END = ".,:;!?)]}"
# What a relative address or the rest of a cut one shows.
_LOOSE = re.compile(
    r"(?i)(?<=[?&])((?:access_|auth_|private_|feed_|rss_|api_?)?(?:token|key)|password|passwd|pwd"
    r"|secret|auth|sig|signature)=(?!\*\*\*)[^&#\s\"'<>]*[^&#\s\"'<>.,:;!?)]"
)

_secrets: Needles | None = None


def register_secrets(values: Iterable[str]) -> None:
    """Replace ``values`` wherever :func:`masked` finds them, from now on, in this process.

    Also as they stand percent-encoded in a URL or escaped in HTML. Those shorter than
    :data:`SHORTEST_SECRET` are masked by their place alone. Called again, the former are forgotten.
    """
    global _secrets  # noqa: PLW0603 - the log has one configuration a process, too
    known = findable(values)
    _secrets = Needles(known) if known else None


def findable(values: Iterable[str]) -> frozenset[str]:
    """Those of ``values`` that are long enough to be looked for in a text, in all their forms."""
    return frozenset(form for one in values if len(one) >= SHORTEST_SECRET for form in forms(one))


def any_of(values: Iterable[str], flags: int = 0) -> re.Pattern[str] | None:
    """A pattern that finds each of ``values``, the longest first; None where there are none."""
    longest_first = sorted(set(values) - {""}, key=lambda one: (-len(one), one))
    return re.compile("|".join(map(re.escape, longest_first)), flags) if longest_first else None


def masked(text: str, *, is_url: bool = False) -> str:
    """``text``, a sentence that may hold URLs, without user info, tokens and known secrets.

    Where the whole text is meant to be one URL (``is_url``), white space ends nothing in it.
    """
    shown = _secrets.replaced(text, MASK) if _secrets is not None else text
    if "://" in shown:
        shown = (_USERINFO_OF_ALL if is_url else _USERINFO).sub(f"{MASK}@", shown)
        shown = replaced(shown, lambda _: MASK) if is_url else _URL.sub(_without_tokens, shown)
    elif is_url:
        shown = _WITHOUT_SCHEME.sub(f"{MASK}@", shown)
    return _LOOSE.sub(rf"\1={MASK}", shown) if "=" in shown else shown


def _without_tokens(match: re.Match[str]) -> str:
    if _EXAMPLE in match[0]:
        return match[0]
    url = match[0].rstrip(_SENTENCE_END)
    return replaced(url, lambda _: MASK) + match[0][len(url) :]
