"""Politeness between processes that share a PostgreSQL: turns, gaps, rests, and who died."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from aggregator.errors import StoreError
from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.fetch.politeness.host_limiter import CooldownActive
from aggregator.fetch.politeness.request_counts import RequestCounts
from aggregator.fetch.politeness.shared_limiter import SharedLimiter
from aggregator.model import CooldownScope, HostLeaseAnswer
from aggregator.store.db.database import Database, open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.hosts.leases import LEASE, SqlHostLeases
from tests.support.commands import Command, command
from tests.support.patience import patience, until
from tests.support.servers import RawServer, reply

PROGRAM = "tests.support.fetch_often"
H, G = "feeds.example.com", "example.com"


@contextmanager
def database_at(url: str) -> Iterator[Database]:
    one = Database(open_engine(url))
    migrate(one.engine)
    try:
        yield one
    finally:
        one.close()


def gate_over(database: Database, *, gap: float = 0.0, kind: str = "host") -> SharedLimiter:
    scope = CooldownGroups(CooldownScope(kind))
    return SharedLimiter(
        SqlHostLeases(database),
        gap=gap,
        concurrency=8,
        timer=asyncio.get_running_loop(),
        scope=scope,
        request_counts=RequestCounts(),
        renew_every=10,
    )


def pass_by(database: Database, passed: timedelta) -> None:
    """Let time go by for the turns that are taken: the clock is the database server's own."""
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE hosts SET busy_until = busy_until - make_interval(secs => :passed)"),
            {"passed": passed.total_seconds()},
        )


def answers_to(limiter: SharedLimiter) -> list[HostLeaseAnswer]:
    """What ``limiter`` is told from now on when it asks the database for a turn."""
    answers: list[HostLeaseAnswer] = []
    take = limiter._leases.acquire

    async def noted(host: str, group: str) -> HostLeaseAnswer:
        answers.append(await take(host, group))
        return answers[-1]

    limiter._leases.acquire = noted  # type: ignore[method-assign]
    return answers


@pytest.fixture
def two(postgres_url: str) -> Iterator[tuple[Database, Database]]:
    with database_at(postgres_url) as one, database_at(postgres_url) as other:
        yield one, other


# ── turns ────────────────────────────────────────────────────────────────────────────────────


async def test_two_gates_never_let_two_in_and_hold_the_gap(two: tuple[Database, Database]) -> None:
    gates = [gate_over(one, gap=0.02) for one in two]
    visits: list[tuple[int, float, float]] = []
    inside = 0

    async def visit(number: int) -> None:
        nonlocal inside
        async with gates[number].slot(H):
            inside += 1
            assert inside == 1
            began = time.monotonic()
            await two[1 - number].read(lambda _: None)  # long enough to let another in
            visits.append((number, began, time.monotonic()))
            inside -= 1

    await asyncio.gather(*(visit(number % 2) for number in range(12)))
    assert {number for number, *_ in visits} == {0, 1}
    assert len(visits) == 12
    pauses = [after[1] - before[2] for before, after in pairwise(visits)]
    assert min(pauses) >= 0.019


async def test_hosts_do_not_wait_for_each_other(two: tuple[Database, Database]) -> None:
    one, other = map(gate_over, two)
    async with one.slot("a.example"), other.slot("b.example"):
        pass  # neither waits: this returns at all


async def test_what_is_asked_at_once_shares_transactions(two: tuple[Database, Database]) -> None:
    leases = SqlHostLeases(two[0])
    writes = 0
    write = two[0].write

    async def counted(*args: object, **kwargs: object) -> object:
        nonlocal writes
        writes += 1
        return await write(*args, **kwargs)  # type: ignore[arg-type]

    two[0].write = counted  # type: ignore[assignment, method-assign]
    hosts = [f"h{number}.example" for number in range(100)]
    answers = await asyncio.gather(*(leases.acquire(host, host) for host in hosts))
    assert all(answer.granted for answer in answers)
    await asyncio.gather(*(leases.release(host, 1.0, {}) for host in hosts))
    assert writes <= 4


async def test_the_turn_of_who_died_is_free_when_its_lease_ends(
    two: tuple[Database, Database],
) -> None:
    dead, living = map(SqlHostLeases, two)
    assert (await dead.acquire(H, G)).granted
    assert not (await living.acquire(H, G)).granted
    pass_by(two[0], LEASE)
    assert (await living.acquire(H, G)).granted
    await dead.renew([H])
    await dead.release(H, 0.0, {})  # too late: not its turn any more
    assert not (await SqlHostLeases(two[0]).acquire(H, G)).granted


async def test_a_lease_that_is_renewed_holds(two: tuple[Database, Database]) -> None:
    slow, other = map(SqlHostLeases, two)
    assert (await slow.acquire(H, G)).granted
    for _ in range(3):
        pass_by(two[0], LEASE / 2)
        await slow.renew([H])
    pass_by(two[0], LEASE / 2)
    assert not (await other.acquire(H, G)).granted


