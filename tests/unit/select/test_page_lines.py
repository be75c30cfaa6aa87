"""Lines of a page: one statement on each item, the latest."""

from __future__ import annotations

from datetime import timedelta

from aggregator.model import LineKind, Withdrawn
from aggregator.select.page_lines import LogLine, newest_outside, statements
from tests.support.storage import NOW

ENTER, UPDATE, WITHDRAW = LineKind.ENTER, LineKind.UPDATE, LineKind.WITHDRAW


def lines(*said: tuple[str, LineKind]) -> list[LogLine]:
    return [
        LogLine(seq, item, kind, seq, NOW + timedelta(seq))
        for seq, (item, kind) in enumerate(said, 1)
    ]


def test_the_latest_line_on_an_item_is_what_is_said() -> None:
    found = statements(lines(("a", ENTER), ("b", ENTER), ("a", UPDATE)), {"a", "b"})
    assert (found.shown, found.gone) == (("a", "b"), ())


def test_what_left_is_a_tombstone_unless_it_came_back() -> None:
    own = lines(("a", ENTER), ("b", WITHDRAW), ("a", WITHDRAW))
    assert statements(own, set()).gone == (Withdrawn("a", own[2].at), Withdrawn("b", own[1].at))
    assert statements(own, {"b"}) == statements(lines(("c", ENTER), ("b", ENTER), ("a", WITHDRAW)), {"b"})  # fmt: skip


def test_what_left_by_a_later_line_is_not_shown() -> None:
    found = statements(lines(("a", ENTER)), set())
    assert (found.shown, found.gone) == ((), ())


def test_the_window_holds_all_that_it_shows() -> None:
    own = lines(("a", ENTER), ("b", ENTER), ("a", UPDATE), ("c", WITHDRAW), ("b", UPDATE))
    assert newest_outside(own, {"a", "b", "c"}) == 0
    assert newest_outside(own, {"a", "b"}) == 4
    assert newest_outside(own, {"b"}) == 4
    assert newest_outside(own, {"a"}) == 5
    assert newest_outside([], set()) == 0
