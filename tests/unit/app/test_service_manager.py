"""What systemd is told, over a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aggregator.app.service_manager import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path if request.param == "path" else f"\0{path}")
        listener.setblocking(False)
        yield path if request.param == "path" else f"@{path}", listener


async def test_it_says_what_happens(heard: tuple[str, socket.socket]) -> None:
    address, listener = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.ready()
    assert listener.recv(99) == b"READY=1"
    manager.reloading()
    assert listener.recv(99).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    await manager.ping()
    assert listener.recv(99) == b"WATCHDOG=1"
    manager.stopping()
    manager.ready()  # a reload that ends meanwhile
    assert listener.recv(99) == b"STOPPING=1"
    with pytest.raises(BlockingIOError):
        listener.recv(99)


@pytest.mark.parametrize(
    "address", ["", "/no/such/socket", "relative", "vsock:2:1", "/" + "x" * 200, "@"]
)
def test_nobody_there_stops_nothing(address: str) -> None:
    ServiceManager({"NOTIFY_SOCKET": address}).ready()


def test_a_queue_that_is_full_holds_nothing_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        with suppress(BlockingIOError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.setblocking(False)
            while True:
                one.sendto(b"x", str(tmp_path / "notify"))
        manager.ready()


@pytest.mark.parametrize(
    ("environment", "every"),
    [
        ({"WATCHDOG_USEC": "120000000"}, 60.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "7"}, 60.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "8"}, None),  # another's
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
        ({}, None),
    ],
)
def test_it_pings_twice_in_the_time_given(environment: dict[str, str], every: float | None) -> None:
    assert ServiceManager(environment, 7).ping_every == every
