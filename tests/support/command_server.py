"""Runs ``aggregator`` commands as processes of their own, without starting Python for each.

``python -m tests.support.command_server SOCKET`` imports the whole program once. For each request it
forks, and the child becomes the command: a process with its own arguments, folder, environment and
files for what it says, which signals reach and which can be killed. Only the imports, most of what a
start costs, were done before; the process from which the command forks its workers is had in the
same way. A *fault* is put into the child where a test asks what an unexpected error shows.

A connection to the socket is one of two things, as its first line (JSON) says. A *user* keeps the
server running: it ends with the last of them. A *task* is a command: the answers are ``{"pid": …}``
and, in the end, ``{"status": …}``; if it hangs up before, the command is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import multiprocessing.util
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import traceback
import types
from pathlib import Path
from typing import Any, NoReturn

import alembic.command  # noqa: F401 - what commands import late, once for all of them
import trafilatura  # noqa: F401

import aggregator
from tests.support import faults

FIRST_USER_S = 60
_HIGH = 500  # above the numbers of all files that are open here
_FORK_SERVER = "from multiprocessing.forkserver import main"


class Server:
    """Forks for each task of ``listener`` until the last user has gone."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._users: set[socket.socket] = set()
        self._commands: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, self._wake = socket.socketpair()
        for one in (self._woken, self._wake):
            one.setblocking(False)
        for one in (listener, self._woken):
            self._selector.register(one, selectors.EVENT_READ)

    def serve(self) -> dict[str, Any] | None:
        """Return in the child with what it is to be; None in the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        limit: float | None = FIRST_USER_S
        while True:
            ready = [key.fileobj for key, _ in self._selector.select(limit)]
            if not ready and limit is not None:
                return None
            for one in ready:
                assert isinstance(one, socket.socket)
                if one is self._listener:
                    self._selector.register(one.accept()[0], selectors.EVENT_READ)
                elif one is self._woken:
                    one.recv(4096)
                    self._reap()
                elif (task := self._hear(one)) is not None:
                    return task
            if self._users:
                limit = None
            elif limit is None:
                return None

    def _hear(self, one: socket.socket) -> dict[str, Any] | None:
        """Take a connection's first line, or its end."""
        line = b""
        while not line.endswith(b"\n"):
            with contextlib.suppress(ConnectionResetError):
                if part := one.recv(1 << 20):
                    line += part
                    continue
            self._gone(one)
            return None
        said: dict[str, Any] = json.loads(line)
        if said.get("user"):
            self._users.add(one)
            _say(one, pid=os.getpid())
            return None
        pid = os.fork()
        if pid == 0:
            self._leave()
            return said
        self._commands[pid] = one
        _say(one, pid=pid)
        return None

    def _gone(self, one: socket.socket) -> None:
        self._users.discard(one)
        for pid, asked in self._commands.items():
            if asked is one:
                os.kill(pid, signal.SIGKILL)
        self._selector.unregister(one)
        one.close()

    def _reap(self) -> None:
        for pid in list(self._commands):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                _say(self._commands.pop(pid), status=os.waitstatus_to_exitcode(status))

    def _leave(self) -> None:
        """In the child: let go of all that is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()
        self._wake.close()

    def end(self) -> None:
        """Kill what still runs."""
        for pid in self._commands:
            os.kill(pid, signal.SIGKILL)


def _say(to: socket.socket, **words: int) -> None:
    with contextlib.suppress(OSError):  # it hung up
        to.sendall(json.dumps(words).encode() + b"\n")


def become(task: dict[str, Any]) -> None:
    """Be the command that ``task`` names, from the first line of ``python -m MODULE`` on."""
    os.setsid()
    os.chdir(task["folder"])
    os.environ.clear()
    os.environ.update(task["environment"])
    for number, name in enumerate((task["in"], task["out"], task["err"])):
        flags = os.O_RDWR if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(name, flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.argv = [task["module"], *task["arguments"]]
    if task["fault"]:
        getattr(faults, task["fault"])()
    _reserve_fork_server()
    runpy.run_module(task["module"], run_name="__main__", alter_sys=True)


def _reserve_fork_server() -> None:
    """Fork what ``multiprocessing`` would start to fork workers from; it waits until it is needed."""
    ours, theirs = socket.socketpair()
    start = multiprocessing.util.spawnv_passfds
    reserve = os.fork()
    if reserve == 0:
        ours.close()
        _wait_in_reserve(theirs)
    theirs.close()

    def take(path: Any, args: Any, passfds: Any) -> int:
        nonlocal ours
        if not args[-1].startswith(_FORK_SERVER) or ours.fileno() < 0:
            return start(path, args, passfds)
        with ours:
            words = json.dumps({"code": args[-1], "files": list(passfds)}).encode()
            socket.send_fds(ours, [words], list(passfds))
        return reserve

    multiprocessing.util.spawnv_passfds = take


def _wait_in_reserve(theirs: socket.socket) -> NoReturn:
    """Be the fork server as soon as it is told how, with the files that it is given."""
    status = 0
    try:
        words, given, _, _ = socket.recv_fds(theirs, 1 << 16, 16)
        theirs.close()
        if words:  # the command has not ended without
            told = json.loads(words)
            high = [fcntl.fcntl(one, fcntl.F_DUPFD, _HIGH) for one in given]
            for one in given:
                os.close(one)
            for one, number in zip(high, told["files"], strict=True):
                os.dup2(one, number)
                os.close(one)
            sys.argv = ["-c"]
            sys.modules["__main__"] = types.ModuleType("__main__")
            exec(told["code"], vars(sys.modules["__main__"]))
    except SystemExit:
        pass
    except BaseException:  # noqa: BLE001 - this process ends here, and not in its parent's code
        traceback.print_exc()
        status = 1
    os._exit(status)


def main(path: Path) -> None:
    """Serve at ``path``; in a child, be the command."""
    for module in pkgutil.walk_packages(aggregator.__path__, "aggregator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.freeze()  # what all have is not copied for a look at it
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        server = Server(listener)
        task = server.serve()
        if task is None:
            path.unlink()  # whoever connects from now on finds nobody, and starts another server
            server.end()
    if task is not None:
        become(task)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
