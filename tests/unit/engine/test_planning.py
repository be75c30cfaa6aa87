"""How much is handed out at a time, and in which jobs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.engine.planning import wanted_jobs
from aggregator.model import JOB_SIZE, Handed, QueuedJobs
from aggregator.store.jobs.handing import batches


def test_a_few_jobs_wait_while_none_runs() -> None:
    assert wanted_jobs(QueuedJobs()) == 4
    assert wanted_jobs(QueuedJobs(waiting=4)) == 0


def test_about_as_many_jobs_wait_as_run() -> None:
    assert wanted_jobs(QueuedJobs(waiting=3, running=20)) == 17
    assert wanted_jobs(QueuedJobs(waiting=30, running=20)) == 0


def test_fewer_are_handed_out_while_subscribers_wait_for_what_came_before() -> None:
    assert wanted_jobs(QueuedJobs(running=20), 0.25) == 5
    assert wanted_jobs(QueuedJobs(running=2), 0.01) == 1


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 10**9)), max_size=400))
def test_every_piece_is_in_one_batch(pieces: list[tuple[str, int]]) -> None:
    handed = [(host, Handed(number, token)) for number, (host, token) in enumerate(pieces)]
    made = batches(handed)
    assert sorted(one.id for batch in made for one in batch) == list(range(len(pieces)))
    assert all(0 < len(batch) <= JOB_SIZE for batch in made)


def test_feeds_of_a_host_that_fit_into_a_job_are_in_one() -> None:
    handed = [(f"h{number % 7}", Handed(number, 1)) for number in range(140)]
    for batch in batches(handed):
        for host in {one.id % 7 for one in batch}:
            assert len([one for one in batch if one.id % 7 == host]) == 20
