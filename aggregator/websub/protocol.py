"""The WebSub protocol as decisions: discovery, requests, verification, signatures. Pure.

https://www.w3.org/TR/websub/, sections in brackets below.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from aggregator.config.own_address import is_public, own_base
from aggregator.config.settings import Settings
from aggregator.model import ParsedFeed, Subscription, SubscriptionState
from aggregator.parse.links import absolute
from aggregator.privacy.public import Disclosure, origin
from aggregator.schedule.cadence import WEEK, backoff
from aggregator.urls.limits import LONGEST_INDEXED_PAIR
from aggregator.websub.link_header import links

DENIED_FOR = WEEK  # a hub that says no is asked again after that
ENDING_ATTEMPTS = 4  # requests to end a subscription before it is left to its lease

_LONGEST_CHALLENGE = 4096  # characters
_LONGEST_LEASE = timedelta(days=100)
_RENEW_SHARE = 0.8  # of a lease, then it is renewed
_RENEW_SOONEST = timedelta(minutes=1)
_RETRY = timedelta(minutes=10)
_ANSWER_WITHIN = timedelta(days=1)  # a hub verifies so long after it was asked, or not at all
# [5.1.2]; sha1 is what hubs of the protocol's older versions use.
_DIGESTS = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


class Verdict(Enum):
    """Answer to a hub that asks whether we meant it."""

    CONFIRM = "confirm"  # echo: the subscription is active
    RELEASE = "release"  # echo: it is over
    DENIED = "denied"  # the hub refuses; noted
    REFUSE = "refuse"  # we asked for no such thing


@dataclass(frozen=True, slots=True)
class Intent:
    """A hub's request to the callback [5.3], [5.2]."""

    mode: str
    topic: str
    challenge: str = ""
    lease: str = ""  # hub.lease_seconds as sent
    reason: str = ""


# ── who is told, and by whom ─────────────────────────────────────────────────────────────────


def discovered(parsed: ParsedFeed, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """``parsed`` with the hub and the topic that the answer named, the header before the document.

    [4]: the first usable ``rel=hub`` and ``rel=self``. ``headers`` has lower-case names, ``url``
    is what answered. Addresses that can be neither asked nor stored become None.
    """
    field = headers.get("link", "")
    return replace(
        parsed,
        hub_url=_first(field, "hub", url) or _usable(parsed.hub_url),
        self_url=_first(field, "self", url) or _usable(parsed.self_url),
    )


def discreet(parsed: ParsedFeed, disclosure: Disclosure) -> ParsedFeed:
    """``parsed`` without its hub where the topic would tell a stranger a secret of the feed.

    A hub at the topic's own origin knows it anyway.
    """
    hub, topic = parsed.hub_url, parsed.self_url
    if not hub or not topic or origin(hub) == origin(topic) or disclosure.link(topic) == topic:
        return parsed
    return replace(parsed, hub_url=None)


def _first(field: str, relation: str, url: str) -> str | None:
    found = (_usable(absolute(target, url)) for target in links(field, relation))
    return next((target for target in found if target), None)


def _usable(url: str | None) -> str | None:
    """``url``, unless it holds a password or is too long to be kept."""
    if url is None or len(url.encode("utf-8", "replace")) > LONGEST_INDEXED_PAIR:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return url


def callback_base(settings: Settings) -> str | None:
    """Address at which hubs reach us (no slash at its end); None: push is off.

    ``auto`` is on when ``base_url`` can be one that hubs reach: not an address of this machine,
    not a private one, not a name that only a local network knows.
    """
    enabled = settings.websub.enabled
    if enabled == "auto":
        enabled = "true" if is_public(settings) else "false"
    return own_base(settings) if enabled == "true" and settings.server.enabled else None


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def request_form(subscription: Subscription, lease: timedelta) -> dict[str, str]:
    """The form to send to the hub [5.1]: subscribe, or unsubscribe from what is to end.

    A secret goes along even to a hub without TLS: a signature that someone on the way could forge
    is still one that nobody else can.
    """
    form = {
        "hub.callback": subscription.callback,
        "hub.topic": subscription.topic,
        "hub.mode": "unsubscribe",
    }
    if subscription.state is SubscriptionState.ENDING:
        return form
    return form | {
        "hub.mode": "subscribe",
        "hub.lease_seconds": str(int(lease.total_seconds())),
        "hub.secret": subscription.secret,
    }


def retry_at(now: datetime, failures: int, chance: float) -> datetime:
    """Time to ask again if the hub does not confirm what is asked now, the ``failures``-th time.

    From ten minutes up to a week, with full jitter: ``chance`` in [0, 1).
    """
    return now + backoff(failures, _RETRY, chance)


# ── being asked ──────────────────────────────────────────────────────────────────────────────


def read_intent(query: Mapping[str, str]) -> Intent | None:
    """A hub's request from the query of its GET; None when it is no such request."""
    intent = Intent(
        mode=query.get("hub.mode", ""),
        topic=query.get("hub.topic", ""),
        challenge=query.get("hub.challenge", ""),
        lease=query.get("hub.lease_seconds", ""),
        reason=query.get("hub.reason", ""),
    )
    if intent.mode == "denied" and intent.topic:
        return intent
    usable = 0 < len(intent.challenge) <= _LONGEST_CHALLENGE and intent.challenge.isprintable()
    return intent if intent.topic and usable else None


def judge(intent: Intent, subscription: Subscription, now: datetime) -> Verdict:
    """Verdict on ``intent``: did ``subscription`` ask for what it wants confirmed [5.3.1].

    A hub may ask twice, since our first answer can get lost on its way; what nobody asked for in
    the last day is refused.
    """
    state, asked = subscription.state, subscription.requested_at
    if intent.topic != subscription.topic:
        return Verdict.REFUSE
    if intent.mode == "denied":
        return Verdict.REFUSE if state is SubscriptionState.ENDING else Verdict.DENIED
    if asked is None or now - asked > _ANSWER_WITHIN:
        return Verdict.REFUSE
    if intent.mode == "subscribe" and state in {
        SubscriptionState.PENDING,
        SubscriptionState.ACTIVE,
    }:
        return Verdict.CONFIRM
    if intent.mode == "unsubscribe" and state is SubscriptionState.ENDING:
        return Verdict.RELEASE
    return Verdict.REFUSE


def granted(lease: str, asked: timedelta) -> timedelta:
    """The lease that a hub grants: what it says (whole seconds), else what was asked for."""
    if not (lease.isascii() and lease.isdigit() and len(lease) <= 12 and int(lease)):
        return min(asked, _LONGEST_LEASE)
    return min(timedelta(seconds=int(lease)), _LONGEST_LEASE)


def renew_at(now: datetime, lease: timedelta) -> datetime:
    """Time to renew a lease that begins ``now``: before it ends, but not at once."""
    return now + max(lease * _RENEW_SHARE, _RENEW_SOONEST)


# ── being told ───────────────────────────────────────────────────────────────────────────────


def signed(header: str, body: bytes, secret: str) -> bool:
    """True when ``header`` (X-Hub-Signature, ``METHOD=HEX``) is ``body``'s with ``secret`` [7.1].

    Compared in constant time. Unknown methods and anything malformed are no signature.
    """
    method, _, given = header.strip().partition("=")
    length = _DIGESTS.get(method.lower())
    if length is None or len(given) != length or not given.isascii():
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected, given.lower())
