"""Jobs that nobody takes: no process that runs has the role for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from aggregator.model import JobKind, QueuedJobs, Role

log = structlog.get_logger("aggregator")

_LONG: Final = timedelta(minutes=2)  # as no process needs to take a job, be it ever so busy
_ROLES: Final = {
    JobKind.POLL: Role.POLL,
    JobKind.EXTRACT: Role.EXTRACT,
    JobKind.FINISH: Role.PUBLISH,
}


class Untaken:
    """Says it once where jobs of a kind wait and none runs for long, and when they are taken again."""

    def __init__(self) -> None:
        self._since: dict[JobKind, datetime] = {}
        self._said: set[JobKind] = set()

    def note(self, queued: Mapping[JobKind, QueuedJobs], now: datetime) -> None:
        """Note what is in the queue ``now``."""
        for kind, jobs in queued.items():
            if not jobs.waiting or jobs.running:
                self._since.pop(kind, None)
                self._taken(kind)
            elif now - self._since.setdefault(kind, now) >= _LONG and kind not in self._said:
                self._said.add(kind)
                role = _ROLES[kind]
                log.warning(
                    "jobs are not taken",
                    role=role.value,
                    waiting=jobs.waiting,
                    hint=f"no process that runs has this role: start `aggregator worker --role {role.value}`",
                )

    def _taken(self, kind: JobKind) -> None:
        if kind in self._said:
            self._said.discard(kind)
            log.info("jobs are taken again", role=_ROLES[kind].value)
