"""Readings: all that settling derives from one entry by itself. Pure, and half of what settling costs.

Workers make them of a batch beforehand; settling makes those that are missing, of another batch or of
entries that changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from aggregator.dedupe.candidates import EntrySource, candidate_of
from aggregator.dedupe.furniture import Furniture
from aggregator.dedupe.near import Boilerplate, sketch_of
from aggregator.dedupe.sketch import Line, Sketch, lines_of
from aggregator.model import StoryCandidate, StoryKey
from aggregator.text.segments import Indexed, indexed

KeysOf = Callable[[StoryCandidate], Sequence[StoryKey]]


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry as a candidate, its keys, its text to be compared, and the segments that it is found by."""

    candidate: StoryCandidate
    keys: tuple[StoryKey, ...]
    lines: tuple[Line, ...] = ()
    sketch: Sketch | None = None  # of all lines; None: texts are not compared
    indexed: Indexed | None = None  # None: entries are not searched for


def read(
    source: EntrySource,
    keys_of: KeysOf,
    *,
    near: bool,
    searchable: bool,
    ambiguous_urls: Collection[str] = (),
    furniture: Furniture | None = None,
) -> Reading:
    """Read one entry; without ``near`` or ``searchable`` what only these need is left out."""
    candidate = candidate_of(source, ambiguous_urls, furniture)
    lines = tuple(lines_of(candidate.text)) if near else ()
    return Reading(
        candidate,
        tuple(keys_of(candidate)),
        lines,
        sketch_of(candidate, lines, Boilerplate()) if near else None,
        indexed(candidate.title, candidate.text) if searchable else None,
    )


def read_all(
    sources: Sequence[EntrySource], keys_of: KeysOf, *, near: bool, searchable: bool
) -> list[Reading]:
    """Read several entries, in a worker."""
    furniture = Furniture()
    return [
        read(one, keys_of, near=near, searchable=searchable, furniture=furniture) for one in sources
    ]
