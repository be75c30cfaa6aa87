"""File descriptors: as many as the system gives, of which readers' connections get what is left."""

from __future__ import annotations

import os
import resource

from aggregator.config.settings import Settings

_OWN = 96  # database, log, event loop, output files, listening sockets, and those just closed
_PER_EXCHANGE = 2  # an exchange, and a connection that is kept open for the next one
_PER_WORKER = 8  # pipes of a worker process
_FEWEST = 16
_ENOUGH = 1 << 16  # more serve nobody, and some systems' hard limit is a milliard


def allowed() -> int:
    """Descriptors that this process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _ENOUGH if soft == resource.RLIM_INFINITY else soft


def raise_limit() -> None:
    """Raise the soft limit to the hard one, up to what is of use; where that is refused, leave it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return  # what there is has to do


def connections_for_readers(settings: Settings, descriptors: int) -> int:
    """Connections that the web server may have, of ``descriptors`` for the whole process."""
    workers = settings.extract.workers or os.cpu_count() or 1
    kept = _OWN + _PER_EXCHANGE * settings.fetch.concurrency + _PER_WORKER * workers
    return max(_FEWEST, min(settings.server.max_connections, descriptors - kept))
