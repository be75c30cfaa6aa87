"""Translate errors of libraries and the system: they become ``FetchError``\\ s."""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Mapping

import aiohttp

from aggregator import errors
from aggregator.fetch.body import BodyFault
from aggregator.fetch.guard.resolver import no_answer
from aggregator.fetch.guard.sockets import REFUSED
from aggregator.privacy.masking import masked
from aggregator.schedule.http_hints import is_challenge

_ERRNO = re.compile(r"(?:Multiple exceptions: )?\[Errno -?\d+\] ")
_ALLOW = "if this network is yours, add it to fetch.allow_networks"
_FROM_OUTSIDE = "fetch.allow_networks is for feeds at such addresses, and what they link to; no way leads there from outside"
_SERVER = "the server is at fault; it is tried again later"
_CERTIFICATE = (
    "the publisher must renew the certificate; if you trust it, set the feed's "
    "options.ca_file or options.tls"
)
_ADDRESS = "check the address; the domain may be gone"
_PROXY = "check the feed's options.proxy"
_NETWORK = "the fault is on this side; is the network up?"
_OURS = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.ENOBUFS})
_SIZE = "raise fetch.max_feed_size or fetch.max_page_size to accept it"
_LONGEST = 200

_STATUS_HINTS = {
    304: "the server's cache is broken: this answers conditional requests only",
    401: "set credentials in the feed's options; they are sent only to the configured address",
    407: "the proxy needs credentials: set them in the feed's options.proxy",
    403: "the publisher refuses access; ask them, or poll less often",
    404: "check the address; the feed may have moved",
    405: "the server does not answer GET here; check the address",
    406: "the server has none of the feed formats here; check the address",
    410: "the publisher removed it for good; remove the feed",
    429: "the publisher asks for a pause; it is tried again later",
    451: "withheld for legal reasons",
}


class TargetRefused(ValueError):
    """The target behind a proxy is not public and not allowed."""


class TargetUnknown(ValueError):
    """The target behind a proxy has no address."""


class ProxyRefused(ValueError):
    """A SOCKS proxy does not connect: to nobody, or not to this target."""


class CaFileFault(ValueError):
    """A feed's ``options.ca_file`` cannot be used."""


_Verdict = tuple[type[errors.FetchError], str, str]  # what it is, in words, what to do
_Rule = tuple[tuple[type[BaseException], ...], type[errors.FetchError], str, str]
# The first rule whose types fit; {words} is what the library or the system said.
_RULES: tuple[_Rule, ...] = (
    (
        (TimeoutError,),
        errors.TimedOut,
        "no whole answer within {deadline} s",
        "raise fetch.timeout if it is always this slow",
    ),
    (
        (aiohttp.ClientPayloadError,),
        errors.BadBody,
        "the body was cut off or broken: {words}",
        _SERVER,
    ),
    (
        (aiohttp.ClientHttpProxyError,),
        errors.ConnectFailed,
        "the proxy refused: {words}",
        _PROXY,
    ),
    ((aiohttp.ClientResponseError,), errors.BadProtocol, "not valid HTTP: {words}", _SERVER),
    (
        (aiohttp.ServerDisconnectedError,),
        errors.ConnectFailed,
        "the server closed the connection without an answer",
        _SERVER,
    ),
    ((ssl.SSLError,), errors.TlsFailed, "TLS failed: {words}", _CERTIFICATE),
    ((TargetRefused,), errors.AddressRefused, "{words}", _ALLOW),
    ((ProxyRefused,), errors.ConnectFailed, "the proxy refused: {words}", _PROXY),
    (
        (CaFileFault,),
        errors.TlsFailed,
        "the certificates in {words} cannot be read",
        "check the feed's options.ca_file",
    ),
    ((ValueError,), errors.InvalidUrl, "cannot be fetched: {words}", "check the address"),
    ((Exception,), errors.ConnectFailed, "the connection broke: {words}", _SERVER),
)


