"""Jobs that wait while no process has the role for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from aggregator.engine.untaken import Untaken
from aggregator.model import JobKind, QueuedJobs

START = datetime(2026, 12, 1, tzinfo=UTC)
IDLE, WAITS, RUNS = QueuedJobs(), QueuedJobs(waiting=3), QueuedJobs(waiting=3, running=1)


def said(*rounds: tuple[int, Mapping[JobKind, QueuedJobs]]) -> list[tuple[str, str]]:
    """Events and roles of the lines that are written in ``rounds``: each at a second, and what is in the queue."""
    watch = Untaken()
    with capture_logs() as lines:
        for second, queued in rounds:
            watch.note(queued, START + timedelta(seconds=second))
    return [(line["event"], line["role"]) for line in lines]


def test_what_nobody_takes_is_said_once_and_when_it_is_over() -> None:
    waits, rounds = {JobKind.POLL: WAITS, JobKind.FINISH: WAITS, JobKind.EXTRACT: IDLE}, range(600)
    lines = said(*((second, waits) for second in rounds), (600, dict.fromkeys(JobKind, IDLE)))
    assert lines[:2] == [("jobs are not taken", "poll"), ("jobs are not taken", "publish")]
    assert lines[2:] == [("jobs are taken again", "poll"), ("jobs are taken again", "publish")]


def test_nothing_is_said_of_jobs_that_wait_behind_others() -> None:
    taken = ((second, {JobKind.POLL: WAITS if second % 60 else RUNS}) for second in range(600))
    assert said(*taken) == []
    assert said(*((second, {JobKind.POLL: RUNS}) for second in range(600))) == []
