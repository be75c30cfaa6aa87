"""The verdict on two texts. Values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Beside(StrEnum):
    """The one of two texts that tells another story beside the one that they share."""

    NEITHER = "neither"
    SHORTER = "shorter"
    LONGER = "longer"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Answer of a comparison: are two texts copies; ``overlap`` is the containment, ``note`` the reason.

    ``apart`` when something speaks for two things, not only little for one: no third text, of which
    both are copies, makes one story of them.
    """

    same: bool
    overlap: float
    note: str
    apart: bool = False
    beside: Beside = Beside.NEITHER
