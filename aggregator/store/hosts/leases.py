"""Host leases that processes share, in PostgreSQL, on the database's clock.

What is acquired and released at the same moment shares one transaction of at most four
statements, whatever the number of leases: a process alone pays two short transactions a lease, one
under load a fraction of that.
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
        self._group: GroupCommit[_Acquire | _Release, HostLeaseAnswer] = GroupCommit(
            database, self._apply
        )

    async def acquire(self, host: str, group: str) -> HostLeaseAnswer:
        """Ask for the lease on ``host``, refused while ``group`` (its domain) is in a cooldown."""
        return await self._group.submit(_Acquire(host, group))

    async def release(self, host: str, gap: float, cooldowns: Mapping[str, float]) -> None:
        """End our lease on ``host`` and begin ``cooldowns`` (host or domain → seconds)."""
        await self._group.submit(_Release(host, gap, cooldowns))

    async def renew(self, hosts: Collection[str]) -> None:
        """Extend our leases on ``hosts``; lost ones stay lost."""
        await self._database.write(self._renew, sorted(hosts))

    def _renew(self, connection: Connection, hosts: Sequence[str]) -> None:
        values = {"holder": self._holder, "lease": self._lease, "hosts": list(hosts)}
        connection.execute(_RENEW_HOSTS, values)

    def _apply(
        self, connection: Connection, pieces: Sequence[_Acquire | _Release]
    ) -> list[HostLeaseAnswer | LeaseLost]:
        releases = [piece for piece in pieces if isinstance(piece, _Release)]
        acquires = [piece for piece in pieces if isinstance(piece, _Acquire)]
        if releases:
            self._release(connection, releases)
        answers = self._acquire(connection, acquires) if acquires else {}
        granted = HostLeaseAnswer(granted=True)
        return [
            answers.get(piece.host, granted) if isinstance(piece, _Acquire) else granted
            for piece in pieces
        ]

    def _release(self, connection: Connection, releases: Sequence[_Release]) -> None:
        cooldowns: dict[str, float] = {}
        for release in releases:
            for host, seconds in release.cooldowns.items():
                cooldowns[host] = max(seconds, cooldowns.get(host, 0.0))
        # One order for all statements, or two processes could lock each other out.
        if cooldowns:
            names = sorted(cooldowns)
            values = {"hosts": names, "seconds": [cooldowns[name] for name in names]}
            connection.execute(_COOL_DOWN, values)
        releases = sorted(releases, key=lambda release: release.host)
        values = {
            "hosts": [release.host for release in releases],
            "gaps": [release.gap for release in releases],
            "holder": self._holder,
        }
        connection.execute(_RELEASE_HOSTS, values)

    def _acquire(
        self, connection: Connection, acquires: Sequence[_Acquire]
    ) -> dict[str, HostLeaseAnswer]:
        """Answers to those that are not granted."""
        acquires = sorted(acquires, key=lambda acquire: acquire.host)
        asked = {
            "hosts": [acquire.host for acquire in acquires],
            "groups": [acquire.group for acquire in acquires],
        }
        own = {"holder": self._holder, "lease": self._lease}
        granted = {row.host for row in connection.execute(_ACQUIRE_HOSTS, asked | own)}
        if len(granted) == len(acquires):
            return {}
        refused = {acquire.host: HostLeaseAnswer(granted=False) for acquire in acquires}
        for row in connection.execute(_WHY_NOT, asked):
            in_cooldown = row.resting if row.rest >= row.wait else None
            refused[row.host] = HostLeaseAnswer(False, float(max(row.rest, row.wait)), in_cooldown)
        return {host: answer for host, answer in refused.items() if host not in granted}


_ASKED = "unnest(CAST(:hosts AS text[]), CAST(:groups AS text[])) AS asked(host, grp)"

# A row that another process is writing is waited for, and judged as that one left it.
_ACQUIRE_HOSTS = text(f"""
    INSERT INTO hosts AS h (host, holder, busy_until)
    SELECT asked.host, :holder, clock_timestamp() + make_interval(secs => :lease)
      FROM {_ASKED}
     WHERE NOT EXISTS (SELECT FROM hosts AS r WHERE r.host IN (asked.host, asked.grp)
                          AND r.cool_until > clock_timestamp())
     ORDER BY asked.host
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

_COOL_DOWN = text("""
    INSERT INTO hosts AS h (host, cool_until)
    SELECT told.host, clock_timestamp() + make_interval(secs => told.seconds)
      FROM unnest(CAST(:hosts AS text[]), CAST(:seconds AS float8[])) AS told(host, seconds)
     ORDER BY told.host
    ON CONFLICT (host) DO UPDATE SET cool_until = greatest(h.cool_until, excluded.cool_until)
""")

_RELEASE_HOSTS = text("""
    WITH ours AS (
        SELECT h.host, back.gap
          FROM unnest(CAST(:hosts AS text[]), CAST(:gaps AS float8[])) AS back(host, gap)
          JOIN hosts AS h ON h.host = back.host AND h.holder = :holder
         ORDER BY h.host FOR UPDATE OF h)
    UPDATE hosts
       SET holder = NULL, busy_until = NULL,
           next_turn_at = clock_timestamp() + make_interval(secs => ours.gap)
      FROM ours WHERE hosts.host = ours.host
""")

_RENEW_HOSTS = text("""
    WITH ours AS (
        SELECT host FROM hosts WHERE host = ANY(:hosts) AND holder = :holder
         ORDER BY host FOR UPDATE)
    UPDATE hosts SET busy_until = clock_timestamp() + make_interval(secs => :lease)
      FROM ours WHERE hosts.host = ours.host
""")
