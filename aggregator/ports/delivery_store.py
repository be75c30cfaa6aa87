"""The store of roads out of outputs, and of alarms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

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


class DeliveryStore(Protocol):
    """Roads, each with its place, and alarms."""

    async def sync_roads(self, wanted: Sequence[WantedRoad], now: datetime) -> None:
        """Let the roads be those that are wanted; the places of former ones are kept for a while."""
        ...

    async def claim_roads(
        self, now: datetime, lease_for: timedelta, limit: int, in_hand: Collection[int] = ()
    ) -> list[ClaimedRoad]:
        """Lease up to ``limit`` roads that have something to tell, none of ``in_hand``."""
        ...

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
        ...

    async def release_road(self, road: ClaimedRoad) -> None:
        """Give a claimed road back; a lost lease is ignored."""
        ...

    async def end_letter(self, letter: DeadLetter, error: str = "") -> None:
        """A dead letter was tried again: it is gone where ``error`` is empty, and dead again otherwise."""
        ...

    async def leave_letters(self, road: ClaimedRoad) -> None:
        """Nobody answers: what was to be tried again is not tried now."""
        ...

    async def retry(self, name: str, now: datetime) -> tuple[int, int]:
        """Try again at once what the roads called ``name`` gave up; how many roads and messages are they?"""
        ...

    async def log_end(self, selection: Selection) -> tuple[int, int] | None:
        """Epoch and latest line of the output's log; None: it cannot be read yet."""
        ...

    async def editions_end(self, names: Sequence[str]) -> tuple[int, int]:
        """Epoch and number of the output's latest edition."""
        ...

    async def alarms_end(self) -> tuple[int, int]:
        """Epoch and number of the latest alarm."""
        ...

    async def log_events(
        self,
        selection: Selection,
        state: RoadState,
        wanted: WantedEvents,
        upto: int | None = None,
    ) -> RoadEvents | None:
        """Events of the next lines; None: the log cannot be read."""
        ...

    async def edition_events(
        self, names: Sequence[str], guards: Guards, seq: int, most: int, upto: int | None = None
    ) -> RoadEvents | None:
        """The next editions; None where what they may tell must be looked through first."""
        ...

    async def read_alarms(self, seq: int, most: int, upto: int | None = None) -> RoadEvents:
        """The next alarms, and ends of alarms."""
        ...

    async def roads(self) -> list[RoadStatus]:
        """States of the roads of the configuration."""
        ...

    async def letters(self, name: str | None = None) -> list[DeadLetter]:
        """Dead letters, of the roads called ``name`` where it is given; the latest last."""
        ...

    async def note_alarms(
        self, decide: Callable[[Collection[str]], AlarmChanges], now: datetime
    ) -> int:
        """Write what ``decide`` says of the alarms that stand, by their keys; how many lines?"""
        ...

    async def standing_alarms(self) -> Mapping[str, str]:
        """Keys of the alarms that are not over → their texts."""
        ...

    async def oldest_unsettled(self) -> datetime | None:
        """The time since which the entry that waits longest is not published."""
        ...

    async def broken_feeds(self) -> list[tuple[FeedName, str]]:
        """Feeds of which it was told that they broke, and that are so still, with what went wrong."""
        ...
