"""Leases handed out as jobs, in the transaction that takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aggregator.model import JOB_SIZE, Handed, JobKind, QueuedJobs
from aggregator.store.db.chunks import chunks
from aggregator.store.feeds.claims import claim_due, claim_trails
from aggregator.store.pages.claims import claim_articles

# Enqueue jobs of a kind within the transaction of a connection; with a key, one at a time.
Enqueue = Callable[[Connection, JobKind, Sequence[Sequence[Handed]], str | None], None]
Count = Callable[[Connection], Mapping[JobKind, QueuedJobs]]


def hand_out_feeds(
    connection: Connection,
    enqueue: Enqueue,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    per_host: int,
) -> int:
    """Lease due feeds and enqueue them; see :meth:`aggregator.ports.JobStore.hand_out_feeds`."""
    claimed = claim_due(connection, now, lease_for, limit, per_host=per_host)
    if left := min(limit - len(claimed), per_host):
        held = [one.feed.id for one in claimed]
        claimed += claim_trails(connection, now, lease_for, left, in_hand=held)
    pieces = [(one.host, Handed(one.feed.id, one.lease.token)) for one in claimed]
    return _enqueue(connection, enqueue, JobKind.POLL, pieces)


def hand_out_pages(
    connection: Connection, enqueue: Enqueue, now: datetime, lease_for: timedelta, limit: int
) -> int:
    """Lease pages to fetch and enqueue them; see :meth:`aggregator.ports.JobStore.hand_out_pages`."""
    claimed = claim_articles(connection, now, lease_for, limit, ())
    pieces = [(one.host, Handed(one.article_id, one.lease.token)) for one in claimed]
    return _enqueue(connection, enqueue, JobKind.EXTRACT, pieces)


def _enqueue(
    connection: Connection, enqueue: Enqueue, kind: JobKind, pieces: Sequence[tuple[str, Handed]]
) -> int:
    if pieces:
        enqueue(connection, kind, batches(pieces), None)
    return len(pieces)


def batches(pieces: Iterable[tuple[str, Handed]]) -> list[list[Handed]]:
    """Pieces in batches of at most :data:`JOB_SIZE`, those of a host together where they fit.

    A host is asked by one at a time, whoever asks: in one job its feeds wait for each other in one
    worker, and not in all of them.
    """
    by_host: dict[str, list[Handed]] = defaultdict(list)
    for host, piece in pieces:
        by_host[host].append(piece)
    made: list[list[Handed]] = []
    for group in sorted(by_host.values(), key=len, reverse=True):
        for part in chunks(group, JOB_SIZE):
            fitting = next((one for one in made if len(one) + len(part) <= JOB_SIZE), None)
            if fitting is None:
                made.append(list(part))
            else:
                fitting.extend(part)
    return made
