"""Feeds that are due, leased: the longest overdue first, the places shared out between hosts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from aggregator.model import ClaimedFeed, Handed, Lease
from aggregator.store.db import leasing
from aggregator.store.db.tables import archive_trails, feeds, hosts
from aggregator.store.feeds.feeds import FEED_COLUMNS, load_feed
from aggregator.store.feeds.packed_times import recent_times
from aggregator.store.feeds.trail_rows import trails_of

_LOOK_AHEAD = 4  # due feeds looked at for each that is claimed, where hosts are shared out
# Feeds due first, of which the one asked longest ago is a probe: a look at no more of them, unless
# there is something against each.
_PROBED = 1000
_LIMIT = bindparam("limit", type_=Integer)


def claim_due(
    connection: Connection,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    busy_hosts: Collection[str] = (),
    per_host: int | None = None,
    in_hand: Collection[int] = (),
) -> list[ClaimedFeed]:
    """Lease due feeds; see :meth:`aggregator.ports.FeedStore.claim_due`."""
    statement = _claim(
        shared=per_host is not None, spared=bool(busy_hosts), some_in_hand=bool(in_hand)
    )
    said = {"now": now, "until": now + lease_for, "limit": limit}
    if per_host is not None:
        said |= {"per_host": per_host, "look_at": limit * _LOOK_AHEAD}
    if busy_hosts:
        said["busy"] = sorted(busy_hosts)
    if in_hand:
        said["in_hand"] = sorted(in_hand)
    rows = connection.execute(statement, said).all()
    return [_claimed(row) for row in sorted(rows, key=lambda row: row.next_poll_at)]


def claim_feed(
    connection: Connection, feed_id: int, now: datetime, lease_for: timedelta
) -> ClaimedFeed | None:
    """Lease one active feed, due or not; None while someone else holds it, or it is paused."""
    this_one = and_(feeds.c.id == feed_id, feeds.c.active, ~feeds.c.paused, _is_free())
    row = connection.execute(
        _leasing(this_one), {"now": now, "until": now + lease_for}
    ).one_or_none()
    return _claimed(row) if row is not None else None


def take_over(
    connection: Connection, handed: Sequence[Handed], now: datetime, lease_for: timedelta
) -> list[ClaimedFeed]:
    """Take over leases on feeds; see :meth:`aggregator.ports.JobStore.take_feeds`."""
    mine = leasing.held(connection, feeds, [(one.id, Lease(one.token, now)) for one in handed])
    if not mine:
        return []
    # Ended since: it was polled, or given back.
    still = and_(feeds.c.lease_until.is_not(None), feeds.c.active, ~feeds.c.paused)
    which = and_(feeds.c.id.in_(sorted(mine)), still)
    rows = connection.execute(_leasing(which), {"until": now + lease_for}).all()
    trails = trails_of(connection, [row.id for row in rows if row.next_poll_at > now])
    claimed = [_claimed(row) for row in sorted(rows, key=lambda row: row.next_poll_at)]
    # Handed out for a page of its archives, where it is not due.
    return [replace(one, trail=trails.get(one.feed.id)) for one in claimed]


def claim_trails(
    connection: Connection,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    busy_hosts: Collection[str] = (),
    in_hand: Collection[int] = (),
) -> list[ClaimedFeed]:
    """Lease feeds of whose archives a page is due; see :meth:`aggregator.ports.FeedStore.claim_trails`."""
    chosen = (
        select(feeds.c.id)
        .join(archive_trails, archive_trails.c.feed_id == feeds.c.id)
        .where(
            archive_trails.c.next_at <= bindparam("now"),
            feeds.c.active,
            ~feeds.c.gone,
            ~feeds.c.paused,
            _is_free(),
            feeds.c.host.not_in(sorted(busy_hosts)),
            feeds.c.id.not_in(sorted(in_hand)),
        )
        .order_by(archive_trails.c.next_at)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True, of=feeds)
        .cte("due")
    )
    said = {"now": now, "until": now + lease_for}
    rows = connection.execute(_leasing(feeds.c.id.in_(select(chosen.c.id))), said).all()
    trails = trails_of(connection, [row.id for row in rows])
    return [replace(_claimed(row), trail=trails[row.id]) for row in rows]


def claim_probe(connection: Connection, now: datetime, lease_for: timedelta) -> list[ClaimedFeed]:
    """See :meth:`aggregator.ports.FeedStore.claim_probe`."""
    said = {"now": now, "until": now + lease_for}
    for among in (_PROBED, None):
        if rows := connection.execute(_probing(among), said).all():
            return [_claimed(row) for row in rows]
    return []


@lru_cache
def _probing(among: int | None) -> ReturningUpdate[Any]:
    """The statement of :func:`claim_probe`: of the ``among`` feeds that are due first, or of all."""
    resting = select(hosts.c.host).where(hosts.c.cool_until > bindparam("now"))
    may = and_(
        feeds.c.active,
        ~feeds.c.gone,
        ~feeds.c.paused,
        feeds.c.failures == 0,
        feeds.c.host.not_in(resting),
        _is_free(),
    )
    if among is not None:
        due_first = select(feeds.c.id).where(feeds.c.active, ~feeds.c.gone, ~feeds.c.paused)
        may &= feeds.c.id.in_(due_first.order_by(feeds.c.next_poll_at).limit(among))
    chosen = (
        select(feeds.c.id)
        .where(may)
        .order_by(feeds.c.last_poll_at.asc().nulls_first(), feeds.c.id)
        .limit(1)
        .with_for_update(key_share=True, skip_locked=True)
        .cte("probe")
    )
    return _leasing(feeds.c.id.in_(select(chosen.c.id)))


@lru_cache
def _claim(*, shared: bool, spared: bool, some_in_hand: bool) -> ReturningUpdate[Any]:
    """The statement of :func:`claim_due`; made once, for it takes longer to build than to run.

    ``shared``: hosts share the places; ``spared``: there are busy hosts; ``some_in_hand``: feeds.
    """
    polled = and_(feeds.c.active, ~feeds.c.gone, ~feeds.c.paused)
    due = and_(polled, feeds.c.next_poll_at <= bindparam("now"), _is_free())
    if spared:
        due &= feeds.c.host.not_in(bindparam("busy", expanding=True))
    if some_in_hand:
        due &= feeds.c.id.not_in(bindparam("in_hand", expanding=True))
    chosen = (
        (_shared_out(due) if shared else _longest_overdue(due))
        .with_for_update(key_share=True, skip_locked=True)
        .cte("due")  # a CTE is evaluated once; a subquery could lock more rows than the limit
    )
    return _leasing(feeds.c.id.in_(select(chosen.c.id)))


def _is_free() -> ColumnElement[bool]:
    return or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= bindparam("now"))


def _leasing(which: ColumnElement[bool]) -> ReturningUpdate[Any]:
    return (
        update(feeds)
        .where(which)
        .values(lease_until=bindparam("until"), lease_token=feeds.c.lease_token + 1)
        .returning(
            *FEED_COLUMNS,
            feeds.c.host,
            feeds.c.recent,
            feeds.c.appeared,
            feeds.c.lease_until,
            feeds.c.lease_token,
        )
    )


def _longest_overdue(due: ColumnElement[bool]) -> Select[int]:
    return select(feeds.c.id).where(due).order_by(feeds.c.next_poll_at).limit(_LIMIT)


def _shared_out(due: ColumnElement[bool]) -> Select[int]:
    """The longest overdue ones, at most ``per_host`` of each host."""
    # Among a bounded number only: a backlog of any length costs no more than this.
    first = (
        select(feeds.c.id, feeds.c.host, feeds.c.next_poll_at)
        .where(due)
        .order_by(feeds.c.next_poll_at)
        .limit(bindparam("look_at", type_=Integer))
        .subquery()
    )
    turn = func.row_number().over(partition_by=first.c.host, order_by=first.c.next_poll_at)
    ranked = select(first.c.id, first.c.next_poll_at, turn.label("turn")).subquery()
    turns = (
        select(ranked.c.id)
        .where(ranked.c.turn <= bindparam("per_host", type_=Integer))
        .order_by(ranked.c.next_poll_at)
        .limit(_LIMIT)
        .cte("turns")
    )
    # Window functions cannot lock rows; the rows they chose are locked, and checked again.
    return select(feeds.c.id).where(feeds.c.id.in_(select(turns.c.id)), due)


def _claimed(row: Row[Any]) -> ClaimedFeed:
    return ClaimedFeed(
        feed=load_feed(row),
        lease=Lease(row.lease_token, row.lease_until),
        recent=tuple(recent_times(row.appeared, row.recent)),
        host=row.host,
    )
