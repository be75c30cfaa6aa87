"""``Link`` header fields → what they relate to (RFC 8288 §3, parsed as its appendix B.2 says). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST = 64 << 10  # characters looked at; a field longer than that is no honest one
_TARGET = re.compile(r"[\s,]*<([^>]*)>")
# One parameter: a token, then perhaps "=" and a token or a quoted string (RFC 9110 §5.6.4).
_PARAMETER = re.compile(
    r"""\s*;\s*(?:([!#$&+\-.^_`|~*%'0-9A-Za-z]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?"""
)
_ESCAPED = re.compile(r"\\(.)")
_REST = re.compile(r"[^,]*")


def links(field: str, relation: str) -> Iterator[str]:
    """The targets in ``field`` (repeated fields joined with commas) that have ``relation``.

    As written, in order; relative references are the caller's to resolve. A link with an
    ``anchor`` speaks of something else than the document it came with and is left out. What is
    malformed ends the list.
    """
    text, at = field[:_LONGEST], 0
    while (target := _TARGET.match(text, at)) is not None:
        parameters, at = _parameters(text, target.end())
        # Only the first ``rel`` counts (RFC 8288 §3.3); relation types ignore case (§2.1.1).
        if "anchor" not in parameters and relation in parameters.get("rel", "").lower().split():
            yield target[1].strip()
        rest = _REST.match(text, at)
        at = rest.end() if rest is not None else len(text)


def _parameters(text: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters that begin at ``at``, the first of each name, and where they end."""
    found: dict[str, str] = {}
    while (match := _PARAMETER.match(text, at)) is not None:
        name, quoted, plain = match.groups()
        value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else plain or ""
        if name:
            found.setdefault(name.lower(), value)
        at = match.end()
    return found, at
