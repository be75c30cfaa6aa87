"""Requests to our hub, as strangers send them (W3C WebSub §5.1). Pure.

What is wrong with one is said in words that hold nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from aggregator.model import HubMode, HubRequest, HubTopic
from aggregator.urls import address_in, host_of
from aggregator.urls.domain import registrable_domain
from aggregator.urls.limits import LONGEST_INDEXED_PAIR

LONGEST_FORM = 8192
"""Bytes of a request's body."""
_MOST_FIELDS = 32
_LONGEST_SECRET = 199  # bytes: "less than 200"
_USUAL_LEASE = timedelta(days=10)
_SHORTEST_LEASE, _LONGEST_LEASE = timedelta(hours=1), timedelta(days=30)
# RFC 3986: no control character, no blank, nothing that ends a line or a header.
_URI = re.compile(r"(?:[!#$&-;=?-Z_a-z~\[\]]++|%[0-9A-Fa-f]{2})*+", re.ASCII)
_OURS = ("hub.mode", "hub.topic", "hub.callback", "hub.secret", "hub.lease_seconds")
# Ports above 1023 at which other protocols listen that might take an HTTP request for their own
# (https://fetch.spec.whatwg.org/#port-blocking).
_NO_WEB = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
     6679, 6697, 10080}
)  # fmt: skip


def read_request(body: bytes, topic_of: Callable[[str], HubTopic | None]) -> HubRequest | str:
    """The request in a form's ``body``; a sentence for its sender where it is none that we serve."""
    form = _fields(body)
    if isinstance(form, str):
        return form
    mode, callback = form.get("hub.mode", ""), form.get("hub.callback", "")
    secret, lease = form.get("hub.secret", ""), lease_of(form.get("hub.lease_seconds", ""))
    topic = topic_of(form.get("hub.topic", ""))
    fault = callback_fault(callback)
    if mode not in {HubMode.SUBSCRIBE, HubMode.UNSUBSCRIBE}:
        return "hub.mode is subscribe or unsubscribe; this hub tells of its own feeds alone."
    if fault is not None:
        return f"hub.callback {fault}."
    if topic is None or len(topic.url) > LONGEST_INDEXED_PAIR or not _URI.fullmatch(topic.url):
        return "hub.topic is no feed that this hub tells of."
    if lease is None or len(secret.encode()) > _LONGEST_SECRET or not secret.isprintable():
        return "hub.secret has less than 200 bytes, all to be shown; hub.lease_seconds is a number."
    return HubRequest(HubMode(mode), topic, callback, site_of(callback), lease, secret)


def _fields(body: bytes) -> dict[str, str] | str:
    """The fields of a form that are a hub's; a sentence for its sender where it is none."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:  # a UnicodeError is one
        return "The form cannot be read."
    known = [(name, value) for name, value in pairs if name in _OURS]
    return dict(known) if len(known) == len(dict(known)) else "A field stands there twice."


def lease_of(seconds: str) -> timedelta | None:
    """The lease granted to who asks for so many ``seconds``: ten days unless said, an hour to thirty days.

    None where that is no number.
    """
    if not seconds:
        return _USUAL_LEASE
    if not (seconds.isascii() and seconds.isdecimal()):
        return None
    digits = seconds.lstrip("0") or "0"
    if len(digits) > len(str(int(_LONGEST_LEASE.total_seconds()))):
        return _LONGEST_LEASE
    return max(_SHORTEST_LEASE, min(timedelta(seconds=int(digits)), _LONGEST_LEASE))


def callback_fault(url: str) -> str | None:
    """The reason why ``url`` can be no callback; None: it can. Where it leads is judged as it is asked."""
    if not 0 < len(url) <= LONGEST_INDEXED_PAIR:
        return f"has none, or more than {LONGEST_INDEXED_PAIR} characters"
    if _URI.fullmatch(url) is None or "#" in url:
        return "has signs that no callback has"
    try:
        parts = urlsplit(url)
        return _parts_fault(parts, parts.port)
    except ValueError:
        return "is no URL"


def _parts_fault(parts: SplitResult, port: int | None) -> str | None:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is no http or https URL"
    if "@" in parts.netloc:
        return "has a user"
    if port is not None and (port in _NO_WEB or (port < 1024 and port not in {80, 443})):
        return "has a port at which no web server listens"
    names = (name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    if any(name.lower().startswith("hub.") for name in names):
        return "has a parameter of the hub's own"
    return None


def site_of(callback: str) -> str:
    """The site whose subscriptions count together: the registered domain, else the host; of IPv6 the /64."""
    host = host_of(callback)
    address = address_in(host)
    if address is None:
        return registrable_domain(host) or host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Network((address, 64), strict=False))
    return str(address)


def question(request: HubRequest, challenge: str) -> str:
    """The address to GET, so that the callback confirms ``request`` by echoing ``challenge`` (§5.3).

    A denial (§5.2) has no challenge.
    """
    query = {"hub.mode": request.mode.value, "hub.topic": request.topic.url}
    if request.mode is HubMode.DENIED:
        query["hub.reason"] = "this feed is no topic any more"
    else:
        query["hub.challenge"] = challenge
    if request.mode is HubMode.SUBSCRIBE:
        query["hub.lease_seconds"] = str(int(request.lease.total_seconds()))
    return f"{request.callback}{'&' if '?' in request.callback else '?'}{urlencode(query)}"
