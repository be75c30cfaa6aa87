"""The daemon tells its service manager when it is ready, reloads, lives and stops."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from aggregator.app.daemon import Daemon
from aggregator.app.service_manager import ServiceManager
from aggregator.config.config_files import ConfigFiles
from aggregator.config.load import load_with
from tests.support.patience import PATIENCE_S


async def test_the_daemons_life_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/a.db"\n[server]\nenabled = false\n'
        f'[publish]\ndirectory = "{tmp_path}/public"\n'
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)

        async def hear() -> bytes:
            loop = asyncio.get_running_loop()
            return await asyncio.wait_for(loop.sock_recv(listener, 99), PATIENCE_S)

        told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000"}
        files = ConfigFiles(lambda read: load_with(path, {}, read))
        daemon = Daemon(files.load(), files, manager=ServiceManager(told))
        running = asyncio.create_task(daemon.run())
        heard = [await hear()]
        while not {b"READY=1", b"WATCHDOG=1"} <= set(heard):
            heard.append(await hear())
        daemon._begin_reload()
        daemon.stop()
        while heard[-1] != b"STOPPING=1":
            heard.append(await hear())
        assert any(one.startswith(b"RELOADING=1\nMONOTONIC_USEC=") for one in heard)
        await running
