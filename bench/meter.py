"""CPU of this process and of a database's server."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import Engine, text

_TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """CPU of this process, and of the server behind ``engine``, if there is one."""

    def __init__(self, engine: Engine) -> None:
        self._server = ""
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            self._server = stat_fields(str(pid))[1]

    def cpu(self) -> float:
        """Seconds so far."""
        return time.process_time() + (server_cpu(self._server) if self._server else 0.0)


def server_cpu(pid: str) -> float:
    """Seconds of CPU of the server whose first process is ``pid``.

    Its own time, that of processes that ended, and that of those that are there.
    """
    ticks = sum(map(int, stat_fields(pid)[11:15]))
    for name in (one.name for one in Path("/proc").iterdir() if one.name.isdigit()):
        try:
            fields = stat_fields(name)
        except OSError:
            continue
        if fields[1] == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def stat_fields(pid: str) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
