"""The hub's store, the way to callbacks, and what there is to tell them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.model import (
    Cursor,
    HubAddress,
    HubAnswer,
    HubCall,
    HubCaps,
    HubDocument,
    HubPing,
    HubReport,
    HubRequest,
    HubSubscription,
    HubTopic,
)


class HubStore(Protocol):
    """Subscriptions at our own hub, each with its cursor, and news for other hubs.

    What is claimed is claimed again by anybody when its time is over; a result counts only
    while nobody else has claimed the same. Every method may raise
    :class:`~aggregator.errors.StoreError`.
    """

    async def ask(self, request: HubRequest, caps: HubCaps, now: datetime) -> HubAnswer:
        """Keep a request until its callback is asked, in place of a former one of the same callback and topic.

        No subscription changes by it.
        """
        ...

    async def claim_requests(
        self, now: datetime, until: datetime, limit: int, busy: Collection[str]
    ) -> list[HubRequest]:
        """Up to ``limit`` requests whose callbacks are to be asked; none of the ``busy`` sites."""
        ...

    async def confirm(
        self, request: HubRequest, now: datetime, cursor: Cursor | None, caps: HubCaps
    ) -> HubAnswer | None:
        """Do what was asked for; None: a newer request stands in its place.

        A new subscription knows everything up to ``cursor``; one that is renewed what it knew.
        """
        ...

    async def retry_request(self, request: HubRequest, at: datetime | None) -> None:
        """Ask the callback again ``at`` that time; None: not any more."""
        ...

    async def mark(self, output: str, head: Cursor | None, now: datetime) -> int:
        """Have all subscriptions of ``output`` told whose cursor is not ``head``; count them.

        None: have all of them looked at.
        """
        ...

    async def claim_subscriptions(
        self, now: datetime, until: datetime, limit: int, busy: Mapping[str, int], *, slow: bool
    ) -> list[HubSubscription]:
        """Up to ``limit`` subscriptions to be told, of those that are ``slow`` or fail, or of all others.

        Few of one site; ``busy`` are those with what is under way.
        """
        ...

    async def told(
        self,
        claimed: HubSubscription,
        upto: Cursor,
        now: datetime,
        *,
        more: bool,
        slow: bool,
        delivered: bool,
    ) -> None:
        """Note that the subscription knows everything up to there; ``more``: there is more by now."""
        ...

    async def failed(
        self, claimed: HubSubscription, error: str, now: datetime, at: datetime | None
    ) -> None:
        """Note a failure; it is tried again ``at`` that time, or (None) the subscription is dropped."""
        ...

    async def postpone(self, claimed: HubSubscription, at: datetime, *, slow: bool = False) -> None:
        """Have it told ``at`` that time, among the ``slow`` ones or where it was; nobody failed."""
        ...

    async def end(self, claimed: HubSubscription) -> None:
        """Nobody listens there any more."""
        ...

    async def begin(self, now: datetime) -> None:
        """Let nothing be claimed, for a process that knows that it is the only one."""
        ...

    async def expire(self, now: datetime) -> int:
        """Remove subscriptions whose lease is over, and what was dropped long ago; count the former."""
        ...

    async def sync_topics(self, resolve: Callable[[str], HubTopic | None], now: datetime) -> int:
        """End subscriptions of topics that are none any more, and tell their subscribers; how many were they?

        Those of an output that was renamed go with it.
        """
        ...

    async def announce(self, wanted: Sequence[HubAddress], now: datetime) -> None:
        """Have other hubs told of those topics whose digest is another than they were told of."""
        ...

    async def sync_hubs(self, hubs: Collection[str]) -> None:
        """Forget all other hubs."""
        ...

    async def claim_pings(self, now: datetime, until: datetime, limit: int) -> list[HubPing]:
        """Up to ``limit`` hubs to be told now."""
        ...

    async def pinged(
        self, claimed: HubPing, now: datetime, error: str = "", at: datetime | None = None
    ) -> None:
        """Note that a hub was told, or with an ``error`` that it was not: again ``at`` that time, or never."""
        ...

    async def report(self, now: datetime) -> HubReport:
        """Counts, for the operator."""
        ...


class HubCaller(Protocol):
    """The guarded way to callbacks: no redirect is followed, little is read, no time is wasted.

    Both raise :class:`~aggregator.errors.FetchError` where no answer came.
    """

    async def get(self, url: str, most: int) -> HubCall:
        """GET ``url``; of the body no more than ``most`` bytes are read."""
        ...

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> HubCall:
        """POST ``body``, within so many ``seconds``; nothing of the answer's body is read."""
        ...


class HubNews(Protocol):
    """The outputs' logs, as far as the hub tells of them.

    Both may raise :class:`~aggregator.errors.AggregatorError`.
    """

    async def head(self, output: str) -> Cursor | None:
        """The place of the latest line; None: it is not known yet."""
        ...

    async def news(self, topic: HubTopic, since: Cursor | None, most: int) -> HubDocument | None:
        """Up to ``most`` items that are new since then; None: that cannot be said yet.

        Where the log is another one than that of ``since``, or it is None: the newest ones.
        """
        ...
