"""Lines that follow from what stands in an output and what stories make of it now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import DedupeMode, LineKind, LineReason, Selection
from aggregator.select.decide import Decision, Line, Standing, decide
from aggregator.select.placing import Member, Placed, placed

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
ALL = Selection(10)


def member(number: int, feed: str = "a", **fields: object) -> Member:
    """Entry ``number`` of story 1, first seen an hour after the one before."""
    when = NOW + timedelta(hours=number)
    made = Member(
        entry_id=number,
        public_id=f"e{number}",
        exact_id=f"e{number}",
        story=1,
        story_id="e1",
        story_sort_at=NOW,
        feed_key=feed,
        active=True,
        first_seen=when,
        sort_at=when,
        text_length=100,
        changed_at=None,
        digest=f"d{number}",
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def standing(one: Placed, **fields: object) -> Standing:
    """``one`` as it stands since its first line."""
    facts = (one.item_id, one.story, one.entry_id, one.changed_at, one.digest, one.place)
    return replace(Standing(*facts, seq=1, entered_at=NOW), **fields)  # type: ignore[arg-type]


def decided(
    members: list[Member],
    before: list[Member],
    selection: Selection = ALL,
    forgotten: frozenset[int] = frozenset(),
) -> Decision:
    """The decision where ``before`` were the story's members as the output last had them."""
    stood = {one.item_id: standing(one) for one in placed(before, ALL)}
    by_id = {one.entry_id: one for one in members}
    entering = LineReason.SETTLED
    return decide(placed(members, selection), stood, by_id, forgotten, selection, entering)


def only(decision: Decision) -> tuple[LineKind, LineReason]:
    (line,) = decision.lines
    return line.kind, line.reason


def test_nothing_follows_where_nothing_changed() -> None:
    assert decided([member(1)], [member(1)]) == Decision()


def test_a_new_item_enters_with_the_entry_shown() -> None:
    long = member(2, text_length=500)
    found = decided([member(1), long], [])
    line = Line(LineKind.ENTER, "e1", LineReason.SETTLED, 2, "d2")
    one = Placed("e1", 1, 2, None, "d2", (NOW, 1), (1, 2), sources=1, feed_id=0, arrived=NOW)
    assert found == Decision((line,), {"e1": one})


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (member(1, changed_at=NOW), LineReason.CHANGED),
        (member(1, changed_at=NOW, digest="x"), LineReason.CHANGED),
        (member(1, digest="another reading"), None),
        (member(2, digest="d1"), None),  # an exact copy
        (member(2, digest="d1", changed_at=NOW), None),
        (member(2), LineReason.ANOTHER_COPY),
    ],
)
def test_an_update_is_what_subscribers_are_shown_anew(
    after: Member, reason: LineReason | None
) -> None:
    found = decided([after], [member(1)])
    assert list(found.stand) == ["e1"]
    assert [line.reason for line in found.lines] == ([] if reason is None else [reason])


@pytest.mark.parametrize(
    ("after", "selection", "reason"),
    [
        ([], ALL, LineReason.MERGED),
        ([member(1, active=False)], ALL, LineReason.STOPPED),
        ([member(1)], Selection(10, hidden=frozenset("a")), LineReason.HIDDEN),
        ([member(1)], Selection(10, frozenset("b")), LineReason.UNFIT),
        ([member(1, story_id="other")], ALL, LineReason.MERGED),
    ],
)
def test_what_leaves_says_why(
    after: list[Member], selection: Selection, reason: LineReason
) -> None:
    found = decided(after, [member(1)], selection)
    assert found.gone == {"e1"}
    left = [line for line in found.lines if line.kind is LineKind.WITHDRAW]
    assert [(line.item_id, line.reason) for line in left] == [("e1", reason)]


def test_what_was_forgotten_leaves_without_a_line() -> None:
    assert decided([], [member(1)], forgotten=frozenset({1})) == Decision(gone=frozenset({"e1"}))


def test_a_hidden_entry_takes_no_part_and_gives_no_date() -> None:
    members = [member(1, "secret", text_length=900), member(2)]
    (one,) = placed(members, Selection(10, hidden=frozenset({"secret"})))
    assert (one.entry_id, one.place) == (2, (members[1].sort_at, 2))


def test_what_enters_at_once_is_numbered_in_the_order_of_dates() -> None:
    mode = Selection(10, dedupe=DedupeMode.OFF)
    found = decided([member(n) for n in (3, 1, 2)], [], mode)
    assert [line.item_id for line in found.lines] == ["e1", "e2", "e3"]


def test_another_place_is_no_line() -> None:
    moved = member(1, story_sort_at=NOW - timedelta(days=1))
    found = decided([moved], [member(1)])
    assert (found.lines, list(found.stand)) == ((), ["e1"])
    assert only(decided([member(1, changed_at=NOW)], [member(1)]))[0] is LineKind.UPDATE
