"""Phases of migrations, and which of those that are missing are applied now: a decision without I/O.

A migration that *expands* adds what the release before need not know. One that *contracts* takes
away or tightens what some release before rests on, and waits until no process of these runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

FIRST = "0036"
"""Revision with which releases began to tell each other what they can work on."""


class Phase(StrEnum):
    """Phase of a migration."""

    EXPAND = "expand"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Step:
    """One migration. ``works_with`` is the oldest revision whose releases may go on after a contraction."""

    revision: str
    phase: Phase = Phase.EXPAND
    works_with: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The migrations to apply now, in their order, and those that have to wait."""

    now: tuple[Step, ...]
    waiting: tuple[Step, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """True where something waits that this release cannot work without."""
        return any(one.phase is Phase.EXPAND for one in self.waiting)


def plan(missing: Sequence[Step], may_contract: Callable[[Step], bool]) -> Plan:
    """Plan for ``missing``, the oldest first: all before the first contraction that may not be is applied."""
    for number, one in enumerate(missing):
        if one.phase is Phase.CONTRACT and not may_contract(one):
            return Plan(tuple(missing[:number]), tuple(missing[number:]))
    return Plan(tuple(missing))


def floor(applied: Sequence[Step]) -> str:
    """The oldest revision whose releases may work on a database with ``applied``, the oldest first."""
    named = [one.works_with for one in applied if one.phase is Phase.CONTRACT]
    return named[-1] if named else FIRST


def former(revision: str, step: Step, known: Sequence[str]) -> bool:
    """True where processes that know the database up to ``revision`` cannot work after ``step``.

    ``known`` are this release's revisions, the oldest first; what is not among them is of a later one.
    """
    before = known[: known.index(step.works_with)] if step.works_with in known else known
    return not revision or revision in before


def works(floor_of_database: str, known: Collection[str]) -> bool:
    """True where a release with the revisions ``known`` may work on the database."""
    return floor_of_database in known
