"""Stored facts of feeds' paces, and the factor by which all are stretched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.parsed_entries import NO_HINTS, UpdateHints


@dataclass(frozen=True, slots=True)
class FeedPace:
    """Facts of one polled feed that its cadence depends on."""

    id: int
    key: str
    title: str = ""
    host: str = ""
    recent: tuple[int, ...] = ()  # when its latest entries appeared, Unix seconds
    hints: UpdateHints = NO_HINTS
    failures: int = 0
    costly: bool = False  # its server gives no validators
    pushed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaceSample:
    """Some of ``total`` polled feeds; all, where they are few."""

    total: int
    feeds: tuple[FeedPace, ...]


@dataclass(frozen=True, slots=True)
class StoredStretch:
    """The factor by which all processes make the cadence's intervals longer.

    ``basis`` is a number made of the settings that it was found for.
    """

    factor: float
    at: datetime
    basis: int
