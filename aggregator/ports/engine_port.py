"""The engine that runs the flow, and who asks it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.config.config import Config
from aggregator.model import Document, EngineStats, OutputFeed, PostedRequest, Rendered


class RequestBox(Protocol):
    """Requests of commands to the daemons on a database that several machines share."""

    async def newest(self) -> int:
        """The latest request's id; 0: there is none."""
        ...

    async def post(self, body: str, lasts: timedelta, *, for_all: bool) -> int:
        """Ask with ``body`` for as long as it ``lasts``, one daemon or ``for_all``; the request's id."""
        ...

    async def take(self, after: int, seen: Collection[int]) -> list[PostedRequest]:
        """Requests for one daemon that nobody took yet, and those for all with an id ``after`` that, not ``seen``."""
        ...

    async def answer(self, request_id: int, body: str) -> None:
        """Answer a request that was taken; one that has ended meanwhile is let be."""
        ...

    async def answers(self, request_id: int) -> Sequence[str]:
        """Answers given so far."""
        ...

    async def withdraw(self, request_id: int) -> None:
        """Nobody waits for the request any more."""
        ...


class Publisher(Protocol):
    """The place that rendered outputs go to."""

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Make ``rendered`` what subscribers get, each atomically."""
        ...


class Engine(Protocol):
    """Whoever runs the flow: looks for due work when told to, bounds it, and ends it in order."""

    @property
    def stats(self) -> EngineStats:
        """Counts since it started."""
        ...

    @property
    def last_tick(self) -> datetime | None:
        """The time of the last :meth:`tick`; None before the first."""
        ...

    @property
    def polling(self) -> bool:
        """True while polls are under way."""
        ...

    @property
    def trouble(self) -> str:
        """The reason why it gets no work, in a few words; empty: none."""
        ...

    @property
    def network_down(self) -> bool:
        """True while no host answers, which is no host's fault."""
        ...

    def tick(self) -> None:
        """Look for due feeds, pages to fetch, entries to settle and outputs to publish."""
        ...

    async def publish(self, outputs: Collection[str]) -> None:
        """Render these outputs now, from what is stored."""
        ...

    def publish_anew(self) -> None:
        """Render at the next opportunity, also when the store did not change."""
        ...

    async def reconfigure(self, config: Config) -> None:
        """Work by ``config`` from the next piece of work on; no rendering by the one before goes on then."""
        ...

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        ...

    async def stop(self) -> None:
        """Drain: finish what runs, release what does not end in time, publish what is stored."""
        ...

    async def run_once(self, *, all_feeds: bool) -> None:
        """Poll what is due (or every feed), run every step to the end, publish."""
        ...

    async def forget(self) -> int:
        """Drop what is past the operator's retention; return how many entries went."""
        ...

    async def ingest(self, feed_id: int, document: Document, planned: datetime) -> bool:
        """Take in a document of a feed that was not polled; False when the feed is not to be had.

        Waits for a poll of the feed that is under way. The feed's next poll is put back to where it
        was ``planned``. A document that cannot be understood is logged and dropped.
        """
        ...
