"""Stories that become one while a batch is assigned: which of them goes on, and where the others went."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

# Is it an existing story? Its id, or the entry that founds it.
Place = tuple[bool, int]


class Placed(Protocol):
    """Place of an entry: an existing story, or the founder of a new one."""

    @property
    def entry_id(self) -> int:
        """The entry."""

    @property
    def story(self) -> int | None:
        """The existing story that it is in, if any."""

    @property
    def founder(self) -> int | None:
        """The entry that founds its story, if that is new."""


def place_of(placed: Placed) -> Place:
    """The place of an assignment."""
    if placed.story is not None:
        return True, placed.story
    return False, placed.entry_id if placed.founder is None else placed.founder


def parts_of(place: Place) -> tuple[int | None, int | None]:
    """Story and founder, one of which is None."""
    existing, number = place
    return (number, None) if existing else (None, number)


class Unions:
    """Stories that ended, and which story each of them is now.

    A story of the operator's making (``pinned``) never ends, one that is stored ends only for
    another such, and of two the one that was founded first goes on: subscribers know it longer.
    """

    def __init__(self, pinned: Collection[int]) -> None:
        self._pinned = pinned
        self._into: dict[Place, Place] = {}
        self._founded: dict[int, int] = {}  # founder → how many founded before it

    def found(self, founder: int) -> None:
        """Remember that ``founder`` founds a new story after those before it."""
        self._founded.setdefault(founder, len(self._founded))

    def now(self, place: Place) -> Place:
        """The story that the one at ``place`` is part of by now."""
        while place in self._into:
            place = self._into[place]
        return place

    def end(self, place: Place, into: Place) -> None:
        """The story at ``place`` went into another."""
        if place != into:
            self._into[place] = into

    def unite(self, one: Place, other: Place) -> Place | None:
        """Make two stories one; return the one that ends, or None when neither may."""
        kept, gone = sorted((one, other), key=self._rank)
        if self._is_pinned(gone):
            return None
        self._into[gone] = kept
        return gone

    def _rank(self, place: Place) -> tuple[bool, bool, int]:
        existing, number = place
        return (
            not self._is_pinned(place),
            not existing,
            number if existing else self._founded.get(number, 0),
        )

    def _is_pinned(self, place: Place) -> bool:
        return place[0] and place[1] in self._pinned
