"""Signals to a process that is busy for ever: it ends all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from tests.support.patience import PATIENCE_S

_PROGRAM = """
import asyncio
from aggregator.app.signals import listening

async def main(busy, **limits):
    stopped = asyncio.Event()
    with listening(stopped.set, lambda: print("reload", flush=True), **limits):
        print("ready", flush=True)
        while busy:
            pass
        await stopped.wait()
    print("done", flush=True)

asyncio.run(main({given}))
"""


@contextmanager
def listening(given: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A process that hears signals by now, and what it says."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(given=given)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process, process.stdout


def run(given: str, *numbers: int) -> tuple[int, str]:
    """The end of a process that gets these signals when it is ready: status, output."""
    said = ""
    with listening(given) as (process, out):
        for number in numbers:
            process.send_signal(number)
            if number == signal.SIGHUP:  # of two that wait at once, the later is handled first
                said += out.readline()
        rest, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said + rest


def run_paused(given: str, *numbers: int) -> tuple[int, str]:
    """As :func:`run`; the signals wait while the process is stopped, and come all at once."""
    with listening(given) as (process, _):
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        for number in (*numbers, signal.SIGCONT):
            process.send_signal(number)
        said, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def test_the_first_drains() -> None:
    assert run("busy=False", signal.SIGTERM) == (0, "done\n")


def test_one_request_may_come_twice() -> None:
    status, said = run_paused("busy=False, one_request=1000", signal.SIGTERM, signal.SIGINT)
    assert (status, said) == (0, "done\n")


def test_a_reload_is_no_request_to_stop() -> None:
    status, said = run("busy=False, one_request=0", signal.SIGHUP, signal.SIGTERM)
    assert (status, said) == (0, "reload\ndone\n")


@pytest.mark.parametrize(
    ("given", "numbers", "why"),
    [
        ("busy=True, one_request=0", (signal.SIGTERM, signal.SIGINT), "asked a second time"),
        ("busy=True, patience=0", (signal.SIGTERM,), "not done in time"),
    ],
)
def test_a_busy_process_ends_by_the_second_and_when_its_time_is_over(
    given: str, numbers: tuple[int, ...], why: str
) -> None:
    status, said = run(given, *numbers)
    assert status == 1
    assert why in said
