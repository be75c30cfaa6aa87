"""Guards of closed pages: what may be told of feeds, and what must go when less may. Pure.

Nothing secret is in a guard: it is stored beside the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from aggregator.model import Guards, Selection

_HIDDEN = "hidden"
_DIGITS = 16


def feed_mark(key: str) -> str:
    """A short name of the feed ``key`` that tells nothing of it."""
    return _digest("feed", key)


def guards_of(selection: Selection) -> Guards:
    """Everything that ``selection`` keeps back of feeds. Those of which all may be told have no mark."""
    marks = {
        feed_mark(key): _digest(one.private, one.guards, one.public_url)
        for key, one in selection.disclosures.items()
    }
    marks.update((feed_mark(key), _HIDDEN) for key in selection.hidden)
    return Guards(selection.private, marks, _digest(selection.private, sorted(marks.items())))


def guards_within(told_of: Mapping[str, Sequence[str]], guards: Guards) -> dict[str, str]:
    """The guards of those feeds alone that items tell of (item id → marks of feeds)."""
    marks = {mark for own in told_of.values() for mark in own}
    return {mark: guards.marks[mark] for mark in sorted(marks) if mark in guards.marks}


def must_go(
    told_of: Mapping[str, Sequence[str]],
    before: Mapping[str, str],
    now: Guards,
    *,
    was_private: bool,
) -> set[str]:
    """Items of a page that tell what may not be told any more; ``before`` are the page's own guards.

    Where a feed is guarded otherwise than when the page was made, they go; and where the page was
    made for those who know a token, and is for everybody now, so does all that was guarded.
    """
    opened = was_private and not now.private

    def is_bad(mark: str) -> bool:
        old, new = before.get(mark), now.marks.get(mark)
        return (new is not None and new != old) or (old is not None and opened)

    return {item_id for item_id, marks in told_of.items() if any(map(is_bad, marks))}


def _digest(*said: object) -> str:
    return sha256(repr(said).encode()).hexdigest()[:_DIGITS]
