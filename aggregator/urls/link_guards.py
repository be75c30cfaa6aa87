"""Link guards of mail filters: they write the address that they guard into their own.

By parameter alone they are in :mod:`aggregator.urls.redirectors`; here are those with a writing of
their own. What only the guard can tell (Mimecast, Proofpoint's short form) stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from itertools import islice
from urllib.parse import unquote

from aggregator.urls.standard import HttpUrl

# Their addresses hold the guarded one bare: with a parameter of it gone, nobody could read them.
_BARE = re.compile(r"urldefense\.(?:com|us)|(?:[\w-]+\.)*avanan\.click|protect\.checkpoint\.com")
_V2 = re.compile(r"(?:^|&)u=([^&]+)")
_V2_WRITING = str.maketrans("-_", "%/")
_V3 = re.compile(r"/v3/__(.+?)__;(.*?)!.*", re.DOTALL)
_V3_MASK = re.compile(r"\*(?:\*(.))?", re.DOTALL)
_ONE_SLASH = re.compile(r"^(https?:/)(?=[^/])")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SHORTEST_RUN = 2
_CHECK_POINT = re.compile(r"/v2/(?:r\d\d/)?___(.+?)___\..*", re.DOTALL)
_CISCO = re.compile(r"/[\w-]+/(https?(?::|%3A).+)", re.IGNORECASE | re.DOTALL)
_BASE64 = re.compile(r"(?:^|&)u=([\w+/%-]+=*)")
_SUBSTACK = re.compile(r"/redirect/2/([\w-]+)(?:\.[\w-]+)*")


def is_sealed(host: str) -> bool:
    """True for a guard whose addresses may not be cleaned, since the guarded one stands in them bare."""
    return ("urldefense" in host or "avanan" in host or "checkpoint" in host) and (
        _BARE.fullmatch(host) is not None
    )


def guarded(host: str, parts: HttpUrl) -> str | None:
    """The address that the guard at ``host`` (without ``www.``) leads to; None when it does not say so."""
    if host == "urldefense.proofpoint.com" and parts.path == "/v2/url":
        found = _V2.search(parts.query)
        return unquote(unquote(found[1]).translate(_V2_WRITING)) if found else None
    if is_sealed(host):
        return _bare(parts)
    if host == "secure-web.cisco.com":
        found = _CISCO.fullmatch(parts.path)
        return unquote(found[1]) if found else None
    if host.endswith(".protection.sophos.com"):
        found = _BASE64.search(parts.query)
        return decoded(unquote(found[1])).decode("utf-8", "replace") if found else None
    if host == "substack.com":
        found = _SUBSTACK.fullmatch(parts.path)
        return _of_substack(found[1]) if found else None
    return None


def _bare(parts: HttpUrl) -> str | None:
    text = parts.path
    text += f"?{parts.query}" if parts.query else ""
    text += f"#{parts.fragment}" if parts.fragment else ""
    if found := _V3.fullmatch(text):
        return _unmasked(_ONE_SLASH.sub(r"\1/", found[1]), decoded(found[2]))
    found = _CHECK_POINT.fullmatch(text)
    return found[1] if found else None


def _unmasked(masked: str, letters: bytes) -> str | None:
    """``masked`` with its letters again: ``*`` stands for one, ``**`` and a digit for a run of them."""
    rest = iter(letters.decode("utf-8", "replace"))

    def original(mask: re.Match[str]) -> str:
        run = 1 if mask[1] is None else _RUNS.find(mask[1]) + _SHORTEST_RUN
        return "".join(islice(rest, run))

    return _V3_MASK.sub(original, masked)


def _of_substack(payload: str) -> str | None:
    """The address in a link of Substack's letters: ``e`` of a signed JSON object."""
    try:
        said = json.loads(decoded(payload))
    except (ValueError, RecursionError):
        return None
    found = said.get("e") if isinstance(said, dict) else None
    return found if isinstance(found, str) else None


def decoded(text: str) -> bytes:
    """``text`` out of base64 in either alphabet, padded or not; nothing where it is none."""
    text = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
