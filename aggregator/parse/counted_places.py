"""Guids that only count places: 1, 2, 3 from the newest item on, and others' names at the next poll.

Numbers of rows in a publisher's database grow with time. Where they fall with it, beginning at the top
with 0 or 1, they are those of places, and tell nothing of what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from aggregator.model import Entry
from aggregator.parse.identity import content_hash, identity_of

_LEAST = 3  # entries, of which two might be in any order
_PLACE = re.compile(r"\d{1,3}", re.ASCII)


def without_places(entries: Sequence[Entry]) -> list[Entry]:
    """``entries``, in the order of their document, without guids that only count places."""
    if not _count_places(entries):
        return list(entries)
    return [_named_otherwise(entry) for entry in entries]


def needs_all(entries: Iterable[Entry], unchanged: Sequence[str]) -> bool:
    """True where ``entries`` may be called by places, and those ``unchanged``, which were not read, were not."""
    if not unchanged or any(_PLACE.fullmatch(name) for name in unchanged):
        return False
    return any(_PLACE.fullmatch(entry.guid or "") for entry in entries)


def _count_places(entries: Sequence[Entry]) -> bool:
    if len(entries) < _LEAST or (entries[0].guid or "") not in {"0", "1"}:
        return False
    first = int(entries[0].guid or "")
    if [entry.guid for entry in entries] != [str(first + at) for at in range(len(entries))]:
        return False
    dates = [entry.published or entry.updated for entry in entries]
    dated = [date for date in dates if date is not None]
    falling = all(one >= other for one, other in pairwise(dated))
    return len(dated) == len(entries) and falling and dated[0] > dated[-1]


def _named_otherwise(entry: Entry) -> Entry:
    named = replace(
        entry, guid=None, identity=identity_of(None, entry.url, entry.title, entry.html)
    )
    return replace(named, content_hash=content_hash(named)) if entry.content_hash else named
