from datetime import UTC, datetime, time, timedelta

from aggregator.deliver.notify_limits import free_now, next_free
from aggregator.deliver.plans import NotifyTerms, Waiting, plan_batch
from aggregator.model import EventKind, Quota, RoadEvents, RoadState
from aggregator.schedule.quiet_hours import QuietHours
from tests.support.roads import AT, event, read, state

CAP = Quota(3, timedelta(hours=1))
TERMS = NotifyTerms(CAP, None, UTC)
QUIET = NotifyTerms(CAP, QuietHours(time(11), time(13)), UTC)


def waiting(found: RoadEvents, of: RoadState | None = None, now: datetime = AT) -> Waiting:
    return Waiting(found.events, found, of or state(), now)


def test_few_are_told_one_by_one() -> None:
    plan = TERMS.plan(waiting(read(event(1), event(2))))
    assert (plan.events, plan.upto, plan.is_single) == ((event(1),), 1, True)


def test_more_than_the_cap_allows_comes_in_one() -> None:
    found = read(*(event(n) for n in range(1, 5)), last=900, beyond=700)
    plan = TERMS.plan(waiting(found))
    assert (len(plan.events), plan.beyond, plan.upto, plan.is_single) == (4, 700, 900, False)


def test_beyond_the_cap_it_waits_until_one_is_free_and_sums_up() -> None:
    recent = tuple(AT - timedelta(minutes=m) for m in (50, 40, 30))
    plan = TERMS.plan(waiting(read(event(1)), state(recent=recent)))
    assert plan.wait_until == AT + timedelta(minutes=10)
    held = state(recent=recent, is_held=True)
    later = TERMS.plan(waiting(read(event(1), event(2)), held, plan.wait_until))
    assert (len(later.events), later.upto) == (2, 2)
    assert TERMS.plan(waiting(read(event(1)), held, plan.wait_until)).is_single


def test_quiet_hours_hold_stories_and_let_alarms_through() -> None:
    assert QUIET.plan(waiting(read(event(1)))).wait_until == AT + timedelta(hours=1)
    alarm = read(event(1, EventKind.ALARM))
    assert QUIET.plan(waiting(alarm)).wait_until is None
    keeps = NotifyTerms(CAP, QUIET.quiet, UTC, alarms_in_quiet=False)
    assert keeps.plan(waiting(alarm)).wait_until == AT + timedelta(hours=1)


def test_what_may_have_been_sent_is_sent_the_same() -> None:
    pending = state(pending_upto=900)
    assert TERMS.plan(waiting(read(event(1), last=900), pending)).upto == 900
    assert plan_batch(waiting(read(event(1), event(2)), pending), 1).upto == 900


def test_a_batch_ends_with_its_last_event() -> None:
    found = waiting(read(event(1), event(5), event(9), last=20))
    assert plan_batch(found, 2).upto == 5
    assert plan_batch(found, 1).is_single
    assert plan_batch(found, 10).upto == 9


def test_a_cap_counts_what_was_sent_lately_whatever_the_clock_did() -> None:
    ahead = (AT + timedelta(days=1),) * 5
    assert free_now(ahead, CAP, AT) == 3
    assert next_free((), CAP, AT) == AT
    recent = tuple(AT - timedelta(minutes=m) for m in (70, 50, 40, 30, 20))
    assert free_now(recent, CAP, AT) == 0
    assert next_free(recent, CAP, AT) == AT + timedelta(minutes=20)
