"""CPU and wall time of unchanged polls, beside the bare HTTP client making the same requests.

A whole poll is claim, request, decision and store, on an SQLite file, everything in this process.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import aiohttp

from aggregator.app.wiring import SystemClock, open_parts, subscribe
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.logs import configure_logs
from bench.farm import farm, url

FEEDS = 1000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one round over all feeds, in seconds; ``memory`` is the process's peak so far, in MB."""

    cpu: float
    wall: float
    memory: int

    def __str__(self) -> str:
        return (
            f"{self.cpu * 1000 / FEEDS:.3f} ms CPU, {self.wall * 1000 / FEEDS:.3f} ms wall a feed, "
            f"peak {self.memory} MB"
        )


async def measured(work: Callable[[], Awaitable[object]]) -> Cost:
    """The cost of ``work``, all threads of this process counted."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Cost(time.process_time() - cpu, time.perf_counter() - wall, peak)


def median(costs: list[Cost]) -> Cost:
    """The round with the median CPU time."""
    return sorted(costs, key=lambda cost: cost.cpu)[len(costs) // 2]


async def bare_client(kind: str, port: int) -> Cost:
    """aiohttp alone: the same requests, the same concurrency, the bodies read, nothing else."""
    etag = {"If-None-Match": '"1"'} if kind == "304" else {}
    turns = asyncio.Semaphore(64)
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def one(number: int) -> None:
            async with turns, session.get(url(kind, number, port), headers=etag) as answer:
                await answer.read()

        async def all_of_them() -> None:
            await asyncio.gather(*(one(number) for number in range(FEEDS)))

        await all_of_them()  # connections are open then, as in a running daemon
        return median([await measured(all_of_them) for _ in range(ROUNDS)])


async def our_polls(kind: str, port: int) -> tuple[Cost, Cost]:
    """The first poll of all feeds (workers not counted), and the median unchanged round."""
    with tempfile.TemporaryDirectory() as folder:
        feeds = tuple(FeedSettings(url=url(kind, number, port)) for number in range(FEEDS))
        settings = Settings.model_validate(
            {
                "database": {"url": f"sqlite:///{Path(folder) / 'bench.db'}"},
                "fetch": {"allow_networks": (ip_network("127.0.0.0/8"),), "host_gap": 0},
                "extract": {"mode": "never"},
                "publish": {"directory": ""},
            }
        )
        config = Config(settings, None, feeds)
        async with open_parts(config, SystemClock()) as parts:
            await subscribe(config, parts.store, SystemClock().now())
            first = await measured(lambda: parts.engine.run_once(all_feeds=True))
            rounds = [
                await measured(lambda: parts.engine.run_once(all_feeds=True)) for _ in range(ROUNDS)
            ]
            stats = parts.engine.stats
            if (stats.updated, stats.unchanged) != (FEEDS, FEEDS * ROUNDS) or stats.failed:
                raise RuntimeError(f"not what was to be measured: {stats}")
            return first, median(rounds)


def main() -> None:
    """Print the costs and their ratios."""
    configure_logs("error", "text")
    with farm(FEEDS) as port:
        for kind in ("304", "200"):
            bare = asyncio.run(bare_client(kind, port))
            first, unchanged = asyncio.run(our_polls(kind, port))
            print(f"polls answered {kind}, {FEEDS} feeds, median of {ROUNDS} rounds")
            print(f"  bare aiohttp     {bare}")
            print(f"  unchanged poll   {unchanged}")
            print(f"  first poll       {first} (without the workers)")
            print(f"  ratio of CPU, unchanged poll to bare client: {unchanged.cpu / bare.cpu:.2f}")
