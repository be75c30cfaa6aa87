"""Work that a scheduler hands to workers on other machines, through a job engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

JOB_SIZE = 50  # pieces of a job at most


class JobKind(StrEnum):
    """Kind of a job in the queue."""

    POLL = "poll"  # feeds to poll
    EXTRACT = "extract"  # pages to fetch and read
    FINISH = "finish"  # settle what is ready, publish what changed


class Role(StrEnum):
    """Part of the work that a process does."""

    POLL = "poll"
    EXTRACT = "extract"
    PUBLISH = "publish"  # settles, too
    SCHEDULE = "schedule"  # may be elected to hand out what is due
    SERVE = "serve"  # the web server


WORKING_ROLES: Final = tuple(role for role in Role if role is not Role.SERVE)
"""Roles that any process can be given."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One piece of a job: a row, and the lease under which it was handed out."""

    id: int
    token: int


@dataclass(frozen=True, slots=True)
class QueuedJobs:
    """Jobs of one kind: those that wait, and those that a worker has."""

    waiting: int = 0
    running: int = 0
