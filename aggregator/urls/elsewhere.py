"""Pages of any host that only lead to another site and carry its address: by what they are called, or how they count.

:mod:`aggregator.urls.redirectors` has those of known hosts.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from aggregator.urls.domain import registrable_domain
from aggregator.urls.link_guards import decoded
from aggregator.urls.standard import HttpUrl, NotHttp, parse

# Counting links of letters (Amazon's SES), on senders' own hosts: the whole address in the path.
_COUNTED = re.compile(r"/C?L0/(https?(?::|%3A)(?:/|%2F){2}[^/]+)/\d/.+", re.IGNORECASE)
_BEFORE = frozenset(
    {"12ft.io", "r.jina.ai", "via.hypothes.is", "freedium.cfd", "removepaywalls.com"}
)
_BARE = re.compile(r"/(https?):/{1,2}([^/].*)", re.DOTALL)
_BEHIND_MARK = frozenset(
    {
        "href.li",
        "anonym.to",
        "nullrefer.com",
        "dereferer.me",
        "pixiv.net/jump.php",
        "deviantart.com/users/outgoing",
    }
)
# Pages that only lead elsewhere, by their name, at any host: the address of another site in a parameter.
_LEAVES = re.compile(
    r"/(?:[\w-]+/){0,2}(?:redirect|redirector|redir|away|out|outgoing|outbound|linkout|exit|leave|goto|go|jump|"
    r"deref(?:errer)?|click|clk|link)(?:\.(?:php|aspx?|html?|cgi))?/?",
    re.IGNORECASE,
)
_ADDRESS_NAMES = ("url", "u", "target", "to", "dest", "destination", "link", "href", "goto")
_SIGNED = re.compile(r"/eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+(?:/|$)")
_TRANSLATED = re.compile(r"([a-z0-9-]+)\.translate\.goog")


def elsewhere(host: str, parts: HttpUrl) -> str | None:
    """The address that ``parts`` (at ``host``, without ``www.``) leads to; None when it is a page of its own."""
    if host in _BEFORE:
        found = _BARE.fullmatch(parts.path)
        return with_query(f"{found[1]}://{found[2]}", parts.query) if found else None
    if host in _BEHIND_MARK or f"{host}{parts.path}" in _BEHIND_MARK:
        return unquote(parts.query) or None
    if host.endswith(".translate.goog"):
        return _translated(host, parts)
    if "L0/http" in parts.path and (counted := _COUNTED.fullmatch(parts.path)):
        return unquote(counted[1])
    if "aHR0c" in parts.path or "eyJ" in parts.path:
        return _of_another_site(parts, _written(parts.path))
    return _called_so(parts)


def _written(path: str) -> str | None:
    """The address that the last segment is in base64, or that a signed object in the path names as ``url``."""
    last = path.rstrip("/").rpartition("/")[2]
    if last.startswith("aHR0c"):
        return decoded(unquote(last)).decode("utf-8", "replace")
    signed = _SIGNED.search(path)
    try:
        said = json.loads(decoded(signed[1])) if signed else None
    except (ValueError, RecursionError):
        return None
    found = said.get("url") if isinstance(said, dict) else None
    return found if isinstance(found, str) else None


def _called_so(parts: HttpUrl) -> str | None:
    """The address of another site, to which a page leads that is called so and has nothing else to say."""
    if "http" not in parts.query or _LEAVES.fullmatch(parts.path) is None:
        return None
    return _of_another_site(parts, first(parts.query, _ADDRESS_NAMES))


def _of_another_site(parts: HttpUrl, leads_to: str | None) -> str | None:
    if leads_to is None:
        return None
    try:
        there = parse(leads_to).host
    except NotHttp:
        return None
    own = registrable_domain(parts.host)
    return leads_to if own is not None and own != registrable_domain(there) else None


def _translated(host: str, parts: HttpUrl) -> str | None:
    """Google's translation: dots of the host are written as ``-``, hyphens as ``--``."""
    found = _TRANSLATED.fullmatch(host)
    if found is None:
        return None
    name = found[1].replace("--", "\0").replace("-", ".").replace("\0", "-")
    query = "&".join(one for one in parts.query.split("&") if not one.startswith("_x_tr_"))
    return with_query(f"https://{name}{parts.path}", query)


def with_query(url: str, query: str) -> str:
    """``url`` with ``query``, if there is one."""
    return f"{url}?{query}" if query else url


def first(query: str, names: tuple[str, ...]) -> str | None:
    """The value of the first of ``names`` that has one."""
    found = (parameter(query, name) for name in names)
    return next((unquote(value) for value in found if value), None)


def parameter(query: str, name: str) -> str | None:
    """The value of ``name`` in ``query`` as it is written; None where it is not there."""
    parts = (part.partition("=") for part in query.split("&"))
    return next((value for key, _, value in parts if key.removeprefix("amp;") == name), None)
