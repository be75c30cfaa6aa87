"""The store of counts of readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from aggregator.model import ReaderCount


class ReaderCountStore(Protocol):
    """Counts of what readers of outputs asked."""

    async def note(self, counts: Sequence[ReaderCount], now: datetime) -> None:
        """Add ``counts`` to those of this day, and drop those that are too old."""
        ...
