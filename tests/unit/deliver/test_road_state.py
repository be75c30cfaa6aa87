from datetime import timedelta

from aggregator.deliver.road_state import PROBE_EVERY, begun, delivered, failed, passed
from aggregator.model import SendOutcome
from tests.support.roads import AT, EPOCH, state

DOWN = SendOutcome("answered 500")
DAY = timedelta(days=1)


def test_a_message_that_arrived_moves_the_place_and_ends_failures() -> None:
    before = state(failures=3, failing_since=AT, error="x", pending_upto=9, is_held=True)
    after = delivered(before, EPOCH, 9, AT, AT)
    assert (after.seq, after.failures, after.failing_since, after.error) == (9, 0, None, None)
    assert (after.pending_upto, after.sent, after.recent, after.is_held) == (None, 1, (AT,), False)


def test_failures_are_tried_again_later_and_later_and_given_up_after_days() -> None:
    one, is_dead = failed(state(), DOWN, AT, 0.0)
    two, _ = failed(one, DOWN, one.next_at, 0.0)
    assert not is_dead
    assert two.next_at - one.next_at > one.next_at - AT
    assert (two.seq, two.failures, two.failing_since) == (0, 2, AT)
    last, is_dead = failed(two, DOWN, AT + 6 * DAY, 0.0)
    assert is_dead
    assert last.next_at == AT + 6 * DAY + PROBE_EVERY


def test_410_turns_it_off() -> None:
    after, is_dead = failed(state(), SendOutcome("answered 410", is_gone=True), AT, 0.0)
    assert after.disabled == "answered 410"
    assert not is_dead


def test_a_clock_that_was_set_back_gives_nothing_up() -> None:
    after, is_dead = failed(state(failing_since=AT + 9 * DAY, failures=5), DOWN, AT, 0.0)
    assert not is_dead
    assert after.failing_since == AT


def test_retry_after_is_heeded() -> None:
    wait = timedelta(hours=3)
    after, _ = failed(state(), SendOutcome("answered 429", retry_after=wait), AT, 0.0)
    assert after.next_at == AT + wait


def test_a_road_begins_at_the_end_or_before_everything() -> None:
    assert begun(state(epoch=0), (9, 40), AT, from_start=False).seq == 40
    whole = begun(state(epoch=0), (9, 40), AT, from_start=True)
    assert (whole.epoch, whole.seq, whole.quiet_upto) == (9, 0, 40)
    assert passed(whole, 9, 10, AT, AT).quiet_upto == 40
    assert passed(whole, 10, 10, AT, AT).quiet_upto == 0
