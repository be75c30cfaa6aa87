"""Host leases that processes share, in PostgreSQL, on the database's clock.

What is acquired at the same moment shares one transaction of at most two statements, what is released
one of at most four, whatever the number of leases: a process alone pays two short transactions a
lease, one under load a fraction of that.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, text

from aggregator.errors import LeaseLost
from aggregator.model import HostLeaseAnswer
from aggregator.ports import HostLeases
from aggregator.store.db.database import Database
from aggregator.store.db.group_commit import GroupCommit

LEASE = timedelta(seconds=30)
"""Time for which the lease of a process that died still holds; a living one renews it."""


@dataclass(frozen=True, slots=True)
class _Acquire:
    host: str
    group: str


@dataclass(frozen=True, slots=True)
class _Release:
    host: str
    gap: float
    cooldowns: Mapping[str, float] = field(default_factory=dict)


class SqlHostLeases(HostLeases):
    """Host leases in PostgreSQL, for processes that share hosts.

    Each instance is one holder. Every method raises :class:`~aggregator.errors.StoreError` when
    the database is down.
    """

    def __init__(self, database: Database, *, lease: timedelta = LEASE) -> None:
        self._database = database
        self._lease = lease.total_seconds()
        self._holder = secrets.token_hex(8)
        # Two groups, since a transaction that did both would lock hosts out of their order.
        self._acquiring: GroupCommit[_Acquire, HostLeaseAnswer] = GroupCommit(
            database, self._acquire
        )
        self._releasing: GroupCommit[_Release, HostLeaseAnswer] = GroupCommit(
            database, self._release
        )

    async def acquire(self, host: str, group: str) -> HostLeaseAnswer:
        """Ask for the lease on ``host``, refused while ``group`` (its domain) is in a cooldown."""
        return await self._acquiring.submit(_Acquire(host, group))

    async def release(self, host: str, gap: float, cooldowns: Mapping[str, float]) -> None:
        """End our lease on ``host`` and begin ``cooldowns`` (host or domain → seconds)."""
        await self._releasing.submit(_Release(host, gap, cooldowns))

    async def renew(self, hosts: Collection[str]) -> None:
        """Extend our leases on ``hosts``; lost ones stay lost."""
        await self._database.write(self._renew, sorted(hosts))

    def _renew(self, connection: Connection, hosts: Sequence[str]) -> None:
        values = {"holder": self._holder, "lease": self._lease, "hosts": list(hosts)}
        connection.execute(_RENEW_HOSTS, values)

    def _release(
        self, connection: Connection, releases: Sequence[_Release]
    ) -> list[HostLeaseAnswer | LeaseLost]:
        cooldowns: dict[str, float] = {}
        for release in releases:
            for host, seconds in release.cooldowns.items():
                cooldowns[host] = max(seconds, cooldowns.get(host, 0.0))
        # One order for all statements, or two processes could lock each other out.
        if cooldowns:
            names = sorted(cooldowns)
            held = sorted({*names, *(release.host for release in releases)})
            connection.execute(_HOLD_HOSTS, {"hosts": held})
            values = {"hosts": names, "seconds": [cooldowns[name] for name in names]}
            connection.execute(_COOL_DOWN, values)
        ordered = sorted(releases, key=lambda release: release.host)
        values = {
            "hosts": [release.host for release in ordered],
            "gaps": [release.gap for release in ordered],
            "holder": self._holder,
        }
        connection.execute(_RELEASE_HOSTS, values)
        return [HostLeaseAnswer(granted=True) for _ in releases]

    def _acquire(
        self, connection: Connection, acquires: Sequence[_Acquire]
    ) -> list[HostLeaseAnswer | LeaseLost]:
        ordered = sorted(acquires, key=lambda acquire: acquire.host)
        asked = {
            "hosts": [acquire.host for acquire in ordered],
            "groups": [acquire.group for acquire in ordered],
        }
        own = {"holder": self._holder, "lease": self._lease}
        granted = {row.host for row in connection.execute(_ACQUIRE_HOSTS, asked | own)}
        refused = _why_not(connection, asked) if len(granted) < len(acquires) else {}
        return [
            HostLeaseAnswer(granted=True)
            if acquire.host in granted
            else refused.get(acquire.host, HostLeaseAnswer(granted=False))
            for acquire in acquires
        ]


def _why_not(
    connection: Connection, asked: Mapping[str, Sequence[str]]
) -> dict[str, HostLeaseAnswer]:
    """Answers to those of ``asked`` that are not granted."""
    refused = {}
    for row in connection.execute(_WHY_NOT, asked):
        in_cooldown = row.resting if row.rest >= row.wait else None
        refused[row.host] = HostLeaseAnswer(False, float(max(row.rest, row.wait)), in_cooldown)
    return refused


_ASKED = "unnest(CAST(:hosts AS text[]), CAST(:groups AS text[])) AS asked(host, grp)"

# Ordered by bytes, as Python sorts, whatever the database's own order is.
# A row that another process is writing is waited for, and judged as that one left it.
_ACQUIRE_HOSTS = text(f"""
    INSERT INTO hosts AS h (host, holder, busy_until)
    SELECT asked.host, :holder, clock_timestamp() + make_interval(secs => :lease)
      FROM {_ASKED}
     WHERE NOT EXISTS (SELECT FROM hosts AS r WHERE r.host IN (asked.host, asked.grp)
                          AND r.cool_until > clock_timestamp())
     ORDER BY asked.host COLLATE "C"
    ON CONFLICT (host) DO UPDATE
       SET holder = excluded.holder,
           busy_until = clock_timestamp() + make_interval(secs => :lease)
     WHERE (coalesce(h.busy_until, '-infinity') <= clock_timestamp() OR h.holder = :holder)
       AND coalesce(h.next_turn_at, '-infinity') <= clock_timestamp()
       AND coalesce(h.cool_until, '-infinity') <= clock_timestamp()
    RETURNING h.host
