"""Tests that try to leave this machine fail, also where the code under test hides the error."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "address", [("192.0.2.1", 9), ("0.0.0.0", 9), ("example.org", 80), ("10.0.0.1", 9)]
)
def test_a_foreign_address_is_refused_and_noted(
    foreign_connections: list[object], address: tuple[str, int]
) -> None:
    with socket.socket() as outside, pytest.raises(OSError, match="tests may not connect"):
        outside.connect(address)
    assert foreign_connections == [address]
    foreign_connections.clear()  # this attempt was the test


def test_loopback_is_allowed(foreign_connections: list[object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as inside:
        inside.connect(server.getsockname())
    assert foreign_connections == []


def test_a_hidden_attempt_fails_the_test(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    for name in ("__init__.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / name, tests / name)
    shutil.copytree(ROOT / "tests" / "support", tests / "support")
    (tests / "test_probe.py").write_text(
        "import contextlib, os, socket\n"
        "def test_hidden():\n"
        "    with contextlib.suppress(OSError), socket.socket() as s:\n"
        "        s.connect(('192.0.2.1', 9))\n"
        "def test_environment():\n"
        "    assert 'AGGREGATOR_SERVER__PORT' not in os.environ\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tests)],
        cwd=tmp_path,
        env={**os.environ, "AGGREGATOR_SERVER__PORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout
    assert "2 passed, 1 error" in run.stdout
    assert "tests stay on loopback" in run.stdout
