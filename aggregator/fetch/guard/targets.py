"""Targets of requests: URLs judged before anything is resolved. Pure.

Names are not judged here: what they resolve to is, at connect time (:mod:`aggregator.fetch.guard.sockets`).
Numbers that resolvers read as addresses although they are not written as one (``0177.0.0.1``,
``2130706433``, ``127.1``, ``0x7f.1``) are refused, because nobody publishes a feed at one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from yarl import URL

from aggregator.errors import AddressRefused, FetchError, InvalidUrl
from aggregator.privacy.masking import masked
from aggregator.urls import host_of

Origin = tuple[str, str, int | None]

_MAX_LENGTH = 8190
_NAME = re.compile(
    r"(?=.{1,253}\.?\Z)(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE
)
# WHATWG URL, "ends in a number": such a host is an IPv4 address or nothing.
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.ASCII)
# Possessive: one pass, whatever it is given.
_URI = re.compile(r"(?:[!#$&-;=?-Z_a-z~\[\]]++|%[0-9a-f]{2})*+", re.IGNORECASE | re.ASCII)
_SPELL = "write the address as a name or in its usual form"


def parse_target(url: str) -> URL:
    """``url`` as a URL to request: http(s), a host, no fragment; user info is kept.

    Raises :class:`~aggregator.errors.InvalidUrl`, and
    :class:`~aggregator.errors.AddressRefused` for an address in an odd spelling.
    """
    if len(url) > _MAX_LENGTH:
        raise InvalidUrl(url[:200] + "…", f"longer than {_MAX_LENGTH} characters")
    try:
        return checked(_url(url), url)
    except FetchError:
        raise
    except ValueError as error:  # UnicodeError is one
        raise InvalidUrl(
            url, f"not a URL: {masked(str(error))}", hint="check the address"
        ) from None


def redirect_target(base: URL, location: str) -> URL:
    """Target of the redirect ``location`` (RFC 9110 §10.2.2) from ``base``, without its user info.

    A redirect within one origin keeps the user info of ``base``: the operator gave it for that
    origin. Raises like :func:`parse_target`.
    """
    if len(location) > _MAX_LENGTH:
        raise InvalidUrl(str(base), f"redirects to more than {_MAX_LENGTH} characters")
    try:
        target = base.join(_url(location.strip()))
        target = checked(target.with_user(None) if target.raw_host else target, str(target))
    except FetchError:
        raise
    except ValueError as error:
        message = f"redirects to something that is not a URL: {masked(str(error))}"
        raise InvalidUrl(str(base), message) from None
    if base.raw_user is not None and origin(target) == origin(base):
        return target.with_user(base.user).with_password(base.password)
    return target


def checked(target: URL, shown: str) -> URL:
    """``target`` without its fragment, when it may be asked for; ``shown`` names it in errors."""
    if target.scheme not in {"http", "https"}:
        raise InvalidUrl(shown, "neither http nor https", hint="give an http or https address")
    host = target.raw_host
    if not host or target.port is None:
        raise InvalidUrl(shown, "no host in it", hint="check the address")
    if (fault := _host_fault(host)) is not None:
        kind, message, hint = fault
        raise kind(shown, message, hint=hint)
    return target.with_fragment(None) if target.raw_fragment else target


def _url(text: str) -> URL:
    """``text`` parsed; one that is a URI already (RFC 3986) keeps every byte of path and query.

    Quoting again would turn ``%2F`` in a query into ``/``, which breaks signed addresses.
    """
    try:
        return URL(text, encoded=_URI.fullmatch(text) is not None)
    except IndexError:  # yarl's on http://[]@
        raise ValueError("brackets in the user info, and no host") from None


def origin(url: URL) -> Origin:
    """Scheme, host and port (RFC 6454 §4)."""
    return url.scheme, host_of(str(url)), url.port


@lru_cache(maxsize=4096)
def _host_fault(host: str) -> tuple[type[FetchError], str, str] | None:
    """What is wrong with ``host``: the error to raise, its message and hint."""
    if ":" in host:
        return _ipv6_fault(host)
    if _NUMBER.fullmatch(host) is not None:
        try:
            IPv4Address(host)
        except AddressValueError:
            return AddressRefused, f"{host!r} is a number in an odd spelling", _SPELL
    elif _NAME.fullmatch(host) is None:
        return InvalidUrl, f"{host[:80]!r} is not a host name", "check the address"
    return None


def _ipv6_fault(host: str) -> tuple[type[FetchError], str, str] | None:
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return InvalidUrl, f"{host[:80]!r} is not an address", _SPELL
    if address.scope_id is not None:
        return AddressRefused, "an address with a zone is never public", _SPELL
    return None
