"""A configuration that is read again by itself once its files have changed.

Editors write in several steps, and files may be missing for a moment: what changed is read when it has
been still from one look to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from aggregator.config.config_files import ConfigFiles, Stamps

log = structlog.get_logger("aggregator")

LOOK_EVERY_S = 1.0
_MISSING_S = 10.0  # after which a file that went counts as removed
_RESTLESS_S = 30.0  # after which files that keep changing are read all the same


@dataclass(frozen=True, slots=True)
class Looks:
    """Stamps of the files at the latest look, and since when they differ from those that were read."""

    seen: Stamps = field(default_factory=dict)
    since: float | None = None

    def look(self, now: float, read: Stamps, stamps: Stamps) -> tuple[Looks, bool]:
        """Knowledge after a look that found ``stamps`` at ``now``, a clock's seconds.

        True: the files differ from what was ``read``, and it is time to read them again.
        """
        if stamps == read:
            return Looks(stamps), False
        since = now if self.since is None else self.since
        gone = any(stamp is None and read.get(path) is not None for path, stamp in stamps.items())
        settled = stamps == self.seen and not gone
        patience = _MISSING_S if gone else _RESTLESS_S
        return Looks(stamps, since), settled or now - since >= patience


class ConfigWatch:
    """Looks at ``files`` whenever it is told to, and has them read by ``reload`` when it is time."""

    def __init__(
        self,
        files: ConfigFiles,
        reload: Callable[[], Awaitable[object]],
        clock: Callable[[], float],
    ) -> None:
        self._files = files
        self._reload = reload
        self._clock = clock
        self._looks = Looks()

    async def look(self) -> None:
        """One look; returns when the configuration has been read, where that was due."""
        stamps = await asyncio.to_thread(self._files.stamps)
        self._looks, due = self._looks.look(self._clock(), self._files.as_read, stamps)
        if not due:
            return
        if await asyncio.to_thread(self._files.same_bytes):
            return
        names = ", ".join(str(path) for path in changed(self._files.as_read, stamps))
        log.info("configuration changed", files=names)
        await self._reload()
        self._looks = replace(self._looks, since=None)


def changed(read: Stamps, stamps: Stamps) -> list[Path]:
    """The files whose stamps differ."""
    return [path for path, stamp in stamps.items() if read.get(path) != stamp]
