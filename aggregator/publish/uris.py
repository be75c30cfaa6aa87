"""Addresses as URIs (RFC 3986): what strangers wrote, with nothing that the grammar does not allow."""

from __future__ import annotations

import re
from urllib.parse import quote

from aggregator.sanitize import xml_safe
from aggregator.urls.standard import NotHttp, parse

# RFC 3986 appendix B, so that each part is written by its own rules.
_PARTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_WEB = re.compile(r"https?:", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\]@]*\]|[^:@]*)(?::(\d*))?", re.DOTALL)
_IP_LITERAL = re.compile(r"\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+)\]", re.ASCII)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SUB_DELIMS = "!$&'()*+,;=%~"
_IN_USER, _IN_HOST = _SUB_DELIMS + ":", _SUB_DELIMS
_IN_PATH, _IN_QUERY = _SUB_DELIMS + ":@/", _SUB_DELIMS + ":@/?"


def uri(address: str) -> str:
    """``address`` with everything percent-encoded that RFC 3986 does not allow where it stands.

    Percent signs that encode nothing are encoded themselves; brackets stay around IPv6 only. A host outside
    ASCII is written as it is looked up (``xn--…``), which feed readers and validators take alike.
    """
    cleaned = _BAD_PERCENT.sub("%25", xml_safe(address).strip())
    if _WEB.match(cleaned):  # browsers take a backslash for a slash
        path_end = min(
            (at for sign in "?#" if (at := cleaned.find(sign)) >= 0), default=len(cleaned)
        )
        cleaned = cleaned[:path_end].replace("\\", "/") + cleaned[path_end:]
    found = _PARTS.fullmatch(cleaned)
    if found is None:
        return quote(cleaned, safe=_IN_PATH)
    scheme, authority, path, query, fragment = found.groups()
    written = f"{scheme}:" if scheme else ""
    if authority is not None:
        written += f"//{_authority(authority, cleaned)}"
    elif path.startswith("//"):
        path = f"/.{path}"  # RFC 3986 §3.3: it would be an authority
    # A colon before the first slash would end a scheme (RFC 3986 §4.2).
    in_path = (
        _IN_PATH if written or ":" not in path.partition("/")[0] else _IN_PATH.replace(":", "")
    )
    written += quote(path, safe=in_path)
    written += "" if query is None else f"?{quote(query, safe=_IN_QUERY)}"
    return written + ("" if fragment is None else f"#{quote(fragment, safe=_IN_QUERY)}")


def _authority(given: str, address: str) -> str:
    found = _AUTHORITY.fullmatch(given)
    if found is None:  # a port that is none, more than one colon
        return quote(given, safe=_IN_HOST)
    user, host, port = found.groups()
    if not host.isascii():
        host = _as_looked_up(address) or host
    host = host if _IP_LITERAL.fullmatch(host) else quote(host, safe=_IN_HOST)
    written = "" if user is None else f"{quote(user, safe=_IN_USER)}@"
    return written + host + ("" if port is None else f":{port}")


def _as_looked_up(address: str) -> str:
    """The host of an http(s) ``address`` in ASCII, ``""`` where there is none."""
    try:
        return parse(address).host
    except NotHttp:
        return ""
