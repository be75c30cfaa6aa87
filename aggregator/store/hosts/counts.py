"""Hosts: request counts, cooldowns and copies of robots.txt.

Counts and cooldowns are written by every process, in batches. Hosts are leased in the database only where
several processes can share it, which is PostgreSQL: SQLite's instance lock lets one process in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, or_, select, tuple_

from aggregator.model import HostCount, HostStatus, RobotsCopy
from aggregator.ports import HostStatsStore, RobotsCache
from aggregator.store.db.database import Database
from aggregator.store.db.tables import host_requests, hosts, robots
from aggregator.store.db.upsert import add_up, insert_or_most, insert_or_update

_STEP = timedelta(minutes=10)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_KEEP_ROBOTS = timedelta(days=30)
_ROWS = 2000  # of counts, that one transaction drops
_COUNTS = ("feeds", "pages", "robots", "waited")


class SqlHosts(HostStatsStore, RobotsCache):
    """Request counts, cooldowns and robots.txt copies over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cooldowns(self, now: datetime) -> Mapping[str, datetime]:
        """Hosts and domains in a cooldown, and its end."""
        return await self._database.read(read_cooldowns, now)

    async def note(
        self, counts: Sequence[HostCount], cooldowns: Mapping[str, datetime], now: datetime
    ) -> None:
        """Add ``counts``, and the cooldowns in ``cooldowns``, which are only ever made longer."""
        await self._database.write(note, counts, cooldowns, now)

    async def forget(self, now: datetime) -> None:
        """Drop counts, cooldowns and copies that are too old to matter."""
        while await self._database.write(forget_counts, now):
            pass
        await self._database.write(forget, now)

    async def load(self, origin: str) -> RobotsCopy | None:
        """The stored copy for ``origin`` (``scheme://host[:port]``)."""
        return await self._database.read(load_robots, origin)

    async def save(self, origin: str, copy: RobotsCopy) -> None:
        """Store ``copy`` in place of the copy before."""
        await self._database.write(save_robots, origin, copy)


def read_cooldowns(connection: Connection, now: datetime) -> Mapping[str, datetime]:
    """Hosts and domains in a cooldown, and its end."""
    in_cooldown = select(hosts.c.host, hosts.c.cool_until).where(hosts.c.cool_until > now)
    return {row.host: row.cool_until for row in connection.execute(in_cooldown)}


def note(
    connection: Connection,
    counts: Sequence[HostCount],
    cooldowns: Mapping[str, datetime],
    now: datetime,
) -> None:
    """Add ``counts``; make cooldowns longer, never shorter."""
    since = now - timedelta(seconds=now.timestamp() % _STEP.total_seconds())
    # Sorted, so that two processes that write the same hosts lock them in the same order.
    rows = [
        {"host": one.host, "since": since} | {name: getattr(one, name) for name in _COUNTS}
        for one in sorted(counts, key=lambda one: one.host)
    ]
    add_up(connection, host_requests, rows, "host", "since")
    in_cooldown = [{"host": host, "cool_until": until} for host, until in sorted(cooldowns.items())]
    insert_or_most(connection, hosts, in_cooldown, "host")


def forget_counts(connection: Connection, now: datetime) -> bool:
    """Drop some of the counts older than a day; are there more? After a day off there are all of them."""
    old = (
        select(host_requests.c.host, host_requests.c.since)
        .where(host_requests.c.since <= now - _DAY - _STEP)
        .order_by(host_requests.c.since)
        .limit(_ROWS)
    )
    key = tuple_(host_requests.c.host, host_requests.c.since)
    return connection.execute(delete(host_requests).where(key.in_(old))).rowcount == _ROWS


def forget(connection: Connection, now: datetime) -> None:
    """Drop cooldowns that are over, copies older than 30 days."""
    over = [
        or_(column.is_(None), column < now - _HOUR)
        for column in (hosts.c.busy_until, hosts.c.next_turn_at, hosts.c.cool_until)
    ]
    # What another process writes at this moment is in use.
    unused = select(hosts.c.host).where(*over).with_for_update(key_share=True, skip_locked=True)
    connection.execute(delete(hosts).where(hosts.c.host.in_(unused)))
    connection.execute(delete(robots).where(robots.c.checked_at < now - _KEEP_ROBOTS))


def read_hosts(connection: Connection, now: datetime) -> list[HostStatus]:
    """Every host asked in the last 24 hours, and every cooldown; those asked most first."""
    made = host_requests.c.feeds + host_requests.c.pages + host_requests.c.robots
    lately = case((host_requests.c.since > now - _HOUR, made), else_=0)
    sums = (
        select(
            host_requests.c.host,
            func.sum(lately).label("hour"),
            func.sum(made).label("day"),
            *(func.sum(host_requests.c[name]).label(name) for name in _COUNTS),
        )
        .where(host_requests.c.since > now - _DAY)
        .group_by(host_requests.c.host)
    )
    cooldowns = dict(read_cooldowns(connection, now))
    found = [
        HostStatus(
            host=row.host,
            hour=int(row.hour),
            day=int(row.day),
            feeds=int(row.feeds),
            pages=int(row.pages),
            robots=int(row.robots),
            waited=int(row.waited),
            resting_until=cooldowns.pop(row.host, None),
        )
        for row in connection.execute(sums)
    ]
    found += [HostStatus(host=host, resting_until=until) for host, until in cooldowns.items()]
    return sorted(found, key=lambda one: (-one.day, one.host))


def load_robots(connection: Connection, origin: str) -> RobotsCopy | None:
    """The stored copy for ``origin``."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return None if row is None else RobotsCopy(row.text, row.checked_at)


def save_robots(connection: Connection, origin: str, copy: RobotsCopy) -> None:
    """Store ``copy`` in place of the copy before."""
    row = {"origin": origin, "text": copy.text, "checked_at": copy.checked}
    insert_or_update(connection, robots, [row], "origin")
