"""Work that waits at one moment, for whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Backlog:
    """Pieces of work that wait, by kind, and feeds by state; ages in seconds."""

    waiting: Mapping[str, int] = field(default_factory=dict)
    feeds: Mapping[str, int] = field(default_factory=dict)
    oldest_unsettled: float = 0.0
    network_down: bool = False
    stretch: float = 1.0  # of the cadence's intervals
