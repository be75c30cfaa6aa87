"""Lines that stories write into an output's log: what entered, what changed, what left. Pure.

What stands is compared with what there is now: deciding twice writes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model import LineKind, LineReason, Selection
from aggregator.select.placing import Member, Placed
from aggregator.select.ranking import Place


@dataclass(frozen=True, slots=True)
class Standing:
    """An item that stands in an output, as its log has it."""

    item_id: str
    story: int
    entry_id: int
    changed_at: datetime | None
    digest: str
    place: Place
    seq: int  # of its latest line
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line to write, without its number."""

    kind: LineKind
    item_id: str
    reason: LineReason
    entry_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Changes of one output's log: its ``lines``, and of what stands in it."""

    lines: tuple[Line, ...] = ()
    stand: Mapping[str, Placed] = field(default_factory=dict)  # items that are new or other there
    gone: frozenset[str] = frozenset()  # items that stand there no more


def decide(
    items: Sequence[Placed],
    standing: Mapping[str, Standing],
    members: Mapping[int, Member],
    forgotten: Collection[int],
    selection: Selection,
    entering: LineReason,
    unfit: Collection[str] = (),
) -> Decision:
    """The lines that follow where ``items``, all that some stories make of an output, are ``standing`` as said.

    ``members`` are the stories' entries by id; of the entries that stand in items which are no
    more, ``forgotten`` are stored no longer: retention writes no line. Of the ids that are no items
    ``unfit`` are those that a filter drops. ``entering`` is the reason of items that enter. They do
    so from the last place of the window to its first, so that the numbers of what enters at once
    run with the dates.
    """
    lines, stand = [], {}
    now = {one.item_id: one for one in items}
    gone = frozenset(standing.keys() - now.keys())
    for item_id in sorted(gone):
        before = standing[item_id]
        if before.entry_id not in forgotten:
            why = (
                LineReason.UNFIT
                if item_id in unfit
                else _why_gone(before.entry_id, members, selection)
            )
            lines.append(Line(LineKind.WITHDRAW, item_id, why, before.entry_id, before.digest))
    for one in sorted(now.values(), key=lambda one: one.place):
        before_it = standing.get(one.item_id)
        if before_it is None:
            lines.append(Line(LineKind.ENTER, one.item_id, entering, one.entry_id, one.digest))
            stand[one.item_id] = one
        elif why_updated := _why_updated(before_it, one):
            lines.append(Line(LineKind.UPDATE, one.item_id, why_updated, one.entry_id, one.digest))
            stand[one.item_id] = one
        elif not _same(before_it, one):
            stand[one.item_id] = one
    return Decision(tuple(lines), stand, gone)


def _why_updated(before: Standing, now: Placed) -> LineReason | None:
    """The reason why subscribers are told of a change; None: they are shown what they were.

    A digest may differ by the program's reading alone, of which an entry that has not changed since
    tells nothing; and another entry may say the same.
    """
    if before.entry_id == now.entry_id:
        return LineReason.CHANGED if before.changed_at != now.changed_at else None
    return LineReason.ANOTHER_COPY if before.digest != now.digest else None


def _same(before: Standing, now: Placed) -> bool:
    return (
        before.story == now.story
        and before.entry_id == now.entry_id
        and before.changed_at == now.changed_at
        and before.digest == now.digest
        and before.place == now.place
    )


def _why_gone(entry_id: int, members: Mapping[int, Member], selection: Selection) -> LineReason:
    """The reason why the item that showed the entry stands no more."""
    member = members.get(entry_id)
    if member is None:  # it belongs to another story
        return LineReason.MERGED
    if not member.active:
        return LineReason.STOPPED
    if member.feed_key in selection.hidden:
        return LineReason.HIDDEN
    if member.dropped or not selection.has(member.feed_key):
        return LineReason.UNFIT
    return LineReason.MERGED
