"""Workers on one PostgreSQL: what 1, 2 and 4 of them do, and what killing, pausing and restarting costs.

``python -m bench workers [SECONDS [FEEDS]]``: ``SECONDS`` for each number of workers. Judged by the farm that
is polled and by the database, not by what the processes say of themselves.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.cluster import Cluster, cpu_of
from bench.growing import Growth
from bench.worker_farm import Asked, asked, at_once, between, doubles, parts, recording_farm
from bench.worker_trouble import TROUBLES
from tests.support.restarted_postgres import OwnServer, own_server

SECONDS, FEEDS = 60, 2000
COUNTS = (1, 2, 4)
_INTERVAL_S = 2  # more than can be had of two cores
_NEW_EVERY_S = 0.5
_ANSWER_S = 0.02
_PATIENCE_S = 300.0


@contextmanager
def _cluster(
    server: OwnServer, growth: Growth, interval: float, answer_s: float
) -> Iterator[tuple[Cluster, Callable[[], list[Asked]]]]:
    """A cluster that polls a farm of ``growth`` from a database of its own; and what was asked so far."""
    with tempfile.TemporaryDirectory() as name, server.address.fresh_database() as url:
        folder = Path(name)
        record = folder / "asked"
        with (
            recording_farm(growth, record, answer_s) as port,
            Cluster(folder, url, port, growth.feeds, f"{interval}s") as cluster,
        ):
            yield cluster, lambda: asked(record)


def _until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not happen")
        time.sleep(0.5)


def _transactions(cluster: Cluster) -> int:
    """Transactions of the database so far."""
    query = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    return int(cluster.rows(query)[0][0])


def _shares(server: OwnServer, count: int, seconds: int, feeds: int) -> None:
    """One line of the table: ``count`` workers for ``seconds``."""
    growth = Growth(feeds, _NEW_EVERY_S, 1e9, time.time())
    with _cluster(server, growth, _INTERVAL_S, _ANSWER_S) as (cluster, requests):
        cluster.start("daemon", "run", "--role", "schedule")
        for number in range(count):
            cluster.start(f"w{number}", "worker")
        _until(lambda: len({one.feed for one in requests()}) == feeds, "a poll of each feed")
        began, used, database = time.time(), cluster.cpu(), cpu_of([server.pid])
        transactions = _transactions(cluster)
        time.sleep(seconds)
        ended = time.time()
        used, database = cluster.cpu() - used, cpu_of([server.pid]) - database
        transactions = _transactions(cluster) - transactions
        everything = requests()
        done = between(everything, began, ended)
        own = parts(done)
        print(
            f"{count} workers: {len(done) / (ended - began):.0f} polls a second; a CPU second of all "
            f"processes {len(done) / used:.0f}, with PostgreSQL's {len(done) / (used + database):.0f}; "
            f"transactions a poll {transactions / len(done):.2f}; "
            f"least and most of a worker {min(own.values())}, {max(own.values())}; double "
            f"{len(doubles(everything, _INTERVAL_S))}, two at once at a host {len(at_once(everything))} "
            f"of {len(everything)}",
            flush=True,
        )


def _end(_number: int, _frame: object) -> None:
    sys.exit(1)  # by way of all that ends processes


def main(seconds: int = SECONDS, feeds: int = FEEDS) -> None:
    """Print both tables."""
    signal.signal(signal.SIGTERM, _end)
    with own_server({"autovacuum": "on"}) as server:
        print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}")
        if seconds and feeds:
            for count in COUNTS:
                _shares(server, count, seconds, feeds)
        for trouble in TROUBLES:
            growth = Growth(trouble.feeds, trouble.new_every, trouble.seconds, time.time())
            with _cluster(server, growth, trouble.interval, trouble.answer_s) as (
                cluster,
                requests,
            ):
                print(trouble.told(cluster, server, growth, requests), flush=True)
        print(f"at the end: {os.getloadavg()[0]:.1f}")