def from_exception(
    url: str, error: Exception, *, at: str, deadline: float, inside: bool
) -> errors.FetchError:
    """The typed error for ``error``, raised while ``url`` was being fetched.

    ``at`` is the URL that was being asked by then, after redirects, ``inside`` whether the way could still
    lead into the networks that the operator opened. ``error`` is an ``aiohttp.ClientError``, ``OSError``, ``TimeoutError``, ``ValueError`` or
    :class:`~aggregator.fetch.body.BodyFault`; ``deadline`` (seconds) is told to the operator.
    """
    kind, message, hint = _judged(error)
    message = message.replace("{deadline}", f"{deadline:g}")
    if kind is errors.AddressRefused and not inside:
        hint = _FROM_OUTSIDE
    return kind(url, _redirected(url, at) + message, hint=hint)


def _redirected(url: str, at: str) -> str:
    return "" if at == url else f"redirected to {masked(at)}: "


def _judged(error: Exception) -> _Verdict:
    if isinstance(error, BodyFault):
        if error.too_large:
            return errors.TooLarge, str(error), _SIZE
        return errors.BadBody, str(error), _SERVER
    if isinstance(error, aiohttp.ClientConnectorError):
        return _judged_connect(error)
    if isinstance(error, TargetUnknown):
        return _unresolved(_words(error), error.__cause__)
    judged = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    _, kind, message, hint = next(rule for rule in _RULES if isinstance(judged, rule[0]))
    said = error.message if isinstance(error, aiohttp.ClientResponseError) else error
    return kind, message.replace("{words}", _words(said)), hint


def _judged_connect(error: aiohttp.ClientConnectorError) -> _Verdict:
    """Failures before there was a connection."""
    cause = error.os_error
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return errors.ConnectFailed, f"cannot connect to the proxy: {_words(cause)}", _PROXY
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _unresolved(f"no address for {error.host!r}", cause)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "") or error.certificate_error
        return errors.TlsFailed, f"certificate: {_words(reason)}", _CERTIFICATE
    if isinstance(error, aiohttp.ClientSSLError) or isinstance(cause, ssl.SSLError):
        reason = getattr(cause, "reason", None) or cause
        hint = "the server may not speak TLS at this port"
        return errors.TlsFailed, f"TLS handshake failed: {_words(reason)}", hint
    if cause.errno == REFUSED:
        return errors.AddressRefused, _words(cause), _ALLOW
    hint = _NETWORK if cause.errno in _OURS else _SERVER
    return errors.ConnectFailed, f"cannot connect: {_words(cause)}", hint


def _unresolved(words: str, cause: BaseException | None) -> _Verdict:
    if isinstance(cause, OSError) and no_answer(cause):
        return errors.NameServersSilent, words, "name servers do not answer; is the network up?"
    return errors.NameNotResolved, words, _ADDRESS


def from_status(url: str, status: int, headers: Mapping[str, str], *, at: str) -> errors.HttpStatus:
    """The typed error for an answer that is not 200, 226 or a wanted 304."""
    message, hint = f"HTTP status {status}", _STATUS_HINTS.get(status, "")
    if is_challenge(headers):
        message += ": a challenge page for browsers instead of the document (cf-mitigated)"
        hint = "ask the publisher to exempt the feed's address from the challenge"
    elif not hint and status >= 500:
        hint = _SERVER
    elif not hint and status < 300:
        hint = "no document came with it; check the address"
    kind = errors.HttpStatus
    if status == 410:
        kind = errors.Gone
    elif status == 429 or (status == 503 and "retry-after" in headers):
        kind = errors.Throttled
    return kind(url, status, headers, message=_redirected(url, at) + message, hint=hint)


def _words(reason: object) -> str:
    """``reason`` on one short line, without the system's numbers."""
    text = reason.strerror or str(reason) if isinstance(reason, OSError) else str(reason)
    text = " ".join(_ERRNO.sub("", text).split())
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
