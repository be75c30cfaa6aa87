"""Which migrations are applied while others work, and who may work then."""

from __future__ import annotations

from itertools import product

from aggregator.store.db.phases import FIRST, Phase, Step, floor, former, plan, works

KNOWN = ["0035", "0036", "0037", "0038", "0039"]


def expand(revision: str) -> Step:
    return Step(revision)


def contract(revision: str, works_with: str) -> Step:
    return Step(revision, Phase.CONTRACT, works_with)


def test_everything_is_applied_where_nobody_is_in_the_way() -> None:
    missing = [expand("0037"), contract("0038", "0037"), expand("0039")]
    found = plan(missing, lambda _: True)
    assert (list(found.now), list(found.waiting), found.is_blocked) == (missing, [], False)
    assert plan([], lambda _: False).now == ()


def test_a_contraction_waits_and_nothing_behind_it_is_applied() -> None:
    missing = [expand("0037"), contract("0038", "0037"), contract("0039", "0037")]
    found = plan(missing, lambda one: one.revision == "0039")
    assert [one.revision for one in found.now] == ["0037"]
    assert [one.revision for one in found.waiting] == ["0038", "0039"]
    assert not found.is_blocked


def test_an_expansion_behind_what_waits_blocks() -> None:
    assert plan([contract("0037", "0036"), expand("0038")], lambda _: False).is_blocked
    assert not plan([expand("0037"), contract("0038", "0036")], lambda _: False).is_blocked


def test_plans_leave_nothing_out_and_keep_the_order() -> None:
    steps = [(expand, "0036"), (contract, "0036")]
    for kinds in product(steps, repeat=4):
        missing = [
            make(f"004{number}") if make is expand else make(f"004{number}", of)  # type: ignore[operator]
            for number, (make, of) in enumerate(kinds)
        ]
        found = plan(missing, lambda _: False)
        assert [*found.now, *found.waiting] == missing
        assert all(one.phase is Phase.EXPAND for one in found.now)


def test_the_floor_is_that_of_the_latest_contraction() -> None:
    assert floor([expand("0035"), expand("0036")]) == FIRST
    assert floor([contract("0037", "0036"), contract("0038", "0038"), expand("0039")]) == "0038"


def test_processes_below_the_floor_are_of_a_former_release() -> None:
    step = contract("0039", "0038")
    assert [one for one in KNOWN if former(one, step, KNOWN)] == ["0035", "0036", "0037"]
    assert former("", step, KNOWN)  # which knew no rows of processes
    assert not former("0040", step, KNOWN)  # of a later release
    # This release does not know the floor: nobody of those that it knows can work.
    assert former("0039", contract("0041", "0041"), KNOWN)


def test_a_release_works_where_it_knows_the_floor() -> None:
    assert works("0037", KNOWN)
    assert not works("0040", KNOWN)