async def test_who_gave_up_waiting_for_the_answer_leaves_no_turn_behind(
    two: tuple[Database, Database],
) -> None:
    one, other = map(gate_over, two)
    async with other.slot(H):
        asked = answers_to(one)
        waiting = asyncio.create_task(one.slot(H).__aenter__())
        await until(lambda: asked, "the refusal")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with one.slot(H):
        pass  # at once, not when a forgotten lease has ended: the test's time limit is shorter


async def test_without_a_database_no_turn_is_given(two: tuple[Database, Database]) -> None:
    limiter = gate_over(two[0])
    with two[0].engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE hosts RENAME TO gone")
    with pytest.raises(StoreError):
        await limiter.slot(H).__aenter__()


# ── rests ────────────────────────────────────────────────────────────────────────────────────


async def test_a_rest_that_one_was_told_holds_for_the_other(
    two: tuple[Database, Database],
) -> None:
    one, other = map(gate_over, two)

    async def wait() -> None:
        async with other.slot(H):
            raise AssertionError("it had a turn")

    async with one.slot(H):
        asked = answers_to(other)
        waiting = asyncio.create_task(wait())
        await until(lambda: asked, "the refusal")
        one.cool_down(H, 3600)
    with pytest.raises(CooldownActive) as caught:
        await waiting
    assert 3500 < caught.value.seconds <= 3600
    with pytest.raises(CooldownActive):
        await other.slot(H).__aenter__()
    async with other.slot("www.example.com"):
        pass


async def test_a_domain_rests_for_the_other_too(two: tuple[Database, Database]) -> None:
    one, other = (gate_over(each, kind="domain") for each in two)
    async with one.slot(H):
        one.cool_down(H, 3600)
    for host in ("www.example.com", "example.com", H):
        with pytest.raises(CooldownActive):
            await other.slot(host).__aenter__()
    async with other.slot("example.org"):
        pass


async def test_a_shorter_rest_does_not_end_a_longer_one(two: tuple[Database, Database]) -> None:
    one, other = map(gate_over, two)
    async with one.slot(H):
        one.cool_down(H, 3600)
    await SqlHostLeases(two[0]).release(H, 0.0, {H: 5.0})
    with pytest.raises(CooldownActive) as caught:
        await other.slot(H).__aenter__()
    assert caught.value.seconds > 3000


# ── processes ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Pair:
    """Two processes that share a database, in a folder of the test's own."""

    folder: Path

    async def fetch(self, *arguments: object) -> Sequence[str]:
        """What the fetches of both came to; they begin when both are ready."""
        words = [str(one) for one in arguments]
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            both, go = list[Command](), list[Path]()
            async with AsyncExitStack() as stack:
                for name in ("one", "other"):
                    out = Path(folder, name)
                    go.append(out.with_suffix(".go"))
                    os.mkfifo(go[-1])
                    running = command(
                        words,
                        module=PROGRAM,
                        folder=self.folder,
                        out=out,
                        err=out,
                        reads=str(go[-1]),
                    )
                    both.append(await stack.enter_async_context(running))
                await until(lambda: all(b"ready" in one.said() for one in both), "both to be ready")
                for one in go:
                    one.write_bytes(b"\n")
                async with patience():
                    assert [await one.wait() for one in both] == [0, 0]
            return [word for one in both for word in one.said().decode().split()[1:]]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


async def test_two_processes_never_ask_one_host_at_once_and_hold_the_gap(
    postgres_url: str, pair: Pair
) -> None:
    with database_at(postgres_url):
        pass
    asked: list[tuple[float, float]] = []
    inside = most = 0

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        began = time.monotonic()
        await asyncio.sleep(0.01)  # an answer takes a while, in which another could ask
        asked.append((began, time.monotonic()))
        inside -= 1
        writer.write(reply(body=b"<rss/>"))

    async with RawServer(answer) as server:
        results = await pair.fetch(postgres_url, server.url + "/feed", 6, 0.05)
    assert results == ["200"] * 12
    assert most == 1
    pauses = [after[0] - before[1] for before, after in pairwise(asked)]
    assert min(pauses) >= 0.049


async def test_a_429_that_one_process_was_given_keeps_the_other_away(
    postgres_url: str, pair: Pair
) -> None:
    with database_at(postgres_url):
        pass
    busy = reply("429 Too Many Requests", headers={"Retry-After": "3600"})
    async with RawServer(busy) as server:
        results = await pair.fetch(postgres_url, server.url + "/feed", 3, 0)
        assert len(server.requests) == 1
        assert sorted(results) == ["HostOnCooldown"] * 5 + ["Throttled"]
        later = await pair.fetch(postgres_url, server.url + "/feed", 1, 0)
        assert later == ["HostOnCooldown"] * 2
        assert len(server.requests) == 1
