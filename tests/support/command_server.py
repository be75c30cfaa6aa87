"""Runs ``aggregator`` commands as processes of their own, without starting Python for each.

A process that has imported the program forks; the child becomes the command: its own arguments,
folder, environment and files for what it says. Requests and answers are JSON lines on standard input
and output. A *fault* is put into the child where a test asks what an unexpected error shows.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import sys
from collections.abc import Iterator
from typing import Any

import aggregator.cli.main  # noqa: F401 - all that the children need, once
from tests.support import faults


def serve() -> dict[str, Any] | None:
    """Fork for each request; returns in the child with what it is to be, None at the end of input."""
    children: dict[int, int] = {}
    waiting = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.02)
        if ready:
            data = os.read(0, 65536)
            if not data:
                break
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                task: dict[str, Any] = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    return task
                children[pid] = task["id"]
                _say(id=task["id"], pid=pid)
        for pid, status in _ended(children):
            _say(id=children.pop(pid), status=os.waitstatus_to_exitcode(status))
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    return None


def _ended(children: dict[int, int]) -> Iterator[tuple[int, int]]:
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            yield done, status


def _say(**words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def become(task: dict[str, Any]) -> None:
    """Be the command that ``task`` names, from the first line of ``python -m aggregator`` on."""
    os.setsid()
    os.chdir(task["folder"])
    os.environ.clear()
    os.environ.update(task["environment"])
    for number, name in ((0, os.devnull), (1, task["out"]), (2, task["err"])):
        flags = os.O_RDWR if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(name, flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.argv = ["aggregator", *task["arguments"]]
    if task["fault"]:
        getattr(faults, task["fault"])()
    runpy.run_module("aggregator", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    job = serve()
    if job is not None:
        become(job)
