"""What the pipeline needs from the outside world: small protocols, one for each edge.

Pure stages never see these. The pipeline sees nothing else of HTTP, SQL, processes and files, so
each edge can be replaced as a whole (a distributed engine, a fault in a test).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from aggregator.model import (
    Article,
    ArticleTask,
    ClaimedFeed,
    Item,
    KnownEntry,
    Lease,
    OutputFeed,
    PollOutcome,
    Rendered,
    Request,
    Response,
    Selection,
    Settled,
    StoryCandidate,
    StoryKey,
)

T = TypeVar("T")


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Fetcher(Protocol):
    """The one door for outgoing requests: guarded, polite, bounded."""

    async def fetch(self, request: Request) -> Response:
        """Make one GET; follow redirects within the cap, each hop guarded anew.

        Waits for the host's turn first. Returns status 200, 226 or 304; raises a
        :class:`~aggregator.errors.FetchError` subclass for everything else, always within the
        deadline plus the wait for the host's turn. A 304 is only ever returned for a request
        with validators that belong to the URL that answered.
        """
        ...


class Workers(Protocol):
    """Processes for work on strangers' bytes: bounded in time and memory, replaceable."""

    async def run(
        self, function: Callable[..., T], *args: object, limit: timedelta, **named: object
    ) -> T:
        """Call the picklable ``function(*args, **named)`` in a worker and return its result.

        Raises what the function raises; :class:`~aggregator.errors.WorkerTimeout` when it ran
        past ``limit`` of wall time (it is killed), ``WorkerMemory``, ``WorkerCrashed``.
        """
        ...


class FeedStore(Protocol):
    """Feeds and their entries."""

    async def make_due(self, now: datetime) -> None:
        """Make every active feed due, also those that are gone."""
        ...

    async def claim_due(self, now: datetime, lease_for: timedelta, limit: int) -> list[ClaimedFeed]:
        """Lease up to ``limit`` feeds whose next poll has come, longest overdue first.

        No other caller, in this or another process, gets them before the lease ends.
        """
        ...

    async def release(self, feed_id: int, lease: Lease) -> None:
        """Give a claimed feed back unpolled; it is due again at once. A lost lease is ignored."""
        ...

    async def renew(self, held: Sequence[ClaimedFeed], until: datetime) -> None:
        """Extend the leases on feeds that are still being worked on; lost ones stay lost."""
        ...

    async def known_entries(self, feed_id: int, identities: Sequence[str]) -> list[KnownEntry]:
        """The feed's stored entries that have one of ``identities`` or are marked as listed."""
        ...

    async def forgotten(self, feed_id: int, identities: Sequence[str]) -> set[str]:
        """Those of ``identities`` that retention dropped earlier: never new again."""
        ...

    async def commit_poll(self, outcome: PollOutcome, lease: Lease) -> list[int]:
        """Write all that a poll found in one transaction, end the lease, return new entries' ids.

        Raises :class:`~aggregator.errors.LeaseLost` and writes nothing when the lease was taken
        over.
        """
        ...


class ArticleStore(Protocol):
    """Article pages, one per canonical URL, shared by all entries that link to it."""

    async def claim_articles(
        self, now: datetime, lease_for: timedelta, limit: int, busy_hosts: Collection[str]
    ) -> list[ArticleTask]:
        """Lease up to ``limit`` pages that are to be fetched, newest first, a few of each host.

        None is of a host in ``busy_hosts``: it would only wait for its turn.
        """
        ...

    async def release_article(self, task: ArticleTask) -> None:
        """Give a claimed page back untried."""
        ...

    async def renew_articles(self, held: Sequence[ArticleTask], until: datetime) -> None:
        """Extend the leases on pages that are still being worked on; lost ones stay lost."""
        ...

    async def commit_article(self, task: ArticleTask, article: Article, final_url: str) -> None:
        """Store the text; every entry that waited for it becomes ready for deduplication."""
        ...

    async def postpone_article(self, task: ArticleTask, until: datetime) -> None:
        """Give a claimed page back, not to be claimed before ``until``; it counts as no attempt."""
        ...

    async def fail_article(self, task: ArticleTask, error: str, retry_at: datetime | None) -> None:
        """Note the failure; ``retry_at`` None gives up. Waiting entries go on with the feed's text."""
        ...


class StoryStore(Protocol):
    """Stories: entries that tell the same."""

    async def release_overdue(self, now: datetime, max_wait: timedelta) -> int:
        """Let entries go on that have waited longer than ``max_wait`` for their page."""
        ...

    async def settle(
        self,
        limit: int,
        now: datetime,
        window: timedelta,
        keys_of: Callable[[StoryCandidate], Sequence[StoryKey]],
    ) -> Settled:
        """Attach up to ``limit`` ready entries to stories by their keys; count them.

        Search and attachment are serialised between processes; all of it is one transaction.
        The decisions are :func:`aggregator.dedupe.assign.assign`'s and
        :func:`aggregator.dedupe.represent.best`'s.
        """
        ...


class OutputStore(Protocol):
    """What the merged feeds show."""

    async def version(self) -> int:
        """A counter that grows with every change that an output might show."""
        ...

    async def load_items(self, selection: Selection) -> list[Item]:
        """The stories of an output, newest first, each ready to be rendered."""
        ...

    async def remember_rendering(
        self, name: str, kind: str, digest: str, now: datetime
    ) -> datetime:
        """When the bytes of output ``name`` in format ``kind`` came to be: now, if ``digest`` is new."""
        ...


class Retention(Protocol):
    """Forgetting."""

    async def drop_old(
        self,
        now: datetime,
        max_age: timedelta,
        max_entries: int,
        selections: Collection[Selection],
    ) -> int:
        """Drop what is past its age or its feed's count; return how many (at most a batch).

        Never what one of ``selections`` shows, nor what its feed still lists. Zero: no bound.
        """
        ...


class Store(FeedStore, ArticleStore, StoryStore, OutputStore, Retention, Protocol):
    """Everything the pipeline keeps."""


class Publisher(Protocol):
    """Where rendered outputs go."""

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Make ``rendered`` what subscribers get, each atomically."""
        ...
