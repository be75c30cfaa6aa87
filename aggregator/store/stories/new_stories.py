"""New stories, each under an id of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, true

from aggregator.dedupe.seekers import Assignment
from aggregator.model import StoryCandidate
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import entries, entry_shares_id, stories

# Statements are built once: to build one takes longer than to run it.
_INSERT = insert(stories).returning(stories.c.id, sort_by_parameter_order=True)
_SECOND_IDS = uuid.UUID("0c5dd0a7-0b7a-4b0e-8f0e-3f3f0d1c6a52")


def found_stories(
    connection: Connection,
    assignments: Sequence[Assignment],
    candidates: Mapping[int, StoryCandidate],
    now: datetime,
) -> dict[int, int]:
    """Insert the new stories; return entry id → story id for every assignment."""
    founders = [candidates[a.entry_id] for a in assignments if a.founder == a.entry_id]
    founded: dict[int, int] = {}
    if founders:
        public_ids = _free_ids(connection, [founder.public_id for founder in founders])
        ids = connection.execute(
            _INSERT,
            [
                {
                    "public_id": public_id,
                    "representative_id": founder.entry_id,
                    "sort_at": founder.sort_at,
                    "seen_at": now,
                }
                for founder, public_id in zip(founders, public_ids, strict=True)
            ],
        ).scalars()
        founded = {f.entry_id: story_id for f, story_id in zip(founders, ids, strict=True)}
    return {
        a.entry_id: a.story if a.story is not None else founded[a.founder or 0] for a in assignments
    }


def _taken(connection: Connection, public_ids: Sequence[str]) -> set[str]:
    """Ids of stories among these, and those under which exact copies of another entry are shown."""
    return {
        found
        for chunk in chunks(public_ids)
        for column, which in ((stories.c.public_id, true()), (entries.c.exact_id, entry_shares_id))
        for found in connection.execute(select(column).where(column.in_(chunk), which)).scalars()
    }


def _free_ids(connection: Connection, public_ids: Sequence[str]) -> list[str]:
    """Ids of stories for entries with these: the entry's own, or what follows from it.

    An entry may found a second story, and a third: the first keeps the id that subscribers know.
    """
    found = list(public_ids)
    while taken := _taken(connection, found):
        found = [uuid.uuid5(_SECOND_IDS, i).urn if i in taken else i for i in found]
    return found
