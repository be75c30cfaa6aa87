"""The store of what the cadence as a whole depends on."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from aggregator.model import FeedPace, PaceSample, StoredStretch


class PaceStore(Protocol):
    """Facts of many feeds at once, and the factor that all processes agree on.

    Every method may raise :class:`~aggregator.errors.StoreError`.
    """

    async def pace_sample(self, most: int) -> PaceSample:
        """Up to ``most`` polled feeds, the same ones each time as far as they are there still."""
        ...

    async def paces(self, beyond: int, limit: int) -> list[FeedPace]:
        """Up to ``limit`` polled feeds with ids above ``beyond``, by their ids."""
        ...

    async def stretch(self) -> StoredStretch | None:
        """The factor that is stored; None: none ever was."""
        ...

    async def begin_stretch(self, before: StoredStretch | None, now: datetime) -> bool:
        """True for the one caller that is to find the factor anew, after that which stood ``before``."""
        ...

    async def set_stretch(self, found: StoredStretch) -> None:
        """Store the factor for all processes."""
        ...
