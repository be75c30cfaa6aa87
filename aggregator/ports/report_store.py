"""The store as the operator asks it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.model import (
    Backlog,
    Explained,
    FeedPlace,
    FeedStatus,
    HealthEvent,
    HostStatus,
    JudgedEntry,
    OutputSummary,
    Selection,
    Status,
    TriedItem,
)


class Overview(Protocol):
    """Feeds, totals and hosts, each read from one consistent snapshot."""

    async def status(
        self,
        titles: Mapping[str, str],
        categories: Mapping[str, Sequence[str]],
        limit: int | None = None,
        after: FeedPlace | None = None,
        hidden: Collection[str] = (),
        *,
        failing: bool = False,
    ) -> Status:
        """Up to ``limit`` active feeds from the one behind ``after`` on, and the totals.

        ``titles`` and ``categories`` are the operator's, by feed key. Those with a key in ``hidden``,
        all of which are active, are neither listed nor counted. ``failing``: no others are listed.
        """
        ...

    async def feeds(self, keys: Collection[str], titles: Mapping[str, str]) -> list[FeedStatus]:
        """Those of the feeds ``keys`` that are active, by key; ``titles`` are the operator's."""
        ...

    async def hosts(self, now: datetime) -> list[HostStatus]:
        """Every host asked in the 24 hours before ``now``, and every cooldown; most asked first."""
        ...


class Reports(Overview, Protocol):
    """Answers for operators, each read from one consistent snapshot."""

    async def backlog(self, now: datetime) -> Backlog:
        """Work that waits ``now``, and feeds by state; what the process itself knows is left out."""
        ...

    async def find_entries(self, what: str) -> list[int]:
        """Ids of the entries that ``what`` names, ascending, at most 50.

        It is a row id, a public id, a guid, or the address of an entry or of its page.
        """
        ...

    async def explain(
        self,
        what: str,
        selections: Mapping[str, Selection],
        ruled: Callable[[JudgedEntry], str] | None = None,
    ) -> list[Explained]:
        """Everything known of the entries that ``what`` names, by id; empty when there is none.

        ``selections`` are the outputs, by name; ``ruled`` tells the part of filters and rules in what
        became of an entry.
        """
        ...

    async def health(self, titles: Mapping[str, str], limit: int) -> list[HealthEvent]:
        """Up to ``limit`` health events that are told, the latest first.

        ``titles`` are the operator's, by feed key.
        """
        ...

    async def outputs(self, selections: Mapping[str, Selection]) -> list[OutputSummary]:
        """Summaries of these outputs, by their names, in their order."""
        ...

    async def try_output(self, selection: Selection, since: datetime) -> list[TriedItem]:
        """The stories that ``selection`` would take and drop, with a place from ``since`` on."""
        ...
