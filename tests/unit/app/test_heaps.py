"""Memory that nothing uses does not stay with the process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from aggregator.app import heaps

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps are glibc's")

# Eight threads use 20 MB each at once, in pieces that glibc takes from a thread's heap.
_SCRIPT = """
import threading
from pathlib import Path
from aggregator.app import heaps

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

def use():
    pieces = [bytes(20_000) for _ in range(1000)]
    together.wait()
    kept.append(pieces[-1])

LIMITED = {limited}
if LIMITED:
    assert heaps.limit()
before, kept, together = resident(), [], threading.Barrier(8)
threads = [threading.Thread(target=use) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
used = resident() - before
if LIMITED:
    heaps.trim()
print(used, resident() - before)
"""


def _left(*, limited: bool) -> int:
    script = _SCRIPT.replace("{limited}", str(limited))
    environment = {name: one for name, one in os.environ.items() if "MALLOC" not in name}
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    ).stdout
    return int(said.split()[1])


def test_what_threads_used_is_given_back() -> None:
    assert _left(limited=True) < 20


def test_an_operator_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert not heaps.limit()
