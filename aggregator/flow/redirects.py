"""The life of a feed's address: moves adopted and taken back, whole documents asked for. Pure.

RFC 9110 §15.4: 301 and 308 say that the address changed for good, the other redirects do not. A
single answer is not believed: misconfigured servers and networks with a login page send permanent
redirects for an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model import Address, Feed, Move, Response

_PERMANENT = frozenset({301, 308})
# A wrong redirect is usually noticed and mended within a day; two days also span a weekend's night.
_SIGHTINGS = 3
_SPAN = timedelta(days=2)
# The same host over TLS: nobody else can have answered, so that less proof is enough.
_UPGRADE_SIGHTINGS = 2
_UPGRADE_SPAN = timedelta(days=1)
# An adopted address that fails so long was perhaps not meant: the configured one is asked again.
_LOST_AFTER = timedelta(days=7)
# A server that always says 304 is caught by one unconditional request a month at most.
_WHOLE_EVERY = timedelta(days=30)
_POLLS_WITHOUT_WHOLE = 100


def address_after(feed: Feed, response: Response, now: datetime) -> Address | None:
    """The address of ``feed`` after ``response``, which gave its document or a 304; None: as it was.

    The end of a chain of permanent redirects is adopted when it was the same at several polls over
    days. From https to http nothing is adopted: that would be a downgrade.
    """
    address = _address(feed, response, now)
    return None if (address.url, address.move) == (feed.url, feed.move) else address


def _address(feed: Feed, response: Response, now: datetime) -> Address:
    target = response.url
    if not _moved_for_good(feed, response):
        return Address(feed.url)
    seen = feed.move
    if seen is None or seen.target != target:
        return Address(feed.url, Move(target, 1, now))
    move = Move(target, seen.sightings + 1, seen.since)
    if _is_proven(feed.url, move, now):
        return Address(target)
    return Address(feed.url, move)


def _moved_for_good(feed: Feed, response: Response) -> bool:
    if not response.hops or response.url == feed.url:
        return False
    if any(hop.status not in _PERMANENT for hop in response.hops):
        return False
    # Inside its networks the operator's own word leads: a host named by others is not asked there.
    if (
        response.inside
        and urlsplit(response.url).hostname != urlsplit(feed.configured_url).hostname
    ):
        return False
    secure = urlsplit(feed.url).scheme == "https"
    places = (hop.location for hop in response.hops)
    return not secure or all(urlsplit(place).scheme == "https" for place in places)


def _is_proven(url: str, move: Move, now: datetime) -> bool:
    old, new = urlsplit(url), urlsplit(move.target)
    upgrade = (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname
    sightings = _UPGRADE_SIGHTINGS if upgrade else _SIGHTINGS
    span = _UPGRADE_SPAN if upgrade else _SPAN
    return move.sightings >= sightings and now - move.since >= span


def address_after_failure(feed: Feed, now: datetime) -> Address | None:
    """The address as configured, when the adopted one has failed for a week; None: as it was."""
    if feed.url == feed.configured_url or not feed.failures or feed.last_success is None:
        return None
    return Address(feed.configured_url) if now - feed.last_success >= _LOST_AFTER else None


def asks_whole(feed: Feed, now: datetime) -> bool:
    """True when to ask without validators for once, although there are some.

    After a month and a hundred answers without a whole document. Not while the feed fails: what
    has been asked for in vain is not asked for at every retry.
    """
    if feed.last_full is None or feed.failures:
        return False
    long_ago = now - feed.last_full >= _WHOLE_EVERY
    return long_ago and feed.polls_since_full >= _POLLS_WITHOUT_WHOLE