""")

_WHY_NOT = text(f"""
    SELECT asked.host,
           CASE WHEN coalesce(d.cool_until, '-infinity') > coalesce(h.cool_until, '-infinity')
                THEN asked.grp ELSE asked.host END AS resting,
           extract(epoch FROM greatest(h.cool_until, d.cool_until, clock_timestamp())
                              - clock_timestamp()) AS rest,
           extract(epoch FROM greatest(h.next_turn_at, clock_timestamp() + interval '1 ms')
                              - clock_timestamp()) AS wait
      FROM {_ASKED}
      LEFT JOIN hosts AS h ON h.host = asked.host
      LEFT JOIN hosts AS d ON d.host = asked.grp
""")

# Adds what is missing and locks what is there, in one pass: that is what the WHERE leaves of it.
_HOLD_HOSTS = text("""
    INSERT INTO hosts AS h (host)
    SELECT told.host FROM unnest(CAST(:hosts AS text[])) AS told(host)
     ORDER BY told.host COLLATE "C"
    ON CONFLICT (host) DO UPDATE SET cool_until = h.cool_until WHERE false
""")

_COOL_DOWN = text("""
    INSERT INTO hosts AS h (host, cool_until)
    SELECT told.host, clock_timestamp() + make_interval(secs => told.seconds)
      FROM unnest(CAST(:hosts AS text[]), CAST(:seconds AS float8[])) AS told(host, seconds)
     ORDER BY told.host COLLATE "C"
    ON CONFLICT (host) DO UPDATE SET cool_until = greatest(h.cool_until, excluded.cool_until)
""")

_RELEASE_HOSTS = text("""
    WITH ours AS (
        SELECT h.host, back.gap
          FROM unnest(CAST(:hosts AS text[]), CAST(:gaps AS float8[])) AS back(host, gap)
          JOIN hosts AS h ON h.host = back.host AND h.holder = :holder
         ORDER BY h.host COLLATE "C" FOR NO KEY UPDATE OF h)
    UPDATE hosts
       SET holder = NULL, busy_until = NULL,
           next_turn_at = clock_timestamp() + make_interval(secs => ours.gap)
      FROM ours WHERE hosts.host = ours.host
""")

_RENEW_HOSTS = text("""
    WITH ours AS (
        SELECT host FROM hosts WHERE host = ANY(:hosts) AND holder = :holder
         ORDER BY host COLLATE "C" FOR NO KEY UPDATE)
    UPDATE hosts SET busy_until = clock_timestamp() + make_interval(secs => :lease)
      FROM ours WHERE hosts.host = ours.host
""")
