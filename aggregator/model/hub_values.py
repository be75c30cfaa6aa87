"""Our own WebSub hub: what subscribers ask for, what they have been told, and other hubs that are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from aggregator.model.output_items import Cursor


class HubMode(StrEnum):
    """Purpose of a request to a callback (`hub.mode`)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class HubTopic:
    """A feed of ours that can be subscribed to, by the address that the subscriber gave."""

    url: str
    output: str
    format: str


@dataclass(frozen=True, slots=True)
class HubRequest:
    """A request of a subscriber that its callback is still to confirm; or a denial to tell it of."""

    mode: HubMode
    topic: HubTopic
    callback: str
    site: str  # of the callback: registered domain, or host
    lease: timedelta
    secret: str = field(default="", repr=False)
    id: int = 0  # once it is stored
    claim: int = 0  # grows with each claim, and with each newer request in its place
    attempts: int = 0  # that failed


class HubAnswer(Enum):
    """Answer to a request to subscribe or unsubscribe."""

    ACCEPTED = "accepted"  # its callback is asked
    FULL = "full"  # there are too many subscriptions
    SITE_FULL = "site full"  # … of callbacks at this site


@dataclass(frozen=True, slots=True)
class HubCaps:
    """Most subscriptions, in all and of one site."""

    total: int
    per_site: int


@dataclass(frozen=True, slots=True)
class HubSubscription:
    """A confirmed subscription, claimed to be told what is new since ``cursor``."""

    id: int
    claim: int
    topic: HubTopic
    callback: str
    site: str
    cursor: Cursor | None  # None: it knows nothing of the log that there is
    secret: str = field(default="", repr=False)
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    slow: bool = (
        False  # it took long of late, or failed: it is given more time, and waits for its like
    )


@dataclass(frozen=True, slots=True)
class HubDocument:
    """A feed of what is new, as subscribers get it. ``count`` 0: there is nothing to tell."""

    body: bytes
    content_type: str
    link: str  # value of its `Link` header
    upto: Cursor
    count: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class HubCall:
    """Answer of a callback: its status and the beginning of its body. Names of headers are lower-case."""

    status: int
    body: bytes = b""
    retry_after: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HubAddress:
    """Another hub, and the feed of ours that it is told of; ``digest`` tells its bytes from others."""

    hub: str
    topic: str
    digest: str


@dataclass(frozen=True, slots=True)
class HubPing:
    """News for another hub, claimed."""

    id: int
    claim: int
    address: HubAddress
    failures: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class HubAudience:
    """Subscribers of one output, counted; and the latest failure of any, which names no one."""

    output: str
    subscribers: int = 0
    failing: int = 0
    dropped: int = 0  # given up of late, after days of failures
    error: str = ""


@dataclass(frozen=True, slots=True)
class HubReport:
    """The hub in numbers, and other hubs that could not be told: address, since when, and why."""

    audiences: tuple[HubAudience, ...] = ()
    unverified: int = 0  # requests that callbacks are still to confirm
    unreached: tuple[tuple[str, datetime, str], ...] = ()
