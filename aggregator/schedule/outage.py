"""Is it them or is it us? An outage of our own network, told from the polls' ends. Pure.

One host that does not answer has a problem; when host after host does not and nothing else does
either, the problem is on this side, and counts against no feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from aggregator.errors import (
    BadBody,
    BadProtocol,
    ConnectFailed,
    HostOnCooldown,
    HttpStatus,
    NameNotResolved,
    NameServersSilent,
    ParseError,
    TimedOut,
    TooLarge,
    TooManyRedirects,
)
from aggregator.urls import host_of

_SILENCE = (NameNotResolved, ConnectFailed, TimedOut)
_ANSWERS = (HttpStatus, BadBody, BadProtocol, TooLarge, TooManyRedirects, ParseError)

# How many hosts in a row have to be silent: a fifth of those subscribed, within these bounds. With
# one host there is nothing to compare with.
_FEWEST, _MOST, _SHARE = 3, 50, 5
WINDOW = 1024
"""Silent polls remembered: more than are usually under way at once."""
_LONG_ENOUGH = timedelta(minutes=1)  # for any answer to have come

SPREAD = timedelta(minutes=10)
"""Over so long, at most, feeds are spread after an outage."""

PROBE_EVERY = timedelta(minutes=1)
"""The wait between two attempts during an outage."""


class Reach(Enum):
    """Evidence about the network from a poll's end."""

    ANSWERED = "answered"
    SILENT = "silent"  # no answer: theirs or ours
    UNRESOLVED = "unresolved"  # nor one of name servers
    UNKNOWN = "unknown"  # nothing was asked, or what answered may be a box in between

    @property
    def silent(self) -> bool:
        """True where nobody answered."""
        return self in {Reach.SILENT, Reach.UNRESOLVED}


def reach(error: Exception | None) -> Reach:
    """The evidence of a request that ended with ``error`` (None: well).

    A refused address or a wrong certificate says nothing: a network with a login page answers
    every name with its own.
    """
    if isinstance(error, NameServersSilent):
        return Reach.UNRESOLVED
    if isinstance(error, _SILENCE):
        return Reach.SILENT
    if isinstance(error, HostOnCooldown):
        return Reach.UNKNOWN
    answered = error is None or isinstance(error, _ANSWERS)
    return Reach.ANSWERED if answered else Reach.UNKNOWN


def hosts_of(urls: Iterable[str]) -> int:
    """The number of hosts in ``urls``."""
    return len({host_of(url) for url in urls})


def needed(hosts: int) -> int:
    """The number of distinct hosts in a row that must be silent when ``hosts`` are subscribed."""
    return min(max(2, min(hosts, _FEWEST), hosts // _SHARE), _MOST)


@dataclass(frozen=True, slots=True)
class Silence:
    """One poll that nobody answered, of a feed that was well before.

    ``unresolved``: no name server did, which says nothing of the way to the host.
    """

    feed_id: int
    host: str
    at: datetime
    unresolved: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """The latest polls' evidence: who was silent since anything last answered, oldest first."""

    silent: tuple[Silence, ...] = ()
    down_since: datetime | None = None  # None: no outage

    @property
    def down(self) -> bool:
        """True while our own network is held to be out of order."""
        return self.down_since is not None

    def heard(self) -> Network:
        """After a poll that was answered."""
        return self if not self.silent and not self.down else Network()

    def missed(self, silence: Silence) -> Network:
        """After a poll that nobody answered.

        Only polls of feeds that were well before belong here: what has failed for long says
        nothing of today's network.
        """
        return replace(self, silent=(*self.silent, silence)[-WINDOW:])

    def suspects(self, hosts: int) -> bool:
        """True when so many of ``hosts`` subscribed were silent in a row that it may be us.

        Where all that is known is that no name resolves, the rest may well go on.
        """
        silent = {one.host for one in self.silent}
        return len(silent) >= needed(hosts) and not all(one.unresolved for one in self.silent)

    def judged(self, hosts: int, under_way: int, now: datetime) -> Network:
        """Down, if that is suspected and nothing is ``under_way`` that could still prove it wrong.

        Refusals come faster than documents, so that a batch of polls may begin with its dead hosts.
        """
        if self.down or not self.suspects(hosts):
            return self
        if under_way and now - self.silent[0].at < _LONG_ENOUGH:
            return self
        return replace(self, down_since=self.silent[0].at)


def offline_pause(
    down_since: datetime, now: datetime, interval: timedelta, chance: float
) -> timedelta:
    """The time to leave a feed alone that was asked in vain during an outage.

    From the spread's length, so that other feeds have their turn as probes, to the feed's
    ``interval`` when the outage lasts. ``chance`` in [0, 1) spreads them.
    """
    least = min(interval, SPREAD)
    return min(max(now - down_since, least), interval) * (1 + chance / 2)


def spread(
    feeds: Sequence[int],
    now: datetime,
    interval: timedelta,
    own: Mapping[int, timedelta] | None = None,
) -> dict[int, datetime]:
    """The next poll of each of ``feeds``, in their order, after an outage: evenly over a few minutes.

    Over ``interval`` at most, and over its ``own`` where a feed has one: each is polled within one
    interval of its own, and those that have the same are as far apart as ever.
    """
    given = own or {}
    return {
        feed: now + min(given.get(feed, interval), SPREAD) * place / len(feeds)
        for place, feed in enumerate(feeds)
    }
