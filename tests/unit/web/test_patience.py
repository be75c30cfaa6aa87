"""How long a connection may keep us waiting."""

from __future__ import annotations

import pytest

from aggregator.web.patience import Limits, Phase, Sending, overdue, stalled

LIMITS = Limits(connections=8, head=10, idle=75, send=30)


@pytest.mark.parametrize(
    ("phase", "allowed"), [(Phase.HEAD, 10), (Phase.IDLE, 75), (Phase.SEND, 30)]
)
def test_each_phase_has_its_time(phase: Phase, allowed: float) -> None:
    assert not overdue(phase, 100, 100 + allowed, LIMITS)
    assert overdue(phase, 100, 101 + allowed, LIMITS)


def test_our_own_work_is_held_against_nobody() -> None:
    assert not overdue(Phase.WORK, 0, 1e9, LIMITS)


def test_who_takes_a_fair_share_in_time_may_go_on_for_as_long_as_it_takes() -> None:
    sending = Sending(0, 0, 0)
    left = 10_000_000
    for second in range(0, 3000, 10):
        sending.look(left, second, LIMITS)
        assert not overdue(Phase.SEND, sending.since, second, LIMITS)
        left -= 20 * 1024


def test_who_takes_a_byte_now_and_then_may_not() -> None:
    sending = Sending(0, 0, 0)
    for second in range(32):
        sending.look(1_000_000 - second, second, LIMITS)
    assert overdue(Phase.SEND, sending.since, 31, LIMITS)


def test_writing_more_gains_the_client_no_time() -> None:
    sending = Sending(0, 0, 0)
    for second in range(32):
        sending.look(1_000_000 + 100_000 * second, second, LIMITS)
    assert overdue(Phase.SEND, sending.since, 31, LIMITS)


def test_the_longest_stalled_of_those_that_take_nothing() -> None:
    slow, stuck, longer = (Sending(0, 0, 0) for _ in range(3))
    for one, moved in ((slow, 9.5), (stuck, 5), (longer, 3)):
        one.look(1000, 0, LIMITS)
        one.look(900, moved, LIMITS)
        one.look(900, 10, LIMITS)
    assert stalled([slow, stuck, longer], 10) == 2
    assert stalled([slow], 10) is None
    assert stalled([], 10) is None
