"""The store of feeds, their entries and their WebSub subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.model import (
    ArchiveTrail,
    AskedPoll,
    ClaimedFeed,
    KnownEntry,
    Lease,
    PollOutcome,
    Rejudged,
    RejudgedCounts,
    StoredEntry,
    Subscription,
)


class FeedStore(Protocol):
    """Feeds and their entries."""

    async def make_due(self, now: datetime) -> None:
        """Make every active feed due, also those that are gone."""
        ...

    async def ask_for_polls(
        self, keys: Collection[str], now: datetime, ahead: timedelta
    ) -> Mapping[str, AskedPoll]:
        """Make the feeds of ``keys`` due, ``ahead`` of all that is due at ``now``; how each stands.

        One that is gone is asked once more; of one that is being polled nothing changes.
        """
        ...

    async def claim_due(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        busy_hosts: Collection[str] = (),
        per_host: int | None = None,
        in_hand: Collection[int] = (),
    ) -> list[ClaimedFeed]:
        """Lease up to ``limit`` feeds whose next poll has come, longest overdue first.

        At most ``per_host`` of each host, none of ``busy_hosts``: they would only wait for their
        host, and hold the places of others meanwhile. No other caller, in this or another process,
        gets them before the lease ends; nor does the caller itself get those that it has
        ``in_hand`` (ids), whose leases may have ended while their renewal waited for its slot.
        """
        ...

    async def claim_trails(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        busy_hosts: Collection[str] = (),
        in_hand: Collection[int] = (),
    ) -> list[ClaimedFeed]:
        """Lease up to ``limit`` feeds of whose archives a page is due, each with its ``trail``.

        None of ``busy_hosts`` or ``in_hand``, as :meth:`claim_due`. It is the feed's own lease: nobody
        polls it meanwhile.
        """
        ...

    async def trail(self, feed_id: int) -> ArchiveTrail | None:
        """The archives of the feed that are being read, or were; None: none ever were."""
        ...

    async def claim_probe(self, now: datetime, lease_for: timedelta) -> list[ClaimedFeed]:
        """Lease one feed, due or not, to find out whether an outage of our network is over.

        The one polled longest ago of those that did not fail before it, so that each has its turn;
        none of a host that rests.
        """
        ...

    async def claim_feed(
        self, feed_id: int, now: datetime, lease_for: timedelta
    ) -> ClaimedFeed | None:
        """Lease one active feed, due or not; None while someone else holds it."""
        ...

    async def forgive(self, next_polls: Mapping[int, datetime]) -> None:
        """Take back the one failure counted against each of these feeds: it was our network.

        They are polled at the given times. A feed whose last poll did not fail is left alone.
        """
        ...

    async def spread_due(
        self, now: datetime, interval: timedelta, own: Mapping[str, timedelta]
    ) -> None:
        """Spread what is due, and what an outage kept from being polled, over a few minutes.

        ``interval`` is the shortest between two polls of a feed; ``own`` is that of feeds (by their
        keys) that have one. Feeds under a lease stay.
        """
        ...

    async def release(self, feed_id: int, lease: Lease) -> None:
        """Give a claimed feed back unpolled; it is due again at once. A lost lease is ignored."""
        ...

    async def renew(self, held: Sequence[ClaimedFeed], until: datetime) -> None:
        """Extend the leases on feeds that are still being worked on; lost ones stay lost."""
        ...

    async def known_entries(self, feed_id: int, identities: Sequence[str]) -> list[KnownEntry]:
        """The feed's stored entries that have or had one of ``identities`` or are marked as listed."""
        ...

    async def aliases(self, feed_id: int, identities: Sequence[str]) -> dict[str, int]:
        """Those of ``identities`` that the feed's entries had before → their ids."""
        ...

    async def stored_entries(self, entry_ids: Sequence[int]) -> list[StoredEntry]:
        """The words of these entries, by which they are known again under another identity."""
        ...

    async def text_sources(self, feed_id: int) -> list[str]:
        """Sources of the texts of the feed's latest articles (:class:`~aggregator.model.Article`)."""
        ...

    async def forgotten(self, feed_id: int, identities: Sequence[str]) -> set[str]:
        """Those of ``identities`` that retention dropped earlier: never new again."""
        ...

    async def feeds_with_filtered(self) -> list[tuple[int, str, str]]:
        """Active feeds that have dropped entries: id, key and each digest that dropped some."""
        ...

    async def judged_feeds(self) -> list[tuple[int, str, str]]:
        """Active feeds: id, key and the digest by which all their entries were judged, empty for none."""
        ...

    async def note_judged(self, digests: Mapping[int, str]) -> None:
        """Note by what all entries of feeds were judged: feed id → digest."""
        ...

    async def entry_ids(
        self, feed_ids: Collection[int], beyond: int = 0, dropped_by: str | None = None
    ) -> list[int]:
        """Ids of these feeds' entries above ``beyond``, ascending: all, or those that ``dropped_by`` dropped."""
        ...

    async def last_entry(self) -> int:
        """Id of the entry that was stored last; 0 for none."""
        ...

    async def rejudge(self, judged: Sequence[Rejudged]) -> RejudgedCounts:
        """Write new judgements, one transaction; return how many entries are let in and dropped by them.

        What a poll judged meanwhile stands.
        """
        ...

    async def commit_poll(self, outcome: PollOutcome, lease: Lease) -> list[int]:
        """Write all that a poll found in one transaction, end the lease, return new entries' ids.

        Raises :class:`~aggregator.errors.LeaseLost` and writes nothing when the lease was taken
        over.
        """
        ...


class SubscriptionStore(Protocol):
    """Subscriptions at hubs."""

    async def reconcile(self, base: str | None, now: datetime) -> tuple[int, int]:
        """Want one for each active feed that names a hub, reached at ``base``; end the others.

        ``base`` None wants none. Returns how many are newly wanted, and how many are to end.
        """
        ...

    async def claim_requests(
        self, now: datetime, limit: int, retry_at: Callable[[int], datetime]
    ) -> list[Subscription]:
        """Up to ``limit`` subscriptions for which a hub is to be asked now.

        Each counts as asked and unanswered from here on, and falls due again at ``retry_at`` of its
        failures, unless the hub verifies it before.
        """
        ...

    async def request_failed(self, subscription: Subscription, error: str) -> None:
        """Note why the request that was claimed as ``subscription`` failed."""
        ...

    async def by_token(self, token: str) -> Subscription | None:
        """The subscription whose callback holds ``token``."""
        ...

    async def confirm(
        self, subscription: Subscription, now: datetime, lease_until: datetime, renew_at: datetime
    ) -> None:
        """It is active; the first time its feed becomes due, for what happened meanwhile."""
        ...

    async def deny(
        self, subscription: Subscription, reason: str, retry_at: datetime, poll_by: datetime
    ) -> None:
        """The hub refuses it; its feed is polled by ``poll_by`` at the latest."""
        ...

    async def drop(self, subscription: Subscription) -> None:
        """It is over."""
        ...

    async def poll_by(self, feed_id: int, when: datetime) -> datetime:
        """Bring the feed's next poll forward to ``when`` at the latest; what was planned before."""
        ...

    async def catch_up(self, now: datetime, within: timedelta) -> int:
        """Spread polls of all feeds with an active subscription over ``within``; count them.

        For a process that was away: hubs may have called in vain.
        """
        ...
