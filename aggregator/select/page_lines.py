"""Archive pages of an output's log: which lines make one, and what it says of each item. Pure.

A page holds one statement on an item at most, the latest of its lines. See ``docs/decisions/archives.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import LineKind, Withdrawn

LINES = 100
"""So many lines make a page."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log, as far as pages need to know it."""

    seq: int
    item_id: str
    kind: LineKind
    entry_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of a page: the items that it shows, the latest first, and those that left."""

    shown: tuple[str, ...]
    gone: tuple[Withdrawn, ...]


def statements(lines: Sequence[LogLine], standing: Collection[str]) -> Statements:
    """The statements of a page of ``lines``, ascending, where the items ``standing`` stand at this moment.

    Of an item that left later nothing is shown any more: a later page says so. One that came back
    has not left.
    """
    latest = {line.item_id: line for line in lines}
    newest_first = sorted(latest.values(), key=lambda line: -line.seq)
    return Statements(
        tuple(line.item_id for line in newest_first if line.item_id in standing),
        tuple(
            Withdrawn(line.item_id, line.at)
            for line in newest_first
            if line.kind is LineKind.WITHDRAW and line.item_id not in standing
        ),
    )


def newest_outside(lines: Sequence[LogLine], window: Collection[str]) -> int:
    """The latest line that a reader of the ``window`` (item ids) would miss; 0: there is none."""
    latest = {line.item_id: line.seq for line in lines}
    return max((seq for item_id, seq in latest.items() if item_id not in window), default=0)
