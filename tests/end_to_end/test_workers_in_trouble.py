"""Workers that stand still, and a database that is restarted under them: nothing is lost, doubled or asked twice."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.cluster import config_of
from bench.growing import Growth, title
from bench.worker_farm import Asked, asked, at_once, doubles, recording_farm
from tests.support.commands import command
from tests.support.patience import patience, until
from tests.support.restarted_postgres import Shutdown, own_server
from tests.support.running import Process, Running, free_port, patient, started

FEEDS, INTERVAL_S, LEASE_S = 24, 1.0, 4.0
_PAUSES = 5  # a worker may be stopped just when it has nothing in hand


@asynccontextmanager
async def cluster(
    folder: Path, url: str, port: int, feeds: int = FEEDS
) -> AsyncIterator[tuple[Running, dict[str, Process]]]:
    """A daemon that hands out and serves, and two workers that call themselves by their names."""
    web, config = free_port(), folder / "aggregator.toml"
    text = config_of(url, web, port, feeds, f"{INTERVAL_S}s")
    text = text.replace("[schedule]", f'[schedule]\nlease = "{LEASE_S}s"')
    config.write_text(patient(text), encoding="utf-8")
    async with AsyncExitStack() as running:
        workers: dict[str, Process] = {}
        for name in ("one", "two"):
            log = folder / f"{name}.txt"
            workers[name] = await running.enter_async_context(
                command(
                    ("--config", str(config), "worker"),
                    folder=folder,
                    out=log,
                    err=log,
                    more={"AGGREGATOR_FETCH__USER_AGENT": name},
                )
            )
        daemon = await running.enter_async_context(started(config, web, folder))
        yield daemon, workers
        assert await daemon.stop() == 0, daemon.said()


def events(folder: Path) -> Counter[tuple[str, str]]:
    """Events in the logs, by process and what they say."""
    found = Counter[tuple[str, str]]()
    for log in folder.glob("*.txt"):
        for line in log.read_text("utf-8").splitlines():
            assert "Traceback" not in line, log.read_text("utf-8")
            if line.startswith("{"):
                said = json.loads(line)
                after = f": {said['after']}" if "after" in said else ""
                found[log.stem, said["event"] + after] += 1
    return found


def all_since(record: Path, moment: float, who: set[str]) -> Callable[[], bool]:
    """Was every feed asked since ``moment`` by one of these?"""

    def whole() -> bool:
        done = {one.feed for one in asked(record) if one.began > moment and one.who in who}
        return len(done) == FEEDS

    return whole


async def test_a_worker_that_stands_still_asks_nobody_when_it_goes_on(
    tmp_path: Path, postgres_url: str
) -> None:
    record = tmp_path / "asked"
    growth = Growth(FEEDS, 3600, 3600, time.time())
    with recording_farm(growth, record, 0.5) as port:
        async with cluster(tmp_path, postgres_url, port) as (daemon, workers):
            await until(all_since(record, 0, {"one", "two"}), "a poll of each feed")
            for _ in range(_PAUSES):
                await pause_at_work(workers["two"], record)
                went_on = time.time()
                await until(lambda: ran_out(tmp_path) or asks(record, went_on), "its next work")  # noqa: B023
                if ran_out(tmp_path):
                    break  # else it had nothing in hand when it was stopped
            await until(
                all_since(record, time.time(), {"one", "two"}), "a poll of each feed after it"
            )
            feed = await daemon.feed()
            assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    done = asked(record)
    assert doubles(done, INTERVAL_S) == []
    assert at_once(done) == []
    assert ran_out(tmp_path)


async def pause_at_work(worker: Process, record: Path) -> None:
    """Stop the second worker while it most likely polls, for longer than its leases last."""
    await until(lambda: under_way(asked(record), "two"), "work of the second")
    worker.send_signal(signal.SIGSTOP)
    await until(all_since(record, time.time() + LEASE_S, {"one"}), "the work of the other")
    worker.send_signal(signal.SIGCONT)


def ran_out(folder: Path) -> int:
    """How often the second worker said that its leases had ended."""
    return events(folder)["two", "leases ran out"]


def asks(record: Path, moment: float) -> bool:
    """Did the second worker ask for a feed since ``moment``?"""
    return any(one.who == "two" and one.began > moment for one in asked(record))


def under_way(done: list[Asked], who: str) -> bool:
    """True where one was asked so lately by ``who`` that it works on it still."""
    return any(one.who == who and time.time() - one.ended < 0.1 for one in done[-5:])


async def test_the_database_is_restarted_under_load(tmp_path: Path) -> None:
    record, seconds = tmp_path / "asked", 12.0
    growth = Growth(FEEDS, 0.2, seconds, time.time())
    with (
        own_server() as server,
        server.address.fresh_database() as url,
        recording_farm(growth, record) as port,
    ):
        async with cluster(tmp_path, url, port) as (daemon, workers):
            for times, how in enumerate(Shutdown, start=1):
                await until(all_since(record, time.time(), {"one", "two"}), "polls")
                await asyncio.to_thread(server.stop, how)
                await told(tmp_path, "job queue not served", times)
                await asyncio.to_thread(server.start)
                await told(tmp_path, "works again: job queue not served", times)
            whole = {
                title(feed, one)
                for feed in range(FEEDS)
                for one in range(growth.entries(feed, growth.start + seconds))
            }
            async with patience():
                items = await shown(daemon)
                while {one["title"] for one in items} < whole:
                    await asyncio.sleep(0.1)
                    items = await shown(daemon)
            assert len({one["id"] for one in items}) == len(items) == len(whole)
            assert [one.returncode for one in workers.values()] == [None, None]
    assert at_once(asked(record)) == []
    assert events(tmp_path)["one", "job queue not served"] == len(Shutdown)


async def told(folder: Path, event: str, times: int) -> None:
    """Return when both workers have said it so often."""
    await until(lambda: min(events(folder)[name, event] for name in ("one", "two")) == times, event)


async def shown(daemon: Running) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await daemon.feed(kind="json"))["items"]
    return items
