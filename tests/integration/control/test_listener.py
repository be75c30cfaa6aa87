"""The control socket: who may ask, what is bounded, and what a killed daemon leaves behind."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from aggregator.control.caller import Caller, call
from aggregator.control.frames import HEAD, framed
from aggregator.control.listener import MOST, ControlListener
from aggregator.control.messages import Asked, Poll, Refused, Reload, Reply, Request, write
from aggregator.control.socket_place import folder_of, listen_in
from aggregator.errors import ControlError, StoreError
from aggregator.model import AskedPoll
from tests.support.commands import command
from tests.support.patience import patience, until


async def obey(request: Request) -> Reply:
    if request == Poll(("many",)):
        return Asked(dict.fromkeys(map(str, range(200_000)), AskedPoll.SOON))
    if isinstance(request, Poll):
        return Asked(dict.fromkeys(request.keys, AskedPoll.SOON))
    raise StoreError("the database refused")


@asynccontextmanager
async def listening(folder: Path, frame_s: float = 60) -> AsyncIterator[ControlListener]:
    one = ControlListener(folder, obey, frame_s)
    await one.start()
    try:
        yield one
    finally:
        async with patience():
            await one.stop()


async def caller_at(folder: Path) -> Caller:
    found = await asyncio.to_thread(call, folder)
    assert found is not None
    return found


async def asked(folder: Path, request: Request) -> Reply:
    caller = await caller_at(folder)
    try:
        return await asyncio.to_thread(caller.ask, request)
    finally:
        caller.close()


async def test_requests_are_answered_one_after_the_other(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "a.db")
    assert call(folder) is None
    async with listening(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "socket").stat().st_mode) == 0o600
        caller = await caller_at(folder)
        for key in ("a", "b"):
            reply = await asyncio.to_thread(caller.ask, Poll((key,)))
            assert reply == Asked({key: AskedPoll.SOON})
        assert await asyncio.to_thread(caller.ask, Reload()) == Refused("the database refused")
        too_much = await asyncio.to_thread(caller.ask, Poll(("many",)))
        assert isinstance(too_much, Refused)
        assert "too large" in too_much.reason
        assert caller.is_up()
    assert not caller.is_up()
    with pytest.raises(ControlError, match="has not answered"):
        caller.ask(Reload())
    caller.close()
    assert call(folder) is None


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0\0\0\0",
        b"\x40\0\0\0",  # a gigabyte
        framed(b"{}"),
        framed(b'{"kind": "drop tables"}'),
        framed(b"\xff" * 99),
    ],
)
async def test_what_is_no_request_is_refused_and_costs_nothing(tmp_path: Path, sent: bytes) -> None:
    async with listening(tmp_path / "c"), patience():
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "c" / "socket"))
        writer.write(sent)
        answer = await reader.read()
        assert b'"kind":"refused"' in answer
        writer.close()
        await writer.wait_closed()
        assert await asked(tmp_path / "c", Poll(("a",))) == Asked({"a": AskedPoll.SOON})


async def test_half_a_frame_and_silence_are_waited_for_so_long_only(tmp_path: Path) -> None:
    async with listening(tmp_path / "c", frame_s=0.05), patience():
        for sent in (b"", b"\0", framed(write(Reload()))[:-1]):
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "c" / "socket"))
            writer.write(sent)
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()


async def test_two_hundred_that_say_nothing_keep_nobody_out(tmp_path: Path) -> None:
    async with listening(tmp_path / "c"):
        path = str(tmp_path / "c" / "socket")
        waiting = await caller_at(tmp_path / "c")
        await asyncio.to_thread(waiting.ask, Poll(("a",)))
        idle = [await asyncio.open_unix_connection(path) for _ in range(200)]
        assert await asked(tmp_path / "c", Poll(("a",))) == Asked({"a": AskedPoll.SOON})
        open_ones = [reader for reader, _ in idle if not reader.at_eof()]
        await until(lambda: sum(not reader.at_eof() for reader, _ in idle) <= MOST, "room")
        assert len(open_ones) <= len(idle)
        waiting.close()
        for _, writer in idle:
            writer.close()
            await writer.wait_closed()


async def test_what_a_killed_daemon_left_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    listen_in(folder).close()  # its file stays
    assert (folder / "socket").is_socket()
    assert call(folder) is None
    async with listening(folder):
        assert await asked(folder, Poll(())) == Asked({})
    (folder / "socket").write_text("no socket")
    assert call(folder) is None
    folder.chmod(0o755)
    async with listening(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    folder = folder_of(deep / "a.db")
    async with listening(folder):
        assert (folder / "socket").is_socket()
        assert await asked(folder, Poll(("a",))) == Asked({"a": AskedPoll.SOON})


def test_a_folder_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ControlError, match="of this user's own"):
        listen_in(tmp_path / "link")
    (tmp_path / "file").touch()
    with pytest.raises(ControlError, match="cannot listen"):
        listen_in(tmp_path / "file")
    with pytest.raises(ControlError, match="cannot listen"):
        listen_in(tmp_path / "missing" / "folder")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")
@pytest.mark.parametrize("is_open", [False, True])
async def test_another_user_is_refused_even_where_the_folder_is_open(
    tmp_path: Path, is_open: bool
) -> None:
    out = tmp_path / "out"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "c")
        async with listening(folder), patience():
            if is_open:
                opened(Path(place))
            asking = (str(folder / "socket"), framed(write(Reload())).hex())
            module = "tests.support.as_nobody"
            async with command(asking, module=module, folder=tmp_path, out=out, err=out) as one:
                assert await one.wait() == 0, one.said()
    assert (b"this daemon is another" if is_open else b"no entry") in one.said()


def opened(place: Path) -> None:
    """Let everybody to what lies in ``place``."""
    place.chmod(0o755)
    for path in place.rglob("*"):
        path.chmod(0o777)


async def test_an_answer_that_is_none_is_an_error(tmp_path: Path) -> None:
    one, other = socket.socketpair()
    with one, other:
        caller = Caller(one)
        other.sendall((1 << 30).to_bytes(HEAD))
        with pytest.raises(ControlError, match="bytes"):
            caller.ask(Reload())
