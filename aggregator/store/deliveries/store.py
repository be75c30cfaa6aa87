"""The store of roads and alarms in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.model import (
    AlarmChanges,
    ClaimedRoad,
    DeadLetter,
    FeedName,
    Guards,
    NewLetter,
    RoadEvents,
    RoadState,
    RoadStatus,
    Selection,
    WantedEvents,
    WantedRoad,
)
from aggregator.ports import DeliveryStore
from aggregator.store.db.database import Database
from aggregator.store.deliveries import alarm_rows, road_events, road_reports, road_rows


class SqlDeliveries(DeliveryStore):
    """Roads and alarms over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sync_roads(self, wanted: Sequence[WantedRoad], now: datetime) -> None:
        """Let the roads be those that are wanted; the places of former ones are kept for a while."""
        await self._database.write(road_rows.sync_roads, wanted, now)

    async def claim_roads(
        self, now: datetime, lease_for: timedelta, limit: int, in_hand: Collection[int] = ()
    ) -> list[ClaimedRoad]:
        """Lease up to ``limit`` roads that have something to tell, none of ``in_hand``."""
        if not await self._database.read(road_rows.any_due, now):
            return []  # as nearly always; a writer would wait for others
        return await self._database.write(road_rows.claim_roads, now, lease_for, limit, in_hand)

    async def save_road(
        self,
        road: ClaimedRoad,
        state: RoadState,
        now: datetime,
        letter: NewLetter | None = None,
        *,
        until: datetime | None = None,
    ) -> bool:
        """Write the state of a road, leased until the time ``until``, or no more; False: the lease was lost."""
        return await self._database.write(road_rows.save, road, state, now, letter, until=until)

    async def release_road(self, road: ClaimedRoad) -> None:
        """Give a claimed road back; a lost lease is ignored."""
        await self._database.write(road_rows.release, road)

    async def end_letter(self, letter: DeadLetter, error: str = "") -> None:
        """A dead letter was tried again: it is gone where ``error`` is empty, and dead again otherwise."""
        await self._database.write(road_rows.end_letter, letter, error)

    async def leave_letters(self, road: ClaimedRoad) -> None:
        """Nobody answers: what was to be tried again is not tried now."""
        await self._database.write(road_rows.leave_letters, road)

    async def retry(self, name: str, now: datetime) -> tuple[int, int]:
        """Try again at once what the roads called ``name`` gave up; how many roads and messages are they?"""
        return await self._database.write(road_rows.retry, name, now)

    async def log_end(self, selection: Selection) -> tuple[int, int] | None:
        """Epoch and latest line of the output's log; None: it cannot be read yet."""
        return await self._database.read(road_events.log_end, selection)

    async def editions_end(self, names: Sequence[str]) -> tuple[int, int]:
        """Epoch and number of the output's latest edition."""
        return await self._database.read(road_events.editions_end, names)

    async def alarms_end(self) -> tuple[int, int]:
        """Epoch and number of the latest alarm."""
        return await self._database.read(road_events.alarms_end)

    async def log_events(
        self,
        selection: Selection,
        state: RoadState,
        wanted: WantedEvents,
        upto: int | None = None,
    ) -> RoadEvents | None:
        """Events of the next lines; None: the log cannot be read."""
        return await self._database.read(
            road_events.log_events,
            selection,
            state.epoch,
            state.seq,
            wanted,
            told_at=state.told_at,
            quiet_upto=state.quiet_upto,
            upto=upto,
        )

    async def edition_events(
        self, names: Sequence[str], guards: Guards, seq: int, most: int, upto: int | None = None
    ) -> RoadEvents | None:
        """The next editions; None where what they may tell must be looked through first."""
        return await self._database.read(road_events.edition_events, names, guards, seq, most, upto)

    async def read_alarms(self, seq: int, most: int, upto: int | None = None) -> RoadEvents:
        """The next alarms, and ends of alarms."""
        return await self._database.read(road_events.read_alarms, seq, most, upto)

    async def roads(self) -> list[RoadStatus]:
        """States of the roads of the configuration."""
        return await self._database.read(road_reports.read_roads)

    async def letters(self, name: str | None = None) -> list[DeadLetter]:
        """Dead letters, of the roads called ``name`` where it is given; the latest last."""
        return await self._database.read(road_reports.read_letters, name)

    async def note_alarms(
        self, decide: Callable[[Collection[str]], AlarmChanges], now: datetime
    ) -> int:
        """Write what ``decide`` says of the alarms that stand, by their keys; how many lines?"""
        return await self._database.write(alarm_rows.note_alarms, decide, now)

    async def mask_alarms(self, mask: Callable[[str], str]) -> None:
        """Put ``mask`` of each stored text in its place."""
        await self._database.write(alarm_rows.mask_alarms, mask)

    async def standing_alarms(self) -> Mapping[str, str]:
        """Keys of the alarms that are not over → their texts."""
        return await self._database.read(alarm_rows.standing_alarms)

    async def oldest_unsettled(self) -> datetime | None:
        """The time since which the entry that waits longest is not published."""
        return await self._database.read(alarm_rows.oldest_unsettled)

    async def broken_feeds(self) -> list[tuple[FeedName, str]]:
        """Feeds of which it was told that they broke, and that are so still, with what went wrong."""
        return await self._database.read(alarm_rows.broken_feeds)
