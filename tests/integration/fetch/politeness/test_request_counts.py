"""What is written down of hosts: counts, rests over a restart, and what an operator sees."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.app.politeness import open_politeness
from aggregator.cli.main import cli
from aggregator.config.settings import FetchSettings
from aggregator.errors import HostOnCooldown, Throttled
from aggregator.fetch.client import HttpFetcher
from aggregator.fetch.politeness.request_counts import HostStatsWriter, RequestCounts
from aggregator.model import HostCount, HostStatus, RequestKind, RobotsCopy
from aggregator.store.db.tables import host_requests, hosts, robots
from aggregator.store.hosts import counts
from aggregator.store.hosts.counts import SqlHosts, read_hosts
from tests.support.asked import asked
from tests.support.patience import patience
from tests.support.servers import RawServer, reply
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, stored_at


async def seen(stored: Stored) -> dict[str, HostStatus]:
    found = await stored.database.read(read_hosts, stored.clock.now())
    return {one.host: one for one in found}


async def test_counts_add_up_over_processes_and_time(stored: Stored) -> None:
    host_stats = SqlHosts(stored.database)
    for minutes in (0, 0, 3, 50, 61):
        count = HostCount("h.example", feeds=2, pages=1, robots=1, waited=3)
        await host_stats.note([count], {}, NOW + minutes * MINUTE)
    stored.clock.advance(62 * MINUTE)
    assert await seen(stored) == {
        "h.example": HostStatus("h.example", hour=8, day=20, feeds=10, pages=5, robots=5, waited=15)
    }
    stored.clock.advance(DAY)
    assert await seen(stored) == {}


async def test_those_asked_most_come_first_and_what_rests_is_shown(stored: Stored) -> None:
    host_stats = SqlHosts(stored.database)
    until = NOW + HOUR
    asked = [HostCount("a.example", 1), HostCount("b.example", 5)]
    await host_stats.note(asked, {"a.example": until, "z.example": until}, NOW)
    found = await stored.database.read(read_hosts, NOW)
    assert [one.host for one in found] == ["b.example", "a.example", "z.example"]
    assert [one.resting_until for one in found] == [None, until, until]


async def test_a_rest_is_only_made_longer_and_ends(stored: Stored) -> None:
    host_stats = SqlHosts(stored.database)
    await host_stats.note([], {"h.example": NOW + HOUR}, NOW)
    await host_stats.note([], {"h.example": NOW + MINUTE}, NOW)
    assert await host_stats.cooldowns(NOW) == {"h.example": NOW + HOUR}
    await host_stats.note([], {"h.example": NOW + DAY}, NOW)
    assert await host_stats.cooldowns(NOW + 2 * HOUR) == {"h.example": NOW + DAY}
    assert await host_stats.cooldowns(NOW + 2 * DAY) == {}


async def test_what_nobody_asks_for_is_dropped(stored: Stored) -> None:
    host_stats = SqlHosts(stored.database)
    await host_stats.note([HostCount("h.example", 1)], {"h.example": NOW}, NOW)
    await host_stats.save("https://h.example", RobotsCopy("", NOW))
    await host_stats.forget(NOW + 23 * HOUR)
    assert [stored.count(table) for table in (host_requests, hosts, robots)] == [1, 0, 1]
    await host_stats.forget(NOW + 25 * HOUR)
    assert [stored.count(table) for table in (host_requests, robots)] == [0, 1]
    await host_stats.forget(NOW + 31 * DAY)
    assert stored.count(robots) == 0


async def test_after_a_day_off_counts_go_in_short_transactions(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "_ROWS", 2)
    host_stats = SqlHosts(stored.database)
    asked = [HostCount(f"{number}.example", 1) for number in range(7)]
    await host_stats.note(asked, {}, NOW)
    await host_stats.note(asked[:1], {}, NOW + DAY)
    later = NOW + 25 * HOUR
    assert await stored.database.write(counts.forget_counts, later)
    assert stored.count(host_requests) == 6
    await host_stats.forget(later)
    assert [row.host for row in stored.rows(host_requests)] == ["0.example"]


async def test_a_database_that_is_away_ends_nothing(stored: Stored) -> None:
    request_counts = RequestCounts()
    keeper = HostStatsWriter(request_counts, SqlHosts(stored.database), stored.clock)
    with stored.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE host_requests RENAME TO gone")
    request_counts.asked("h.example", RequestKind.FEED)
    await keeper.write()
    with stored.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO host_requests")
    request_counts.asked("h.example", RequestKind.FEED)
    await keeper.write()
    assert (await seen(stored))["h.example"].day == 1


async def test_a_rest_is_written_at_once_and_holds_after_a_restart(stored: Stored) -> None:
    settings = FetchSettings.model_validate({"allow_networks": ("127.0.0.0/8",)})
    now = stored.clock.time = datetime.now(UTC)  # that of PostgreSQL, which has its own
    busy = reply("429 Too Many Requests", headers={"Retry-After": "3600"})
    async with RawServer(busy) as server:
        async with (
            open_politeness(settings, stored.database, stored.clock) as politeness,
            HttpFetcher(settings, base_url="http://x", politeness=politeness) as client,
        ):
            with pytest.raises(Throttled):
                await client.fetch(asked(server.url + "/feed"))
            async with patience():
                while not await SqlHosts(stored.database).cooldowns(now):  # noqa: ASYNC110 - a task's doing
                    await asyncio.sleep(0.02)
        stored.clock.advance(50 * MINUTE)
        async with (
            open_politeness(settings, stored.database, stored.clock) as politeness,
            HttpFetcher(settings, base_url="http://x", politeness=politeness) as client,
        ):
            with pytest.raises(HostOnCooldown):
                await client.fetch(asked(server.url + "/other"))
        assert len(server.requests) == 1
    status = (await seen(stored))["127.0.0.1"]
    assert (status.feeds, status.day) == (1, 1)
    assert status.resting_until is not None
    assert abs(status.resting_until - (now + HOUR)) < MINUTE


def test_the_operator_sees_it(tmp_path: Path) -> None:
    config = tmp_path / "aggregator.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/a.db"\n[[feeds]]\nurl = "https://h.example/f"\n',
        encoding="utf-8",
    )

    def say(*options: str) -> str:
        result = CliRunner().invoke(cli, ["--config", str(config), "status", "--hosts", *options])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert json.loads(say("--json")) == {"hosts": []}
    with stored_at(f"sqlite:///{tmp_path}/a.db") as stored:
        now = stored.clock.time = stored.clock.time.now(NOW.tzinfo)
        count, rests = HostCount("h.example", 3, 2, 1), {"h.example": now + HOUR}
        asyncio.run(SqlHosts(stored.database).note([count], rests, now))
    (host,) = json.loads(say("--json"))["hosts"]
    assert host["host"] == "h.example"
    assert (host["hour"], host["day"], host["pages"]) == (6, 6, 2)
    assert host["resting_until"].startswith(str((now + HOUR).date()))
    text = say()
    assert "h.example" in text
    assert "1 hosts, 6 requests in 24 hours; 1 in a cooldown" in text
