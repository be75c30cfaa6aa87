"""WebSub subscriptions, and what is known of hosts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriptionState(StrEnum):
    """State of a subscription at a hub."""

    PENDING = "pending"  # wanted; the hub has not verified it yet
    ACTIVE = "active"  # verified
    DENIED = "denied"  # the hub refused; asked again much later
    ENDING = "ending"  # no longer wanted; the hub has not verified that yet


@dataclass(frozen=True, slots=True)
class Subscription:
    """A request of ours to a hub to be told of a feed's news (W3C WebSub)."""

    id: int
    feed_id: int
    hub: str
    topic: str
    base: str  # where hubs reach us, no slash at its end
    token: str  # unguessable
    secret: str  # signs what the hub delivers
    state: SubscriptionState
    lease_until: datetime | None = None
    requested_at: datetime | None = None  # the last request
    failures: int = 0  # requests in a row that the hub did not verify
    inside: bool = False  # its feed stands in a network that the operator opened

    @property
    def callback(self) -> str:
        """The address of ours that the hub calls."""
        return f"{self.base}/websub/{self.token}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document that a hub delivered, its signature verified."""

    feed_id: int
    topic: str
    content_type: str
    body: bytes
    next_poll: datetime  # when the feed's next poll was planned before the delivery came


@dataclass(frozen=True, slots=True)
class HostCount:
    """Request counts of one host since they were last written down, and slots waited for."""

    host: str
    feeds: int = 0
    pages: int = 0
    robots: int = 0
    waited: int = 0


@dataclass(frozen=True, slots=True)
class HostLeaseAnswer:
    """Answer to a request for a host's lease; if not granted, seconds until it may be asked again.

    ``in_cooldown``: the host or domain whose cooldown of ``wait`` seconds forbids it.
    """

    granted: bool
    wait: float = 0.0
    in_cooldown: str | None = None


@dataclass(frozen=True, slots=True)
class HostStatus:
    """Request counts of one host, for people and scripts; ``day`` is the last 24 hours, by kind."""

    host: str
    hour: int = 0  # requests in the last hour
    day: int = 0
    feeds: int = 0
    pages: int = 0
    robots: int = 0
    waited: int = 0  # slots that had to be waited for
    resting_until: datetime | None = None
