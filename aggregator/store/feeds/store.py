"""The store of feeds: claims, polls and the subscription list in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

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
)
from aggregator.ports import Clock, FeedStore
from aggregator.store.db import leasing, pull_back, tables
from aggregator.store.db.database import Database
from aggregator.store.db.group_commit import GroupCommit
from aggregator.store.feeds import (
    aliases,
    asked_polls,
    claims,
    entries,
    feeds,
    filtered,
    health_events,
    outages,
    polls,
    trail_rows,
)
from aggregator.store.feeds.feeds import FeedChanges, WantedFeed
from aggregator.store.pages import articles


class SqlFeeds(FeedStore):
    """Feeds and their entries over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._polls = GroupCommit(database, polls.commit_polls, _weight)

    async def sync_feeds(self, wanted: Sequence[WantedFeed], facts: str = "") -> FeedChanges:
        """Make the active feeds those of ``wanted``; ``facts`` is a digest over what is said of all."""
        return await self._database.write(feeds.sync_feeds, wanted, self._clock.now(), facts)

    async def mask_errors(self, mask: Callable[[str], str]) -> None:
        """Put ``mask`` of each stored error in its place."""
        await self._database.write(feeds.mask_errors, mask)
        await self._database.write(health_events.mask_events, mask)

    async def sum_up_health(self, now: datetime, day_of: health_events.SummaryDay) -> bool:
        """Write a summary of the events that none has told of, if ``day_of`` gives one a date."""
        return await self._database.write(health_events.sum_up, now, day_of)

    async def drop_health(self, now: datetime, max_age: timedelta) -> None:
        """Drop health events that are older; of a feed that is broken still, the one that says so stays."""
        while await self._database.write(health_events.drop_events, now, max_age):
            pass

    async def reschedule(self, next_polls: Mapping[str, datetime]) -> None:
        """Bring polls forward to at latest these times (an operator chose a closer schedule)."""
        await self._database.write(feeds.reschedule, next_polls)

    async def free_leases(self) -> None:
        """End every lease: for a process that knows it is the only one (SQLite's lock file)."""
        await self._database.write(leasing.free_all)

    async def pull_back(self, now: datetime, by: timedelta | None = None) -> int:
        """Bring plans forward by so much as the clock was set back; return of how many feeds."""
        return await self._database.write(pull_back.pull_back, now, by)

    async def make_due(self, now: datetime) -> None:
        """Make every active feed due, also those that are gone."""
        await self._database.write(feeds.make_due, now)

    async def ask_for_polls(
        self, keys: Collection[str], now: datetime, ahead: timedelta
    ) -> Mapping[str, AskedPoll]:
        """Make the feeds of ``keys`` due, ``ahead`` of all others; how each of them stands."""
        return await self._database.write(asked_polls.ask_for_polls, keys, now, ahead)

    async def claim_due(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        busy_hosts: Collection[str] = (),
        per_host: int | None = None,
        in_hand: Collection[int] = (),
    ) -> list[ClaimedFeed]:
        """Lease up to ``limit`` due feeds, the longest overdue first, none of ``busy_hosts``."""
        return await self._database.write(
            claims.claim_due, now, lease_for, limit, busy_hosts, per_host, in_hand
        )

    async def claim_feed(
        self, feed_id: int, now: datetime, lease_for: timedelta
    ) -> ClaimedFeed | None:
        """Lease one active feed, due or not; None while someone else holds it."""
        return await self._database.write(claims.claim_feed, feed_id, now, lease_for)

    async def forgive(self, next_polls: Mapping[int, datetime]) -> None:
        """Take back the one failure counted against each of these feeds; poll them then."""
        await self._database.write(outages.forgive, next_polls)

    async def claim_trails(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        busy_hosts: Collection[str] = (),
        in_hand: Collection[int] = (),
    ) -> list[ClaimedFeed]:
        """Lease up to ``limit`` feeds of whose archives a page is due, none of ``busy_hosts``."""
        if not await self._database.read(trail_rows.is_due, now):
            return []  # nearly always: nobody waits for the writer
        return await self._database.write(
            claims.claim_trails, now, lease_for, limit, busy_hosts, in_hand
        )

    async def trail(self, feed_id: int) -> ArchiveTrail | None:
        """The archives of the feed that are being read, or were; None: none ever were."""
        return await self._database.read(trail_rows.trail_of, feed_id)

    async def claim_probe(self, now: datetime, lease_for: timedelta) -> list[ClaimedFeed]:
        """Lease one feed, due or not, to find out whether the network is back."""
        return await self._database.write(claims.claim_probe, now, lease_for)

    async def spread_due(
        self, now: datetime, interval: timedelta, own: Mapping[str, timedelta]
    ) -> None:
        """Spread the polls that an outage held up over a few minutes."""
        await self._database.write(outages.spread_due, now, interval, own)

    async def release(self, feed_id: int, lease: Lease) -> None:
        """Give a claimed feed back unpolled; a lost lease is ignored."""
        await self._database.write(leasing.release, tables.feeds, feed_id, lease)

    async def renew(self, held: Sequence[ClaimedFeed], until: datetime) -> None:
        """Extend these feeds' leases to ``until``; lost ones stay lost."""
        leases = [(claimed.feed.id, claimed.lease) for claimed in held]
        await self._database.write(leasing.renew, tables.feeds, leases, until)

    async def known_entries(self, feed_id: int, identities: Sequence[str]) -> list[KnownEntry]:
        """Stored entries of the feed with one of ``identities``, or marked as listed."""
        return await self._database.read(entries.known_entries, feed_id, identities)

    async def aliases(self, feed_id: int, identities: Sequence[str]) -> dict[str, int]:
        """Those of ``identities`` that the feed's entries had before → their ids."""
        return await self._database.read(aliases.aliases, feed_id, identities)

    async def stored_entries(self, entry_ids: Sequence[int]) -> list[StoredEntry]:
        """The words of these entries."""
        return await self._database.read(aliases.stored_entries, entry_ids)

    async def text_sources(self, feed_id: int) -> list[str]:
        """Sources of the texts of the feed's latest articles."""
        return await self._database.read(articles.text_sources, feed_id)

    async def forgotten(self, feed_id: int, identities: Sequence[str]) -> set[str]:
        """Those of ``identities`` that retention dropped earlier."""
        return await self._database.read(entries.forgotten_identities, feed_id, identities)

    async def feeds_with_filtered(self) -> list[tuple[int, str, str]]:
        """Active feeds that have dropped entries: id, key and each digest that dropped some."""
        return await self._database.read(filtered.feeds_with_filtered)

    async def judged_feeds(self) -> list[tuple[int, str, str]]:
        """Active feeds: id, key and the digest by which all their entries were judged."""
        return await self._database.read(filtered.judged_feeds)

    async def note_judged(self, digests: Mapping[int, str]) -> None:
        """Note by what all entries of feeds were judged."""
        await self._database.write(filtered.note_judged, digests)

    async def entry_ids(
        self, feed_ids: Collection[int], beyond: int = 0, dropped_by: str | None = None
    ) -> list[int]:
        """Ids of these feeds' entries above ``beyond``, all or those that ``dropped_by`` dropped."""
        return await self._database.read(filtered.entry_ids, feed_ids, beyond, dropped_by)

    async def last_entry(self) -> int:
        """Id of the entry that was stored last."""
        return await self._database.read(filtered.last_entry)

    async def rejudge(self, judged: Sequence[Rejudged]) -> RejudgedCounts:
        """Write new judgements; return how many entries are let in and dropped by them."""
        return await self._database.write(filtered.rejudge, judged, self._clock.now())

    async def commit_poll(self, outcome: PollOutcome, lease: Lease) -> list[int]:
        """Write a poll's outcome in one transaction; return the new entries' ids.

        Raises :class:`~aggregator.errors.LeaseLost` when the lease was taken over.
        """
        return await self._polls.submit((outcome, lease))


def _weight(piece: tuple[PollOutcome, Lease]) -> int:
    """How much there is to write of a poll: a first start's hold twenty entries each, and more."""
    delta = piece[0].delta
    return 1 + len(delta.new) + len(delta.changed)
