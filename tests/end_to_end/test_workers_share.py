"""A daemon and workers, as processes on one PostgreSQL: killed ones lose nothing."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.farm import farm, url
from tests.support.commands import command
from tests.support.patience import PATIENCE_S, until
from tests.support.running import Process, free_port, patient, started

FEEDS, ENTRIES = 40, 20


@asynccontextmanager
async def worker(config: Path, folder: Path, name: str) -> AsyncIterator[Process]:
    log = folder / f"{name}.txt"
    arguments = ("--config", str(config), "worker")
    async with command(arguments, folder=folder, out=log, err=log) as one:
        await until(lambda: log.exists() and '"started"' in log.read_text("utf-8"), name)
        yield one


def polls(folder: Path) -> Counter[str]:
    """Polls in all logs by feed."""
    lines = [line for log in folder.glob("*.txt") for line in log.read_text("utf-8").splitlines()]
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return Counter(one["feed"] for one in said if one.get("event") == "poll")


async def test_workers_share_the_feeds_and_one_that_is_killed_loses_none(
    tmp_path: Path, postgres_url: str
) -> None:
    port, config = free_port(), tmp_path / "aggregator.toml"
    with farm(FEEDS) as at:
        feeds = "".join(f'[[feeds]]\nurl = "{url("new", n, at)}"\n' for n in range(FEEDS))
        config.write_text(
            patient(
                f'engine = "pgqueuer"\ndatabase.url = "{postgres_url}"\nserver.port = {port}\n'
                'fetch.allow_networks = ["127.0.0.0/8"]\nextract.mode = "never"\n'
                f'schedule.lease = "5s"\nlog.format = "json"\n{feeds}'
                f'[[outputs]]\nname = "all"\nlimit = {FEEDS * ENTRIES}\n'
            ),
            encoding="utf-8",
        )
        async with (
            started(config, port, tmp_path) as daemon,
            worker(config, tmp_path, "one"),
            worker(config, tmp_path, "two") as victim,
        ):
            victim.kill()
            feed = await daemon.until(lambda feed: len(feed.entries) == FEEDS * ENTRIES)
            assert len({entry.id for entry in feed.entries}) == FEEDS * ENTRIES
            # What was killed between its commit and its line in the log is not among them.
            done = polls(tmp_path)
            assert max(done.values()) == 1
            assert await asyncio.wait_for(daemon.stop(), PATIENCE_S) == 0, daemon.said()
