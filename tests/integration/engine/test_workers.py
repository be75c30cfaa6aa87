"""Worker processes: results, errors, limits, crashes, and that none is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import choices
from aggregator.config.settings import Settings
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import (
    AggregatorError,
    ConfigError,
    ConfigFault,
    FeedOffer,
    Gone,
    HttpStatus,
    NotAFeed,
    ParseError,
    TimedOut,
    WorkerCrashed,
    WorkerError,
    WorkerMemory,
    WorkerTimeout,
)
from aggregator.model import TaskLimits
from tests.support import tasks
from tests.support.patience import FACTOR, PATIENCE_S, turns, until, wait_until

GIGABYTE = 1 << 30
AMPLE = TaskLimits("extract", GIGABYTE, wall=timedelta(seconds=PATIENCE_S))
SHORT = replace(AMPLE, wall=timedelta(seconds=0.3))


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie has: its parent may not have looked yet)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


async def works(workers: ProcessWorkers) -> bool:
    return await workers.run(tasks.add, 1, 2, limits=AMPLE) == 3


async def test_a_result_comes_back(workers: ProcessWorkers) -> None:
    assert await workers.run(tasks.add, 1, 2, times=3, limits=AMPLE) == 9
    worker = await workers.run(tasks.pid, limits=AMPLE)
    assert worker != os.getpid()
    assert await workers.run(tasks.pid, limits=AMPLE) == worker


@pytest.mark.parametrize(
    "error",
    [
        ParseError("nothing there", hint="look again"),
        NotAFeed("a page", offers=[FeedOffer("https://a.example/feed", "A")], hint="one of them"),
        TimedOut("https://u:p@a.example/", "30 s", hint="wait"),
        HttpStatus("https://a.example/", 503, {"retry-after": "7"}),
        Gone("https://a.example/", 410),
        ConfigError([ConfigFault("x.toml:1", "wrong")]),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_errors_cross_whole(workers: ProcessWorkers, error: AggregatorError) -> None:
    with pytest.raises(type(error)) as caught:
        await workers.run(tasks.raise_it, error, limits=AMPLE)
    assert type(caught.value) is type(error)
    assert str(caught.value) == str(error)
    facts = vars(caught.value).copy()
    facts.pop("traceback")  # the pool's
    assert facts == vars(error)
    assert facts["hint"] == error.hint


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (tasks.raise_unrestorable, "Unrestorable: a b, at tasks.py:"),
        (tasks.raise_unsendable, "Unsendable: holds a function, at tasks.py:"),
        (tasks.raise_unwritable, "Unwritable: ?, at tasks.py:"),
        (tasks.raise_ours_unsendable, "ParseError: ours, with a function, at tasks.py:"),
        (tasks.raise_syntax_error, "XMLSyntaxError: Namespace prefix b"),
        (tasks.unsendable, "unsendable died"),
    ],
)
async def test_what_cannot_cross_arrives_as_a_worker_error_with_its_text(
    workers: ProcessWorkers, task: Callable[[], object], said: str
) -> None:
    with pytest.raises(WorkerError) as caught:
        await workers.run(task, limits=AMPLE)
    assert said in str(caught.value)
    assert await works(workers)


async def test_an_unexpected_error_is_one_bounded_line(workers: ProcessWorkers) -> None:
    with pytest.raises(WorkerError) as caught:
        await workers.run(tasks.raise_long, 2_000_000, limits=AMPLE)
    assert len(str(caught.value)) < 1000
    assert "\n" not in str(caught.value)


async def test_a_hanging_task_is_killed_and_the_next_one_works(workers: ProcessWorkers) -> None:
    worker = await workers.run(tasks.pid, limits=AMPLE)
    with pytest.raises(WorkerTimeout, match=r"spin took more than 0\.3 s") as caught:
        await workers.run(tasks.spin, limits=SHORT)
    assert isinstance(caught.value, WorkerError)
    assert gone(worker)
    assert await works(workers)


async def test_time_in_the_queue_does_not_count(workers: ProcessWorkers) -> None:
    limit = timedelta(seconds=FACTOR)  # enough to answer in on a busy machine
    hanging = asyncio.create_task(workers.run(tasks.wait, limits=replace(AMPLE, wall=2 * limit)))
    await turns(1)
    waiting = [workers.run(tasks.add, i, i, limits=replace(AMPLE, wall=limit)) for i in range(3)]
    assert await asyncio.gather(*waiting) == [0, 2, 4]
    with pytest.raises(WorkerTimeout):
        await hanging


PARSING = choices.parse_limits(Settings())
FRUGAL = replace(PARSING, cpu=timedelta(seconds=0.2), wall=timedelta(seconds=PATIENCE_S))


@pytest.mark.parametrize("task", [tasks.spin, tasks.search_for_ever, tasks.catch_everything])
async def test_a_task_that_takes_too_much_cpu_is_killed(
    workers: ProcessWorkers, task: Callable[[], object]
) -> None:
    worker = await workers.run(tasks.pid, limits=FRUGAL)
    with pytest.raises(WorkerTimeout, match=r"took 0\.2 s of CPU and was killed") as caught:
        await workers.run(task, limits=FRUGAL)
    assert caught.value.hint == "parse.timeout sets the limit"
    assert gone(worker)
    assert await works(workers)


async def test_cpu_time_is_counted_for_each_task(workers: ProcessWorkers) -> None:
    worker = await workers.run(tasks.pid, limits=FRUGAL)
    for _ in range(4):
        assert await workers.run(tasks.work, 0.1, limits=FRUGAL) == worker


async def test_waiting_takes_no_cpu_but_time(workers: ProcessWorkers) -> None:
    limits = replace(FRUGAL, wall=timedelta(seconds=0.3), cpu=timedelta(seconds=0.1))
    with pytest.raises(WorkerTimeout, match=r"wait took more than 0\.3 s and was killed") as caught:
        await workers.run(tasks.wait, limits=limits)
    assert caught.value.hint == "parse.timeout sets the limit: 3 times that by the clock"
    with pytest.raises(WorkerTimeout) as caught:
        await workers.run(tasks.wait, limits=SHORT)
    assert caught.value.hint == "extract.timeout sets the limit"


@pytest.mark.parametrize("limits", [AMPLE, PARSING], ids=lambda limits: limits.section)
async def test_memory_is_limited(workers: ProcessWorkers, limits: TaskLimits) -> None:
    worker = await workers.run(tasks.pid, limits=limits)
    with pytest.raises(WorkerMemory, match="grow exceeded its memory limit") as caught:
        await workers.run(tasks.grow, limits.memory * 11 // 10, limits=limits)
    assert caught.value.hint == f"{limits.section}.memory sets the limit"
    assert await workers.run(tasks.grow, limits.memory * 9 // 10, limits=limits)
    assert await workers.run(tasks.pid, limits=limits) == worker


async def test_memory_is_counted_from_what_a_worker_holds(workers: ProcessWorkers) -> None:
    worker = await workers.run(tasks.keep, 700 << 20, limits=AMPLE)
    assert await workers.run(tasks.grow, 400 << 20, limits=PARSING)
    with pytest.raises(WorkerMemory):
        await workers.run(tasks.grow, 600 << 20, limits=PARSING)
    assert await workers.run(tasks.grow, 600 << 20, limits=AMPLE)  # the next task has its own
    assert await workers.run(tasks.pid, limits=AMPLE) == worker


async def test_compiled_code_that_gives_up_for_want_of_memory(workers: ProcessWorkers) -> None:
    with pytest.raises(WorkerCrashed) as caught:
        await workers.run(tasks.abort, limits=PARSING)
    assert caught.value.hint == "it may have asked for more than parse.memory"
    assert await works(workers)


async def test_a_worker_that_exits_costs_one_task(workers: ProcessWorkers) -> None:
    with pytest.raises(WorkerCrashed, match="exit_at_once"):
        await workers.run(tasks.exit_at_once, 3, limits=AMPLE)
    with pytest.raises(WorkerTimeout):  # as if it were being replaced in good order
        await workers.run(tasks.exit_at_once, 0, limits=SHORT)
    assert await works(workers)


async def test_a_worker_that_crashes_costs_one_task(workers: ProcessWorkers) -> None:
    with pytest.raises(WorkerCrashed, match="crash"):
        await workers.run(tasks.crash, limits=AMPLE)
    assert await works(workers)


async def test_a_worker_that_is_killed_from_outside_is_replaced(
    workers: ProcessWorkers, tmp_path: Path
) -> None:
    held = asyncio.create_task(workers.run(tasks.hold, str(tmp_path / "pid"), limits=AMPLE))
    os.kill(await pid_in(tmp_path / "pid"), signal.SIGKILL)
    with pytest.raises(WorkerCrashed):
        await held
    assert await works(workers)


async def test_a_cancelled_task_frees_its_worker(workers: ProcessWorkers, tmp_path: Path) -> None:
    held = asyncio.create_task(workers.run(tasks.hold, str(tmp_path / "pid"), limits=AMPLE))
    pid = await pid_in(tmp_path / "pid")
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    assert await works(workers)
    assert gone(pid)


async def test_what_is_sent_to_every_process_ends_neither_a_task_nor_what_workers_start_from(
    workers: ProcessWorkers, tmp_path: Path
) -> None:
    here, end = tmp_path / "pid", tmp_path / "end"
    held = asyncio.create_task(workers.run(tasks.until_told, str(here), str(end), limits=AMPLE))
    pid = await pid_in(here)
    server = server_of(pid)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        for one in (pid, server):
            os.kill(one, number)
    end.touch()
    assert await held == pid
    assert not gone(server)
    assert await workers.run(tasks.pid, limits=AMPLE) == pid


async def test_tasks_run_beside_each_other(tmp_path: Path) -> None:
    async with ProcessWorkers(2) as workers:
        files = [tmp_path / "one", tmp_path / "two"]
        held = [asyncio.create_task(workers.run(tasks.hold, str(f), limits=AMPLE)) for f in files]
        pids = {await pid_in(file) for file in files}
        assert len(pids) == 2
        for one in held:
            one.cancel()


async def test_few_are_done_before_one_that_goes_ahead(tmp_path: Path) -> None:
    async with ProcessWorkers(1) as workers:
        done = list[str]()

        async def add(name: str, *, ahead: bool = False) -> None:
            await workers.run(tasks.add, 1, 2, limits=AMPLE, ahead=ahead)
            done.append(name)

        here, end = tmp_path / "here", tmp_path / "end"
        held = asyncio.create_task(workers.run(tasks.until_told, str(here), str(end), limits=AMPLE))
        await until(here.exists)
        waiting = [asyncio.create_task(add(str(number))) for number in range(20)]
        await turns(3)
        waiting.append(asyncio.create_task(add("ahead", ahead=True)))
        await turns(3)
        end.touch()
        await asyncio.gather(held, *waiting)
        assert done.index("ahead") < 6
        assert len(done) == 21


async def test_none_is_left_after_the_end(tmp_path: Path) -> None:
    async with ProcessWorkers(2) as workers:
        idle = await workers.run(tasks.pid, limits=AMPLE)
        held = asyncio.create_task(workers.run(tasks.hold, str(tmp_path / "pid"), limits=AMPLE))
        busy = await pid_in(tmp_path / "pid")
    assert gone(idle)
    assert gone(busy)
    with pytest.raises((asyncio.CancelledError, WorkerCrashed)):
        await held


_PARENT = """
import asyncio, sys
from datetime import timedelta
from aggregator.engine.workers import ProcessWorkers
from aggregator.model import TaskLimits
from tests.support import tasks

async def main():
    async with ProcessWorkers(2) as workers:
        limits = TaskLimits("parse", 1 << 30, wall=timedelta(seconds=600))
        held = asyncio.create_task(workers.run(tasks.hold, sys.argv[1], limits=limits))
        print(await workers.run(tasks.pid, limits=limits), flush=True)
        await held

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_none_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(_PARENT, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py", tmp_path / "pid"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert parent.stdout is not None
    idle = int(parent.stdout.readline())
    wait_until(lambda: written(tmp_path / "pid") is not None)
    busy = written(tmp_path / "pid")
    assert busy is not None
    family = [idle, busy, *(server_of(pid) for pid in (idle, busy))]
    parent.kill()
    parent.communicate()
    wait_until(lambda: all(gone(pid) for pid in family))


def server_of(pid: int) -> int:
    """The process that a worker was forked from."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def written(file: Path) -> int | None:
    text = file.read_text(encoding="ascii") if file.exists() else ""
    return int(text) if text else None


async def pid_in(file: Path) -> int:
    """The process id in ``file``, once it is there."""
    await until(lambda: written(file) is not None, f"{file.name}, which another process writes,")
    pid = written(file)
    assert pid is not None
    return pid
